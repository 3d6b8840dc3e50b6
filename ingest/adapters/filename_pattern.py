"""Layout `filename_pattern`: the names of the files carry the labels."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ingest.adapters.base import (
    Adapter,
    Entry,
    LayoutMismatch,
    Skipped,
    SourceFiles,
    check_texts,
    is_image,
)
from ingest.manifests.schema import Field, Problem, check_table, is_regex, list_of, relative_path
from ingest.manifests.toml_lines import Address

_OPTIONS = (
    Field("folders", list, required=True, check=list_of(str)),
    Field("every_folder", bool),
    Field("pattern", required=True, check=is_regex),
    Field("lists", list),
)
_LIST = (
    Field("file", required=True, check=relative_path),
    Field("columns", list, required=True, check=list_of(str)),
    Field("fields", dict),
)


def read(files: SourceFiles, options: Mapping[str, Any]) -> Iterator[Entry | Skipped]:
    """Yield the images of the first of ``folders`` that is there, or of ``every_folder``.

    The named groups of ``pattern`` (matched against the whole file name) become fields.
    ``lists`` are text files with one image per line and columns parted by white space, the
    first being the file name; their columns and fixed ``fields`` are joined by that name.
    """
    images: list[tuple[str, Any]] = []
    for folder in options["folders"]:
        images += files.under(folder)
        if images and not options.get("every_folder", False):
            break
    if not images:
        folders = " or ".join(repr(folder) for folder in options["folders"])
        message = f"no file in a folder {folders}. Expected the images there."
        raise LayoutMismatch(message)
    pattern = re.compile(options["pattern"])
    listed = _listed(files, options.get("lists", []))
    for path, file in images:
        name = path.rpartition("/")[2]
        match = pattern.fullmatch(name)
        if match:
            fields = {key: value for key, value in match.groupdict().items() if value is not None}
            yield Entry(path, file, fields | listed.get(name, {}))
        elif is_image(name):
            yield Skipped(path, "its name does not follow the source's pattern")
        else:
            yield Skipped(path, "is not an image file")


def _listed(files: SourceFiles, lists: list[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Fields by file name, from the list files that are there."""
    fields: dict[str, dict[str, str]] = {}
    for one in lists:
        path = files.find(one["file"])
        if path is None:
            continue
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            cells = line.split()
            if cells:
                row = dict(zip(one["columns"], cells, strict=False)) | one.get("fields", {})
                fields.setdefault(cells[0], {}).update(row)
    return fields


def check_lists(options: Mapping[str, Any], at: Address) -> list[Problem]:
    """Every problem of ``lists``."""
    problems = []
    for number, one in enumerate(options.get("lists", [])):
        here = (*at, "lists", number)
        if isinstance(one, dict):
            problems += check_table(one, _LIST, here)
            problems += check_texts(one.get("fields"), (*here, "fields"))
        else:
            problems.append(Problem(here, f"is {one!r}. Expected a table"))
    return problems


ADAPTER = Adapter(read, _OPTIONS, check_lists)
