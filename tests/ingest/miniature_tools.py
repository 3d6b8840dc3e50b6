"""Miniatures of the real sources, in their exact layouts, with drawn pictures and wrong names."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

Draw = Callable[..., bytes]


@dataclass
class Miniature:
    """A source of a few files.

    Attributes
    ----------
    pictures : sequence of str
        Paths of sound pictures that must become records.
    labels : mapping
        Path of a record to what its columns must hold; subjects without their namespace.
    wrong : sequence of str
        Paths of files that must be skipped and listed.
    other : mapping
        Paths of tables and other files to their content, text, bytes or a writer.
    records : sequence of str, optional
        Paths of the records where they differ from the pictures (cut out faces).
    """

    pictures: Sequence[str]
    labels: Mapping[str, Mapping[str, Any]]
    wrong: Sequence[str] = ()
    other: Mapping[str, Any] = field(default_factory=dict)
    records: Sequence[str] | None = None
    arguments: Sequence[str] = ()
    size: tuple[int, int] = (40, 48)

    def write(self, folder: Path, draw: Draw) -> Path:
        """Write all files below a folder, each picture in a shade of its own."""
        for number, path in enumerate([*self.pictures, *self.wrong]):
            kind = "PNG" if path.endswith(".png") else "JPEG"
            _write(folder / path, draw(self.size, shade=(number * 37) % 256, kind=kind))
        for path, content in self.other.items():
            _write(folder / path, content)
        return folder


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if callable(content):
        content(path)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content, encoding="utf-8")


def table(*rows: Sequence[object], delimiter: str = ",") -> Callable[[Path], None]:
    """Writer of a text table, the first row its heading."""

    def write(path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter=delimiter).writerows(rows)

    return write


def matlab(variable: str, **columns: Sequence[Any]) -> Callable[[Path], None]:
    """Writer of a MATLAB v5 struct of columns; texts become cells."""

    def write(path: Path) -> None:
        from scipy.io import savemat

        savemat(path, {variable: {name: _column(values) for name, values in columns.items()}})

    return write


def _column(values: Sequence[Any]) -> np.ndarray:
    if not isinstance(values[0], str):
        return np.array([values], dtype=float)
    cells = np.empty((1, len(values)), dtype=object)
    cells[0] = values
    return cells


def matlab_v73(variable: str, **columns: Sequence[Any]) -> Callable[[Path], None]:
    """Writer of a MATLAB v7.3 struct of columns: HDF5 behind MATLAB's block of 512 bytes."""

    def write(path: Path) -> None:
        import h5py

        with h5py.File(path, "w", userblock_size=512) as file:
            group, cells = file.create_group(variable), file.create_group("#refs#")
            for name, values in columns.items():
                if not isinstance(values[0], str):
                    group[name] = np.array(values, dtype=float).reshape(-1, 1)
                    continue
                references = []
                for number, text in enumerate(values):
                    codes = np.array([[ord(letter)] for letter in text], dtype=np.uint16)
                    cell = cells.create_dataset(f"{name}{number}", data=codes)
                    cell.attrs["MATLAB_class"] = np.bytes_("char")
                    references.append([cell.ref])
                group.create_dataset(name, data=references, dtype=h5py.ref_dtype)
        with path.open("r+b") as stream:
            stream.write(b"MATLAB 7.3 MAT-file".ljust(512, b"\0"))

    return write
