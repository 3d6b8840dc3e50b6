"""Temperatures that make probabilities mean what they say."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp, softmax

_FLOOR = 1e-12


def fit_temperature(scores: NDArray[np.float64], allowed: NDArray[np.bool_]) -> float:
    """Temperature of lowest negative log-likelihood, within 0.05 to 20.

    Parameters
    ----------
    scores : ndarray of shape (N, C)
        Probabilities by models that were not taught these rows.
    allowed : ndarray of shape (N, C), bool
        Classes that agree with the label; rows that leave all open are passed over.

    References
    ----------
    .. [1] Guo et al., "On Calibration of Modern Neural Networks", 2017, arXiv:1706.04599.
    """
    known = ~allowed.all(axis=1)
    if not known.any():
        return 1.0
    logits, labels = np.log(scores[known] + _FLOOR), allowed[known]

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        of_label = logsumexp(np.where(labels, scaled, -np.inf), axis=1)
        return float((logsumexp(scaled, axis=1) - of_label).mean())

    limits = (np.log(0.05), np.log(20))
    return float(np.exp(minimize_scalar(loss, bounds=limits, method="bounded").x))


def apply_temperatures(
    scores: Mapping[str, NDArray[np.float64]], temperatures: Mapping[str, float]
) -> dict[str, NDArray[np.float64]]:
    """Probabilities of every head at its temperature; heads without one are left as they are."""
    return {
        name: softmax(np.log(values + _FLOOR) / temperatures[name], axis=1)
        if name in temperatures
        else values
        for name, values in scores.items()
    }


def reliability(
    scores: NDArray[np.float64], truth: NDArray[np.int64], n_bins: int = 10
) -> list[dict[str, float | int]]:
    """Confidence against accuracy of the predicted class, in bins of equal width.

    Parameters
    ----------
    scores : ndarray of shape (N, C)
        Probabilities.
    truth : ndarray of shape (N,), int
        Class of every row.
    n_bins : int
        Bins of the confidence, 0–1.
    """
    confidence, correct = scores.max(axis=1), scores.argmax(axis=1) == truth
    bins = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    return [
        {
            "from": number / n_bins,
            "to": (number + 1) / n_bins,
            "n_images": int((bins == number).sum()),
            "confidence": float(confidence[bins == number].mean()),
            "accuracy": float(correct[bins == number].mean()),
        }
        for number in range(n_bins)
        if (bins == number).any()
    ]


def expected_calibration_error(table: list[dict[str, float | int]]) -> float | None:
    """Mean distance of confidence and accuracy over the bins, by images; None without any."""
    total = sum(row["n_images"] for row in table)
    gaps = [row["n_images"] * abs(row["confidence"] - row["accuracy"]) for row in table]
    return float(sum(gaps) / total) if total else None
