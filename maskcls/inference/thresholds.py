"""Where each class begins: thresholds fitted for macro F1 on people a model was not taught."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest import taxonomy
from ingest.atomic import write_json
from maskcls.errors import ArgumentRefused, RunInvalid
from maskcls.runs.folder import Run
from maskcls.scores.metrics import (
    CELLS,
    classes_scored,
    names_of,
    predicted_column,
    score_columns,
    target_column,
)

THRESHOLDS = "thresholds.json"
LIMIT = 20.0
"""Largest threshold tried, before they are scaled together; the smallest is 1 / `LIMIT`."""
ROUNDS = 20
Thresholds = Mapping[str, Sequence[float]]
"""Axis, or `metrics.CELLS`, to one threshold per class."""


def decide(scores: NDArray, thresholds: Sequence[float] | NDArray) -> NDArray[np.int64]:
    """Class whose probability is the largest multiple of its threshold, shape (N,).

    Parameters
    ----------
    scores : ndarray of shape (N, C)
        Probabilities.
    thresholds : sequence of C floats
        Above 0; all equal give the most probable class.
    """
    return (np.asarray(scores, dtype=float) / np.asarray(thresholds, dtype=float)).argmax(axis=1)


def fit_thresholds(scores: NDArray, truth: NDArray[np.int64]) -> NDArray[np.float64]:
    """Thresholds of high macro F1 over the classes that occur, shape (C,).

    One class after the other takes the threshold that is best given the others, until none
    gains: among the classes that occur the result is never worse than the most probable one, and
    no change of a single threshold improves it. Their thresholds have a geometric mean of 1. A
    class that does not occur keeps 1: rows that cannot show it must not make it disappear.

    Parameters
    ----------
    scores : ndarray of shape (N, C)
        Probabilities of rows that no model was taught.
    truth : ndarray of shape (N,), int
        Class of every row.
    """
    thresholds = np.ones(scores.shape[1])
    occurs, codes = np.unique(truth, return_inverse=True)
    if len(occurs) > 1:
        fitted = _fit(np.asarray(scores, dtype=float)[:, occurs], codes)
        thresholds[occurs] = fitted / np.exp(np.log(fitted).mean())
    return thresholds


def _fit(scores: NDArray[np.float64], truth: NDArray[np.int64]) -> NDArray[np.float64]:
    """Thresholds of classes that all occur."""
    weights, reached = np.ones(scores.shape[1]), -1.0
    for _ in range(ROUNDS):
        before = reached
        for index in range(len(weights)):
            weights[index], reached = _best_weight(scores, truth, weights, index)
        if reached <= before + 1e-12:
            break
    return 1 / weights


def _best_weight(
    scores: NDArray, truth: NDArray, weights: NDArray, index: int
) -> tuple[float, float]:
    """Weight of one class that is best given those of the others, and its macro F1.

    A row goes from its best other class to this one where the weight exceeds a ratio of the
    row's own: between two such ratios nothing changes, so one weight of each gap is tried.
    """
    weighted = scores * weights
    weighted[:, index] = -1
    other = weighted.argmax(axis=1)
    ratio = weighted.max(axis=1) / np.maximum(scores[:, index], 1e-300)
    order = np.argsort(ratio, kind="stable")
    edges = np.concatenate([[1 / LIMIT], np.clip(ratio[order], 1 / LIMIT, LIMIT), [LIMIT]])
    tried = np.sqrt(edges[:-1] * edges[1:])
    tried = np.where((edges[:-1] <= weights[index]) & (weights[index] <= edges[1:]),
                     weights[index], tried)  # fmt: skip
    values = _macro_f1_by_moved(truth[order], other[order], index, len(weights))
    values[(tried <= edges[:-1]) | (tried >= edges[1:])] = -1
    best = np.flatnonzero(values >= values.max() - 1e-12)
    nearest = best[np.abs(np.log(tried[best])).argmin()]
    return float(tried[nearest]), float(values[nearest])


def _macro_f1_by_moved(
    truth: NDArray, other: NDArray, index: int, n_classes: int
) -> NDArray[np.float64]:
    """Macro F1 once the first 0, 1, … N rows were moved from their other class to one."""
    classes = np.arange(n_classes)
    taken = _left(other[:, None] == classes)
    hits = _left((other[:, None] == classes) & (truth == other)[:, None])
    hits[:, index] = np.concatenate([[0], np.cumsum(truth == index)])
    taken[:, index] = np.arange(len(truth) + 1)
    true = np.bincount(truth, minlength=n_classes)
    return (2 * hits / (taken + true)).mean(axis=1)


def _left(members: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Members of every class that are left once the first 0, 1, … N rows have gone."""
    gone = np.vstack([np.zeros(members.shape[1], dtype=int), members.cumsum(axis=0)])
    return gone[-1] - gone


