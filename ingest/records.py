"""The record table, one row per image: its schema, how it is checked, read and written."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ingest import taxonomy
from ingest.atomic import atomic_path
from ingest.errors import RecordsInvalid

SCHEMA_VERSION = "1"
_VERSION_KEY = b"maskcls_schema_version"
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
_ARROW_SCHEMA = pa.schema([(column.name, _ARROW_KIND[column.kind]) for column in COLUMNS])


def image_id(source: str, path: str) -> str:
    """Key of an image: 20 hex digits of the sha256 of ``source/path``.

    Examples
    --------
    >>> image_id("us_congress", "congress/225x275/A000014.jpg")
    'b669cb4f014c4bcd821b'
    """
    return hashlib.sha256(f"{source}/{path}".encode()).hexdigest()[:20]


def records_frame(rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Record table from rows; columns left out are null.

    Parameters
    ----------
    rows : iterable of mapping
        Column name to value, by the words of `COLUMNS`.

    Returns
    -------
    DataFrame
        Every column of `COLUMNS`, in order, in its type.

    Raises
    ------
    ValueError
        If a row has a column the schema does not know.
    """
    frame = pd.DataFrame.from_records([dict(row) for row in rows])
    if unknown := sorted(set(frame.columns) - set(COLUMN_NAMES)):
        message = f"unknown record columns {unknown}; the schema has {list(COLUMN_NAMES)}"
        raise ValueError(message)
    return conform(frame)


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
        wrong = values.notna() & ~values.astype("str").isin(column.words)
        problems += [
            f"row {i}: '{column.name}' is {values.iloc[i]!r}; expected one of "
            f"{', '.join(column.words)}"
            for i in _rows(wrong)
        ]
    if column.kind in ("int32", "float32"):
        number = pd.to_numeric(values, errors="coerce")
        problems += [
            f"row {i}: '{column.name}' is {values.iloc[i]!r}; expected a number"
            for i in _rows(number.isna() & values.notna())
        ]
        if column.name.startswith("coverage_") or column.name.endswith("_confidence"):
            problems += [
                f"row {i}: '{column.name}' is {number.iloc[i]:g}; expected 0 to 1"
                for i in _rows((number < 0) | (number > 1))
            ]
        if column.name.startswith("age") and column.kind == "float32":
            problems += [
                f"row {i}: '{column.name}' is {number.iloc[i]:g}; expected 0 to 130 years"
                for i in _rows((number < 0) | (number > 130))
            ]
    return problems


def _check_keys(frame: pd.DataFrame) -> list[str]:
    repeated = frame["image_id"].duplicated(keep="first") & frame["image_id"].notna()
    return [
        f"row {i}: image_id {frame['image_id'].iloc[i]!r} repeats an earlier row; it is the key"
        for i in _rows(repeated)
    ]


def _check_paths(paths: pd.Series) -> list[str]:
    text = paths.fillna("").astype("str")
    outside = (
        text.str.startswith(("/", "\\"))
        | text.str.contains(r"(?:^|[/\\])\.\.(?:[/\\]|$)", regex=True)
        | text.str.match(r"^[A-Za-z]:")
        | text.str.contains("\x00", regex=False)
    )
    return [
        f"row {i}: path {text.iloc[i]!r} leaves the data set; expected a relative path"
        for i in _rows(outside)
    ]


def write_records(frame: pd.DataFrame, path: Path) -> None:
    """Write a record table atomically, after checking it.

    Raises
    ------
    RecordsInvalid
        With every problem, and nothing written.
    """
    if problems := check_records(frame):
        raise RecordsInvalid(path, problems)
    table = pa.Table.from_pandas(conform(frame), schema=_ARROW_SCHEMA, preserve_index=False)
    table = table.replace_schema_metadata({_VERSION_KEY: SCHEMA_VERSION.encode()})
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def join_records(parts: Iterable[Path], path: Path) -> None:
    """Join record tables written by `write_records` into one, atomically, a part at a time."""
    schema = _ARROW_SCHEMA.with_metadata({_VERSION_KEY: SCHEMA_VERSION.encode()})
    with (
        atomic_path(path) as temporary,
        pq.ParquetWriter(temporary, schema, compression="zstd") as writer,
    ):
        for part in parts:
            writer.write_table(pq.read_table(part, schema=_ARROW_SCHEMA).cast(schema))


def read_records(path: Path) -> pd.DataFrame:
    """Read a record table; one without our version is read if its columns fit.

    Raises
    ------
    RecordsInvalid
        If the file is no parquet, its version is unknown, or rows break the schema.
    """
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise RecordsInvalid(path, [f"cannot be read as a record table: {reason}"]) from error
    version = (table.schema.metadata or {}).get(_VERSION_KEY, SCHEMA_VERSION.encode()).decode()
    if version != SCHEMA_VERSION:
        problem = f"schema version {version!r}; this program reads {SCHEMA_VERSION!r}. Update it"
        raise RecordsInvalid(path, [problem])
    frame = table.to_pandas()
    if problems := check_records(frame):
        raise RecordsInvalid(path, problems)
    return conform(frame)


def mask_index(records: pd.DataFrame) -> NDArray[np.int64]:
    """Index into `taxonomy.MASKS` of every row, -1 where the mask is unknown."""
    return _codes(records["mask"], taxonomy.MASKS)


def gender_index(records: pd.DataFrame) -> NDArray[np.int64]:
    """Index into `taxonomy.GENDERS` of every row, -1 where the gender is unknown."""
    return _codes(records["gender"], taxonomy.GENDERS)


def _codes(values: pd.Series, words: tuple[str, ...]) -> NDArray[np.int64]:
    return pd.Categorical(values.astype(object), categories=words).codes.astype(np.int64)


def age_group_index(
    records: pd.DataFrame, boundaries: tuple[float, float] = taxonomy.AGE_BOUNDARIES
) -> NDArray[np.int64]:
    """Index into `taxonomy.AGE_GROUPS` of every row, -1 where the ages do not tell it."""
    return taxonomy.age_group(records["age"], records["age_low"], records["age_high"], boundaries)


def class_indices(
    records: pd.DataFrame, boundaries: tuple[float, float] = taxonomy.AGE_BOUNDARIES
) -> NDArray[np.int64]:
    """Class 0–17 of every row, -1 where mask, gender or age group is unknown."""
    return taxonomy.class_index(
        mask_index(records), gender_index(records), age_group_index(records, boundaries)
    )


def is_composite(records: pd.DataFrame) -> NDArray[np.bool_]:
    """Which rows are composites: made from another photo by a recipe with a garment.

    The bare photo that `synth masks --include-bare` copies has a parent but is a real picture.
    """
    return (records["mask_origin"].astype(object) == "synthetic").to_numpy()


def to_json(value: object) -> str:
    """Compact JSON with sorted keys: the form of ``source_fields`` and ``recipe``."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
