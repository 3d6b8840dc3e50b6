"""Label overlays: corrections and pseudo labels laid over a record table, undone by removal.

An overlay is ``labels/<step>.parquet`` with one row per image and axis; the value of an age is
years, or an age group where no more is known. Labels of the source are never overwritten in the
file; they are resolved on reading.
"""

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

OVERLAY_COLUMNS = ("image_id", "axis", "value", "confidence", "origin", "made_by")
OVERLAY_ORIGINS = ("pseudo", "correction")
"""In the order they are laid: a correction lies over a pseudo label."""
_STARTS = (0.0, *taxonomy.AGE_BOUNDARIES)
_GROUP_YEARS = {
    "age_low": dict(zip(taxonomy.AGE_GROUPS, _STARTS, strict=True)),
    "age_high": dict(zip(taxonomy.AGE_GROUPS[:-1], [end - 1 for end in _STARTS[1:]], strict=True)),
}
"""Whole years that the age groups run from and to; the oldest has no end."""
_SCHEMA = pa.schema(
    [(name, pa.float32() if name == "confidence" else pa.string()) for name in OVERLAY_COLUMNS]
)


def check_overlay(overlay: pd.DataFrame) -> list[str]:
    """Every problem of an overlay, one line each, with its row; empty if it is sound."""
    missing = [name for name in OVERLAY_COLUMNS if name not in overlay]
    if missing:
        return [f"column '{name}' is missing; it is required" for name in missing]
    problems = _outside(overlay, "axis", taxonomy.AXES) + _outside(
        overlay, "origin", OVERLAY_ORIGINS
    )
    for axis, words in (("mask", taxonomy.MASKS), ("gender", taxonomy.GENDERS)):
        rows = (overlay["axis"] == axis).to_numpy()
        problems += _outside(overlay[rows], "value", words, axis)
    ages = overlay.loc[(overlay["axis"] == "age").to_numpy(), "value"]
    years = pd.to_numeric(ages, errors="coerce")
    fine = years.between(0, 130) | ages.isin(taxonomy.AGE_GROUPS)
    problems += [f"row {i}: age {ages.loc[i]!r}; expected 0 to 130 years, or one of "
                 f"{', '.join(taxonomy.AGE_GROUPS)}"
                 for i in ages.index[~fine.to_numpy()]]  # fmt: skip
    repeated = overlay.duplicated(["image_id", "axis"])
    problems += [f"row {i}: repeats an image and axis" for i in repeated[repeated].index]
    return problems


def _outside(
    overlay: pd.DataFrame, column: str, words: tuple[str, ...], noun: str = ""
) -> list[str]:
    wrong = overlay.loc[~overlay[column].isin(words).to_numpy(), column]
    return [f"row {i}: {noun or column} {value!r}; expected one of {', '.join(words)}"
            for i, value in wrong.items()]  # fmt: skip


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


def remove_overlay(path: Path) -> None:
    """Remove an overlay, and the folder of overlays if it was the last."""
    path.unlink()
    if not any(path.parent.iterdir()):
        path.parent.rmdir()


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
    rows_of = pd.Index(records["image_id"].astype(object))
    places = rows_of.get_indexer(pd.Index(overlays["image_id"].astype(object)))
    known = overlays[places >= 0].assign(row=places[places >= 0])
    for (origin, axis), part in known.groupby(["origin", "axis"], sort=False):
        part = part.drop_duplicates("row", keep="last")
        rows = part["row"].to_numpy()
        if origin == "pseudo":
            empty = resolved[axis].isna().to_numpy()[rows]
            if axis == "age":
                empty &= resolved["age_low"].isna().to_numpy()[rows]
            rows, part = rows[empty], part[empty]
        _lay(resolved, str(axis), str(origin), rows, part)
    return resolved


def _lay(records: pd.DataFrame, axis: str, origin: str, rows: NDArray, part: pd.DataFrame) -> None:
    if axis == "age":
        years = pd.to_numeric(part["value"], errors="coerce").astype("float32")
        records.loc[rows, "age"] = years.to_numpy()
        for bound, of_group in _GROUP_YEARS.items():
            records.loc[rows, bound] = part["value"].map(of_group).to_numpy(dtype="float32")
    else:
        records[axis] = _with_values(records[axis], rows, part["value"].to_numpy())
        if axis == "mask":
            records["wear_state"] = _with_values(records["wear_state"], rows, None)
    records[f"{axis}_origin"] = _with_values(records[f"{axis}_origin"], rows, origin)
    records.loc[rows, f"{axis}_confidence"] = part["confidence"].astype("float32").to_numpy()


def _with_values(column: pd.Series, rows: NDArray, values: Any) -> pd.Series:
    """Category column with some rows set to text, one for all or one each, or to nothing."""
    old = column.astype("category")
    words = old.cat.categories
    new = pd.Categorical(values if isinstance(values, np.ndarray) else [values])
    categories = pd.Index([*words, *(word for word in new.categories if word not in words)])
    codes = np.asarray(old.cat.codes).astype(np.int32)
    codes[rows] = np.append(categories.get_indexer(new.categories), -1)[new.codes]
    changed = pd.Categorical.from_codes(codes, categories=categories).remove_unused_categories()
    return pd.Series(changed, index=column.index)