def fit_table(predictions: pd.DataFrame) -> dict[str, list[float]]:
    """Thresholds of every axis that a table of predictions has, and of the 18 classes."""
    fitted = {}
    for axis in classes_scored(predictions):
        known = predictions[predictions[target_column(axis)] >= 0]
        truth = known[target_column(axis)].to_numpy(dtype=np.int64)
        scores = known[score_columns(axis)].to_numpy(dtype=float)
        fitted[axis] = fit_thresholds(scores, truth).tolist()
    return fitted


def with_decisions(predictions: pd.DataFrame, thresholds: Thresholds) -> pd.DataFrame:
    """The table with what is decided of every axis that has thresholds.

    Columns ``predicted`` and ``predicted_<axis>``, which `metrics.decided` goes by.
    """
    columns = {
        predicted_column(axis): decide(predictions[score_columns(axis)].to_numpy(), of_axis)
        for axis, of_axis in thresholds.items()
        if set(score_columns(axis)) <= set(predictions)
    }
    return predictions.assign(**columns)


def decide_by_fold(oof: pd.DataFrame, predictions: pd.DataFrame) -> pd.DataFrame:
    """Decisions of every fold's rows by thresholds that were fitted on the other folds of `oof`.

    So no score rests on thresholds that saw its person.
    """
    if not len(predictions):
        return predictions
    parts = [
        with_decisions(part, fit_table(oof[oof["fold"] != fold]))
        for fold, part in predictions.groupby("fold", sort=True)
    ]
    return pd.concat(parts).loc[predictions.index]


def write_thresholds(run: Run, oof: pd.DataFrame) -> None:
    """Fit thresholds on all predictions out of fold, and keep them with the run."""
    write_json(run.folder / THRESHOLDS, fit_table(oof))


def thresholds_of(run: Run, asked: bool) -> Thresholds:
    """Thresholds a run decides by; where it has none but they are asked for, fitted now.

    Raises
    ------
    ArgumentRefused
        If they are asked for and there are no predictions out of fold to fit them on.
    RunInvalid
        If the run's do not fit its classes.
    """
    if (run.folder / THRESHOLDS).is_file():
        return _read(run)
    if not asked:
        return {}
    if not (run.folder / "oof.parquet").is_file():
        message = (
            f"--thresholds: {run.name} was trained without folds. Expected predictions out of "
            "fold to fit them on. Leave the option out."
        )
        raise ArgumentRefused(message)
    return fit_table(run.table("oof.parquet"))


def _read(run: Run) -> Thresholds:
    found = run.read_json(THRESHOLDS)
    for axis, values in found.items():
        fits = axis in (*taxonomy.AXES, CELLS) and isinstance(values, list)
        if (
            not fits
            or len(values) != len(names_of(axis))
            or not all(_is_positive(v) for v in values)
        ):
            message = (
                f"{run.folder / THRESHOLDS}: {axis!r} is {values!r}. Expected a number above 0 for "
                "every class. Train the run again."
            )
            raise RunInvalid(message)
    return found


def _is_positive(value: object) -> bool:
    return isinstance(value, int | float) and 0 < value < float("inf")
