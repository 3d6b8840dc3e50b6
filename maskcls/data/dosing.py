"""How much of the extras an epoch draws: by ratio or by class, capped, and by schedule."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest import taxonomy
from ingest.targets import goal_of_median, read_goal, shortfall
from maskcls.config.sections import MixingConfig
from maskcls.errors import ArgumentRefused
from maskcls.data.extras import Extra
from maskcls.data.mixing import Split
from maskcls.data.rows import taught

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Dose:
    """Rows of extras and how many of them an epoch draws.

    Attributes
    ----------
    rows : ndarray of shape (N,), int
        Row numbers in the mix.
    count : int
        Samples of an epoch.
    chance : ndarray of shape (N,), optional
        Weight of every row; without it all are drawn equally often over the epochs.
    caps : sequence of (ndarray of shape (N,), int)
        Group of every row, and the most samples an epoch draws of one group.
    unlabelled : bool
        Whether labels of the rows are guessed while training.
    """

    rows: Rows
    count: int
    chance: NDArray[np.float64] | None = None
    caps: Sequence[tuple[NDArray[np.int64], int]] = ()
    unlabelled: bool = False

    def draw(self, count: int, start: int, seed: list[int], epoch: int) -> Rows:
        """Rows of one epoch: `count` of them, fewer where a cap says so.

        `start` is the number drawn in the epochs before.
        """
        if not count or not len(self.rows):
            return np.empty(0, dtype=np.int64)
        if self.chance is None and not self.caps:
            return self.rows[_round_robin(len(self.rows), start, count, seed)]
        rng = np.random.default_rng([*seed, 2, epoch])
        order = self._order(rng, count)
        return self.rows[order[_within(order, self.caps)][:count]]

    def _order(self, rng: np.random.Generator, count: int) -> Rows:
        """Positions to take from the front: enough of them even if caps strike some out."""
        size = len(self.rows)
        if self.chance is not None:
            chance = self.chance / self.chance.sum()
            return rng.choice(size, size=max(count, size) * (4 if self.caps else 1), p=chance)
        rounds = -(-count // size) + max((cap for _, cap in self.caps), default=0)
        return np.concatenate([rng.permutation(size) for _ in range(rounds)])


def _within(order: Rows, caps: Sequence[tuple[NDArray[np.int64], int]]) -> NDArray[np.bool_]:
    """Which entries keep every group at or below its cap, taking the first come."""
    kept = np.ones(len(order), dtype=bool)
    used: list[dict[int, int]] = [{} for _ in caps]
    for place, position in enumerate(order):
        groups = [int(group[position]) for group, _ in caps]
        kept[place] = all(
            count.get(group, 0) < cap
            for count, group, (_, cap) in zip(used, groups, caps, strict=True)
        )
        if kept[place]:
            for count, group in zip(used, groups, strict=True):
                count[group] = count.get(group, 0) + 1
    return kept


def _round_robin(size: int, start: int, count: int, seed: list[int]) -> Rows:
    """Positions `start` and on of an endless row of shuffles of `range(size)`.

    Over the epochs every row is drawn equally often, give or take one.
    """
    first, last = start // size, (start + count - 1) // size
    shuffles = [np.random.default_rng([*seed, 1, block]).permutation(size)
                for block in range(first, last + 1)]  # fmt: skip
    begin = start - first * size
    return np.concatenate(shuffles)[begin : begin + count]


def share_of_extras(mixing: MixingConfig, epoch: int, epochs: int) -> float:
    """Part of the full doses that an epoch draws, 0–1.

    Examples
    --------
    >>> decay = MixingConfig(schedule="decay", decay_from=0.5)
    >>> [share_of_extras(decay, epoch, 5) for epoch in range(5)]
    [1.0, 1.0, 1.0, 0.5, 0.0]
    """
    if mixing.schedule == "pretrain":
        return 1.0 if epoch < mixing.pretrain_epochs else 0.0
    if mixing.schedule == "constant":
        return 1.0
    begin, last = mixing.decay_from * (epochs - 1), epochs - 1
    if epoch <= begin:
        return 1.0
    return float((last - epoch) / (last - begin)) if epoch < last else 0.0


def make_doses(
    rows: pd.DataFrame, split: Split, extras: Sequence[Extra], mixing: MixingConfig
) -> list[Dose]:
    """Doses of a split: one per extra by its ratio, or one per class to be filled.

    Unlabelled sets have no classes to fill, so they are always drawn by ratio.

    Parameters
    ----------
    rows : DataFrame
        All rows of the mix.
    split : Split
        Whose extras teach.
    extras : sequence of Extra
        In the order of ``split.extras``.
    mixing : MixingConfig
        The rules.
    """
    parts = [
        (part, round(extra.ratio * len(split.train)), extra.unlabelled)
        for part, extra in zip(split.extras, extras, strict=True)
        if extra.unlabelled or not mixing.cells
    ]
    if mixing.cells:
        sources = [part for part, extra in zip(split.extras, extras, strict=True)
                   if not extra.unlabelled]  # fmt: skip
        parts = [*_per_cell(rows, split.train, sources, mixing.cells), *parts]
    real_years = rows["years"].to_numpy()[split.train]
    return [
        replace(_dose(rows, part, count, mixing, real_years), unlabelled=unlabelled)
        for part, count, unlabelled in parts
        if len(part)
    ]


def _per_cell(
    rows: pd.DataFrame, train: Rows, sources: Sequence[Rows], cells: str
) -> list[tuple[Rows, int, bool]]:
    codes = taught(rows)
    classes = taxonomy.class_index(codes["mask"], codes["gender"], codes["age"])
    real = classes[train]
    counts = np.bincount(real[real >= 0], minlength=taxonomy.N_CLASSES)
    lacking = missing_per_class(counts, cells)
    there = np.concatenate([*sources, np.empty(0, dtype=np.int64)])
    of_extra = classes[there]
    return [
        (there[of_extra == index], int(lacking[index]), False) for index in np.flatnonzero(lacking)
    ]


def missing_per_class(counts: NDArray[np.int64], cells: str) -> NDArray[np.int64]:
    """Extra images every class lacks, shape (18,), by the words of ``mixing.cells``."""
    if cells.endswith(".csv"):
        return shortfall(counts, read_goal(Path(cells)))
    chosen = chosen_classes(cells)
    return np.where(chosen, shortfall(counts, goal_of_median(counts)), 0)


def chosen_classes(cells: str) -> NDArray[np.bool_]:
    """Classes named by words: those that carry every word of one of the parts between commas.

    Raises
    ------
    ArgumentRefused
        If a part names no class.

    Examples
    --------
    >>> int(chosen_classes(">=60").sum()), int(chosen_classes("incorrect, worn female").sum())
    (6, 9)
    """
    names = [set(name.split()) for name in taxonomy.CLASS_NAMES]
    chosen = np.zeros(taxonomy.N_CLASSES, dtype=bool)
    for part in cells.split(","):
        words = set(part.split()) - {"all"}
        found = np.array([bool(part.strip()) and words <= name for name in names])
        if not found.any():
            message = (
                f"mixing.cells: {part.strip()!r} names no class. Expected 'all', words of "
                f"classes such as '>=60' or 'incorrect female' "
                f"({', '.join(sorted(set().union(*names)))}), separated by commas, or a .csv of "
                "class,count"
            )
            raise ArgumentRefused(message)
        chosen |= found
    return chosen


def _dose(
    rows: pd.DataFrame,
    part: Rows,
    count: int,
    mixing: MixingConfig,
    real_years: NDArray[np.float64],
) -> Dose:
    of_part = rows.iloc[part]
    photo = of_part["parent_id"].where(of_part["parent_id"].notna(), of_part["image_id"])
    caps = [
        (pd.factorize(groups)[0], cap)
        for groups, cap in (
            (photo, mixing.per_parent),
            (of_part["subject_id"], mixing.per_subject),
        )
        if cap
    ]
    chance = None
    if mixing.age_closeness:
        chance = closeness(of_part["years"].to_numpy(), real_years, mixing.age_closeness)
    limit = min((cap * len(np.unique(groups)) for groups, cap in caps), default=count)
    return Dose(part, min(count, limit), chance, caps)


def closeness(
    years: NDArray[np.float64], real: NDArray[np.float64], width: float
) -> NDArray[np.float64]:
    """Density of the real set's ages at each age: Gaussian of `width` years, shape (N,).

    Without a known age a row counts as the average of the others; all equal where none is known.
    """
    known = real[~np.isnan(real)]
    values, repeats = np.unique(known, return_counts=True)
    distance = (years[:, None] - values[None]) / width
    density = np.exp(-0.5 * distance**2) @ (repeats / max(len(known), 1))
    given = ~np.isnan(years) & (len(known) > 0)
    if not density[given].sum() > 0:
        return np.ones(len(years))
    return np.where(given, density, density[given].mean())
