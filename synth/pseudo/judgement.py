"""What was decided of the faces of one set, and the tables that tell it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.dataset import Dataset
from synth.pseudo.strata import WORDS, Stratum


@dataclass(frozen=True)
class Judgement:
    """Everything that was decided of one set.

    Attributes
    ----------
    dataset : Dataset
        The set.
    axis : str
        What is labelled.
    run : str
        Name of the run that labels.
    min_precision : float
        What was asked for.
    labelled, target : DataFrame
        As of `strata.judged`; the target with ``path``, face box, ``agreed`` and ``votes``.
    strata : sequence of Stratum
        As of `strata.make_strata`.
    accepted, stratum_of : ndarray of shape (N,)
        As of `strata.accept`.
    skipped : mapping of str to str
        Files that could not be read, with the reason.
    notes : sequence of str
        What else a reader must know.
    """

    dataset: Dataset
    axis: str
    run: str
    min_precision: float
    labelled: pd.DataFrame
    target: pd.DataFrame
    strata: Sequence[Stratum]
    accepted: NDArray[np.bool_]
    stratum_of: NDArray[np.int64]
    skipped: Mapping[str, str]
    notes: Sequence[str] = ()


def strata_table(found: Judgement) -> pd.DataFrame:
    """One row per stratum: what was promised, on whom it rests, what was accepted."""
    rows = []
    for index, stratum in enumerate(found.strata):
        chosen = stratum.choice.chosen
        mine = found.accepted & (found.stratum_of == index)
        rows.append(
            {
                "stratum": stratum.name,
                "promise": "kept to" if chosen else "abstains",
                "confidence_from": chosen.threshold if chosen else None,
                "people_right": chosen.n - chosen.wrong if chosen else None,
                "of_people": chosen.n if chosen else stratum.choice.n_subjects,
                "lower_bound": chosen.bound if chosen else None,
                "faces": stratum.n_faces,
                "accepted": int(mine.sum()),
                "why": stratum.choice.reason(found.min_precision),
            }
        )
    return pd.DataFrame(rows).convert_dtypes()


def in_words(row: Mapping[Any, Any]) -> str:
    """What a row of `strata_table` promises, or why it does not."""
    if row["promise"] == "abstains":
        return f"abstains; {row['why']}"
    return (
        f"from confidence {row['confidence_from']:g} ({row['people_right']} of {row['of_people']} "
        f"people right, at least {row['lower_bound']:.3f})"
    )


def errors_table(labelled: pd.DataFrame, axis: str) -> pd.DataFrame:
    """How often the model is wrong out of fold, by what people are, before any threshold."""
    rows = []
    words = np.array(WORDS[axis], dtype=object)
    by = [words[labelled["truth"]], labelled["age"], labelled["wear"]]
    for (word, age, wear), part in labelled.groupby(by):
        people = part.groupby("subject_id")["wrong"].any()
        about = {axis: word, "age_group": age, "mask": wear}
        rows.append({**about, "people": len(people), "people_wrong": int(people.sum()),
                     "share": float(people.mean())})  # fmt: skip
    table = pd.DataFrame(rows)
    return table.drop(columns="age_group") if axis == "age" else table


def shift_table(strata: Sequence[Stratum], axis: str) -> pd.DataFrame:
    """Shares of the classes by people: labelled, and estimated among the faces."""
    rows = {}
    for stratum in strata:
        context = ", ".join(stratum.context.values()) or "all"
        shift = stratum.shift
        rows[context] = {
            "faces_of": context,
            **{f"labelled_{w}": float(v) for w, v in zip(WORDS[axis], shift.source, strict=True)},
            **{f"estimated_{w}": float(v) for w, v in zip(WORDS[axis], shift.target, strict=True)},
            "p_value": shift.p_value,
            "labelled_people": "thinned to match" if shift.significant else "all used",
        }
    return pd.DataFrame(rows.values())
