"""Whether a person, or a picture made from another, stands on both sides of a split."""

import pandas as pd

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

CHECK = "leakage"
_MOST_ROWS = 8


def check_leakage(mix: Mix) -> CheckResult:
    """Look across the sources' own splits, by person and by photo, over the whole mix."""
    people = leaking_subjects(mix.records)
    strays = strayed_composites(mix)
    shared = shared_subjects(mix.records)
    return CheckResult(
        CHECK,
        "Leakage across splits",
        _sentence(mix.records, people, strays),
        (
            Table("splits", "One row per data set and split of the source", splits(mix.records)),
            Table("subjects", "People in more than one split", people),
            Table("composites", "Pictures in another split than the photo they were made from",
                  strays),
            Table("shared", "People that several data sets share", shared),
        ),
        tuple(_findings(people, strays)),
        tuple(_pictures(mix.records, people)),
    )  # fmt: skip


def splits(records: pd.DataFrame) -> pd.DataFrame:
    """Images and people per data set and split; rows without one are "none"."""
    names = records["split"].astype(object).where(records["split"].notna(), "none")
    grouped = records.groupby(["dataset", names.rename("split")])
    counts = grouped.agg(images=("image_id", "size"), subjects=("subject_id", "nunique"))
    return counts.reset_index()


def leaking_subjects(records: pd.DataFrame) -> pd.DataFrame:
    """People whose pictures lie in more than one split, over all data sets of the mix."""
    placed = records[records["split"].notna()]
    n_splits = placed.groupby("subject_id")["split"].nunique()
    part = placed[placed["subject_id"].isin(n_splits[n_splits > 1].index)]
    grouped = part.groupby("subject_id").agg(
        splits=("split", _words), images=("image_id", "size"), datasets=("dataset", _words)
    )
    return grouped.reset_index()


def _words(values: pd.Series) -> str:
    return ", ".join(sorted({str(value) for value in values}))


def strayed_composites(mix: Mix) -> pd.DataFrame:
    """Pictures made from a photo of another split than their own."""
    made = mix.records[mix.records["parent_id"].notna() & mix.records["split"].notna()]
    photo_split = made["origin_id"].map(mix.photos["split"].astype(object))
    apart = photo_split.notna() & (photo_split != made["split"].astype(object))
    table = made.loc[apart, ["dataset", "path", "split", "subject_id"]]
    return table.assign(photo_split=photo_split[apart]).reset_index(drop=True)


def shared_subjects(records: pd.DataFrame) -> pd.DataFrame:
    """People of more than one data set, counted per combination of sets."""
    sets_of = records.groupby("subject_id")["dataset"].agg(_words)
    several = sets_of[sets_of.str.contains(", ", regex=False)]
    return several.value_counts().rename_axis("datasets").reset_index(name="subjects")


def _sentence(records: pd.DataFrame, people: pd.DataFrame, strays: pd.DataFrame) -> str:
    if records["split"].isna().all():
        return (
            "No source declares a split, so none can leak; `maskcls train` splits by person, and "
            "a composite follows the person of its photo."
        )
    if people.empty and strays.empty:
        return "Nobody appears in two splits, and every composite lies in the split of its photo."
    return (
        f"{counted(len(people), 'person', 'people')} and {counted(len(strays), 'composite')} stand "
        "on both sides of a split: a score measured there is too good."
    )


def _findings(people: pd.DataFrame, strays: pd.DataFrame) -> list[Finding]:
    return [
        *found(
            f"{CHECK}.subject-across-splits", "problem", people["subject_id"],
            f"{counted(len(people), 'person', 'people')} in more than one split",
            "Split again by person (`maskcls train` does), or drop one side's pictures.",
            rule=CHECK,
        ),
        *found(
            f"{CHECK}.composite-across-splits", "problem", strays["path"],
            f"{counted(len(strays), 'composite')} in another split than their photo",
            "Give each composite the split of its photo.",
            rule=CHECK,
        ),
    ]  # fmt: skip


def _pictures(records: pd.DataFrame, people: pd.DataFrame) -> list[PictureRow]:
    rows = []
    for subject in people["subject_id"].head(_MOST_ROWS):
        part = records[records["subject_id"] == subject].drop_duplicates("split").head(4)
        pictures = tuple(
            picture_of(row, f"split {row.split}, {row.dataset}/{row.path}") for row in rows_of(part)
        )
        rows.append(PictureRow(f"{subject}", pictures))
    return rows
