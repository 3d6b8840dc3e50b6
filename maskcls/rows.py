"""The table a run works on: one row per labelled image, its labels as class indices."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ingest import records as ingest_records
from ingest.dataset import Dataset
from ingest.taxonomy import AGE_BOUNDARIES

KEPT = ("image_id", "sha256", "subject_id", "parent_id", "license")
BOX = ("face_x0", "face_y0", "face_x1", "face_y1")


def load_rows(
    dataset: Dataset, train_age_boundaries: tuple[float, float] = AGE_BOUNDARIES
) -> pd.DataFrame:
    """Rows of one data set.

    Parameters
    ----------
    dataset : Dataset
        Read with its label overlays resolved.
    train_age_boundaries : (float, float)
        Years at which the age groups begin in what is taught; scoring keeps 30 and 60.

    Returns
    -------
    DataFrame
        ``dataset``, `KEPT`, ``path``, ``file``, ``composite``, ``width``, ``height``, the
        face box, the classes ``mask``, ``gender``, ``age`` (-1 unknown) and ``taught_age``.
    """
    records = dataset.records()
    rows = pd.DataFrame({name: records[name].astype(object) for name in KEPT})
    rows.insert(0, "dataset", dataset.name)
    rows["path"] = records["path"].astype(object)
    rows["file"] = [str(dataset.image_path(path)) for path in records["path"]]
    rows["composite"] = ingest_records.is_composite(records)
    rows[["width", "height", *BOX]] = records[["width", "height", *BOX]]
    rows["mask"] = ingest_records.mask_index(records)
    rows["gender"] = ingest_records.gender_index(records)
    rows["age"] = ingest_records.age_group_index(records)
    rows["taught_age"] = ingest_records.age_group_index(records, train_age_boundaries)
    return rows


def labelled(rows: pd.DataFrame, axes: Sequence[str]) -> np.ndarray:
    """Which rows have a label on at least one of the axes."""
    return (rows[list(axes)] >= 0).any(axis=1).to_numpy()


def taught(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Classes that training teaches, by axis; age by the training boundaries."""
    return {
        "mask": rows["mask"].to_numpy(),
        "gender": rows["gender"].to_numpy(),
        "age": rows["taught_age"].to_numpy(),
    }
