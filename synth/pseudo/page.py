"""The page of pseudo labels: what was accepted, at what risk, and what deserves a look."""

import numpy as np
import pandas as pd

from ingest.pseudo_labels import PERCEIVED
from ingest.report.page import (
    Chart,
    Fact,
    Gallery,
    Notice,
    Page,
    Section,
    Thumb,
    render,
    table_view,
)
from ingest.report.plots import curves
from ingest.report.thumbnails import data_uri
from synth.pseudo.judgement import (
    Judgement,
    errors_table,
    in_words,
    shift_table,
    strata_table,
)
from synth.pseudo.strata import WORDS
from synth.pseudo.thresholds import risk_coverage

SHOWN = 24
_BOX = ["face_x0", "face_y0", "face_x1", "face_y1"]


def write_page(found: Judgement) -> str:
    """HTML of the page."""
    return render(make_page(found))


def make_page(found: Judgement) -> Page:
    """Page of one judgement."""
    name, axis, n = found.dataset.name, found.axis, int(found.accepted.sum())
    people = found.target["subject_id"][found.accepted].nunique()
    share = n / max(len(found.target), 1)
    promised = sum(stratum.choice.chosen is not None for stratum in found.strata)
    return Page(
        kicker=f"Pseudo labels: {axis}",
        title=name,
        verdict=f"{n:,} of {len(found.target):,} faces labelled; the others stay without.",
        level="good" if n else "warning",
        lead=(
            f"By run `{found.run}`. In every stratum that keeps to the promise at least "
            f"{found.min_precision:.0%} of the people are right, with 95\u00a0% confidence, "
            "as long as their faces are like those the run was tried on."
        ),
        facts=(
            Fact(f"{n:,}", "faces labelled", f"{share:.0%} of those that lacked it"),
            Fact(f"{people:,}", "people"),
            Fact(f"{promised} of {len(found.strata)}", "strata keep to the promise"),
            Fact(f"{len(found.skipped):,}", "files not readable"),
        ),
        notices=[
            Notice(f"note-{i}", "warning", note, "Weigh it before you train on them.", "strata")
            for i, note in enumerate(found.notes)
        ],
        sections=(_strata(found), _risk(found), _shift(found), _unsure(found), _split(found)),
        footnotes=(PERCEIVED, "Undo: `synth pseudo-gender --undo`."),
    )


def _strata(found: Judgement) -> Section:
    strata = strata_table(found)
    promises = [in_words(row) for row in strata.to_dict("records")]
    shown = strata[["stratum", "faces", "accepted"]].assign(promise=promises)
    return Section(
        "strata", "Strata",
        "A person with any wrong photo accepted counts as wrong; bounds are one-sided, 95\u00a0%.",
        (
            table_view("strata-table", "What is promised where", shown),
            table_view("error-table", "Errors out of fold, before any threshold",
                       errors_table(found.labelled, found.axis)),
        ),
    )  # fmt: skip


def _risk(found: Judgement) -> Section:
    series = []
    for code, word in enumerate(WORDS[found.axis]):
        rows = found.labelled[found.labelled["predicted"] == code]
        if len(rows):
            coverage, risk = risk_coverage(rows)
            series.append((f"predicted {word}", coverage.tolist(), risk.tolist()))
    drawn = curves(
        "risk", series, ("share of people accepted, surest first", "share of them wrong"),
        1 - found.min_precision,
        "Share of labelled people wrong against the share accepted, by predicted word.",
    )  # fmt: skip
    return Section("risk", "Risk and coverage", "On labelled people that the models never saw.",
                   (Chart(drawn, "The dashed line is the share that may be wrong."),))  # fmt: skip


def _shift(found: Judgement) -> Section:
    return Section(
        "shift", "Are the classes divided alike?",
        "Shares among the faces are estimated by expectation-maximisation; where the scores differ "
        "from the labelled people's by more than chance, those were thinned to match.",
        (table_view("shift-table", "Shares by people", shift_table(found.strata, found.axis)),),
    )  # fmt: skip


def _unsure(found: Judgement) -> Section:
    rows = found.target[found.accepted].sort_values("confidence", kind="stable").head(SHOWN)
    return _gallery("unsure", "Least certain accepted",
                    "Look here first: a label that is plainly wrong here is one of the "
                    "few that the promise allows.", found, rows)  # fmt: skip


def _split(found: Judgement) -> Section:
    rows = found.target[~found.target["agreed"].to_numpy(dtype=bool)]
    rows = rows.sort_values("confidence", ascending=False, kind="stable").head(SHOWN)
    return _gallery("split", "The models disagree",
                    "Faces that the models of the folds, or other voters, call differently; "
                    "none got a label.", found, rows)  # fmt: skip


def _gallery(
    anchor: str, title: str, sentence: str, found: Judgement, rows: pd.DataFrame
) -> Section:
    words = WORDS[found.axis]
    thumbs = []
    for row in rows.to_dict("records"):
        box = tuple(float(row[name]) for name in _BOX)
        face = None if any(np.isnan(box)) else box
        said = f"{words[row['predicted']]} {row['confidence']:.3f} ({row['votes']}), {row['path']}"
        picture = data_uri(found.dataset.image_path(row["path"]), face)  # type: ignore[arg-type]
        thumbs.append(Thumb(picture, said))
    blocks = (Gallery([(f"{len(thumbs)} shown", thumbs)]),) if thumbs else ()
    return Section(anchor, title, sentence if thumbs else "None.", blocks)
