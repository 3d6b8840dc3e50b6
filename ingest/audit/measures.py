"""The content of every sound picture of a mix, measured once and remembered."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.audit.cache import Cache, Entry, open_cache
from ingest.audit.files import SOUND, Watch
from ingest.audit.mix import Mix
from ingest.audit.pictures import VIEWS, facts_dict, measure_picture
from ingest.image_check import ImageRejected

_NAME = "pictures-1"
_CHUNK = 256


@dataclass(frozen=True)
class Measures:
    """What was measured in the sound pictures of a mix.

    Attributes
    ----------
    facts : DataFrame
        Fields of `ingest.audit.pictures.PictureFacts`, ``file_bytes``, and ``picture``, the row
        in `hashes`; indexed like the records of the mix, without the pictures that are not sound.
    hashes : ndarray of shape (N, 10, 4), uint64
        As of `ingest.audit.pictures.view_hashes`.
    """

    facts: pd.DataFrame
    hashes: NDArray[np.uint64]


def measure_mix(mix: Mix, files: pd.DataFrame, watch: Watch) -> Measures:
    """Measure every sound picture that was not measured before, and read back all of them.

    Parameters
    ----------
    mix : Mix
        What is audited.
    files : DataFrame
        As of `ingest.audit.files.read_files`: only files found sound are trusted to be those
        that the cache knows by their recorded hash.
    watch : callable
        Shows progress.
    """
    sound = mix.records[files["state"] == SOUND]
    with open_cache(mix.root, _NAME) as cache:
        missing = sound[~sound["sha256"].isin(cache.known(sound["sha256"]))]
        _measure(mix, missing.drop_duplicates("sha256"), cache, watch)
        table, hashes = _read(cache, sound["sha256"])
    facts = table.reindex(sound["sha256"]).set_axis(sound.index)
    facts["file_bytes"] = files["file_bytes"]
    known = facts["picture"].notna()
    return Measures(facts[known].astype({"picture": np.int64}), hashes)


def _measure(mix: Mix, rows: pd.DataFrame, cache: Cache, watch: Watch) -> None:
    if len(rows):
        tasks = file_tasks(mix, rows)
        cache.add(watch(_in_order(tasks, _entry), len(tasks), "measuring pictures"))


Task = tuple[str, Path]
"""Hash of a file, and where it lies."""


def file_tasks(mix: Mix, rows: pd.DataFrame) -> list[Task]:
    """Files of some records, each under its recorded hash."""
    folders = {dataset.name: dataset for dataset in mix.datasets}
    return [
        (str(sha256), folders[dataset].image_path(path))
        for dataset, path, sha256 in rows[["dataset", "path", "sha256"]].itertuples(False)
    ]


def _in_order(tasks: list[Task], measure: Callable[[Task], Entry]) -> Iterator[Entry]:
    """Entries of the tasks; only one chunk of them waits in memory."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(tasks), _CHUNK):
            yield from pool.map(measure, tasks[start : start + _CHUNK])


def _entry(task: Task) -> Entry:
    key, path = task
    try:
        facts, hashes = measure_picture(path)
    except (ImageRejected, OSError):
        return key, {}, b""
    return key, facts_dict(facts), hashes.tobytes()


def _read(cache: Cache, keys: pd.Series) -> tuple[pd.DataFrame, NDArray[np.uint64]]:
    shape = (len(VIEWS), 4)
    names, rows, parts = list[str](), list[dict](), list[NDArray[np.uint64]]()
    for key, facts, data in cache.read(keys):
        if data:
            names.append(key)
            rows.append(facts | {"picture": len(parts)})
            parts.append(np.frombuffer(data, np.uint64).reshape(shape))
    columns = ["pixels", "format", "jpeg_quality", "brightness", "contrast", "glare", "sharpness",
               "lower_noise", "picture"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns, index=pd.Index(names, dtype=object))
    return table, np.array(parts, dtype=np.uint64).reshape(-1, *shape)
