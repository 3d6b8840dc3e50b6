"""The same file twice: within a data set, between sets, and under different labels."""

from typing import Any

import pandas as pd

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

CHECK = "duplicates"
_MOST_ROWS = 6


def check_duplicates(mix: Mix) -> CheckResult:
    """Find groups of images whose bytes are the same."""
    groups = exact_groups(mix.records)
    return CheckResult(
        CHECK,
        "Exact duplicates",
        _sentence(groups),
        (Table("exact", "One row per group of files with the same bytes", groups),),
        tuple(_findings(groups)),
        tuple(_pictures(mix.records, groups)),
    )


def exact_groups(records: pd.DataFrame) -> pd.DataFrame:
    """Groups of rows that share a sha256.

    Returns
    -------
    DataFrame
        ``sha256``, ``images``, ``datasets``, ``subjects``, ``labels`` (how many different
        classes), ``paths`` and ``is_copy``: whether all but one are copies of a photo that a
        data set made from another carries along on purpose.
    """
    shared = records[records.duplicated("sha256", keep=False)]
    rows = [_group(str(sha256), part) for sha256, part in shared.groupby("sha256", sort=True)]
    columns = ["sha256", "images", "datasets", "subjects", "labels", "is_copy", "paths"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["labels", "images", "sha256"], ascending=[False, False, True])


def _group(sha256: str, part: pd.DataFrame) -> dict[str, object]:
    labels = part[["mask", "gender", "age_group"]].astype(object).drop_duplicates()
    return {
        "sha256": sha256,
        "images": len(part),
        "datasets": ", ".join(sorted(set(part["dataset"]))),
        "subjects": part["subject_id"].nunique(),
        "labels": len(labels),
        "is_copy": int(part["parent_id"].isna().sum()) <= 1,
        "paths": ", ".join(part["dataset"] + "/" + part["path"]),
    }


def _sentence(groups: pd.DataFrame) -> str:
    if groups.empty:
        return "No two files have the same bytes. Near-duplicates are not looked for yet."
    extra = int(groups["images"].sum()) - len(groups)
    return (
        f"{counted(extra, 'file')} repeat the bytes of another, in "
        f"{counted(len(groups), 'group')}. Near-duplicates are not looked for yet."
    )


def _findings(groups: pd.DataFrame) -> list[Finding]:
    copies = groups["is_copy"].astype(bool)
    plain, conflicting = groups[~copies], groups[groups["labels"] > 1]
    people = groups[groups["subjects"] > 1]
    return [
        *found(
            f"{CHECK}.conflicting-labels", "problem", conflicting["paths"],
            f"{counted(len(conflicting), 'group')} of identical files with different labels",
            "At most one of the labels is right: decide, and write it with `ingest correct`.",
            rule="conflicting-labels",
        ),
        *found(
            f"{CHECK}.two-subjects", "problem", people["paths"],
            f"{counted(len(people), 'identical file')} filed under several people",
            "A split by person cannot keep them apart; give them one subject.",
            rule="leakage",
        ),
        *found(
            f"{CHECK}.exact", "warning", plain["paths"],
            f"{counted(len(plain), 'group')} of identical files",
            "Repeated files count for more than they are; keep one of each.",
            rule="duplicates",
        ),
        *found(
            f"{CHECK}.bare-copies", "note", groups.loc[copies, "paths"],
            f"{counted(int(copies.sum()), 'photo')} also carried along by a data set made of it",
            "Meant so with `synth masks --include-bare`: train on one of the two sets' copies.",
            rule="bare-copies",
        ),
    ]  # fmt: skip


def _pictures(records: pd.DataFrame, groups: pd.DataFrame) -> list[PictureRow]:
    worst = groups[~groups["is_copy"].astype(bool)].head(_MOST_ROWS)
    rows = []
    for group in rows_of(worst):
        part = records[records["sha256"] == group.sha256].head(4)
        pictures = tuple(
            picture_of(row, f"{_label(row)}, {row.dataset}/{row.path}") for row in rows_of(part)
        )
        rows.append(PictureRow(f"{group.images} times the same bytes", pictures))
    return rows


def _label(row: Any) -> str:
    return taxonomy.class_name(int(row.cell)) if row.cell >= 0 else "no class"
