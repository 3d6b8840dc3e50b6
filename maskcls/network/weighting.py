"""How much every class and every soft label counts in a loss."""

import math
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from maskcls.config.heads import Head
from maskcls.config.sections import LossConfig


def drawn_per_class(allowed: Tensor, draws: Tensor) -> Tensor:
    """Images of every class that an epoch draws, shape (C,); rows of several are not counted.

    Parameters
    ----------
    allowed : Tensor of shape (N, C), bool
        Classes that agree with each row's label.
    draws : Tensor of shape (N,)
        How often an epoch draws each row.
    """
    known = allowed.sum(dim=1) == 1
    return (allowed[known] * draws[known, None]).sum(dim=0).float()


def class_weights(counts: Tensor, config: LossConfig) -> Tensor:
    """Weight of every class, shape (C,); mean 1 over the images drawn, 0 for an empty class.

    ``inverse`` makes classes count the same; ``sqrt_inverse`` lies halfway; ``effective``
    takes ``(1 - beta) / (1 - beta ** n)``.

    References
    ----------
    .. [1] Cui et al., "Class-Balanced Loss Based on Effective Number of Samples", 2019,
       10.1109/CVPR.2019.00949.
    """
    if config.class_weights == "none":
        return torch.ones_like(counts)
    some = counts.clamp(min=1e-9)
    raw = {
        "inverse": 1 / some,
        "sqrt_inverse": some**-0.5,
        "effective": (1 - config.beta) / (1 - config.beta**some),
    }[config.class_weights]
    raw = torch.where(counts > 0, raw, 0.0)
    return raw * counts.sum() / (raw * counts).sum().clamp(min=1e-9)


def soft_groups(
    years: NDArray[np.float64], softness: float, boundaries: tuple[float, float]
) -> NDArray[np.float64]:
    """Share of a Gaussian around each age that lies in every age group, shape (N, 3).

    Parameters
    ----------
    years : ndarray of shape (N,)
        NaN where unknown; its row is then NaN.
    softness : float
        Standard deviation in years.
    boundaries : (float, float)
        Years at which the second and third group begin.

    Examples
    --------
    >>> soft_groups(np.array([30.0]), 1e-3, (30, 60)).round(3).tolist()
    [[0.5, 0.5, 0.0]]
    """
    from scipy.stats import norm

    below = norm.cdf((np.array(boundaries)[None] - years[:, None]) / softness)
    ones = np.where(np.isnan(years), np.nan, 1.0)[:, None]
    return np.diff(np.hstack([0 * ones, below, ones]), axis=1)


def soft_classes(
    head: Head, codes: Mapping[str, NDArray], soft_age: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Probability of every class of a head that predicts the age, shape (N, n_classes).

    Parameters
    ----------
    head : Head
        It may predict other axes jointly; they stay as they are labelled.
    codes : mapping of str to ndarray of shape (N,), int
        Class of every axis, -1 where unknown: rows of which another axis is unknown are NaN.
    soft_age : ndarray of shape (N, 3)
        As of `soft_groups`.
    """
    ages = np.indices(head.shape).reshape(len(head.axes), -1)[head.axes.index("age")]
    others = head.allowed({**codes, "age": np.full(len(soft_age), -1)})
    certain = others.sum(axis=1, keepdims=True) == soft_age.shape[1]
    return np.where(certain, others * soft_age[:, ages], np.nan)


def weights_apply(config: LossConfig, epoch: int, epochs: int) -> bool:
    """Whether class weights are in effect; deferred re-weighting leaves them out at first."""
    return epoch >= math.floor(config.weights_from * epochs)
