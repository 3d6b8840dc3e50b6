"""Format ``boostcamp``: ``train.csv`` and a folder of up to seven photos per person."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ingest.dataset import Dataset
from ingest.exporters.base import place, rows_of, suffix, with_class

RACE = "unknown"
"""The layout has the column; nobody may be given a race by guessing."""
_SLOTS = {
    "worn": tuple(f"mask{number}" for number in range(1, 6)),
    "incorrect": ("incorrect_mask",),
    "not_worn": ("normal",),
}


def write(dataset: Dataset, records: pd.DataFrame, folder: Path) -> dict[str, str]:
    """Write the layout; rows without a class stay out.

    A person with more photos of one kind than the layout has names for, or with photos of
    several ages, goes on as ``000001-1``. Which id is whom is in ``subjects.csv``, and which
    photos are composites in ``composites.csv``, so that none is taken for real when pulled
    again. Binned ages become the lowest year of their bin, which is in the same age group.
    """
    known = with_class(records)
    known["years"] = _years(known)
    people: list[tuple[str, dict[str, Any], str]] = []
    places: dict[str, str] = {}
    composed = []
    for number, (_, photos) in enumerate(known.groupby("subject_id", sort=True), start=1):
        for extra, (row, chosen) in enumerate(_folders(photos)):
            name = f"{number:06d}" + (f"-{extra}" if extra else "")
            inside = f"{name}_{row['gender']}_{RACE}_{row['years']}"
            people.append((name, row, inside))
            for photo, slot in chosen:
                target = f"images/{inside}/{slot}{suffix(photo['path'])}"
                places[photo["image_id"]] = target
                place(dataset, photo["path"], folder / target)
                if photo["mask_origin"] == "synthetic":
                    composed.append(target)
    _write_tables(people, composed, folder)
    return places


def _years(records: pd.DataFrame) -> list[int]:
    low = records["age_low"].fillna(0)
    return [int(years) for years in np.floor(records["age"].fillna(low))]


def _folders(
    photos: pd.DataFrame,
) -> Iterator[tuple[dict[str, Any], list[tuple[dict[str, Any], str]]]]:
    """Split a person's photos into folders: one gender and age each, no name used twice."""
    for _, same in photos.groupby(["gender", "years"], sort=True, observed=True):
        rows = rows_of(same.sort_values("path"))
        waiting = {kind: [row for row in rows if row["mask"] == kind] for kind in _SLOTS}
        while any(waiting.values()):
            chosen: list[tuple[dict[str, Any], str]] = []
            for kind, slots in _SLOTS.items():
                chosen += list(zip(waiting[kind], slots, strict=False))
                waiting[kind] = waiting[kind][len(slots) :]
            yield rows[0], chosen


def _write_tables(
    people: list[tuple[str, dict[str, Any], str]], composed: list[str], folder: Path
) -> None:
    train = [(name, row["gender"], RACE, row["years"], path) for name, row, path in people]
    _write_csv(folder / "train.csv", ("id", "gender", "race", "age", "path"), train)
    subjects = [(name, row["subject_id"]) for name, row, _ in people]
    _write_csv(folder / "subjects.csv", ("id", "subject_id"), subjects)
    if composed:
        _write_csv(folder / "composites.csv", ("path",), [(path,) for path in composed])


def _write_csv(path: Path, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(head)
        table.writerows(rows)
