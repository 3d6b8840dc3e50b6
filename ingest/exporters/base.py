"""What every exporter takes and gives: records in, files in a folder and their places out."""

import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from ingest import taxonomy
from ingest.dataset import Dataset
from ingest.records import age_group_index, class_indices

Exporter = Callable[[Dataset, pd.DataFrame, Path], dict[str, str]]
"""Writes images of a data set into a folder and gives each one's place there, by image_id.

Rows it cannot place, such as those without a class, are left out of what it gives.
"""
LABEL_COLUMNS = (
    "image_id", "mask", "wear_state", "gender", "age", "age_low", "age_high",
    "mask_origin", "gender_origin", "age_origin", "subject_id", "split", "source",
    "license", "attribution", "url", "sha256", "width", "height",
)  # fmt: skip


def label_table(records: pd.DataFrame) -> pd.DataFrame:
    """Columns that other programs want: the labels, with class and age group worked out.

    Returns
    -------
    DataFrame
        ``class`` (0–17), ``class_name`` and ``age_group`` are null where they cannot be told.
    """
    classes, groups = class_indices(records), age_group_index(records)
    table = records[list(LABEL_COLUMNS)].copy()
    known = pd.Series(classes, records.index, dtype="Int64").where(classes >= 0)
    table.insert(1, "class", known)
    table.insert(2, "class_name", _words(classes, taxonomy.CLASS_NAMES))
    table.insert(3, "age_group", _words(groups, taxonomy.AGE_GROUPS))
    return table


def _words(indices: np.ndarray, words: tuple[str, ...]) -> list[str | None]:
    return [words[index] if index >= 0 else None for index in indices]


def suffix(path: str) -> str:
    """Suffix of an image's path, in lower case."""
    return PurePosixPath(path).suffix.lower()


def with_class(records: pd.DataFrame) -> pd.DataFrame:
    """Rows whose class is known, with it in a column ``class``."""
    classes = class_indices(records)
    known = records[classes >= 0].copy()
    known["class"] = classes[classes >= 0]
    return known


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table by column name."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def place(dataset: Dataset, path: str, target: Path) -> None:
    """Copy an image of a data set to a new place, byte for byte."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(dataset.image_path(path), target)


def plain_row(row: Any) -> dict[str, Any]:
    """A table's row for JSON: nulls as None, numpy's numbers as Python's."""
    plain = {}
    for name, value in row.items():
        value = value.item() if isinstance(value, np.generic) else value
        plain[str(name)] = None if pd.isna(value) else value
    return plain
