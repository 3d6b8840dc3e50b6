"""The pictures on disk, read once: is each there, whole, and the file that was recorded."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pandas as pd

from ingest.audit.mix import Mix
from ingest.dataset import Dataset
from ingest.errors import RecordsInvalid
from ingest.image_check import ImageRejected, check_image

Watch = Callable[[Iterable, int | None, str], Iterable]
"""Passes items through while showing progress: (items, total, label)."""

SOUND, MISSING, CHANGED = "sound", "missing", "changed"
UNREADABLE, RESIZED = "unreadable", "other size"


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
        n_bytes = path.stat().st_size
        facts = check_image(path)
    except FileNotFoundError:
        return MISSING, "no such file", -1
    except (OSError, RecordsInvalid) as error:
        return UNREADABLE, str(error), -1
    except ImageRejected as error:
        return UNREADABLE, str(error), n_bytes
    if facts.sha256 != row.sha256:
        return CHANGED, "sha256 is not the recorded one", n_bytes
    if (facts.width, facts.height) != (row.width, row.height):
        expected = f"recorded as {row.width}×{row.height}"
        return RESIZED, f"{facts.width}×{facts.height} pixels, {expected}", n_bytes
    return SOUND, "", n_bytes


def unlisted(dataset: Dataset, recorded: Iterable[str]) -> Iterator[str]:
    """Files in the images folder that no record names."""
    names = set(recorded)
    for path in sorted(dataset.images.rglob("*")):
        relative = path.relative_to(dataset.images).as_posix()
        if path.is_file() and relative not in names:
            yield relative
