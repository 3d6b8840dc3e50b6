"""Layout `table`: index files whose rows name the images and describe them."""

import re
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

from ingest.adapters.base import Adapter, Entry, LayoutMismatch, Skipped, SourceFiles, is_image
from ingest.adapters.tables import read_rows
from ingest.schema import Field, Problem, list_of, matches
from ingest.toml_lines import Address

_TEMPLATE = r"([^\\{}]*\{[A-Za-z_]\w*\})+[^\\{}]*"
_OPTIONS = (
    Field("tables", list, required=True, check=list_of(str)),
    Field("image", required=True, check=matches(_TEMPLATE, "a path with {column}")),
    Field("columns", dict),
)


def read(files: SourceFiles, options: Mapping[str, Any]) -> Iterator[Entry | Skipped]:
    """Yield an image per row that has one; images that no row names are skipped.

    Options are ``tables`` (index files; those that are there are read, the first row of an
    image counts), ``image`` (its path, with columns in braces) and ``columns`` (our name of a
    column to the names it may have in the tables).
    """
    found = [path for name in options["tables"] if (path := files.find(name)) is not None]
    if not found:
        names = ", ".join(options["tables"])
        message = f"none of the tables {names} is there. Expected at least one beside the images."
        raise LayoutMismatch(message)
    template = options["image"]
    keys = [name for _, name, _, _ in Formatter().parse(template) if name]
    named: set[str] = set()
    for path in found:
        for row in read_rows(path):
            row = _renamed(row, options.get("columns", {}))
            if not all(_is_plain(row.get(key, "")) for key in keys):
                continue
            image = template.format_map(row)
            file = files.find(image)
            if file is not None and image not in named:
                named.add(image)
                yield Entry(image, file, row)
    yield from _unnamed(files, template, named)


def _renamed(row: dict[str, str], columns: Mapping[str, list[str]]) -> dict[str, str]:
    for ours, theirs in columns.items():
        value = next((row[name] for name in theirs if row.get(name)), None)
        if value is not None:
            row.setdefault(ours, value)
    return row


def _is_plain(value: str) -> bool:
    """Whether a value can be part of a file name without leaving its folder."""
    return bool(re.fullmatch(r"[^/\\\x00]+", value)) and value not in (".", "..")


def _unnamed(files: SourceFiles, template: str, named: set[str]) -> Iterator[Skipped]:
    folder = template.rpartition("/")[0]
    if not folder or "{" in folder:
        return
    for path, _ in files.under(folder):
        if path not in named:
            is_picture = is_image(path)
            reason = "no row of the tables names it" if is_picture else "is not an image file"
            yield Skipped(path, reason)


def check_columns(options: Mapping[str, Any], at: Address) -> list[Problem]:
    """Every problem of ``columns``."""
    text = list_of(str)
    return [
        Problem((*at, "columns", name), f"is {names!r}. Expected an array of column names")
        for name, names in options.get("columns", {}).items()
        if not isinstance(names, list) or text(names)
    ]


ADAPTER = Adapter(read, _OPTIONS, check_columns)
