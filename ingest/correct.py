"""Corrections: a table of fixes becomes an overlay, and is refused where it does not fit."""

import csv
import fnmatch
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

from ingest import labels, taxonomy
from ingest.dataset import Dataset
from ingest.errors import AnswerIsNo, IngestError, ProblemsFound, WrongUsage
from ingest.records import read_records

SELECTORS = ("subject", "path")
COLUMNS = ("axis", "old", "new", "by")
_WORDS = {"mask": taxonomy.MASKS, "gender": taxonomy.GENDERS}


class FixesRefused(AnswerIsNo, ProblemsFound, IngestError):
    """A table of fixes of which at least one row does not fit; none was applied."""


class NothingToUndo(AnswerIsNo, IngestError):
    """Corrections were to be undone, and there are none."""


class NoFixes(WrongUsage, IngestError):
    """No fixes were published for a data set."""


@dataclass(frozen=True)
class Corrected:
    """What a table of fixes did.

    Attributes
    ----------
    overlay : Path
        The overlay written; removing it undoes the corrections.
    n_fixes, n_images : int
        Rows of the table, labels changed.
    """

    overlay: Path
    n_fixes: int
    n_images: int


def correct(dataset: Dataset, fixes: Path) -> Corrected:
    """Lay a table of fixes over a data set.

    The table has the columns ``subject`` or ``path`` (which images), ``axis`` (mask, gender
    or age), ``old`` (the label now; empty if there is none), ``new`` and ``by`` (who says so).
    A subject is written with or without its namespace; a column ``file`` may narrow it to file
    names such as ``normal.*``. A table of the same file name that was applied before is
    replaced.

    Raises
    ------
    FixesRefused
        With every row that does not fit, and nothing written.
    """
    step = _step(fixes)
    records = _records_without(dataset, step)
    rows = _read(fixes)
    problems: list[str] = []
    parts: list[pd.DataFrame] = []
    for line, row in rows:
        chosen, wrong = _select(records, row)
        wrong = wrong or _check(records, chosen, row)
        problems += [f"line {line}: {text}" for text in wrong]
        if not wrong:
            parts.append(_overlay(records, chosen, row))
    overlay = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if not problems and parts:
        problems = _twice(overlay)
    if problems or not parts:
        raise FixesRefused(fixes, problems or ["holds no fixes"])
    return Corrected(labels.write_overlay(dataset.folder, step, overlay), len(rows), len(overlay))


def _step(fixes: Path) -> str:
    """Name of the overlay of a table."""
    return f"correct-{re.sub(r'[^A-Za-z0-9_.-]', '_', fixes.stem)}"


def undo(dataset: Dataset, fixes: Path | None) -> list[str]:
    """Take the corrections of a table off again, or all there are; gives their names.

    Raises
    ------
    NothingToUndo
        If there are none.
    """
    there = sorted((dataset.folder / "labels").glob("correct-*.parquet"))
    chosen = [path for path in there if fixes is None or path.stem == _step(fixes)]
    if not chosen:
        named = ", ".join(path.stem for path in there) or "none"
        message = (
            f"{dataset.name}: no such corrections lie over it (there are: {named}). Expected some. "
            "Nothing was changed."
        )
        raise NothingToUndo(message)
    for path in chosen:
        labels.remove_overlay(path)
    return [path.stem for path in chosen]


def published_fixes(name: str) -> Path:
    """Table of fixes that comes with the package for a data set.

    Raises
    ------
    NoFixes
        If there is none; the message lists those there are.
    """
    folder = Path(str(resources.files("external_manifests") / "corrections"))
    path = folder / f"{name}.csv"
    if path.is_file():
        return path
    there = ", ".join(sorted(found.stem for found in folder.glob("*.csv")))
    message = f"{name}: no fixes come with this program. There are some for {there}. Pass a table."
    raise NoFixes(message)


