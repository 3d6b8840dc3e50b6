"""What every adapter takes and gives: files of a source in, images with their fields out."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.errors import IngestError
from ingest.manifests.schema import Field, Problem, check_table, is_regex, list_of, relative_path
from ingest.manifests.toml_lines import Address

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".jfif")


class LayoutMismatch(IngestError):
    """The files are not laid out as the manifest says."""


@dataclass(frozen=True)
class Box:
    """A face in an image.

    Attributes
    ----------
    x0, y0, x1, y1 : float
        Left, top, right and lower border, in pixels of the upright image; with `relative` as
        shares of its width and height, 0–1.
    crop : bool
        Whether the record is this face cut out rather than the whole image.
    margin : float
        What a crop takes along on each side, as a share of the box.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    relative: bool = False
    crop: bool = False
    margin: float = 0.0


@dataclass(frozen=True)
class Entry:
    """One image as the source describes it.

    Attributes
    ----------
    path : str
        Path the image is known by, relative, with ``/``; the same wherever it was unpacked.
    file : Path
        Where it lies now.
    fields : dict of str to str
        All the source says about it, by the source's names.
    box : Box, optional
        Where the face is.
    """

    path: str
    file: Path
    fields: dict[str, str] = field(default_factory=dict)
    box: Box | None = None


@dataclass(frozen=True)
class Skipped:
    """A file that cannot become a record, and why."""

    path: str
    reason: str


class SourceFiles:
    """The files of a source, found by the end of their path.

    Archives differ in how many folders they wrap around the layout; `find` does not mind.

    Parameters
    ----------
    roots : sequence of Path
        Folders that together hold the source. Links in them are not followed.
    """

    def __init__(self, roots: Sequence[Path]) -> None:
        self.roots = tuple(roots)
        self.links: list[str] = []
        self._by_name: dict[str, list[tuple[str, Path]]] = {}
        for root in roots:
            for relative, path in _walk(root):
                if path.is_symlink():
                    self.links.append(relative)
                else:
                    self._by_name.setdefault(path.name, []).append((relative, path))

    def find(self, suffix: str) -> Path | None:
        """File whose path ends with `suffix` at a folder's border; the shallowest one."""
        found = [
            (relative.count("/"), relative, path)
            for relative, path in self._by_name.get(suffix.rpartition("/")[2], ())
            if f"/{relative}".endswith(f"/{suffix}")
        ]
        return min(found)[2] if found else None

    def under(self, folder: str) -> Iterator[tuple[str, Path]]:
        """Files below the folders whose path ends with `folder`, sorted.

        Yields
        ------
        (str, Path)
            Path from `folder` on, and where the file lies.
        """
        found: dict[str, Path] = {}
        for files in self._by_name.values():
            for relative, path in files:
                before, inside, rest = f"/{relative}".partition(f"/{folder}/")
                if inside and not before.endswith("/__MACOSX"):
                    found.setdefault(f"{folder}/{rest}", path)
        yield from sorted(found.items())

    def __len__(self) -> int:
        return sum(len(files) for files in self._by_name.values())


def _walk(root: Path) -> Iterator[tuple[str, Path]]:
    for folder, folders, names in os.walk(root, followlinks=False):
        folders.sort()
        linked = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in sorted([*names, *linked]):
            path = Path(folder) / name
            yield path.relative_to(root).as_posix(), path


Read = Callable[[SourceFiles, Mapping[str, Any]], Iterator[Entry | Skipped]]
CheckOptions = Callable[[Mapping[str, Any], Address], list[Problem]]


_COMMON = (
    Field("ignore", check=is_regex),
    Field("join", list),
    Field("box", dict),
)
"""Options of every layout; `reading` applies them."""
_JOIN = (
    Field("file", required=True, check=relative_path),
    Field("on", required=True),
    Field("key", required=True),
    Field("optional", bool),
)
_BOX = (
    Field("fields", list, required=True, check=list_of(str)),
    Field("relative", bool),
    Field("crop", bool),
    Field("margin", float),
)


@dataclass(frozen=True)
class Adapter:
    """How one layout is read.

    Attributes
    ----------
    read : callable
        Takes the source's files and the manifest's ``[layout]``; yields an `Entry` or
        `Skipped` per image. Raises `LayoutMismatch` if nothing fits.
    options : tuple of Field
        Keys that ``[layout]`` may hold beside ``adapter``.
    check_more : callable, optional
        Finds problems of the options that a table of fields cannot.
    """

    read: Read
    options: tuple[Field, ...]
    check_more: CheckOptions | None = None

    def check(self, options: Mapping[str, Any], at: Address) -> list[Problem]:
        """Every problem of a manifest's options for this adapter."""
        problems = check_table(options, (*self.options, *_COMMON), at) + _check_common(options, at)
        if self.check_more and not problems:
            problems += self.check_more(options, at)
        return problems


def _check_common(options: Mapping[str, Any], at: Address) -> list[Problem]:
    problems = check_tables(options.get("join"), _JOIN, (*at, "join"))
    box = options.get("box")
    if isinstance(box, dict):
        problems += check_table(box, _BOX, (*at, "box"))
        names = box.get("fields")
        if isinstance(names, list) and len(names) != 4:
            text = f"names {len(names)} fields. Expected left, top, right and lower border"
            problems.append(Problem((*at, "box", "fields"), text))
    return problems


def check_tables(rows: Any, fields: tuple[Field, ...], at: Address) -> list[Problem]:
    """Every problem of an array of tables; something that is no array is fine."""
    problems = []
    for number, row in enumerate(rows if isinstance(rows, list) else []):
        if isinstance(row, dict):
            problems += check_table(row, fields, (*at, number))
        else:
            problems.append(Problem((*at, number), f"is {row!r}. Expected a table"))
    return problems


def check_texts(table: Any, at: Address) -> list[Problem]:
    """A problem per value of a table that is not text; something that is no table is fine."""
    return [
        Problem((*at, name), f"is {value!r}. Expected text")
        for name, value in (table.items() if isinstance(table, dict) else ())
        if not isinstance(value, str)
    ]


def numbered(path: str, number: int) -> str:
    """Path of the crop of one of several faces in an image.

    Examples
    --------
    >>> numbered("images/a.b.png", 2)
    'images/a.b_face2.jpg'
    """
    return f"{path.rpartition('.')[0] or path}_face{number}.jpg"


def is_image(path: str) -> bool:
    """Whether a file name is one of an image, by its suffix."""
    return path.lower().endswith(IMAGE_SUFFIXES)
