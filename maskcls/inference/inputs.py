"""Which images ``maskcls predict`` is asked about: a folder, a list, a data set or a file."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.dataset import list_datasets, open_dataset
from maskcls.data.rows import BOX, load_rows
from maskcls.errors import ArgumentRefused

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
LISTS = (".txt", ".csv")


@dataclass(frozen=True)
class Input:
    """One image to predict.

    Attributes
    ----------
    shown : str
        Its path as the table names it.
    file : Path
        Where it lies.
    box : ndarray of shape (4,), float
        Face box in pixels, NaN where unknown.
    """

    shown: str
    file: Path
    box: NDArray[np.float64]


def find_inputs(arguments: Sequence[str], root: Path) -> list[Input]:
    """Images of all arguments, in order.

    Raises
    ------
    ArgumentRefused
        If an argument is neither a path nor a data set, or holds no image.
    """
    return [found for argument in arguments for found in _of_argument(argument, root)]


def _of_argument(argument: str, root: Path) -> list[Input]:
    path = Path(argument)
    if path.is_dir() and not _is_dataset(path):
        found = [_plain(file) for file in sorted(path.rglob("*")) if _is_image(file)]
    elif path.is_dir():
        found = _of_dataset(path.parent, path.name)
    elif path.is_file():
        found = _of_list(path) if path.suffix.lower() in LISTS else [_plain(path)]
    elif any(dataset.name == argument for dataset in list_datasets(root)):
        found = _of_dataset(root, argument)
    else:
        there = ", ".join(dataset.name for dataset in list_datasets(root)) or "none"
        message = (
            f"{argument}: no such folder, file or data set. Expected images, a .txt or .csv list "
            f"of them, or a data set below {root} (there: {there})."
        )
        raise ArgumentRefused(message)
    if not found:
        message = f"{argument}: holds no image. Expected files ending in {', '.join(SUFFIXES)}."
        raise ArgumentRefused(message)
    return found


def _is_dataset(path: Path) -> bool:
    return (path / "records.parquet").is_file()


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file()


def _plain(path: Path) -> Input:
    return Input(str(path), path, np.full(4, np.nan))


def _of_dataset(root: Path, name: str) -> list[Input]:
    rows = load_rows(open_dataset(root, name))
    boxes = rows[list(BOX)].to_numpy(dtype=float)
    return [
        Input(f"{name}/{path}", Path(file), box)
        for path, file, box in zip(rows["path"], rows["file"], boxes, strict=True)
    ]


def _of_list(path: Path) -> list[Input]:
    """Lines of a text file, or the column ``path`` of a CSV; relative to the list's folder."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path}: not UTF-8 text. Expected a list of paths, one a line."
        raise ArgumentRefused(message) from error
    if path.suffix.lower() == ".csv":
        table = csv.DictReader(text.splitlines())
        if "path" not in (table.fieldnames or ()):
            message = (
                f"{path}: columns are {', '.join(table.fieldnames or ()) or 'none'}. Expected one "
                "named 'path'."
            )
            raise ArgumentRefused(message)
        names = [row["path"] for row in table if row["path"]]
    else:
        names = [line.strip() for line in text.splitlines() if line.strip()]
    return [_listed(name, path.parent) for name in names]


def _listed(name: str, folder: Path) -> Input:
    return Input(name, folder / name, np.full(4, np.nan))
