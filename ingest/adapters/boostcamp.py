"""Layout `boostcamp`: a folder per person with a photo per way of wearing the mask."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ingest.adapters.base import Adapter, Entry, LayoutMismatch, Skipped, SourceFiles, is_image
from ingest.adapters.tables import read_rows

_PERSON = re.compile(r"(?P<id>[^_]+)_(?P<folder_gender>[^_]+)_(?P<race>[^_]+)_(?P<age>\d+)")
_PHOTO = re.compile(r"(?P<photo>mask\d|incorrect_mask|normal)\.\w+")


def read(files: SourceFiles, options: Mapping[str, Any]) -> Iterator[Entry | Skipped]:
    """Yield the photos of ``train.csv`` and of ``info.csv``, whichever is there.

    Training photos lie in ``images/<id>_<gender>_<race>_<age>/`` and are named for how the
    mask is worn, with any suffix; ``train.csv`` has id, gender, race, age and path (the
    folder). Test photos lie in ``images/`` as ``info.csv`` names them (ImageID), unlabelled.
    Our own exports tell in ``subjects.csv`` which ids are one person.
    """
    train, info = files.find("train.csv"), files.find("info.csv")
    if train is None and info is None:
        message = "neither train.csv nor info.csv is there. Expected one beside 'images'."
        raise LayoutMismatch(message)
    people = {row.get("path", ""): row for row in read_rows(train)} if train else {}
    test = {row.get("ImageID", ""): row for row in read_rows(info)} if info else {}
    persons = _persons(files)
    for path, file in files.under("images"):
        inside = path.removeprefix("images/").split("/")
        if inside[-1].startswith("._") or not is_image(path):
            yield Skipped(path, "is not an image file")
        elif len(inside) == 1 and inside[0] in test:
            fields = {**test[inside[0]], "id": inside[0], "person": inside[0], "set": "test"}
            yield Entry(path, file, fields)
        elif len(inside) == 2:
            yield _photo(path, file, inside, people, persons)
        else:
            yield Skipped(path, "neither train.csv nor info.csv names it")


def _persons(files: SourceFiles) -> dict[str, str]:
    """For each id that goes on from another, the first id of the same person."""
    table = files.find("subjects.csv")
    first: dict[str, str] = {}
    rows = read_rows(table) if table else ()
    return {
        row.get("id", ""): first.setdefault(row.get("subject_id", ""), row.get("id", ""))
        for row in rows
    }


def _photo(
    path: str,
    file: Any,
    inside: list[str],
    people: Mapping[str, Any],
    persons: Mapping[str, str],
) -> Entry | Skipped:
    person, photo = _PERSON.fullmatch(inside[0]), _PHOTO.fullmatch(inside[1])
    if inside[0] not in people:
        return Skipped(path, "train.csv does not name its folder")
    if person is None or photo is None:
        return Skipped(path, "its name does not follow the source's pattern")
    fields = {**person.groupdict(), **people[inside[0]], "set": "train"}
    fields["person"] = persons.get(str(fields["id"]), fields["id"])
    how = photo["photo"].rstrip("0123456789")
    return Entry(path, file, {**fields, "photo": photo["photo"], "worn": how})


ADAPTER = Adapter(read, ())
