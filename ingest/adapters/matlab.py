"""Rows of a MATLAB file: a struct whose fields are columns of equal length, v5 or v7.3."""

import math
import struct
import zlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ingest.adapters.base import LayoutMismatch
from ingest.meaning.dates import from_datenum

_BROKEN = (ValueError, OSError, KeyError, TypeError, IndexError, AttributeError, EOFError,
           NotImplementedError, OverflowError, MemoryError, RuntimeError, struct.error,
           zlib.error)  # fmt: skip
"""What the readers raise on damaged files."""
_HDF5 = b"\x89HDF\r\n\x1a\n"
_HDF5_AT = (0, 512)
"""MATLAB v7.3 files are HDF5, as a rule behind a block of 512 bytes of MATLAB's own."""


def read_matlab(path: Path, variable: str, dates: Collection[str] = ()) -> list[dict[str, str]]:
    """Rows of a struct of columns, as text; NaN and empty cells are left out.

    Parameters
    ----------
    path : Path
        The file.
    variable : str
        Name of the struct.
    dates : collection of str
        Columns of serial date numbers, which become ISO dates.

    Raises
    ------
    LayoutMismatch
        If the file or the variable cannot be read so, or the columns differ in length.
    """
    try:
        columns = (_read_v73 if _is_hdf5(path) else _read_v5)(path, variable)
    except _BROKEN as error:
        reason = " ".join(str(error).split())[:200]
        message = f"{path.name}: cannot be read ({reason}). Expected a MATLAB struct {variable!r}."
        raise LayoutMismatch(message) from error
    rows = max((len(values) for values in columns.values()), default=0)
    whole = {name: values for name, values in columns.items() if len(values) == rows}
    return [_row(whole, number, dates) for number in range(rows)]


def _row(columns: Mapping[str, list[Any]], number: int, dates: Collection[str]) -> dict[str, str]:
    cells = {name: _cell(values[number], name in dates) for name, values in columns.items()}
    return {name: text for name, text in cells.items() if text}


def _cell(value: Any, is_date: bool) -> str:
    if isinstance(value, str):
        return value.strip()
    if not isinstance(value, int | float | np.number) or not math.isfinite(value):
        return ""
    if is_date:
        day = from_datenum(float(value))
        return day.isoformat() if day else ""
    return str(int(value)) if value == int(value) else str(value)


def _is_hdf5(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(_HDF5_AT[-1] + len(_HDF5))
    return any(head[at : at + len(_HDF5)] == _HDF5 for at in _HDF5_AT)


def _read_v5(path: Path, variable: str) -> dict[str, list[Any]]:
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    try:
        content = loadmat(path, variable_names=[variable])
    except MatReadError as error:
        raise ValueError(str(error)) from error
    struct = content[variable]
    if struct.dtype.names is None:
        message = f"{variable!r} is no struct"
        raise ValueError(message)
    if struct.size == 1:
        return {name: _values(struct[name].item()) for name in struct.dtype.names}
    return {name: _values(struct[name]) for name in struct.dtype.names}


def _values(array: Any) -> list[Any]:
    """Cells of a column; a cell holding an array of one value or text is that value."""
    if not isinstance(array, np.ndarray):
        return [array]
    if array.ndim == 2 and min(array.shape) > 1:
        return list(array)
    return [_unwrapped(value) for value in array.ravel()]


def _unwrapped(value: Any) -> Any:
    while isinstance(value, np.ndarray) and value.size == 1:
        value = value.ravel()[0]
    return value


def _read_v73(path: Path, variable: str) -> dict[str, list[Any]]:
    import h5py

    with h5py.File(path, "r") as file:
        group = _own(file, variable)
        if not isinstance(group, h5py.Group):
            message = f"{variable!r} is no struct"
            raise ValueError(message)
        return {str(name): _column(file, _own(group, name)) for name in group}


def _own(group: Any, name: str) -> Any:
    """Member of a group that lies in this file; links to other files are not followed."""
    import h5py

    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        message = f"{name!r} is a link"
        raise ValueError(message)
    return group[name]


def _column(file: Any, dataset: Any) -> list[Any]:
    content = dataset[()]
    if content.dtype != object:
        return [_text(content)] if _is_text(dataset) else list(content.ravel())
    return [_dereferenced(file, reference) for reference in content.ravel()]


def _dereferenced(file: Any, reference: Any) -> Any:
    cell = file[reference]
    content = cell[()]
    if _is_text(cell):
        return _text(content)
    return content.ravel()[0] if content.size == 1 else content


def _is_text(dataset: Any) -> bool:
    return dataset.attrs.get("MATLAB_class", b"") == b"char"


def _text(content: np.ndarray) -> str:
    return "".join(chr(int(code)) for code in content.ravel())
