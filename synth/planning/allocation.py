"""Which photos shall fill which classes, spread over people and wear states."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest import taxonomy
from ingest.records import age_group_index, gender_index
from synth.recipe import derived_rng

STATE_WEIGHTS = {
    "correct": 1.0,
    "nose_out": 0.36,
    "chin": 0.34,
    "hanging": 0.09,
    "chin_out": 0.08,
    "eyes": 0.07,
    "nose_only": 0.06,
    "none": 1.0,
}
"""How often each way of wearing a mask is drawn within its word of `taxonomy.MASKS`.

Nose out and chin lead: MaskedFace-Net gives 80 % of its incorrect masks to the nose, the Korean
target set names only these two; the rest are seen in street photographs, but rarely.
"""
CAP = 4
"""Composites of one photo when filling classes, unless `--per-image` says otherwise."""


@dataclass(frozen=True)
class CellPlan:
    """What is planned for one class.

    Attributes
    ----------
    index : int
        Class, 0–17.
    have : int
        Images of the reference.
    goal : int
        Images wanted.
    make : int
        Images planned.
    photos : int
        Photos they come from.
    why_short : str
        What stands in the way of the rest; empty if nothing does.
    """

    index: int
    have: int
    goal: int
    make: int
    photos: int
    why_short: str


def allocate(
    photos: pd.DataFrame,
    have: NDArray[np.int64],
    goal: NDArray[np.int64],
    states: Sequence[str],
    *,
    cap: int = CAP,
    reference_ages: dict[int, tuple[float, float]] | None = None,
    seed: int = 0,
) -> tuple[list[tuple[str, ...]], list[CellPlan]]:
    """Choose wear states for every photo so that the classes reach their goal.

    Photos whose age lies nearest to the reference's own come first; each person gives one
    image before anybody gives a second.

    Parameters
    ----------
    photos : DataFrame
        Record rows of bare faces.
    have, goal : ndarray of shape (18,), int
        Images there are and images wanted.
    states : sequence of str
        Wear states that may be made, ``none`` included if the photo itself counts.
    cap : int
        Most images of one photo.
    reference_ages : dict of int to (float, float), optional
        Age group to the youngest and oldest age of the reference.
    seed : int
        Of ties and wear states.

    Returns
    -------
    (list of tuple of str, list of CellPlan)
        States of each photo, in its order; and what is planned for each class that needs images.
    """
    chosen: list[list[str]] = [[] for _ in range(len(photos))]
    groups, genders = age_group_index(photos), gender_index(photos)
    distance = _age_distance(photos, groups, reference_ages or {})
    tie = np.array([derived_rng(seed, key, "order").random() for key in photos["image_id"]])
    wanted = [_Wanted.of(int(i), have, goal, states) for i in np.flatnonzero(goal > have)]
    for people in sorted({(cell.gender, cell.group) for cell in wanted}):
        rows = np.flatnonzero((genders == people[0]) & (groups == people[1]))
        rows = rows[np.lexsort((tie[rows], distance[rows]))]
        cells = [cell for cell in wanted if (cell.gender, cell.group) == people]
        _fill(rows.tolist(), photos["subject_id"], cells, cap, chosen, seed)
        for cell in cells:
            cell.candidates = len(rows)
    return [tuple(states_of) for states_of in chosen], [cell.plan(cap) for cell in wanted]


@dataclass
class _Wanted:
    """A class that lacks images, while it is being filled."""

    index: int
    have: int
    goal: int
    able: list[str]
    made: dict[int, int] = field(default_factory=dict)
    candidates: int = 0

    @classmethod
    def of(
        cls, index: int, have: NDArray[np.int64], goal: NDArray[np.int64], states: Sequence[str]
    ) -> "_Wanted":
        word = taxonomy.MASKS[index // 6]
        able = [state for state in states if taxonomy.WEAR_STATES[state].mask == word]
        return cls(index, int(have[index]), int(goal[index]), able)

    @property
    def gender(self) -> int:
        return self.index // 3 % 2

    @property
    def group(self) -> int:
        return self.index % 3

    @property
    def missing(self) -> int:
        return self.goal - self.have - sum(self.made.values())

    def plan(self, cap: int) -> CellPlan:
        made = sum(self.made.values())
        return CellPlan(self.index, self.have, self.goal, made, len(self.made), self._why(cap))

    def _why(self, cap: int) -> str:
        if self.missing <= 0:
            return ""
        if not self.able:
            how = ("--worn", "--incorrect", "--include-bare")[self.index // 6]
            return f"{self.missing} short: not asked for (add {how})"
        if not self.candidates:
            return f"{self.missing} short: no photo of this gender and age"
        return f"{self.missing} short: {self.candidates} photos, at most {cap} images of each"


def _age_distance(
    photos: pd.DataFrame, groups: NDArray[np.int64], reference: dict[int, tuple[float, float]]
) -> NDArray[np.float64]:
    """Years by which each photo lies outside the reference's ages of its group."""
    age = photos["age"].astype("float64").to_numpy()
    middle = (photos["age_low"].astype("float64") + photos["age_high"].astype("float64")) / 2
    age = np.where(np.isnan(age), middle.fillna(photos["age_low"].astype("float64")), age)
    edges = (0.0, *taxonomy.AGE_BOUNDARIES, np.inf)
    # A group the reference has nobody in is approached from its lower boundary.
    spans = [reference.get(g, (edges[g], edges[g + 1] if g < 2 else edges[g])) for g in range(3)]
    low, high = (np.array([span[k] for span in spans])[groups] for k in range(2))
    away = np.maximum(np.maximum(low - age, age - high), 0)
    return np.where((groups < 0) | np.isnan(away), np.inf, away)


def _fill(
    rows: list[int],
    subjects: pd.Series,
    cells: list[_Wanted],
    cap: int,
    chosen: list[list[str]],
    seed: int,
) -> None:
    """Give states to photos in rounds: bare photos first, then each class in turn.

    A round gives every person at most one image of a class, so that classes which share
    photos share them evenly.
    """
    progress = True
    while progress:
        progress = False
        for cell in sorted(cells, key=lambda cell: -cell.index):
            served = set[str]()
            for row in rows:
                subject = str(subjects.iloc[row])
                free = [s for s in cell.able if s != "none" or "none" not in chosen[row]]
                full = cell.missing <= 0 or len(chosen[row]) >= cap
                if full or subject in served or not free:
                    continue
                chosen[row].append(_draw_state(free, chosen[row], seed, subject))
                served.add(subject)
                cell.made[row] = cell.made.get(row, 0) + 1
                progress = True


def _draw_state(able: list[str], given: list[str], seed: int, subject: str) -> str:
    """A state by weight, preferring one the photo has not been given yet."""
    fresh = [state for state in able if state not in given] or able
    weights = np.array([STATE_WEIGHTS[state] for state in fresh])
    rng = derived_rng(seed, subject, len(given), "state")
    return fresh[int(rng.choice(len(fresh), p=weights / weights.sum()))]
