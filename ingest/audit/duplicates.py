"""The same picture twice: in bytes, in pixels or nearly, and under different labels."""

import pandas as pd

from ingest.audit.alignment import SAME
from ingest.audit.findings import (
    CheckResult,
    Finding,
    PictureRow,
    Table,
    counted,
    found,
    label_of,
    picture_of,
    rows_of,
)
from ingest.audit.mix import Mix
from ingest.audit.near import Alike, near_table

CHECK = "duplicates"
_MOST_ROWS = 12
_GROUP = ["images", "datasets", "subjects", "labels", "is_copy", "paths"]


def check_duplicates(mix: Mix, alike: Alike) -> CheckResult:
    """Tell which pictures are there more than once, and where their labels disagree.

    Parameters
    ----------
    mix : Mix
        What is audited.
    alike : Alike
        As of `ingest.audit.near.find_alike`.
    """
    exact, pixels = exact_groups(mix.records), pixel_groups(mix.records, alike)
    near, groups = near_table(mix, alike.pairs), same_photo(mix.records, alike)
    return CheckResult(
        CHECK,
        "Duplicates",
        _sentence(mix, exact, pixels, near),
        (
            Table("near", "One row per pair of pictures that are nearly the same", near),
            Table("disagreements", "The same photo under different labels or people",
                  groups[(groups["labels"] > 1) | (groups["subjects"] > 1)]),
            Table("pixels", "One row per group of files with the same pixels, not the same bytes",
                  pixels),
            Table("exact", "One row per group of files with the same bytes", exact),
        ),
        tuple(_findings(exact, pixels, near, groups)),
        tuple(_pictures(mix.records, exact, alike)),
    )  # fmt: skip


def exact_groups(records: pd.DataFrame) -> pd.DataFrame:
    """Groups of rows that share a sha256.

    Returns
    -------
    DataFrame
        ``sha256``, ``images``, ``datasets``, ``subjects``, ``labels`` (how many different
        classes), ``paths`` and ``is_copy``: whether all but one are copies of a photo that a
        data set made from another carries along on purpose.
    """
    return _groups(records, records["sha256"]).rename(columns={"key": "sha256"})


def pixel_groups(records: pd.DataFrame, alike: Alike) -> pd.DataFrame:
    """Groups of rows with the same pixels in different files, as of `exact_groups`."""
    shown = records.loc[alike.pixels.index]
    n_files = shown.groupby(alike.pixels)["sha256"].transform("nunique")
    part = shown[n_files > 1]
    return _groups(part, alike.pixels[part.index]).drop(columns="key")


def same_photo(records: pd.DataFrame, alike: Alike) -> pd.DataFrame:
    """Groups of rows that show the same photo, in bytes, pixels or nearly; see `exact_groups`."""
    return _groups(records, alike.group).drop(columns="key")


def _groups(records: pd.DataFrame, key: pd.Series) -> pd.DataFrame:
    shared = records[key.duplicated(keep=False)]
    rows = [{"key": name, **_group(part)} for name, part in shared.groupby(key, sort=True)]
    table = pd.DataFrame(rows, columns=["key", *_GROUP])
    return table.sort_values(["labels", "images"], ascending=False, kind="stable")


def _group(part: pd.DataFrame) -> dict[str, object]:
    known = part["age_group"].where(part["age_group"] >= 0)
    return {
        "images": len(part),
        "datasets": ", ".join(sorted(set(part["dataset"]))),
        "subjects": part["subject_id"].nunique(),
        "labels": max(1, part["mask"].nunique(), part["gender"].nunique(), known.nunique()),
        "is_copy": int(part["parent_id"].isna().sum()) <= 1,
        "paths": ", ".join(part["dataset"] + "/" + part["path"]),
    }


def _sentence(mix: Mix, exact: pd.DataFrame, pixels: pd.DataFrame, near: pd.DataFrame) -> str:
    extra = int(exact["images"].sum()) - len(exact)
    parts = [
        f"{counted(extra, 'file')} repeat the bytes of another, "
        f"{counted(len(pixels), 'group')} of files have the same pixels, and "
        f"{counted(len(near), 'pair')} of pictures are nearly the same: scaled, mirrored, turned, "
        f"cropped or compressed again."
    ]
    if mix.records["parent_id"].notna().any():
        parts.append(
            "A composite is not set against its own photo or what else was made of it: these are "
            "meant to be alike."
        )
    return " ".join(parts)


def _findings(
    exact: pd.DataFrame, pixels: pd.DataFrame, near: pd.DataFrame, groups: pd.DataFrame
) -> list[Finding]:
    conflicting, people = groups[groups["labels"] > 1], groups[groups["subjects"] > 1]
    return [
        *found(
            f"{CHECK}.conflicting-labels", "problem", conflicting["paths"],
            f"{counted(len(conflicting), 'photo')} under different labels",
            "The same picture, or nearly, has two labels; at most one is right. Decide, and write "
            "it with `ingest correct`.",
            rule="conflicting-labels",
        ),
        *found(
            f"{CHECK}.two-subjects", "problem", people["paths"],
            f"{counted(len(people), 'photo')} filed under several people",
            "A split by person cannot keep them apart; give them one subject.",
            rule="leakage",
        ),
        *_repeated(exact, pixels, near),
    ]  # fmt: skip


def _repeated(exact: pd.DataFrame, pixels: pd.DataFrame, near: pd.DataFrame) -> list[Finding]:
    copies = exact["is_copy"].astype(bool)
    twins = pixels[~pixels["is_copy"].astype(bool)]
    keep = "Repeated pictures count for more than they are; keep one of each."
    return [
        *found(
            f"{CHECK}.exact", "warning", exact.loc[~copies, "paths"],
            f"{counted(int((~copies).sum()), 'group')} of identical files", keep,
            rule="duplicates",
        ),
        *found(
            f"{CHECK}.pixels", "warning", twins["paths"],
            f"{counted(len(twins), 'group')} of different files with the same pixels", keep,
            rule="duplicates",
        ),
        *found(
            f"{CHECK}.near", "warning", near["path"] + " and " + near["other_path"],
            f"{counted(len(near), 'pair')} of pictures that are nearly the same",
            f"{keep} Similarity is {SAME} or above; the pictures are below.",
            rule="near-duplicates",
        ),
        *found(
            f"{CHECK}.bare-copies", "note", exact.loc[copies, "paths"],
            f"{counted(int(copies.sum()), 'photo')} also carried along by a data set made of it",
            "Meant so with `synth masks --include-bare`: train on one of the two sets' copies.",
            rule="bare-copies",
        ),
    ]  # fmt: skip


def _pictures(records: pd.DataFrame, exact: pd.DataFrame, alike: Alike) -> list[PictureRow]:
    rows = []
    for pair in rows_of(alike.pairs.head(_MOST_ROWS)):
        title = f"{pair.how}, similarity {pair.similarity:.2f}"
        rows.append(_row_of(title, records.loc[[pair.first, pair.second]]))
    for group in rows_of(exact[~exact["is_copy"].astype(bool)].head(_MOST_ROWS)):
        part = records[records["sha256"] == group.sha256].head(4)
        rows.append(_row_of(f"{group.images} times the same bytes", part))
    return rows


def _row_of(title: str, part: pd.DataFrame) -> PictureRow:
    return PictureRow(
        title,
        tuple(
            picture_of(row, f"{label_of(row)}, {row.dataset}/{row.path}") for row in rows_of(part)
        ),
    )
