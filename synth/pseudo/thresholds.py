"""The confidence from which on the labels of a stratum are right often enough.

Several thresholds are tried, so a bound at each of them would promise too much. They are tested
one after the other at full confidence, in an order that looks at confidences but never at who is
right, and the testing ends with the first that fails: fixed-sequence testing, which keeps the
chance of any false promise of a stratum at 5 % without a correction.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binom

from synth.pseudo.bounds import lower_bound, subjects_needed, subjects_needed_at

GRID = (0.999, 0.998, 0.995, 0.99, 0.98, 0.97, 0.96, 0.95, 0.93, 0.9, 0.875, 0.85, 0.8, 0.75,
        0.7, 0.65, 0.6, 0.55, 0.5)  # fmt: skip
"""Calibrated confidences, fixed beforehand."""


@dataclass(frozen=True)
class Tried:
    """One threshold of a stratum, in people.

    Attributes
    ----------
    threshold : float
        Confidence from which rows are accepted.
    n, wrong : int
        People with at least one accepted row, and those of them with a wrong one.
    bound : float
        Lower bound of the precision.
    """

    threshold: float
    n: int
    wrong: int
    bound: float


@dataclass(frozen=True)
class Choice:
    """What a stratum can promise.

    Attributes
    ----------
    chosen : Tried or None
        None where it abstains.
    tested : tuple of Tried
        In the order they were tested.
    n_subjects : int
        Labelled people of the stratum.
    needed : int or None
        Where it abstains: people it would take at the confidence tried; None if no number would.
    """

    chosen: Tried | None
    tested: tuple[Tried, ...]
    n_subjects: int
    needed: int | None

    def reason(self, min_precision: float) -> str:
        """Why it abstains, with the number of people it would take; '' if it does not."""
        if self.chosen:
            return ""
        if not self.tested:
            return (
                f"{self.n_subjects} labelled people; {min_precision:g} takes at least "
                f"{self.needed}, all of them right"
            )
        failed = self.tested[0]
        found = f"{failed.wrong} of {failed.n} people wrong at confidence {failed.threshold:g}"
        if self.needed is None:
            return f"{found}: no number of people would do, a better model might"
        return f"{found}: at that rate it takes {self.needed} people"


@dataclass(frozen=True)
class _Tally:
    """What one threshold accepts, in people: how many, how many wrong, how doubtful."""

    threshold: float
    n: int
    wrong: int
    doubt: float


def _tallies(rows: pd.DataFrame, grid: tuple[float, ...]) -> list[_Tally]:
    ordered = rows.sort_values("subject_id", kind="stable")
    people = pd.factorize(ordered["subject_id"])[0]
    confidence, wrong = ordered["confidence"].to_numpy(), ordered["wrong"].to_numpy(dtype=bool)
    tallies = []
    for threshold in grid:
        accepted = confidence >= threshold
        found, first = np.unique(people[accepted], return_index=True)
        if len(found):
            surest = np.minimum.reduceat(confidence[accepted], first)
            n_wrong = len(np.unique(people[accepted & wrong]))
            tallies.append(_Tally(threshold, len(found), n_wrong, float(1 - surest.mean())))
    return tallies


def _tried(tally: _Tally) -> Tried:
    bound = lower_bound(tally.n - tally.wrong, tally.n)
    return Tried(tally.threshold, tally.n, tally.wrong, bound)


def try_all(rows: pd.DataFrame, grid: tuple[float, ...] = GRID) -> list[Tried]:
    """Every threshold that accepts anybody.

    Parameters
    ----------
    rows : DataFrame
        ``subject_id``, ``confidence`` (0–1) and ``wrong`` (bool), of one stratum.
    grid : tuple of float
        Thresholds.
    """
    return [_tried(tally) for tally in _tallies(rows, grid)]


def choose(rows: pd.DataFrame, min_precision: float, grid: tuple[float, ...] = GRID) -> Choice:
    """Lowest threshold whose precision can be promised, by fixed-sequence testing [1]_ [2]_.

    Thresholds that too few people pass for any promise are not tested. The others are tested in
    falling order of the chance to succeed that the confidences suggest. A person counts as wrong
    if any accepted row is.

    Parameters
    ----------
    rows : DataFrame
        As of `try_all`.
    min_precision : float
        Share of people who must be right, 0–1.
    grid : tuple of float
        Thresholds.

    References
    ----------
    .. [1] Bauer, "Multiple testing in clinical trials", 1991, doi:10.1002/sim.4780100609.
    .. [2] Angelopoulos et al., "Learn then Test", 2021, arXiv:2110.01052.
    """
    least = subjects_needed(min_precision)
    testable = [tally for tally in _tallies(rows, grid) if tally.n >= least]
    n_subjects = int(rows["subject_id"].nunique())
    passed, tested = [], []
    for tally in sorted(testable, key=lambda tally: -_chance(tally, min_precision)):
        tested.append(_tried(tally))
        if tested[-1].bound < min_precision:
            break
        passed.append(tested[-1])
    if passed:
        chosen = min(passed, key=lambda one: one.threshold)
        return Choice(chosen, tuple(tested), n_subjects, None)
    if not tested:
        return Choice(None, (), n_subjects, least)
    needed = subjects_needed_at(min_precision, tested[0].wrong / tested[0].n)
    return Choice(None, tuple(tested), n_subjects, needed)


def _chance(tally: _Tally, min_precision: float) -> float:
    """Chance that a threshold passes if the confidences are right; looks at no label."""
    return float(binom.cdf(most_wrong(tally.n, min_precision), tally.n, tally.doubt))


@lru_cache(maxsize=4096)
def most_wrong(n: int, min_precision: float) -> int:
    """Most people who may be wrong among `n` for the bound to hold; -1 if none may.

    Examples
    --------
    >>> most_wrong(58, 0.95), most_wrong(59, 0.95), most_wrong(93, 0.95)
    (-1, 0, 1)
    """
    low, high = -1, n
    while high - low > 1:
        middle = (low + high) // 2
        holds = lower_bound(n - middle, n) >= min_precision
        low, high = (middle, high) if holds else (low, middle)
    return low


def risk_coverage(rows: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share of people accepted and share of those wrong, as the threshold falls.

    Returns
    -------
    coverage, risk : ndarray of shape (N,), float
        By people, each at the confidence of their least sure row, the surest first.
    """
    people = rows.groupby("subject_id").agg(sure=("confidence", "min"), wrong=("wrong", "any"))
    order = people.sort_values("sure", ascending=False, kind="stable")["wrong"].to_numpy(float)
    counts = np.arange(1, len(order) + 1)
    return counts / max(len(order), 1), np.cumsum(order) / counts
