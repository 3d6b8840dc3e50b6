"""Layout `boostcamp`: a folder per person with a photo per way of wearing the mask."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.adapters.base import Adapter, Entry, LayoutMismatch, Skipped, SourceFiles, is_image
from ingest.adapters.tables import read_rows

_PERSON = re.compile(r"(?P<id>[^_]+)_(?P<folder_gender>[^_]+)_(?P<race>[^_]+)_(?P<age>\d+)")
_PHOTO = re.compile(r"(?P<photo>mask\d|incorrect_mask|normal)\.\w+")


@dataclass(frozen=True)
class _Tables:
    """What is said beside the photos.

    Attributes
    ----------
    train, test : dict of str to dict
        Rows of ``train.csv`` by folder and of ``info.csv`` by file.
    persons : dict of str to str
        Every id to the first id of the same person.
    composites : set of str
        Paths of photos whose mask was composed.
    """

    train: Mapping[str, Mapping[str, str]]
    test: Mapping[str, Mapping[str, str]]
    persons: Mapping[str, str]
    composites: set[str]


def read(files: SourceFiles, options: Mapping[str, Any]) -> Iterator[Entry | Skipped]:
    """Yield the photos of ``train.csv`` and of ``info.csv``, whichever is there.

    Training photos lie in ``images/<id>_<gender>_<race>_<age>/`` and are named for how the
    mask is worn, with any suffix; ``train.csv`` has id, gender, race, age and path (the
    folder). Test photos lie in ``images/`` as ``info.csv`` names them (ImageID), unlabelled.
    Our own exports tell in ``subjects.csv`` which ids are one person, and in
    ``composites.csv`` which photos are composites.
    """
    tables = _tables(files)
    for path, file in files.under("images"):
        inside = path.removeprefix("images/").split("/")
        if inside[-1].startswith("._") or not is_image(path):
            yield Skipped(path, "is not an image file")
        elif len(inside) == 1 and inside[0] in tables.test:
            fields = {"id": inside[0], "person": inside[0], "set": "test"}
            yield Entry(path, file, {**tables.test[inside[0]], **fields})
        elif len(inside) == 2:
            yield _photo(path, file, inside, tables)
        else:
            yield Skipped(path, "neither train.csv nor info.csv names it")


def _tables(files: SourceFiles) -> _Tables:
    names = ("train.csv", "info.csv", "subjects.csv", "composites.csv")
    found = {name: files.find(name) for name in names}
    if found["train.csv"] is None and found["info.csv"] is None:
        message = "neither train.csv nor info.csv is there. Expected one beside 'images'."
        raise LayoutMismatch(message)
    train, info, subjects, composites = (
        list(read_rows(file)) if file else [] for file in found.values()
    )
    first: dict[str, str] = {}
    return _Tables(
        {row.get("path", ""): row for row in train},
        {row.get("ImageID", ""): row for row in info},
        {
            row.get("id", ""): first.setdefault(row.get("subject_id", ""), row.get("id", ""))
            for row in subjects
        },
        {row.get("path", "") for row in composites},
    )


def _photo(path: str, file: Path, inside: list[str], tables: _Tables) -> Entry | Skipped:
    person, photo = _PERSON.fullmatch(inside[0]), _PHOTO.fullmatch(inside[1])
    if inside[0] not in tables.train:
        return Skipped(path, "train.csv does not name its folder")
    if person is None or photo is None:
        return Skipped(path, "its name does not follow the source's pattern")
    fields = {**person.groupdict(), **tables.train[inside[0]], "set": "train"}
    fields["person"] = tables.persons.get(fields["id"], fields["id"])
    fields |= {"photo": photo["photo"], "worn": photo["photo"].rstrip("0123456789")}
    if path in tables.composites:
        fields["composed"] = fields["worn"]
    return Entry(path, file, fields)


ADAPTER = Adapter(read, ())
