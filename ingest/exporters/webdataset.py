"""Format ``webdataset``: tar shards of images, class numbers and records."""

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from ingest.dataset import Dataset
from ingest.exporters.base import label_table, plain_row, rows_of, suffix

SHARD_SIZE = 10_000
"""Images in a shard."""


def write(dataset: Dataset, records: pd.DataFrame, folder: Path) -> dict[str, str]:
    """Write ``<name>-000000.tar`` and on: per image its bytes, ``.json`` and ``.cls``.

    The key is the image_id; ``.cls``, the class number, is left out where it is not known.
    The same records give the same bytes.
    """
    places: dict[str, str] = {}
    for number, start in enumerate(range(0, len(records), SHARD_SIZE)):
        part = records.iloc[start : start + SHARD_SIZE]
        shard = f"{dataset.name}-{number:06d}.tar"
        with tarfile.open(folder / shard, "w", format=tarfile.USTAR_FORMAT) as archive:
            for name, content in _members(dataset, part):
                info = tarfile.TarInfo(name)
                info.size, info.mode = len(content), 0o644
                archive.addfile(info, io.BytesIO(content))
        for row in rows_of(part[["image_id", "path"]]):
            places[row["image_id"]] = f"{shard}:{row['image_id']}{suffix(row['path'])}"
    return places


def _members(dataset: Dataset, records: pd.DataFrame) -> Iterator[tuple[str, bytes]]:
    for path, row in zip(records["path"], rows_of(label_table(records)), strict=True):
        plain = plain_row(row)
        key = plain["image_id"]
        yield f"{key}{suffix(path)}", dataset.image_path(path).read_bytes()
        if plain["class"] is not None:
            yield f"{key}.cls", str(plain["class"]).encode()
        yield f"{key}.json", json.dumps(plain, ensure_ascii=False, sort_keys=True).encode()
