"""The record table, one row per image: how it is made, read, written and asked for classes."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ingest import taxonomy
from ingest.atomic import atomic_path
from ingest.columns import ARROW_SCHEMA, COLUMN_NAMES, check_records, conform
from ingest.errors import RecordsInvalid

SCHEMA_VERSION = "1"
_VERSION_KEY = b"maskcls_schema_version"


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


def write_records(frame: pd.DataFrame, path: Path) -> None:
    """Write a record table atomically, after checking it.

    Raises
    ------
    RecordsInvalid
        With every problem, and nothing written.
    """
    if problems := check_records(frame):
        raise RecordsInvalid(path, problems)
    table = pa.Table.from_pandas(conform(frame), schema=ARROW_SCHEMA, preserve_index=False)
    table = table.replace_schema_metadata({_VERSION_KEY: SCHEMA_VERSION.encode()})
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def join_records(parts: Iterable[Path], path: Path) -> None:
    """Join record tables written by `write_records` into one, atomically, a part at a time."""
    schema = ARROW_SCHEMA.with_metadata({_VERSION_KEY: SCHEMA_VERSION.encode()})
    with (
        atomic_path(path) as temporary,
        pq.ParquetWriter(temporary, schema, compression="zstd") as writer,
    ):
        for part in parts:
            writer.write_table(pq.read_table(part, schema=ARROW_SCHEMA).cast(schema))


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
