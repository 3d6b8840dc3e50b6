"""The 18 classes: words of mask, gender and age, and the one place that knows their numbers.

``class = mask * 6 + gender * 3 + age_group``.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

MASKS = ("worn", "incorrect", "not_worn")
GENDERS = ("male", "female")
AGE_GROUPS = ("<30", "30-59", ">=60")
AXES = ("mask", "gender", "age")
AGE_BOUNDARIES = (30.0, 60.0)
"""Years at which the second and third age group begin. Scoring always uses these."""

N_CLASSES = len(MASKS) * len(GENDERS) * len(AGE_GROUPS)
NO_CLASS = -1
REGIONS = ("nostrils", "mouth", "chin", "eyes")


@dataclass(frozen=True)
class WearState:
    """How a garment sits, as limits on the covered share of each face region.

    Attributes
    ----------
    name : str
        Word stored in ``wear_state``.
    token : str
        Word typed after ``--incorrect``.
    mask : str
        The word of `MASKS` it refines.
    limits : dict of str to (float, float)
        Region to (lowest, highest) covered share, 0–1; a region left out may be anything.
    """

    name: str
    token: str
    mask: str
    limits: dict[str, tuple[float, float]]

    def agrees(self, coverage: dict[str, float]) -> bool:
        """Whether a measured coverage (region to share, 0–1) lies within the limits."""
        return all(low <= coverage[region] <= high for region, (low, high) in self.limits.items())


def _state(name: str, token: str, mask: str, **limits: tuple[float, float]) -> WearState:
    return WearState(name, token, mask, limits)


_ALL, _BARE = 1.0, 0.0
WEAR_STATES = {
    state.name: state
    for state in (
        _state("correct", "worn", "worn", nostrils=(0.95, _ALL), mouth=(0.95, _ALL),
               chin=(0.90, _ALL), eyes=(_BARE, 0.05)),
        _state("nose_out", "nose", "incorrect", nostrils=(_BARE, 0.30), mouth=(0.90, _ALL),
               chin=(0.50, _ALL), eyes=(_BARE, 0.05)),
        _state("chin", "chin", "incorrect", nostrils=(_BARE, 0.05), mouth=(_BARE, 0.15),
               eyes=(_BARE, 0.05)),
        _state("chin_out", "chin-out", "incorrect", nostrils=(0.95, _ALL), mouth=(0.90, _ALL),
               chin=(_BARE, 0.30), eyes=(_BARE, 0.05)),
        _state("nose_only", "nose-only", "incorrect", nostrils=(0.90, _ALL), mouth=(_BARE, 0.30),
               chin=(_BARE, 0.10), eyes=(_BARE, 0.20)),
        _state("eyes", "eyes", "incorrect", mouth=(_BARE, 0.10), chin=(_BARE, 0.05),
               eyes=(0.50, _ALL)),
        _state("hanging", "hanging", "incorrect", nostrils=(_BARE, 0.10), mouth=(_BARE, 0.10),
               chin=(_BARE, 0.30), eyes=(_BARE, 0.05)),
        _state("none", "none", "not_worn", nostrils=(_BARE, _BARE), mouth=(_BARE, _BARE),
               chin=(_BARE, _BARE), eyes=(_BARE, _BARE)),
    )
}  # fmt: skip


def incorrect_tokens() -> dict[str, str]:
    """Tokens accepted after ``--incorrect``, each with the wear state it names."""
    return {s.token: s.name for s in WEAR_STATES.values() if s.mask == "incorrect"}


def age_group(
    age: ArrayLike,
    age_low: ArrayLike | None = None,
    age_high: ArrayLike | None = None,
    boundaries: tuple[float, float] = AGE_BOUNDARIES,
) -> NDArray[np.int64]:
    """Index of the age group, or -1 where the ages do not tell it.

    Parameters
    ----------
    age : array_like of shape (N,)
        Years; NaN where only bounds are known.
    age_low, age_high : array_like of shape (N,), optional
        Inclusive bounds of a binned age in whole years; NaN in `age_high` with a known
        `age_low` means "or older". A bin that straddles a boundary has no age group.
    boundaries : (float, float)
        Years at which the second and the third group begin.

    Returns
    -------
    ndarray of shape (N,), int
        0, 1, 2 as in `AGE_GROUPS`, or -1.

    Examples
    --------
    >>> age_group([29.9, 30, 59.99, 60]).tolist()
    [0, 1, 1, 2]
    >>> nan = float("nan")
    >>> age_group([nan, nan, nan], [50, 55, 70], [59, 65, nan]).tolist()
    [1, -1, 2]
    """
    years = np.asarray(age, dtype=float)
    group = np.where(np.isnan(years), NO_CLASS, np.digitize(years, boundaries))
    if age_low is None or age_high is None:
        return group
    low, high = np.asarray(age_low, dtype=float), np.asarray(age_high, dtype=float)
    high = np.where(np.isnan(high) & ~np.isnan(low), np.inf, high)
    low = np.where(np.isnan(low) & ~np.isnan(high), 0.0, low)
    of_low, of_high = np.digitize(low, boundaries), np.digitize(high, boundaries)
    from_bin = np.where(np.isnan(low) | (of_low != of_high), NO_CLASS, of_low)
    return np.where(np.isnan(years), from_bin, group)


def class_index(mask: ArrayLike, gender: ArrayLike, group: ArrayLike) -> NDArray[np.int64]:
    """Class 0–17 from indices into `MASKS`, `GENDERS` and `AGE_GROUPS`; -1 if any is -1.

    Examples
    --------
    >>> class_index([0, 1, 2, -1], [0, 1, 1, 0], [0, 2, 2, 0]).tolist()
    [0, 11, 17, -1]
    """
    parts = [np.asarray(part, dtype=np.int64) for part in (mask, gender, group)]
    known = (parts[0] >= 0) & (parts[1] >= 0) & (parts[2] >= 0)
    return np.where(known, parts[0] * 6 + parts[1] * 3 + parts[2], NO_CLASS)


def split_class(index: ArrayLike) -> tuple[NDArray, NDArray, NDArray]:
    """Undo `class_index`: indices of mask, gender and age group.

    Examples
    --------
    >>> [int(part) for part in split_class(11)]
    [1, 1, 2]
    """
    index = np.asarray(index, dtype=np.int64)
    return index // 6, index // 3 % 2, index % 3


def class_name(index: int) -> str:
    """Words of one class.

    Examples
    --------
    >>> class_name(11)
    'incorrect female >=60'
    """
    mask, gender, group = split_class(index)
    return f"{MASKS[mask]} {GENDERS[gender]} {AGE_GROUPS[group]}"


CLASS_NAMES = tuple(class_name(index) for index in range(N_CLASSES))
