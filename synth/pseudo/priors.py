"""Whether the people of two sets are divided into classes alike, and what to do if not."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

SIGNIFICANCE = 0.05
_STEPS, _CLOSE = 2000, 1e-9


@dataclass(frozen=True)
class Shift:
    """Shares of the classes, by people, in the labelled set and in the one to be labelled.

    Attributes
    ----------
    source, target : ndarray of shape (C,), float
        Shares; those of the target are estimated.
    p_value : float
        Of the likelihood-ratio test that they are the same.
    """

    source: NDArray[np.float64]
    target: NDArray[np.float64]
    p_value: float

    @property
    def significant(self) -> bool:
        """Whether the shares differ by more than chance."""
        return self.p_value < SIGNIFICANCE


def estimate_shift(
    scores: NDArray[np.float64], weights: NDArray[np.float64], source: NDArray[np.float64]
) -> Shift:
    """Shares of the classes among unlabelled rows, by expectation-maximisation.

    Parameters
    ----------
    scores : ndarray of shape (N, C)
        Calibrated probabilities of the unlabelled rows.
    weights : ndarray of shape (N,)
        Weight of every row; rows of one person share a weight of 1.
    source : ndarray of shape (C,)
        Shares that the probabilities were calibrated at, all above 0.

    References
    ----------
    .. [1] Saerens, Latinne & Decaestecker, "Adjusting the outputs of a classifier to new a
       priori probabilities", 2002, doi:10.1162/089976602753284446.
    """
    target = source.copy()
    for _ in range(_STEPS):
        posterior = scores * (target / source)
        posterior /= posterior.sum(axis=1, keepdims=True)
        updated = np.average(posterior, axis=0, weights=weights)
        close = np.abs(updated - target).max() < _CLOSE
        target = updated
        if close:
            break
    gain = 2 * float(weights @ np.log(scores @ (target / source)))
    return Shift(source, target, float(chi2.sf(max(gain, 0.0), len(source) - 1)))


def class_shares(truth: NDArray[np.int64], subjects: Sequence[str], n: int) -> NDArray[np.float64]:
    """Share of every class among people, half a person added to each so that none is 0."""
    pairs = {(subject, int(code)) for subject, code in zip(subjects, truth, strict=True)}
    counts = np.bincount([code for _, code in pairs], minlength=n) + 0.5
    return counts / counts.sum()


def thin(truth: NDArray[np.int64], subjects: Sequence[str], shift: Shift) -> NDArray[np.bool_]:
    """Which labelled rows to keep so that what is left is divided like the target.

    People of class y are kept with probability w(y) / max w, w being the ratio of the shares.
    What is kept is then a plain sample of the target, as long as faces of one class look alike
    in both sets, and exact binomial bounds apply to it [1]_. The same people are kept at
    every call.

    References
    ----------
    .. [1] Si et al., "PAC Prediction Sets Under Label Shift", 2024, arXiv:2310.12964.
    """
    ratio = shift.target / shift.source
    chance = (ratio / ratio.max())[truth]
    return np.array([_draw(subject) for subject in subjects]) < chance


def _draw(subject: str) -> float:
    """A number in [0, 1) that depends on the person alone."""
    digest = hashlib.sha256(f"thin/{subject}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
