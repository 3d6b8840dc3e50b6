"""Label overlays: corrections and pseudo labels laid over a record table, undone by removal.

An overlay is ``labels/<step>.parquet`` with one row per image and axis. Labels of the source
are never overwritten in the file; they are resolved on reading.
"""

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ingest import taxonomy
from ingest.atomic import atomic_path
from ingest.errors import RecordsInvalid

OVERLAY_COLUMNS = ("image_id", "axis", "value", "confidence", "origin", "made_by")
OVERLAY_ORIGINS = ("pseudo", "correction")
"""In the order they are laid: a correction lies over a pseudo label."""
_SCHEMA = pa.schema(
    [(name, pa.float32() if name == "confidence" else pa.string()) for name in OVERLAY_COLUMNS]
)


def check_overlay(overlay: pd.DataFrame) -> list[str]:
    """Every problem of an overlay, one line each, with its row; empty if it is sound."""
    missing = [name for name in OVERLAY_COLUMNS if name not in overlay]
    if missing:
        return [f"column '{name}' is missing; it is required" for name in missing]
    words = {"mask": taxonomy.MASKS, "gender": taxonomy.GENDERS}
    problems = []
    row: Any
    for i, row in enumerate(overlay.itertuples(index=False)):
        if row.axis not in taxonomy.AXES:
            problems.append(f"row {i}: axis {row.axis!r}; expected one of {taxonomy.AXES}")
        elif row.axis in words and row.value not in words[row.axis]:
            problems.append(f"row {i}: {row.axis} {row.value!r}; expected {words[row.axis]}")
        elif row.axis == "age" and not _is_age(row.value):
            problems.append(f"row {i}: age {row.value!r}; expected 0 to 130 years")
        if row.origin not in OVERLAY_ORIGINS:
            problems.append(f"row {i}: origin {row.origin!r}; expected {OVERLAY_ORIGINS}")
    repeated = overlay.duplicated(["image_id", "axis"])
    problems += [f"row {i}: repeats an image and axis" for i in repeated[repeated].index]
    return problems


def _is_age(value: object) -> bool:
    try:
        return 0 <= float(str(value)) <= 130
    except ValueError:
        return False


def write_overlay(folder: Path, step: str, overlay: pd.DataFrame) -> Path:
    """Write ``<folder>/labels/<step>.parquet`` atomically, after checking it.

    Raises
    ------
    RecordsInvalid
        With every problem, and nothing written.
    """
    path = folder / "labels" / f"{step}.parquet"
    if problems := check_overlay(overlay):
        raise RecordsInvalid(path, problems)
    frame = overlay[list(OVERLAY_COLUMNS)].reset_index(drop=True)
    with atomic_path(path) as temporary:
        pq.write_table(pa.Table.from_pandas(frame, schema=_SCHEMA, preserve_index=False), temporary)
    return path


def read_overlays(folder: Path, without: str | None = None) -> pd.DataFrame:
    """All overlays of a data set, in the order they are laid (later rows win).

    `without` names a step that is left out.
    """
    parts = []
    for path in sorted((folder / "labels").glob("*.parquet")):
        if path.stem == without:
            continue
        try:
            overlay = pq.read_table(path).to_pandas()
        except (pa.ArrowException, OSError) as error:
            raise RecordsInvalid(path, [f"cannot be read: {error}"]) from error
        if problems := check_overlay(overlay):
            raise RecordsInvalid(path, problems)
        parts.append(overlay)
    if not parts:
        return pd.DataFrame(columns=list(OVERLAY_COLUMNS))
    every = pd.concat(parts, ignore_index=True)
    return every.sort_values(
        "origin", key=lambda origin: origin.map(OVERLAY_ORIGINS.index), kind="stable"
    )


def resolve(records: pd.DataFrame, overlays: pd.DataFrame) -> pd.DataFrame:
    """Lay overlays over records: corrections replace, pseudo labels only fill what is empty.

    Parameters
    ----------
    records : DataFrame
        A record table; not changed.
    overlays : DataFrame
        Rows as of `read_overlays`. Images that are not in `records` are left alone.

    Returns
    -------
    DataFrame
        The same rows with values, origins and confidences resolved.
    """
    resolved = records.copy()
    row_of = pd.Series(range(len(records)), index=records["image_id"])
    known = overlays[overlays["image_id"].isin(row_of.index)]
    for (origin, axis), part in known.groupby(["origin", "axis"], sort=False):
        part = part.drop_duplicates("image_id", keep="last")
        rows = row_of.loc[part["image_id"]].to_numpy()
        if origin == "pseudo":
            empty = resolved[axis].isna().to_numpy()[rows]
            if axis == "age":
                empty &= resolved["age_low"].isna().to_numpy()[rows]
            rows, part = rows[empty], part[empty]
        _lay(resolved, str(axis), str(origin), rows, part)
    return resolved


def _lay(records: pd.DataFrame, axis: str, origin: str, rows: NDArray, part: pd.DataFrame) -> None:
    if axis == "age":
        records.loc[rows, "age"] = part["value"].astype("float32").to_numpy()
        records.loc[rows, ["age_low", "age_high"]] = float("nan")
    else:
        records[axis] = _with_values(records[axis], rows, part["value"].to_numpy())
        if axis == "mask":
            records["wear_state"] = _with_values(records["wear_state"], rows, None)
    records[f"{axis}_origin"] = _with_values(records[f"{axis}_origin"], rows, origin)
    records.loc[rows, f"{axis}_confidence"] = part["confidence"].astype("float32").to_numpy()


def _with_values(column: pd.Series, rows: NDArray, values: Any) -> pd.Series:
    changed = column.astype(object)
    changed.iloc[rows] = values
    return changed.astype("category")
