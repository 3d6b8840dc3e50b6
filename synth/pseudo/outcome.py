"""What becomes of a judged set: the overlay, the card, the page, and what the user is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ingest.atomic import write_text
from synth.pseudo.judgement import Judgement, errors_table, in_words, strata_table
from synth.pseudo.page import write_page
from synth.pseudo.storing import page_path, store
from synth.pseudo.strata import WORDS
from synth.pseudo.voters import Voter


@dataclass(frozen=True)
class Outcome:
    """What became of one set: the decisions, and overlay and page if anything was accepted."""

    found: Judgement
    overlay: Path | None
    page: Path | None

    def lines(self) -> list[str]:
        """What to tell the user."""
        found, n = self.found, int(self.found.accepted.sum())
        said = [f"{found.dataset.name}: {found.axis} of {n} of {len(found.target)} faces"]
        for row in strata_table(found).to_dict("records"):
            share = "" if row["promise"] == "abstains" else f"{row['accepted']} of {row['faces']} "
            said.append(f"  {row['stratum']}: {share}{in_words(row)}")
        said += [f"  {note}" for note in found.notes]
        said += [f"  skipped {path}: {reason}" for path, reason in found.skipped.items()]
        return [*said, f"  {self.page}"] if self.page else said


def write(
    found: Judgement, lineage: Mapping[str, Any], purpose: str, voters: Sequence[Voter]
) -> Outcome:
    """Write overlay, card and page of one set; nothing where nothing was accepted.

    Parameters
    ----------
    found : Judgement
        What was decided.
    lineage : mapping
        The run's ``lineage.json``.
    purpose : {"commercial", "research"}
        What the labels may be used for.
    voters : sequence of Voter
        Who else had a say.
    """
    if not found.accepted.any():
        return Outcome(found, None, None)
    accepted = found.target[found.accepted]
    words = np.array(WORDS[found.axis], dtype=object)[accepted["predicted"]]
    made_by = f"run {found.run} ({lineage['effective_license']}, for {lineage['purpose']})"
    about = _about(found, made_by, lineage, voters)
    overlay = store(found.dataset, found.axis, accepted.assign(word=words), made_by, purpose, about)
    page = page_path(found.dataset, found.axis)
    write_text(page, write_page(found))
    return Outcome(found, overlay, page)


def _about(
    found: Judgement, made_by: str, lineage: Mapping[str, Any], voters: Sequence[Voter]
) -> dict[str, Any]:
    """What the card keeps of the labels: by whom, under what, how sure, how often wrong."""
    strata = strata_table(found).astype(object)
    errors = errors_table(found.labelled, found.axis)
    return {
        "made_by": made_by,
        "n_labelled": int(found.accepted.sum()),
        "n_without": int((~found.accepted).sum()) + len(found.skipped),
        "min_precision": found.min_precision,
        "strata": strata.where(strata.notna(), None).to_dict("records"),
        "errors_out_of_fold": errors.to_dict("records"),
        "effective_license": lineage["effective_license"],
        "terms": lineage["terms"],
        "datasets": [{key: one.get(key) for key in ("name", "role", "licenses")}
                     for one in lineage["datasets"]],
        "models": [*lineage["models"], *(voter.about for voter in voters)],
        "acceptances": lineage.get("acceptances", []),
    }  # fmt: skip
