"""Rows of an index file, whatever its format: CSV, text, JSON or YAML, as flat text fields."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from ingest.adapters.base import LayoutMismatch

_MAX_CELL = 10_000_000
_MAX_CELLS = 10_000


def read_rows(
    path: Path, delimiter: str = "", header: Sequence[str] | None = None
) -> Iterator[dict[str, str]]:
    """Rows of a table; values of nested tables are named with dots, as ``bio.birthday``.

    Parameters
    ----------
    path : Path
        Its suffix says the format.
    delimiter : str
        What parts the columns of a text; default a comma in ``.csv``, else a tab.
    header : sequence of str, optional
        Names of the columns of a text that has no heading.

    Raises
    ------
    LayoutMismatch
        If the file cannot be read as what its suffix says.
    """
    suffix = path.suffix.lower()
    read: Callable[[Path], Iterator[dict[str, str]]]
    if suffix in _TEXTS:
        read = partial(_text, delimiter=delimiter or _TEXTS[suffix], header=header)
    elif suffix in _READERS:
        read = _READERS[suffix]
    else:
        known = ", ".join([*_TEXTS, *_READERS])
        message = f"{path.name}: no table format. Expected one of {known}."
        raise LayoutMismatch(message)
    try:
        yield from read(path)
    except (ValueError, csv.Error, RecursionError, TypeError) as error:
        reason = " ".join(str(error).split())[:200]
        message = f"{path.name}: cannot be read ({reason}). Expected a table. Get the file again."
        raise LayoutMismatch(message) from error


def _text(path: Path, delimiter: str, header: Sequence[str] | None) -> Iterator[dict[str, str]]:
    csv.field_size_limit(_MAX_CELL)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream, header, delimiter=delimiter):
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
    if isinstance(content, dict) and content:
        content = [{"key": key, **row} if isinstance(row, dict) else row
                   for key, row in content.items()]  # fmt: skip
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


_TEXTS = {".csv": ",", ".txt": "\t", ".tsv": "\t"}
_READERS = {".json": _json, ".yaml": _yaml, ".yml": _yaml}
