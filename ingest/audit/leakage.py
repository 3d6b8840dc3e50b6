"""Whether a person, or a picture made from another, stands on both sides of a split."""

import itertools

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
from ingest.audit.identity import (
    SameFaces,
    identity_findings,
    identity_pictures,
    identity_sentence,
    identity_tables,
)
from ingest.audit.mix import Mix
from ingest.audit.near import Alike

CHECK = "leakage"
_MOST_ROWS = 8


def check_leakage(
    mix: Mix,
    alike: Alike,
    faces: SameFaces | None = None,
    predictions: pd.DataFrame | None = None,
) -> CheckResult:
    """Look across the sources' own splits, by person, photo and picture, over the whole mix.

    Parameters
    ----------
    mix : Mix
        What is audited.
    alike : Alike
        Which pictures are the same, or nearly.
    faces : SameFaces, optional
        Whom a face recognition model takes for one person.
    predictions : DataFrame, optional
        As of `ingest.audit.predictions.read_predictions`: its folds are looked across, too.
    """
    people = leaking_subjects(mix.records)
    strays = strayed_composites(mix)
    shared, folded = shared_subjects(mix.records), in_folds(mix.records, predictions)
    of_folds = leaking_subjects(folded), leaking_photos(folded, alike)
    twice, derived = leaking_photos(mix.records, alike), derived_sets(mix)
    return CheckResult(
        CHECK,
        "Leakage across splits",
        " ".join([_sentence(mix.records, people, strays, twice),
                  *([identity_sentence(faces)] if faces else [])]),
        (
            Table("splits", "One row per data set and split of the source", splits(mix.records)),
            Table("subjects", "People in more than one split", people),
            Table("composites", "Pictures in another split than the photo they were made from",
                  strays),
            Table("photos", "The same picture, or nearly, in more than one split", twice),
            Table("shared", "People that several data sets share", shared),
            Table("derived", "Data sets made from the same pictures", derived),
            Table("folds", "People in more than one fold of the predictions",
                  of_folds[0].rename(columns={"splits": "folds"})),
            Table("fold_photos", "The same picture, or nearly, in more than one fold",
                  of_folds[1].rename(columns={"splits": "folds"})),
            *(identity_tables(faces) if faces else ()),
        ),
        (*_findings(people, strays, twice), *_across_folds(*of_folds), *_derived(derived),
         *(identity_findings(faces) if faces else ())),
        (*_pictures(mix.records, people),
         *(identity_pictures(mix.records, faces) if faces else ())),
    )  # fmt: skip


def splits(records: pd.DataFrame) -> pd.DataFrame:
    """Images and people per data set and split; rows without one are "none"."""
    names = records["split"].astype(object).where(records["split"].notna(), "none")
    grouped = records.groupby(["dataset", names.rename("split")])
    counts = grouped.agg(images=("image_id", "size"), subjects=("subject_id", "nunique"))
    return counts.reset_index()


def in_folds(records: pd.DataFrame, predictions: pd.DataFrame | None) -> pd.DataFrame:
    """The rows that were predicted, their fold in the place of the split; none without folds."""
    if predictions is None or "fold" not in predictions:
        return records.iloc[:0]
    folds = records["image_id"].map(predictions["fold"])
    placed = folds.notna() & (folds >= 0)
    return records[placed].assign(split=folds[placed].astype(int).astype(str).astype(object))


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


def leaking_photos(records: pd.DataFrame, alike: Alike) -> pd.DataFrame:
    """Pictures that lie in more than one split, as the same file, pixels, or nearly the same."""
    group = alike.group[records.index]
    placed = records[records["split"].notna() & group.duplicated(keep=False)]
    grouped = placed.groupby(group[placed.index]).agg(
        splits=("split", _words), images=("image_id", "size"), subjects=("subject_id", "nunique"),
        paths=("path", _words),
    )  # fmt: skip
    return grouped[grouped["splits"].str.contains(", ", regex=False)].reset_index(drop=True)


def derived_sets(mix: Mix) -> pd.DataFrame:
    """Pairs of pulled data sets whose pictures come from one another or from a third set.

    Returns
    -------
    DataFrame
        ``dataset``, ``other``, ``common`` (the sets both rest on) and ``shared_subjects``.
    """
    roots = {name: {name, *map(str, card.get("derived_from") or [])}
             for name, card in mix.cards.items()}  # fmt: skip
    people = mix.records.groupby("dataset")["subject_id"].agg(set)
    rows = [
        {"dataset": one, "other": two, "common": ", ".join(sorted(roots[one] & roots[two])),
         "shared_subjects": len(people[one] & people[two])}
        for one, two in itertools.combinations(mix.names, 2)
        if roots[one] & roots[two]
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["dataset", "other", "common", "shared_subjects"])


def shared_subjects(records: pd.DataFrame) -> pd.DataFrame:
    """People of more than one data set, counted per combination of sets."""
    sets_of = records.groupby("subject_id")["dataset"].agg(_words)
    several = sets_of[sets_of.str.contains(", ", regex=False)]
    return several.value_counts().rename_axis("datasets").reset_index(name="subjects")


def _sentence(
    records: pd.DataFrame, people: pd.DataFrame, strays: pd.DataFrame, twice: pd.DataFrame
) -> str:
    if records["split"].isna().all():
        return (
            "No source declares a split, so none can leak; `maskcls train` splits by person, and "
            "a composite follows the person of its photo."
        )
    if people.empty and strays.empty and twice.empty:
        return (
            "By their names nobody and no picture appears in two splits, and every composite lies "
            "in the split of its photo."
        )
    counts = [(people, "person", "people"), (twice, "picture", None), (strays, "composite", None)]
    found = [counted(len(table), one, many) for table, one, many in counts if len(table)]
    said = ", ".join(found[:-1]) + (" and " if found[:-1] else "") + found[-1]
    return f"{said} on both sides of a split: a score measured there is too good."


def _findings(people: pd.DataFrame, strays: pd.DataFrame, twice: pd.DataFrame) -> list[Finding]:
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
        *found(
            f"{CHECK}.photo-across-splits", "problem", twice["paths"],
            f"{counted(len(twice), 'picture')} in more than one split, as they are or nearly so",
            "Keep one copy, or put all copies into one split.",
            rule=CHECK,
        ),
    ]  # fmt: skip


def _across_folds(people: pd.DataFrame, photos: pd.DataFrame) -> list[Finding]:
    again = "The run was validated on what it was taught: train again, by person."
    return [
        *found(
            f"{CHECK}.subject-across-folds", "problem", people["subject_id"],
            f"{counted(len(people), 'person', 'people')} in more than one fold of the predictions",
            again, rule=CHECK,
        ),
        *found(
            f"{CHECK}.photo-across-folds", "problem", photos["paths"],
            f"{counted(len(photos), 'picture')} in more than one fold, as they are or nearly so",
            again, rule=CHECK,
        ),
    ]  # fmt: skip


def _derived(derived: pd.DataFrame) -> list[Finding]:
    names = derived["dataset"] + " and " + derived["other"]
    strangers = derived["shared_subjects"] == 0
    return [
        *found(
            f"{CHECK}.derived-strangers", "problem", names[strangers],
            f"{counted(int(strangers.sum()), 'pair')} of sets made from the same pictures that "
            "share no person",
            "A split by person cannot see that they belong together: use one of the two.",
            rule=CHECK,
        ),
        *found(
            f"{CHECK}.derived-sets", "warning", names[~strangers],
            f"{counted(int((~strangers).sum()), 'pair')} of data sets made from the same pictures",
            "Split them by person only, together, and do not count the people twice.",
            rule="derived-sets",
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
