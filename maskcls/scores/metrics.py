"""Scores of a table of predictions: macro F1 over the classes present, per class and axis."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from ingest import taxonomy
from maskcls.config.heads import WORDS

CELLS = "cells"
"""Name of the joint 18-class scores beside those of the axes."""


def names_of(axis: str) -> tuple[str, ...]:
    """Words of an axis, or of the 18 classes for `CELLS`."""
    return taxonomy.CLASS_NAMES if axis == CELLS else WORDS[axis]


def target_column(axis: str) -> str:
    """Column of the true class in a table of predictions."""
    return "target" if axis == CELLS else f"target_{axis}"


def score_columns(axis: str) -> list[str]:
    """Columns of the probabilities of an axis, or of the 18 classes for `CELLS`."""
    if axis == CELLS:
        return [f"score_{index:02d}" for index in range(taxonomy.N_CLASSES)]
    return [f"score_{axis}_{word}" for word in WORDS[axis]]


def predicted_column(axis: str) -> str:
    """Column of the class decided by thresholds, in tables that were."""
    return "predicted" if axis == CELLS else f"predicted_{axis}"


def decided(predictions: pd.DataFrame, axis: str) -> NDArray[np.int64]:
    """Class decided for every row, shape (N,): by thresholds, else the most probable."""
    if predicted_column(axis) in predictions:
        return predictions[predicted_column(axis)].to_numpy(dtype=np.int64)
    return predictions[score_columns(axis)].to_numpy().argmax(axis=1)


def classes_scored(predictions: pd.DataFrame) -> list[str]:
    """Axes that a table of predictions has probabilities of, `CELLS` last."""
    return [a for a in (*taxonomy.AXES, CELLS) if set(score_columns(a)) <= set(predictions)]


def macro_f1(y_true: NDArray, y_pred: NDArray, n_classes: int) -> float:
    """Mean F1 over the classes that occur in `y_true`; NaN without rows.

    A class that never occurs has no recall: counting it as 0 would punish a data set for what
    it does not hold. Predicting it costs the classes that are there their recall.
    """
    f1, present = class_f1(y_true, y_pred, n_classes)
    return float(f1[present].mean()) if present.any() else float("nan")


def class_f1(
    y_true: NDArray, y_pred: NDArray, n_classes: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """F1 of every class, shape (n_classes,), and whether it occurs in `y_true`."""
    present = np.bincount(y_true, minlength=n_classes) > 0
    if not present.any():
        return np.full(n_classes, np.nan), present
    labels = np.arange(n_classes)
    f1 = f1_score(y_true, y_pred, labels=labels, average=None, zero_division=0.0)
    return np.where(present, f1, np.nan), present


def score_axis(predictions: pd.DataFrame, axis: str) -> dict[str, Any]:
    """Scores of one axis over the rows that have its label.

    Parameters
    ----------
    predictions : DataFrame
        ``subject_id``, the target and the probabilities of the axis; whole, since F1 of
        batches does not average to F1.
    axis : str
        One of `taxonomy.AXES`, or `CELLS`.

    Returns
    -------
    dict
        ``macro_f1``, ``accuracy``, ``n_classes`` (that occur), ``n_images``, ``n_subjects`` and
        ``classes``: by name, ``f1``, ``n_images``, ``n_subjects``. A class that does
        not occur has F1 None.
    """
    known = predictions[predictions[target_column(axis)] >= 0]
    y_true = known[target_column(axis)].to_numpy(dtype=np.int64)
    y_pred = decided(known, axis)
    names = names_of(axis)
    f1, present = class_f1(y_true, y_pred, len(names))
    people = known.groupby(y_true)["subject_id"].nunique()
    classes = {
        name: {
            "f1": float(f1[index]) if present[index] else None,
            "n_images": int((y_true == index).sum()),
            "n_subjects": int(people.get(index, 0)),
        }
        for index, name in enumerate(names)
    }
    return {
        "macro_f1": float(f1[present].mean()) if present.any() else None,
        "accuracy": float((y_true == y_pred).mean()) if len(known) else None,
        "n_classes": int(present.sum()),
        "n_images": len(known),
        "n_subjects": int(known["subject_id"].nunique()),
        "classes": classes,
    }


def score_table(predictions: pd.DataFrame) -> dict[str, Any]:
    """Scores of every axis, and of the 18 cells where all axes are predicted."""
    return {axis: score_axis(predictions, axis) for axis in classes_scored(predictions)}


def can_judge(targets: pd.DataFrame, axes: tuple[str, ...]) -> bool:
    """Whether the rows hold at least two classes of every axis."""
    counts = [targets.loc[targets[target_column(axis)] >= 0, target_column(axis)].nunique()
              for axis in axes]  # fmt: skip
    return all(count >= 2 for count in counts)


def selection_score(predictions: pd.DataFrame) -> float:
    """What epochs are compared by: macro F1 over the 18 cells, or over the one axis predicted.

    Where no row has all its labels, the mean over the axes.
    """
    scored = classes_scored(predictions)
    values = {axis: score_axis(predictions, axis)["macro_f1"] for axis in scored}
    if (joint := values.pop(CELLS, None)) is not None:
        return float(joint)
    known = [value for value in values.values() if value is not None]
    return float(np.mean(known)) if known else float("nan")
