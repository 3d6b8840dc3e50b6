"""Whom the pictures show: every combination of labels and source, with the people behind it."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from ingest import taxonomy
from ingest.audit.findings import (
    CheckResult,
    Finding,
    PictureRow,
    Table,
    counted,
    found,
    picture_of,
    rows_of,
)
from ingest.audit.mix import Mix

CHECK = "people"
LEVEL = 0.95
MUCH = 0.25
"""Share of a class from which one person weighs too much in it."""
_FEW_IMAGES = 8
_MOST_ROWS = 6
_KEYS = ["mask", "gender", "age_group", "source", "wear_state"]


def check_people(mix: Mix) -> CheckResult:
    """Count pictures and people of every subgroup, with intervals by person."""
    table, heavy = subgroup_table(mix.records), dominant_people(mix.records)
    return CheckResult(
        CHECK,
        "Whom it shows",
        _sentence(mix.records, table),
        (
            Table("subgroups", "One row per mask, gender, age group, source and wear state; the "
                  "share of all pictures with its 95 % interval by person", table),
            Table("dominant", f"People who give more than {MUCH:.0%} of a class's pictures", heavy),
        ),
        tuple(_findings(heavy)),
        tuple(_pictures(mix.records, heavy)),
    )  # fmt: skip


def subgroup_table(records: pd.DataFrame) -> pd.DataFrame:
    """Pictures, people and share of every subgroup that occurs.

    Returns
    -------
    DataFrame
        ``mask``, ``gender``, ``age_group``, ``source``, ``wear_state``, ``images``, ``subjects``,
        ``share`` (0–1) and its interval ``share_low``, ``share_high`` as of `share_interval`.
    """
    rows = _named(records)
    people = pd.factorize(rows["subject_id"])[0]
    sizes = np.bincount(people)
    table = []
    for key, part in rows.groupby(_KEYS, sort=True):
        inside = np.bincount(people[rows.index.get_indexer(part.index)], minlength=len(sizes))
        low, high = share_interval(inside, sizes)
        table.append(
            dict(zip(_KEYS, key, strict=True))
            | {"images": len(part), "subjects": int((inside > 0).sum()),
               "share": len(part) / len(rows), "share_low": low, "share_high": high}
        )  # fmt: skip
    return pd.DataFrame(table)


def _named(records: pd.DataFrame) -> pd.DataFrame:
    groups = np.array([*taxonomy.AGE_GROUPS, "unknown"], dtype=object)
    frame = pd.DataFrame(
        {
            "mask": records["mask"],
            "gender": records["gender"],
            "age_group": groups[records["age_group"].to_numpy()],
            "source": records["origin_source"].where(
                records["origin_source"].notna(), records["source"]
            ),
            "wear_state": records["wear_state"],
        },
        dtype=object,
    )
    named = frame.where(frame.notna(), "unknown")
    return named.assign(subject_id=records["subject_id"]).reset_index(drop=True)


def share_interval(inside: NDArray[np.int64], sizes: NDArray[np.int64]) -> tuple[float, float]:
    """Interval of a share of pictures when people, not pictures, are drawn.

    Wilson's interval (1927, doi:10.1080/01621459.1927.10502953) at the effective number of
    pictures, from the linearised variance of a ratio over people (Korn & Graubard, 1998).

    Parameters
    ----------
    inside : ndarray of shape (P,), int
        Pictures of each person inside the group.
    sizes : ndarray of shape (P,), int
        All pictures of each person, 1 or more.

    Returns
    -------
    tuple of two float
        0–1.

    Examples
    --------
    >>> one_each = np.ones(100, dtype=int)
    >>> [round(edge, 3) for edge in share_interval(np.arange(100) < 20, one_each)]
    [0.133, 0.289]
    """
    total, n_people = int(sizes.sum()), len(sizes)
    share = float(inside.sum()) / total
    spread = float(((inside - share * sizes) ** 2).sum()) * n_people / max(n_people - 1, 1)
    plain = share * (1 - share)
    effective = plain * total**2 / spread if spread > 0 and plain > 0 else float(n_people)
    return _wilson(share, min(effective, float(total)))


def _wilson(share: float, n: float) -> tuple[float, float]:
    z = float(norm.ppf((1 + LEVEL) / 2))
    centre = share + z**2 / (2 * n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    low, high = (centre - half) / (1 + z**2 / n), (centre + half) / (1 + z**2 / n)
    return max(0.0, float(low)), min(1.0, float(high))


def dominant_people(records: pd.DataFrame) -> pd.DataFrame:
    """People who give more than `MUCH` of a class's pictures, where it has pictures enough."""
    known = records[records["cell"] >= 0]
    counts = known.groupby(["cell", "subject_id"]).size().rename("images").reset_index()
    totals = counts.groupby("cell")["images"].transform("sum")
    counts["share"] = counts["images"] / totals
    heavy = counts[(counts["share"] > MUCH) & (totals >= _FEW_IMAGES)]
    names = [taxonomy.class_name(int(cell)) for cell in heavy["cell"]]
    table = heavy.drop(columns="cell")
    table.insert(0, "cell", names)
    return table.sort_values("share", ascending=False, kind="stable").reset_index(drop=True)


def _sentence(records: pd.DataFrame, table: pd.DataFrame) -> str:
    people = records["subject_id"].nunique()
    few = int((table["subjects"] < 10).sum())
    return (
        f"{counted(people, 'person', 'people')} in {counted(len(table), 'subgroup')} of mask, "
        f"gender, age, source and wear state; {few:,} of them rest on fewer than 10 people. "
        "Intervals are by person: more pictures of the same people do not narrow them."
    )


def _findings(heavy: pd.DataFrame) -> list[Finding]:
    names = [f"{row.subject_id}: {row.share:.0%} of {row.cell}" for row in rows_of(heavy)]
    return found(
        f"{CHECK}.dominant", "note", names,
        f"{counted(len(heavy), 'person', 'people')} giving more than {MUCH:.0%} of a class",
        "A model learns that face; add other people, or cap the pictures of each.",
        rule="dominant",
    )  # fmt: skip


def _pictures(records: pd.DataFrame, heavy: pd.DataFrame) -> list[PictureRow]:
    rows = []
    for one in rows_of(heavy.head(_MOST_ROWS)):
        cell = taxonomy.CLASS_NAMES.index(one.cell)
        part = records[(records["subject_id"] == one.subject_id) & (records["cell"] == cell)]
        pictures = tuple(picture_of(row, f"{row.dataset}/{row.path}")
                         for row in rows_of(part.head(4)))  # fmt: skip
        rows.append(PictureRow(f"{one.subject_id}: {one.share:.0%} of {one.cell}", pictures))
    return rows
