"""How several models decide together: soft, hard and rank voting, with weights."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import rankdata

Scores = NDArray[np.float64]


def vote(parts: Scores, rule: str, weights: Sequence[float] | None = None) -> Scores:
    """Probabilities or shares of votes, shape (N, C); every row sums to 1.

    Parameters
    ----------
    parts : ndarray of shape (M, N, C)
        Probabilities by every model.
    rule : {"soft", "hard", "rank"}
        Mean of the probabilities; share of the models whose first choice a class is, ties
        going to the higher mean; or points by rank (Borda count).
    weights : sequence of M floats, optional
        Weight of every model; equal without.
    """
    share = np.full(len(parts), 1 / len(parts)) if weights is None else np.asarray(weights, float)
    share = share / share.sum()
    mean = np.einsum("m,mnc->nc", share, parts)
    if rule == "soft":
        return mean
    points = _first_choice(parts) if rule == "hard" else _borda(parts)
    # Ties are broken by less than any difference of votes.
    total = np.einsum("m,mnc->nc", share, points) + 1e-6 * mean
    return total / total.sum(axis=1, keepdims=True)


def _first_choice(parts: Scores) -> Scores:
    return (np.arange(parts.shape[2]) == parts.argmax(axis=2)[..., None]).astype(float)


def _borda(parts: Scores) -> Scores:
    """Points of every class: how many others it beats, ties sharing."""
    return rankdata(parts, axis=2) - 1


def fit_weights(parts: Scores, truth: NDArray[np.int64]) -> NDArray[np.float64]:
    """Weights of the models whose mean has the lowest negative log-likelihood, shape (M,).

    Parameters
    ----------
    parts : ndarray of shape (M, N, C)
        Probabilities of rows no model was taught.
    truth : ndarray of shape (N,), int
        Their classes; -1 for none.
    """
    known = truth >= 0
    if not known.any():
        return np.full(len(parts), 1 / len(parts))
    chosen = parts[:, known][:, np.arange(known.sum()), truth[known]]

    def loss(logits: NDArray) -> float:
        share = np.exp(logits - logits.max())
        return float(-np.log(share @ chosen / share.sum() + 1e-12).mean())

    best = minimize(loss, np.zeros(len(parts)), method="L-BFGS-B", bounds=[(-8, 8)] * len(parts))
    share = np.exp(best.x - best.x.max())
    return share / share.sum()
