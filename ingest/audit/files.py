"""The pictures on disk, read once: is each there, whole, and the file that was recorded."""

import hashlib
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image, UnidentifiedImageError

from ingest.audit.mix import Mix
from ingest.dataset import Dataset
from ingest.errors import RecordsInvalid

Watch = Callable[[Iterable, int | None, str], Iterable]
"""Passes items through while showing progress: (items, total, label)."""

SOUND, MISSING, CHANGED = "sound", "missing", "changed"
UNREADABLE, RESIZED = "unreadable", "other size"
_THUMB = 64
"""JPEGs are decoded at the smallest scale libjpeg offers down to this: all bytes are still read."""


def read_files(mix: Mix, watch: Watch) -> pd.DataFrame:
    """State of every recorded file, in the order of the mix.

    Parameters
    ----------
    mix : Mix
        What is audited.
    watch : callable
        Shows progress.

    Returns
    -------
    DataFrame
        ``state`` (sound, missing, changed, unreadable or other size), ``reason`` and
        ``file_bytes`` (-1 if missing), indexed like ``mix.records``.
    """
    rows = list(mix.records[["dataset", "path", "sha256", "width", "height"]].itertuples(False))
    datasets = {dataset.name: dataset for dataset in mix.datasets}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        states = pool.map(lambda row: file_state(datasets[row.dataset], row), rows, chunksize=64)
        found = list(watch(states, len(rows), "reading files"))
    columns = ["state", "reason", "file_bytes"]
    return pd.DataFrame(found, columns=columns, index=mix.records.index)


def file_state(dataset: Dataset, row: Any) -> tuple[str, str, int]:
    """State, reason and size in bytes of one recorded file.

    Parameters
    ----------
    dataset : Dataset
        Where it is.
    row : namedtuple
        With ``path``, ``sha256``, ``width`` and ``height`` of its record.
    """
    try:
        path = dataset.image_path(row.path)
        data = path.read_bytes()
    except FileNotFoundError:
        return MISSING, "no such file", -1
    except (OSError, RecordsInvalid) as error:
        return UNREADABLE, str(error), -1
    try:
        size = decoded_size(path)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        return UNREADABLE, decode_reason(error, len(data)), len(data)
    if hashlib.sha256(data).hexdigest() != row.sha256:
        return CHANGED, "sha256 is not the recorded one", len(data)
    if size != (row.width, row.height):
        expected = f"{row.width}×{row.height}"
        return RESIZED, f"{size[0]}×{size[1]} pixels, recorded as {expected}", len(data)
    return SOUND, "", len(data)


def decoded_size(path: Path) -> tuple[int, int]:
    """Width and height after EXIF orientation of an image that was decoded to its end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(path) as image:
            width, height = image.size
            turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
            image.draft("L", (_THUMB, _THUMB))
            image.load()
    return (height, width) if turned else (width, height)


def decode_reason(error: Exception, n_bytes: int) -> str:
    """Why an image cannot be decoded, in few words."""
    if n_bytes == 0:
        return "empty file"
    if isinstance(error, UnidentifiedImageError):
        return "not an image"
    if isinstance(error, Image.DecompressionBombError):
        return "too many pixels to be a photo"
    return f"broken image: {error}"


def unlisted(dataset: Dataset, recorded: Iterable[str]) -> Iterator[str]:
    """Files in the images folder that no record names."""
    names = set(recorded)
    for path in sorted(dataset.images.rglob("*")):
        relative = path.relative_to(dataset.images).as_posix()
        if path.is_file() and relative not in names:
            yield relative
