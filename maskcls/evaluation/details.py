"""All that is said of a table of predictions: scores, intervals, groups, confusion, calibration."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from ingest import taxonomy
from maskcls.config.heads import WORDS
from maskcls.scores.calibration import expected_calibration_error, reliability
from maskcls.scores.intervals import bootstrap, compare, confusion
from maskcls.scores.metrics import (
    classes_scored,
    decided,
    names_of,
    score_axis,
    score_columns,
    target_column,
)

FEWEST = 5
"""People a group needs to be called the worst: fewer say nothing."""
NEAR = ((0, 2), (2, 5), (5, 10), (10, 200))
"""Years from an age boundary, from and below."""


def describe_predictions(predictions: pd.DataFrame) -> dict[str, Any]:
    """Scores of every axis with intervals over people, and what lies behind them.

    Parameters
    ----------
    predictions : DataFrame
        As of `probabilities.predictions_table`.

    Returns
    -------
    dict
        By axis, and ``cells`` for the 18 classes: as of `metrics.score_axis` with ``interval``,
        ``confusion``, ``calibration``, ``by_group`` and ``worst_group``; for age also
        ``by_distance`` to a boundary.
    """
    described = {}
    for axis in classes_scored(predictions):
        described[axis] = {
            **_with_intervals(predictions, axis),
            "confusion": _confusion(predictions, axis),
            "calibration": _calibration(predictions, axis),
            **_groups(predictions, axis),
        }
    if "age" in described:
        described["age"]["by_distance"] = list(_by_distance(predictions))
    return described


def _with_intervals(predictions: pd.DataFrame, axis: str) -> dict[str, Any]:
    scores, intervals = score_axis(predictions, axis), bootstrap(predictions, axis)
    for name, of_class in scores["classes"].items():
        of_class["interval"] = intervals.classes[name] if of_class["n_images"] else None
    return {**scores, "interval": intervals.macro_f1}


def _known(predictions: pd.DataFrame, axis: str) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    known = predictions[predictions[target_column(axis)] >= 0]
    scores = known[score_columns(axis)].to_numpy(dtype=float)
    return known, known[target_column(axis)].to_numpy(dtype=np.int64), scores


def _confusion(predictions: pd.DataFrame, axis: str) -> dict[str, Any]:
    known, truth, _ = _known(predictions, axis)
    names = names_of(axis)
    counts = confusion(truth, decided(known, axis), len(names))
    return {"classes": list(names), "counts": counts.tolist()}


def _calibration(predictions: pd.DataFrame, axis: str) -> dict[str, Any]:
    _, truth, scores = _known(predictions, axis)
    bins = reliability(scores, truth) if len(truth) else []
    return {"expected_error": expected_calibration_error(bins), "bins": bins}


def _groups(predictions: pd.DataFrame, axis: str) -> dict[str, Any]:
    """Accuracy of every group of people and source, and the worst that is large enough."""
    rows = [_group(part, axis, name) for name, part in _parts(predictions)]
    rows = [row for row in rows if row["n_images"]]
    large = [row for row in rows if row["n_subjects"] >= FEWEST]
    worst = min(large, key=lambda row: row["accuracy"], default=None)
    return {"by_group": rows, "worst_group": worst["group"] if worst else None}


def _parts(predictions: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    for gender, word in enumerate(WORDS["gender"]):
        yield word, predictions[predictions["target_gender"] == gender]
    for age, word in enumerate(WORDS["age"]):
        yield word, predictions[predictions["target_age"] == age]
    for gender, sex in enumerate(WORDS["gender"]):
        for age, years in enumerate(WORDS["age"]):
            inside = (predictions["target_gender"] == gender) & (predictions["target_age"] == age)
            yield f"{sex} {years}", predictions[inside]
    for name, part in predictions.groupby("dataset", sort=True):
        yield f"set {name}", part


def _group(part: pd.DataFrame, axis: str, name: str) -> dict[str, Any]:
    scores = score_axis(part, axis)
    return {"group": name, **{key: scores[key] for key in
            ("macro_f1", "accuracy", "n_classes", "n_images", "n_subjects")}}  # fmt: skip


def _by_distance(predictions: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Accuracy of the age group by how many years the age lies from the nearest boundary."""
    known, truth, _ = _known(predictions, "age")
    right = decided(known, "age") == truth
    years = known["years"].to_numpy(dtype=float)
    limits = np.array(taxonomy.AGE_BOUNDARIES)
    distance = np.abs(years[:, None] - limits[None]).min(axis=1)
    for low, high in NEAR:
        inside = (distance >= low) & (distance < high)
        if inside.any():
            yield {
                "years_from": low,
                "years_below": high,
                "accuracy": float(right[inside].mean()),
                "n_images": int(inside.sum()),
                "n_subjects": int(known.loc[inside, "subject_id"].nunique()),
            }


def describe_difference(first: pd.DataFrame, second: pd.DataFrame) -> dict[str, Any]:
    """Paired comparison of two tables by axis, on the images that both hold."""
    shared = [i for i in first["image_id"] if i in set(second["image_id"])]
    a, b = (table.set_index("image_id").loc[shared].reset_index() for table in (first, second))
    axes = [axis for axis in classes_scored(a) if axis in classes_scored(b)]
    found = {"n_images": len(shared)}
    return found | {axis: asdict(compare(a, b, axis)) for axis in axes} if shared else found
