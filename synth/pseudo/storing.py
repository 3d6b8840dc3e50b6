"""Pseudo labels on disk: an overlay, what the card says of it, and how both are undone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ingest import labels as overlays_of
from ingest.dataset import Dataset, list_datasets
from ingest.pseudo_labels import note_labels, noted_labels
from ingest.records import read_records
from synth.errors import AlreadyLabelled, NothingPromised


def step_of(axis: str) -> str:
    """Name of the overlay of an axis."""
    return f"pseudo_{axis}"


def overlay_path(dataset: Dataset, axis: str) -> Path:
    """File of the overlay of an axis."""
    return dataset.folder / "labels" / f"{step_of(axis)}.parquet"


def page_path(dataset: Dataset, axis: str) -> Path:
    """File of the page that shows what was accepted."""
    return dataset.folder / f"{step_of(axis)}.html"


def store(
    dataset: Dataset,
    axis: str,
    accepted: pd.DataFrame,
    made_by: str,
    purpose: str,
    about: Mapping[str, Any],
) -> Path:
    """Write the overlay and say in the card what it is.

    Parameters
    ----------
    dataset : Dataset
        Whose images they are.
    axis : {"gender", "mask", "age"}
        What is labelled.
    accepted : DataFrame
        ``image_id``, ``word`` and ``confidence`` (0–1).
    made_by : str
        The run and its licence.
    purpose : {"commercial", "research"}
        What the labels may be used for; the set is held to it as long as they lie over it.
    about : mapping
        Kept in the card.
    """
    labels = noted_labels(dataset)
    labels[axis] = {**about, "purpose": purpose}
    overlay = pd.DataFrame(
        {
            "image_id": accepted["image_id"].to_numpy(),
            "axis": axis,
            "value": accepted["word"].to_numpy(),
            "confidence": accepted["confidence"].to_numpy(dtype="float32"),
            "origin": "pseudo",
            "made_by": made_by,
        }
    )
    path = overlays_of.write_overlay(dataset.folder, step_of(axis), overlay)
    note_labels(dataset, labels)
    return path


def undo(root: Path, names: Sequence[str], axis: str) -> list[str]:
    """Remove the pseudo labels of some sets, or of all that have them; gives their names.

    Raises
    ------
    NothingPromised
        If there are none.
    """
    there = [one for one in list_datasets(root) if overlay_path(one, axis).is_file()]
    chosen = [one for one in there if not names or one.name in names]
    if missing := sorted(set(names) - {one.name for one in chosen}):
        message = f"{', '.join(missing)}: has no pseudo labels of {axis}. Nothing was changed."
        raise NothingPromised(message)
    if not chosen:
        message = f"{root}: no data set has pseudo labels of {axis}. Nothing was changed."
        raise NothingPromised(message)
    for dataset in chosen:
        overlays_of.remove_overlay(overlay_path(dataset, axis))
        page_path(dataset, axis).unlink(missing_ok=True)
        note_labels(dataset, {a: b for a, b in noted_labels(dataset).items() if a != axis})
    return [dataset.name for dataset in chosen]


def without_label(dataset: Dataset, axis: str, named: bool) -> pd.DataFrame:
    """Records that lack the label, leaving out what an earlier run of ours gave.

    Raises
    ------
    AlreadyLabelled
        If every row has it, and the set was asked for by name.
    """
    overlays = overlays_of.read_overlays(dataset.folder, without=step_of(axis))
    records = overlays_of.resolve(read_records(dataset.records_path), overlays)
    lacking = records[axis].isna()
    if axis == "age":
        lacking &= records["age_low"].isna() & records["age_high"].isna()
    if named and not lacking.any():
        message = (
            f"{dataset.name}: already has {axis} on all {len(records)} images. Expected a set "
            "that lacks it. Nothing was written."
        )
        raise AlreadyLabelled(message)
    return records[lacking].reset_index(drop=True)
