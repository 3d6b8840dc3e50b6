"""How long tables of 500,000 rows take: records, overlays, a source's index, and its meaning.

Run: .venv/bin/python benchmarks/label_tables.py [rows]
"""

import csv
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from ingest.adapters.tables import read_rows
from ingest.exporters.base import label_table
from ingest.labels import read_overlays, resolve, write_overlay
from ingest.manifests.read import load_manifest
from ingest.meaning.values import Understanding
from ingest.records import class_indices, read_records, records_frame, write_records


def timed(label: str, work: Callable[[], object]) -> object:
    """Run something and print the seconds it took."""
    start = time.perf_counter()
    result = work()
    print(f"{label:<44}{time.perf_counter() - start:6.2f} s")
    return result


def made_records(rows: int) -> pd.DataFrame:
    """Record table with labels drawn at random."""
    rng = np.random.default_rng(0)
    keys = [f"{number:020x}" for number in range(rows)]
    return records_frame(
        pd.DataFrame(
            {
                "image_id": keys, "sha256": keys, "path": [f"{key}.jpg" for key in keys],
                "width": 384, "height": 512, "source": "made", "license": "CC0-1.0",
                "subject_id": [f"made:{number // 7}" for number in range(rows)],
                "mask": rng.choice(["worn", "incorrect", "not_worn"], rows),
                "gender": rng.choice(["male", "female"], rows),
                "age": rng.integers(0, 100, rows).astype(float), "mask_origin": "label",
            }
        ).to_dict("records")
    )  # fmt: skip


def main(rows: int) -> None:
    """Print the times."""
    print(f"{rows} rows")
    records = made_records(rows)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "records.parquet"
        timed("write the record table, checked", lambda: write_records(records, path))
        timed("read the record table, checked", lambda: read_records(path))
        overlay = pd.DataFrame({"image_id": records["image_id"], "axis": "gender",
                                "value": "female", "confidence": 0.9, "origin": "correction",
                                "made_by": "benchmark"})  # fmt: skip
        timed("write an overlay of every row, checked",
              lambda: write_overlay(folder, "fixes", overlay))  # fmt: skip
        overlays = timed("read it, checked", lambda: read_overlays(folder))
        timed("lay it over the records", lambda: resolve(records, overlays))
        timed("class of every row", lambda: class_indices(records))
        timed("table of labels for an export", lambda: label_table(records))
        source = folder / "labels.csv"
        with source.open("w", newline="") as stream:
            table = csv.writer(stream)
            table.writerow(["file", "age", "gender", "race", "service_test"])
            table.writerows((f"train/{n}.jpg", "50-59", "Male", "White", "True")
                            for n in range(rows))  # fmt: skip
        cells = timed("read a source's index", lambda: list(read_rows(source)))
        labels = load_manifest("fairface").labels
        timed("work out what its fields mean", lambda: list(map(Understanding(labels), cells)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500_000)
