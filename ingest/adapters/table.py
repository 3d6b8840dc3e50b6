"""Layout `table`: index files whose rows name the images and describe them."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from ingest.adapters.base import Adapter, Entry, LayoutMismatch, Skipped, SourceFiles, is_image
from ingest.adapters.sources import check_sources, read_source, source_name
from ingest.manifests.schema import Field, Problem, list_of
from ingest.manifests.toml_lines import Address

_TEMPLATE = re.compile(r"([^\\{}]*\{[A-Za-z_]\w*\})+[^\\{}]*")
_OPTIONS = (
    Field("tables", list, required=True),
    Field("image", object, required=True),
    Field("columns", dict),
)


def read(files: SourceFiles, options: Mapping[str, Any]) -> Iterator[Entry | Skipped]:
    """Yield an image per row that has one; images that no row names are skipped.

    Options are ``tables`` (index files, as of `sources.read_source`; those that are there are
    read, the first row of an image counts unless faces are cropped), ``image`` (its path, with
    columns in braces, or several of which the first that is there counts) and ``columns`` (our
    name of a column to the names it may have in the tables).
    """
    sources = [(source, rows) for source in options["tables"]
               if (rows := read_source(files, source)) is not None]  # fmt: skip
    if not sources:
        names = ", ".join(source_name(source) for source in options["tables"])
        message = f"none of the tables {names} is there. Expected at least one beside the images."
        raise LayoutMismatch(message)
    templates = _templates(options)
    once = not options.get("box", {}).get("crop", False)
    taken: set[Path] = set()
    for _, rows in sources:
        for row in rows:
            row = _renamed(row, options.get("columns", {}))
            image, file = _found(files, templates, row)
            if file is not None and not (once and file in taken):
                taken.add(file)
                yield Entry(image, file, row)
    tables = {source_name(source).rpartition("/")[2] for source in options["tables"]}
    yield from _unnamed(files, templates, taken, tables)


def _found(
    files: SourceFiles, templates: list[str], row: Mapping[str, str]
) -> tuple[str, Path | None]:
    """Image of a row: the first of its possible paths that is there."""
    for image in _images(templates, row):
        if (file := files.find(image)) is not None:
            return image, file
    return "", None


def _templates(options: Mapping[str, Any]) -> list[str]:
    image = options["image"]
    return image if isinstance(image, list) else [image]


def _images(templates: list[str], row: Mapping[str, str]) -> Iterator[str]:
    for template in templates:
        keys = [name for _, name, _, _ in Formatter().parse(template) if name]
        if all(_is_plain(row.get(key, "")) for key in keys):
            yield template.format_map(row)


def _renamed(row: dict[str, str], columns: Mapping[str, list[str]]) -> dict[str, str]:
    for ours, theirs in columns.items():
        value = next((row[name] for name in theirs if row.get(name)), None)
        if value is not None:
            row.setdefault(ours, value)
    return row


def _is_plain(value: str) -> bool:
    """Whether a value can be part of a relative path without leaving its folder."""
    parts = value.split("/")
    return not ("\\" in value or "\x00" in value or {"", ".", ".."} & set(parts))


def _unnamed(
    files: SourceFiles, templates: list[str], taken: set[Path], tables: set[str]
) -> Iterator[Skipped]:
    """Files beside the images, as far as the templates tell where that is."""
    fixed = {template.partition("{")[0].rpartition("/")[0] for template in templates}
    for folder in sorted(fixed - {""}):
        for path, file in files.under(folder):
            if file not in taken and file.name not in tables:
                is_picture = is_image(path)
                reason = "no row of the tables names it" if is_picture else "is not an image file"
                yield Skipped(path, reason)


def check_more(options: Mapping[str, Any], at: Address) -> list[Problem]:
    """Every problem of ``tables``, ``image`` and ``columns``."""
    text = list_of(str)
    problems = check_sources(options["tables"], (*at, "tables"))
    images = _templates(options)
    problems += [
        Problem((*at, "image"), f"is {image!r}. Expected a path with {{column}}")
        for image in images or [options["image"]]
        if not isinstance(image, str) or not _TEMPLATE.fullmatch(image)
    ]
    return problems + [
        Problem((*at, "columns", name), f"is {names!r}. Expected an array of column names")
        for name, names in options.get("columns", {}).items()
        if not isinstance(names, list) or text(names)
    ]


ADAPTER = Adapter(read, _OPTIONS, check_more)
