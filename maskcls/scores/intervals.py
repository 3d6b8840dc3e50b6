"""Intervals and paired comparisons of macro F1, resampled by person."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from maskcls.scores.metrics import decided, names_of, target_column

N_RESAMPLES = 1000
LEVEL = 0.95
Interval = tuple[float, float]


def confusion(y_true: NDArray, y_pred: NDArray, n_classes: int) -> NDArray[np.int64]:
    """Counts of shape (n_classes, n_classes): rows true, columns predicted."""
    flat = np.bincount(y_true * n_classes + y_pred, minlength=n_classes**2)
    return flat.reshape(n_classes, n_classes)


def confusion_by_person(predictions: pd.DataFrame, axis: str) -> NDArray[np.float64]:
    """Confusion of every person, shape (S, C, C), over the rows that have the label."""
    known = predictions[predictions[target_column(axis)] >= 0]
    n_classes = len(names_of(axis))
    y_true = known[target_column(axis)].to_numpy(dtype=np.int64)
    y_pred = decided(known, axis)
    person, people = pd.factorize(known["subject_id"])
    flat = person * n_classes**2 + y_true * n_classes + y_pred
    counts = np.bincount(flat, minlength=len(people) * n_classes**2)
    return counts.reshape(len(people), n_classes, n_classes).astype(float)


def f1_of(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """F1 of every class, shape (..., C), from confusions; NaN for a class that never occurs."""
    hits = np.diagonal(counts, axis1=-2, axis2=-1)
    true, predicted = counts.sum(axis=-1), counts.sum(axis=-2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(true > 0, 2 * hits / (true + predicted), np.nan)


def macro_of(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean F1 over the classes that occur, from confusions of shape (..., C, C)."""
    f1 = f1_of(counts)
    occurs = ~np.isnan(f1)
    total = np.where(occurs, f1, 0).sum(axis=-1)
    return np.where(occurs.any(axis=-1), total / np.maximum(occurs.sum(axis=-1), 1), np.nan)


def resampled(by_person: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Confusions of `N_RESAMPLES` draws of as many people, with replacement."""
    n = len(by_person)
    times = rng.multinomial(n, np.full(n, 1 / n), size=N_RESAMPLES)
    return np.tensordot(times, by_person, axes=1)


def interval_of(values: NDArray[np.float64]) -> Interval | None:
    """Middle `LEVEL` of the values; None where fewer than half are numbers."""
    known = values[~np.isnan(values)]
    if len(known) < len(values) / 2:
        return None
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


@dataclass(frozen=True)
class Intervals:
    """Bootstrap intervals of one axis: macro F1, and F1 by class (None: too few people)."""

    macro_f1: Interval | None
    classes: dict[str, Interval | None]


def bootstrap(predictions: pd.DataFrame, axis: str, seed: int = 0) -> Intervals:
    """Intervals over people: each draw takes people with replacement, with all their images.

    A class that a draw does not hold has no F1 in it and leaves its macro F1.

    References
    ----------
    .. [1] Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, 10.1201/9780429246593.
    """
    by_person, names = confusion_by_person(predictions, axis), names_of(axis)
    if len(by_person) < 2:
        return Intervals(None, dict.fromkeys(names))
    draws = resampled(by_person, np.random.default_rng(seed))
    f1 = f1_of(draws)
    classes = {name: interval_of(f1[:, index]) for index, name in enumerate(names)}
    return Intervals(interval_of(macro_of(draws)), classes)


@dataclass(frozen=True)
class Difference:
    """Macro F1 of one run less that of another, on the same people.

    Attributes
    ----------
    difference : float
        Positive where the first is better.
    interval : (float, float) or None
        Over people, both runs on the same draws.
    p_value : float
        Share of random exchanges of the runs, person by person, with a difference at least as
        large.
    n_subjects : int
        People compared.
    """

    difference: float
    interval: Interval | None
    p_value: float
    n_subjects: int


def compare(first: pd.DataFrame, second: pd.DataFrame, axis: str, seed: int = 0) -> Difference:
    """Paired comparison of two tables of predictions of the same images, in the same order."""
    a, b = confusion_by_person(first, axis), confusion_by_person(second, axis)
    rng, observed = np.random.default_rng(seed), float(macro_of(a.sum(0)) - macro_of(b.sum(0)))
    times = rng.multinomial(len(a), np.full(len(a), 1 / len(a)), size=N_RESAMPLES)
    drawn = macro_of(np.tensordot(times, a, 1)) - macro_of(np.tensordot(times, b, 1))
    moved = np.tensordot(rng.integers(0, 2, size=(N_RESAMPLES, len(a))), b - a, 1)
    exchanged = macro_of(a.sum(0) + moved) - macro_of(b.sum(0) - moved)
    extreme = int((np.abs(exchanged) >= abs(observed) - 1e-12).sum())
    p_value = (extreme + 1) / (N_RESAMPLES + 1)
    return Difference(observed, interval_of(drawn), p_value, len(a))
