"""The columns of the record table: their names, types, words and ranges, and what breaks them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ingest import taxonomy

ORIGINS = ("label", "assumed", "estimated", "pseudo", "synthetic", "correction")


@dataclass(frozen=True)
class Column:
    """One column of the record table.

    Attributes
    ----------
    name : str
        Its name in the file.
    kind : {"str", "category", "int32", "float32"}
        Type; a category is stored as a parquet dictionary of strings.
    required : bool
        Whether every row needs a value.
    words : tuple of str
        The only values allowed, if not empty.
    """

    name: str
    kind: str = "str"
    required: bool = False
    words: tuple[str, ...] = ()


COLUMNS = (
    Column("image_id", required=True),
    Column("sha256", required=True),
    Column("path", required=True),
    Column("width", "int32", required=True),
    Column("height", "int32", required=True),
    Column("source", "category", required=True),
    Column("url"),
    Column("source_fields"),
    Column("subject_id", required=True),
    Column("mask", "category", words=taxonomy.MASKS),
    Column("wear_state", "category", words=tuple(taxonomy.WEAR_STATES)),
    Column("gender", "category", words=taxonomy.GENDERS),
    Column("age", "float32"),
    Column("age_low", "float32"),
    Column("age_high", "float32"),
    Column("mask_origin", "category", words=ORIGINS),
    Column("gender_origin", "category", words=ORIGINS),
    Column("age_origin", "category", words=ORIGINS),
    Column("gender_confidence", "float32"),
    Column("age_confidence", "float32"),
    Column("mask_confidence", "float32"),
    Column("face_x0", "float32"),
    Column("face_y0", "float32"),
    Column("face_x1", "float32"),
    Column("face_y1", "float32"),
    *(Column(f"coverage_{region}", "float32") for region in taxonomy.REGIONS),
    Column("license", "category", required=True),
    Column("attribution"),
    Column("parent_id"),
    Column("recipe"),
    Column("split", "category"),
)
COLUMN_NAMES = tuple(column.name for column in COLUMNS)
_PANDAS_KIND: dict[str, Any] = {
    "str": "str",
    "category": "category",
    "int32": "int32",
    "float32": "float32",
}
_ARROW_KIND = {
    "str": pa.string(),
    "category": pa.dictionary(pa.int32(), pa.string()),
    "int32": pa.int32(),
    "float32": pa.float32(),
}
ARROW_SCHEMA = pa.schema([(column.name, _ARROW_KIND[column.kind]) for column in COLUMNS])


def conform(frame: pd.DataFrame) -> pd.DataFrame:
    """Put a table into the schema's columns, order and types; missing columns become null."""
    return pd.DataFrame(
        {column.name: _as_kind(frame.get(column.name), column, len(frame)) for column in COLUMNS}
    )


def _as_kind(values: pd.Series | None, column: Column, length: int) -> pd.Series:
    if values is None:
        values = pd.Series([None] * length, dtype=object)
    values = values.reset_index(drop=True)
    if column.kind == "category":
        if isinstance(values.dtype, pd.CategoricalDtype) and len(values.cat.categories):
            used = values.cat.remove_unused_categories()
            return used.cat.set_categories(sorted(used.cat.categories.astype("str")))
        return values.astype("str").where(values.notna()).astype("category")
    if column.kind == "str":
        return values.astype("str").where(values.notna())
    return pd.to_numeric(values).astype(_PANDAS_KIND[column.kind])


def check_records(frame: pd.DataFrame) -> list[str]:
    """Every problem of a record table, one line each, with its row; empty if it is sound.

    Row numbers count from 0, as in the table.
    """
    missing = [c.name for c in COLUMNS if c.required and c.name not in frame]
    if missing:
        return [f"column '{name}' is missing; it is required" for name in missing]
    problems: list[str] = []
    for column in COLUMNS:
        if column.name in frame:
            problems += _check_column(frame[column.name], column)
    problems += _check_keys(frame)
    problems += _check_paths(frame["path"])
    return problems


def _rows(bad: pd.Series | NDArray) -> list[int]:
    return np.flatnonzero(np.asarray(bad)).tolist()


def _check_column(values: pd.Series, column: Column) -> list[str]:
    problems = []
    if column.required:
        problems += [f"row {i}: '{column.name}' is empty; it is required"
                     for i in _rows(values.isna())]  # fmt: skip
    if column.words:
        wrong = values.notna() & ~values.isin(column.words)
        problems += [
            f"row {i}: '{column.name}' is {values.iloc[i]!r}; expected one of "
            f"{', '.join(column.words)}"
            for i in _rows(wrong)
        ]
    if column.kind in ("int32", "float32"):
        problems += _check_numbers(values, column.name)
    return problems


def _check_numbers(values: pd.Series, name: str) -> list[str]:
    number = pd.Series(pd.to_numeric(values, errors="coerce"))
    problems = [
        f"row {i}: '{name}' is {values.iloc[i]!r}; expected a number"
        for i in _rows(number.isna() & values.notna())
    ]
    if (limits := _limits(name)) is not None:
        highest, unit = limits
        problems += [
            f"row {i}: '{name}' is {number.iloc[i]:g}; expected 0 to {highest}{unit}"
            for i in _rows((number < 0) | (number > highest))
        ]
    return problems


def _limits(name: str) -> tuple[int, str] | None:
    """Highest value of a number and its unit; the lowest is 0."""
    if name.startswith("coverage_") or name.endswith("_confidence"):
        return 1, ""
    return (130, " years") if name.startswith("age") else None


def _check_keys(frame: pd.DataFrame) -> list[str]:
    repeated = frame["image_id"].duplicated(keep="first") & frame["image_id"].notna()
    return [
        f"row {i}: image_id {frame['image_id'].iloc[i]!r} repeats an earlier row; it is the key"
        for i in _rows(repeated)
    ]


_OUTSIDE = r"^[/\\]|^[A-Za-z]:|\x00|(?:^|[/\\])\.\.(?:[/\\]|$)"
"""What a path that may leave the data set looks like."""


def _check_paths(paths: pd.Series) -> list[str]:
    text = paths.fillna("").astype("str")
    outside = text.str.contains(_OUTSIDE, regex=True)
    return [
        f"row {i}: path {text.iloc[i]!r} leaves the data set; expected a relative path"
        for i in _rows(outside)
    ]
