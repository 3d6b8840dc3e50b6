"""How many people must be right before a precision can be promised."""

import math

from scipy.special import betaincinv

CONFIDENCE = 0.95
"""Confidence of every bound, one-sided."""
_MOST_WRONG = 1000


def lower_bound(right: int, n: int, confidence: float = CONFIDENCE) -> float:
    """One-sided lower confidence bound of a share, of which `right` of `n` were seen.

    Parameters
    ----------
    right, n : int
        People who were right, and all.
    confidence : float
        Of the bound, 0–1.

    References
    ----------
    .. [1] Clopper & Pearson, "The use of confidence or fiducial limits illustrated in the case
       of the binomial", 1934, doi:10.1093/biomet/26.4.404.

    Examples
    --------
    >>> lower_bound(59, 59) >= 0.95 > lower_bound(58, 58)
    True
    """
    return float(betaincinv(right, n - right + 1, 1 - confidence)) if right else 0.0


def subjects_needed(precision: float, wrong: int = 0, confidence: float = CONFIDENCE) -> int:
    """Fewest people, `wrong` of them wrong, whose lower bound reaches a precision.

    Examples
    --------
    >>> subjects_needed(0.95), subjects_needed(0.98), subjects_needed(0.95, 1)
    (59, 149, 93)
    """
    if wrong == 0:
        return math.ceil(math.log(1 - confidence) / math.log(precision))
    low, high = wrong, 2 * wrong
    while lower_bound(high - wrong, high, confidence) < precision:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        reached = lower_bound(middle - wrong, middle, confidence) >= precision
        low, high = (low, middle) if reached else (middle, high)
    return high


def subjects_needed_at(precision: float, error_rate: float) -> int | None:
    """Fewest people at an error rate; None if no number of them would do.

    Examples
    --------
    >>> subjects_needed_at(0.95, 0.0), subjects_needed_at(0.95, 0.05)
    (59, None)
    """
    if error_rate >= 1 - precision:
        return None
    for wrong in range(_MOST_WRONG):
        if (needed := subjects_needed(precision, wrong)) * error_rate <= wrong:
            return needed
    return None
