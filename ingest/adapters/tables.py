"""Rows of an index file, whatever its format: CSV, JSON or YAML, as flat text fields."""

import csv
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from ingest.adapters.base import LayoutMismatch

_MAX_CELL = 10_000_000
_MAX_CELLS = 10_000


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a table; values of nested tables are named with dots, as ``bio.birthday``.

    Raises
    ------
    LayoutMismatch
        If the file cannot be read as what its suffix says.
    """
    try:
        yield from _READERS[path.suffix.lower()](path)
    except KeyError as error:
        known = ", ".join(_READERS)
        message = f"{path.name}: no table format. Expected one of {known}."
        raise LayoutMismatch(message) from error
    except (ValueError, csv.Error, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        message = f"{path.name}: cannot be read ({reason}). Expected a table. Get the file again."
        raise LayoutMismatch(message) from error


def _csv(path: Path) -> Iterator[dict[str, str]]:
    csv.field_size_limit(_MAX_CELL)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            yield {str(key): value for key, value in row.items() if key and value is not None}


def _json(path: Path) -> Iterator[dict[str, str]]:
    return _flattened(json.loads(path.read_text(encoding="utf-8")), path)


def _yaml(path: Path) -> Iterator[dict[str, str]]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        with path.open(encoding="utf-8") as stream:
            content = yaml.load(stream, Loader=loader)  # a safe loader: data only
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    return _flattened(content, path)


def _flattened(content: Any, path: Path) -> Iterator[dict[str, str]]:
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        message = "it is not a list of entries"
        raise ValueError(message)
    return (_flat_row(row) for row in content)


def _flat_row(row: dict[str, Any]) -> dict[str, str]:
    """Cells of one row; YAML's aliases can spell out to more than any disk holds."""
    cells = dict(islice(_flat(row, ""), _MAX_CELLS + 1))
    if len(cells) > _MAX_CELLS:
        message = f"an entry has more than {_MAX_CELLS} values"
        raise ValueError(message)
    return cells


def _flat(value: dict[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from _flat(inner, f"{prefix}{key}.")
        elif inner is not None and not isinstance(inner, list):
            yield f"{prefix}{key}", str(inner)


_READERS = {".csv": _csv, ".json": _json, ".yaml": _yaml, ".yml": _yaml}