def _records_without(dataset: Dataset, step: str) -> pd.DataFrame:
    """Records as they are without an earlier overlay of the same name."""
    records = read_records(dataset.records_path)
    overlays = labels.read_overlays(dataset.folder, without=step)
    return labels.resolve(records, overlays)


def _read(fixes: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        with fixes.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, restkey="extra", restval="")
            names = [name for name in reader.fieldnames or () if name]
            rows = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise FixesRefused(fixes, [f"is no CSV in UTF-8 ({error})"]) from error
    problems = [f"column '{name}' is missing" for name in COLUMNS if name not in names]
    if not set(SELECTORS) & set(names):
        problems.append("column 'subject' or 'path' is missing; one says which images are meant")
    problems += [f"line {line}: has more cells than columns" for line, row in rows
                 if "extra" in row]  # fmt: skip
    if problems:
        raise FixesRefused(fixes, problems)
    return [(line, {key: str(value).strip() for key, value in row.items()}) for line, row in rows]


def _select(records: pd.DataFrame, row: dict[str, str]) -> tuple[np.ndarray, list[str]]:
    given = [name for name in SELECTORS if row.get(name)]
    if len(given) != 1:
        return np.array([], dtype=int), ["needs exactly one of 'subject' and 'path'"]
    name, value = given[0], row[given[0]]
    if name == "path":
        fits = records["path"] == value
    else:
        subjects = records["subject_id"].astype("str")
        fits = (subjects == value) | (subjects.str.partition(":")[2] == value)
    if pattern := row.get("file"):
        names = records["path"].astype("str").str.rpartition("/")[2]
        fits &= names.map(lambda file: fnmatch.fnmatchcase(str(file), pattern))
    chosen = np.flatnonzero(fits.to_numpy())
    return chosen, [] if len(chosen) else [_nothing(name, value, row)]


def _nothing(name: str, value: str, row: dict[str, str]) -> str:
    file = f" and a file name like {row['file']!r}" if row.get("file") else ""
    return f"no image has {name} {value!r}{file}"


def _check(records: pd.DataFrame, chosen: np.ndarray, row: dict[str, str]) -> list[str]:
    axis, new = row["axis"], row["new"]
    if axis not in taxonomy.AXES:
        return [f"axis is {axis!r}. Expected one of {', '.join(taxonomy.AXES)}"]
    problems = [] if row["by"] else ["'by' is empty. Expected who found it"]
    if axis in _WORDS and new not in _WORDS[axis]:
        problems.append(f"new {axis} is {new!r}. Expected one of {', '.join(_WORDS[axis])}")
    if axis == "age" and not _is_age(new):
        problems.append(f"new age is {new!r}. Expected 0 to 130 years")
    for index in chosen:
        now = records[axis].iloc[index]
        if not _same(now, row["old"], axis):
            path = records["path"].iloc[index]
            shown = "empty" if pd.isna(now) else f"{now:g}" if axis == "age" else str(now)
            problems.append(f"{axis} of {path} is {shown}, not {row['old'] or 'empty'!r}")
    return problems


def _is_age(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,3}(\.[0-9]+)?", text)) and float(text) <= 130


def _same(now: object, old: str, axis: str) -> bool:
    if pd.isna(now):  # type: ignore[call-overload]
        return old == ""
    if axis == "age":
        return _is_age(old) and abs(float(str(now)) - float(old)) < 0.005
    return str(now) == old


def _overlay(records: pd.DataFrame, chosen: np.ndarray, row: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "image_id": records["image_id"].iloc[chosen].to_numpy(),
            "axis": row["axis"],
            "value": row["new"],
            "confidence": np.nan,
            "origin": "correction",
            "made_by": row["by"],
        }
    )


def _twice(overlay: pd.DataFrame) -> list[str]:
    again = overlay[overlay.duplicated(["image_id", "axis"])]
    return [f"image {row.image_id} and axis {row.axis} are fixed twice"
            for row in again.itertuples()]  # fmt: skip
