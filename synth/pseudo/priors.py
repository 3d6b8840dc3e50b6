"""Whether the people of two sets are divided into classes alike, and what to do if not."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ttest_ind_from_stats

SIGNIFICANCE = 0.05
_STEPS, _CLOSE, _LITTLE = 2000, 1e-9, 1e-12


@dataclass(frozen=True)
class Scored:
    """Calibrated probabilities of some photos, and whom they show.

    Attributes
    ----------
    scores : ndarray of shape (N, C)
        Probabilities.
    subjects : sequence of N str
        People.
    """

    scores: NDArray[np.float64]
    subjects: Sequence[str]

    @property
    def people(self) -> NDArray[np.float64]:
        """Mean over the photos of every person, shape (P, C): a person counts once."""
        person = np.unique(np.asarray(self.subjects, dtype=str), return_inverse=True)[1]
        sums = np.zeros((person.max(initial=-1) + 1, self.scores.shape[1]))
        np.add.at(sums, person, np.maximum(self.scores, _LITTLE))
        return sums / np.bincount(person)[:, None]


@dataclass(frozen=True)
class Shift:
    """Shares of the classes, by people, in the labelled set and in the one to be labelled.

    Attributes
    ----------
    source, target : ndarray of shape (C,), float
        Shares; those of the target are estimated.
    p_value : float
        Of the test that people of the two sets are scored alike.
    """

    source: NDArray[np.float64]
    target: NDArray[np.float64]
    p_value: float

    @property
    def significant(self) -> bool:
        """Whether the shares differ by more than chance."""
        return self.p_value < SIGNIFICANCE


def estimate_shift(labelled: Scored, truth: NDArray[np.int64], target: Scored) -> Shift:
    """Shares of the classes among unlabelled people, and whether they differ.

    Whether they do is asked of the scores alone [1]_: models that never saw the people scored both
    sets, so where people are alike their scores are, however badly calibrated. The shares come from
    expectation-maximisation [2]_, after the probabilities were brought to the labelled shares;
    without that the estimate carries the model's bias [3]_.

    Parameters
    ----------
    labelled : Scored
        People with labels.
    truth : ndarray of shape (N,), int
        Their classes.
    target : Scored
        People without.

    References
    ----------
    .. [1] Lipton, Wang & Smola, "Detecting and correcting for label shift with black box
       predictors", 2018, arXiv:1802.03916.
    .. [2] Saerens, Latinne & Decaestecker, "Adjusting the outputs of a classifier to new a
       priori probabilities", 2002, doi:10.1162/089976602753284446.
    .. [3] Alexandari, Kundaje & Shrikumar, "Maximum likelihood with bias-corrected calibration is
       hard-to-beat at label shift adaptation", 2020, arXiv:1901.06852.
    """
    source = class_shares(truth, labelled.subjects, target.scores.shape[1])
    bias = _bias_to(source, labelled.people) if len(labelled.subjects) else np.ones(len(source))
    estimate = _maximised(_weighted(target.people, bias), source)
    return Shift(source, estimate, _alike(labelled.people, target.people))


def _weighted(scores: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    weighted = scores * weights
    return weighted / weighted.sum(axis=1, keepdims=True)


def _bias_to(shares: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Factor of every class with which the mean of the scores is the shares."""
    bias = np.ones(len(shares))
    for _ in range(_STEPS):
        mean = _weighted(scores, bias).mean(axis=0)
        if np.abs(mean - shares).max() < _CLOSE:
            break
        bias *= shares / mean
        bias /= bias.max()
    return bias


def _maximised(scores: NDArray[np.float64], source: NDArray[np.float64]) -> NDArray[np.float64]:
    """Likeliest shares of people with these probabilities at the source's shares."""
    target = source.copy()
    for _ in range(_STEPS):
        updated = _weighted(scores, target / source).mean(axis=0)
        close = np.abs(updated - target).max() < _CLOSE
        target = updated
        if close:
            break
    return target


def _alike(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """p-value of Welch's test that two groups have the same mean scores; for the worst class."""
    if min(len(first), len(second)) < 2:
        return 1.0
    spread = [np.maximum(group.std(axis=0, ddof=1), _CLOSE) for group in (first, second)]
    found = ttest_ind_from_stats(
        first.mean(axis=0), spread[0], len(first), second.mean(axis=0), spread[1], len(second),
        equal_var=False,
    )  # fmt: skip
    n_tests = first.shape[1] - 1  # two classes share one test, their scores being one number
    return float(min(1.0, n_tests * np.min(found.pvalue)))


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
