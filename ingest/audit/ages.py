"""How old the people are, in each class beside the target's, and whose age tells no group."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest import taxonomy
from ingest.audit.cell_ages import (
    BIN_YEARS,
    age_spread,
    apart,
    count_ages,
    histogram_by_class,
    year_bins,
)
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
from ingest.audit.mix import KINDS, Mix
from ingest.targets import Target

CHECK = "ages"
NEAR_YEARS = 2
_MOST_PICTURES = 8


def check_ages(mix: Mix, target: Target | None = None) -> CheckResult:
    """Histograms of known ages beside the boundaries, and the rows without an age group.

    Parameters
    ----------
    mix : Mix
        What is audited.
    target : Target, optional
        Whose ages those of each class are held against.
    """
    histogram = age_histogram(mix.records)
    spread = age_spread(mix.records, target)
    return CheckResult(
        CHECK,
        "Ages",
        f"{_sentence(mix.records)} {_beside(spread, target)}".rstrip(),
        (
            Table("histogram", f"One row per {BIN_YEARS} years, ages known to the year", histogram),
            Table("classes", "Ages in each class, in years", spread),
            Table("by_class", f"One row per class and {BIN_YEARS} years",
                  histogram_by_class(mix.records, target)),
            Table("knowledge", "How the age of each data set's rows is known",
                  age_knowledge(mix.records)),
        ),
        tuple(_findings(mix.records, spread, target)),
        tuple(_pictures(mix.records)),
    )  # fmt: skip


def age_histogram(records: pd.DataFrame) -> pd.DataFrame:
    """Images in steps of `BIN_YEARS`, lower edge inclusive; both boundaries are edges."""
    table = pd.DataFrame(year_bins())
    for kind in KINDS:
        table[kind] = count_ages(records.loc[records["kind"] == kind, "age"])
    filled = np.flatnonzero(table[list(KINDS)].sum(axis=1))
    if not len(filled):
        return table.iloc[:0]
    return table.iloc[filled[0] : filled[-1] + 1].reset_index(drop=True)


def age_knowledge(records: pd.DataFrame) -> pd.DataFrame:
    """Per data set and origin of the age: rows with years, bins, straddling bins and nothing."""
    bounded = records["age"].isna() & (records["age_low"].notna() | records["age_high"].notna())
    straddles = bounded & (records["age_group"] < 0)
    flags = pd.DataFrame(
        {
            "dataset": records["dataset"],
            "age_origin": records["age_origin"].astype(object).where(
                records["age_origin"].notna(), "unknown"
            ),
            "years": records["age"].notna(),
            "bin_within_a_group": bounded & ~straddles,
            "bin_across_a_boundary": straddles,
            "no_age": records["age"].isna() & ~bounded,
        }
    )  # fmt: skip
    return flags.groupby(["dataset", "age_origin"], sort=True).sum().astype(int).reset_index()


def _sentence(records: pd.DataFrame) -> str:
    known = int(records["age"].notna().sum())
    lost = int((records["age_group"] < 0).sum())
    old = records[records["age_group"] == len(taxonomy.AGE_GROUPS) - 1]
    people = counted(old["subject_id"].nunique(), "person", "people")
    return (
        f"{counted(known, 'image')} of {len(records):,} have an age in years; "
        f"{counted(len(old), 'image')} show {people} "
        f"of 60 and over; {counted(lost, 'row')} have no age group."
    )


def _beside(spread: pd.DataFrame, target: Target | None) -> str:
    if target is None or target.ages is None:
        return ""
    compared = spread[spread["apart_years"].notna()]
    if compared.empty:
        return f"No class has enough pictures with years here and in {target.name} to compare."
    worst = compared.iloc[0]
    return (
        f"Beside {target.name}, {worst['class']} is apart the most: half of its pictures show "
        f"people older than {worst['median']:.0f}, there than {worst['target_median']:.0f}."
    )


def near_boundary(records: pd.DataFrame) -> pd.DataFrame:
    """Rows whose age lies within `NEAR_YEARS` of a boundary and is not a plain label."""
    unsure = records["age_origin"].isin(["estimated", "pseudo"]).to_numpy()
    return records[(_years_to_boundary(records) < NEAR_YEARS) & unsure]


def _years_to_boundary(records: pd.DataFrame) -> NDArray[np.float64]:
    age = records["age"].astype(float).to_numpy()
    return np.abs(age[:, None] - np.array(taxonomy.AGE_BOUNDARIES)[None]).min(axis=1)


def _findings(records: pd.DataFrame, spread: pd.DataFrame, target: Target | None) -> list[Finding]:
    lost, close = records[records["age_group"] < 0], near_boundary(records)
    other = apart(spread)
    return [
        *found(
            f"{CHECK}.no-age-group",
            "note",
            lost["path"],
            f"{counted(len(lost), 'row')} without an age group",
            "Their age is unknown or a bin across a boundary; they are left out of training.",
        ),
        *found(
            f"{CHECK}.near-boundary",
            "note",
            close["path"],
            f"{counted(len(close), 'image')} with an estimated age within {NEAR_YEARS} years "
            "of a boundary",
            "Their group may be wrong by the estimate's error; check these first.",
        ),
        *found(
            f"{CHECK}.apart",
            "warning",
            other["class"],
            f"{counted(len(other), 'class', 'classes')} of other ages than in "
            f"{target.name if target else 'the target'}",
            "A model learns the ages it is shown: take people as old as the target's, with "
            "--min-age and --max-age of `synth masks`, or weigh those less that are not.",
            rule=CHECK,
        ),
    ]


def _pictures(records: pd.DataFrame) -> list[PictureRow]:
    """Photos whose group an estimate may have wrong, closest first, and ones without a group."""
    close = near_boundary(records[records["parent_id"].isna()])
    close = close.iloc[np.argsort(_years_to_boundary(close), kind="stable")]
    lost = records[records["age_group"] < 0]
    rows = {
        "estimated, next to a boundary": close.drop_duplicates("subject_id"),
        "no age group": lost.drop_duplicates("subject_id"),
    }
    return [
        PictureRow(title, tuple(picture_of(row, f"{_age_of(row)}, {row.path}")
                                for row in rows_of(part.head(_MOST_PICTURES))))
        for title, part in rows.items()
        if len(part)
    ]  # fmt: skip


def _age_of(row: Any) -> str:
    if not np.isnan(row.age):
        return f"age {row.age:.0f}"
    if np.isnan(row.age_low) and np.isnan(row.age_high):
        return "age unknown"
    low, high = (
        f"{year:.0f}" if not np.isnan(year) else "?" for year in (row.age_low, row.age_high)
    )
    return f"age {low} to {high}"
