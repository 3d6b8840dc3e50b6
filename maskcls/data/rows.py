"""The table a run works on: one row per labelled image, its labels as class indices."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ingest import records as ingest_records
from ingest.dataset import Dataset
from ingest.taxonomy import AGE_BOUNDARIES, AXES

KEPT = ("image_id", "sha256", "subject_id", "parent_id", "license")
BOX = ("face_x0", "face_y0", "face_x1", "face_y1")


def load_rows(
    dataset: Dataset,
    train_age_boundaries: tuple[float, float] = AGE_BOUNDARIES,
    min_confidence: float = 0.0,
) -> pd.DataFrame:
    """Rows of one data set.

    Parameters
    ----------
    dataset : Dataset
        Read with its label overlays resolved.
    train_age_boundaries : (float, float)
        Years at which the age groups begin in what is taught; scoring keeps 30 and 60.
    min_confidence : float
        Pseudo labels of less confidence, or of none, are not taught; 0 teaches all.

    Returns
    -------
    DataFrame
        ``dataset``, `KEPT`, ``path``, ``file``, ``composite``, ``width``, ``height``, the
        face box, ``years``, the classes ``mask``, ``gender``, ``age`` (-1 unknown, or a
        model's guess: nothing is scored on those) and the classes taught, ``taught_mask`` and
        so on.
    """
    records = dataset.records()
    rows = pd.DataFrame({name: records[name].astype(object) for name in KEPT})
    rows.insert(0, "dataset", dataset.name)
    rows["path"] = records["path"].astype(object)
    rows["file"] = [str(dataset.image_path(path)) for path in records["path"]]
    rows["composite"] = ingest_records.is_composite(records)
    rows[["width", "height", *BOX]] = records[["width", "height", *BOX]]
    rows["years"] = records["age"].to_numpy(dtype=float, na_value=np.nan)
    mask, gender = ingest_records.mask_index(records), ingest_records.gender_index(records)
    scored = {"mask": mask, "gender": gender, "age": ingest_records.age_group_index(records)}
    of_age = ingest_records.age_group_index(records, train_age_boundaries)
    for axis, codes in {**scored, "age": of_age}.items():
        pseudo = (records[f"{axis}_origin"] == "pseudo").to_numpy(dtype=bool, na_value=False)
        confidence = records[f"{axis}_confidence"].to_numpy(dtype=float, na_value=np.nan)
        sure = ~pseudo | (np.nan_to_num(confidence) >= min_confidence)
        rows[axis] = np.where(pseudo, -1, scored[axis])
        rows[f"taught_{axis}"] = np.where(sure, codes, -1)
    return rows


def labelled(rows: pd.DataFrame, axes: Sequence[str]) -> np.ndarray:
    """Which rows have a label on at least one of the axes that is no model's guess."""
    return (rows[list(axes)] >= 0).any(axis=1).to_numpy()


def useful(rows: pd.DataFrame, axes: Sequence[str]) -> np.ndarray:
    """Which rows can be scored or taught on at least one of the axes."""
    return labelled(rows, [*axes, *(f"taught_{axis}" for axis in axes)])


def taught(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Classes that training teaches, by axis; -1 for none."""
    return {axis: rows[f"taught_{axis}"].to_numpy() for axis in AXES}
