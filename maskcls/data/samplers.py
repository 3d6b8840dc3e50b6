"""Which rows an epoch draws, in which order: a function of seed and epoch alone."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Sampler

from maskcls import distributed
from maskcls.config.sections import MixingConfig
from maskcls.data.dosing import Dose, share_of_extras

Rows = NDArray[np.int64]


class Draw(NamedTuple):
    """One sample of an epoch.

    Attributes
    ----------
    row : int
        Row number in the mix.
    seed : int
        Seed of its augmentation, 0 to 2**32 - 1.
    """

    row: int
    seed: int


@dataclass(frozen=True)
class RealRows:
    """The rows of the real set that teach, and how an epoch draws them.

    Attributes
    ----------
    rows : ndarray of shape (N,), int
        Row numbers in the mix.
    rule : {"uniform", "balanced", "oversample", "undersample"}
        As of `SamplerConfig`.
    strata : ndarray of shape (N,), optional
        What `rule` evens out; needed by all but ``uniform``.
    power : float
        Of ``balanced``.
    worn_of : ndarray of shape (N,), optional
        Number of the person in a photo of a correctly worn mask, -1 in any other.
    worn_per_subject : int
        Such photos of one person in an epoch; 0 for all.
    """

    rows: Rows
    rule: str = "uniform"
    strata: NDArray | None = None
    power: float = 1.0
    worn_of: NDArray[np.int64] | None = None
    worn_per_subject: int = 0

    def _available(self, rng: np.random.Generator) -> Rows:
        """Positions left when no person has more worn photos than wanted."""
        everyone = np.arange(len(self.rows))
        if not self.worn_per_subject or self.worn_of is None:
            return everyone
        order = rng.permutation(len(self.rows))
        return np.sort(order[_rank_within(self.worn_of[order]) < self.worn_per_subject])

    def draw(self, rng: np.random.Generator) -> Rows:
        """Rows of one epoch, in no particular order."""
        available = self._available(rng)
        if self.rule == "uniform" or self.strata is None:
            return self.rows[available]
        _, stratum, count = np.unique(
            self.strata[available], return_inverse=True, return_counts=True
        )
        return self.rows[available[_even(rng, self.rule, self.power, stratum, count)]]

    def __len__(self) -> int:
        return len(self.draw(np.random.default_rng(0)))

    def chances(self) -> NDArray[np.float64]:
        """How often an epoch draws every row on average, shape (N,)."""
        if self.rule == "uniform" and not self.worn_per_subject:
            return np.ones(len(self.rows))
        drawn = [self.draw(np.random.default_rng(seed)) for seed in range(50)]
        position = np.searchsorted(np.sort(self.rows), np.concatenate(drawn))
        counts = np.bincount(position, minlength=len(self.rows)) / len(drawn)
        return counts[np.argsort(np.argsort(self.rows))]


def _even(
    rng: np.random.Generator, rule: str, power: float, stratum: NDArray, count: NDArray
) -> NDArray[np.int64]:
    """Positions that even out the strata."""
    if rule == "balanced":
        chance = count[stratum].astype(float) ** -power
        return rng.choice(len(stratum), size=len(stratum), p=chance / chance.sum())
    size = count.max() if rule == "oversample" else count.min()
    parts = [_repeated(rng, np.flatnonzero(stratum == name), size) for name in range(len(count))]
    return np.concatenate(parts)


def _repeated(rng: np.random.Generator, members: NDArray, size: int) -> NDArray[np.int64]:
    """`size` of the members: whole rounds of all, then some at random without repeats."""
    rest = rng.choice(members, size=size % len(members), replace=False)
    return np.concatenate([np.tile(members, size // len(members)), rest])


def _rank_within(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many earlier entries have the same group; 0 for group -1."""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    starts = np.searchsorted(ordered, ordered)
    rank = np.empty(len(groups), dtype=np.int64)
    rank[order] = np.arange(len(groups)) - starts
    return np.where(groups < 0, 0, rank)


class MixedSampler(Sampler[Draw]):
    """Draw the real rows of an epoch and the doses of the extras.

    The order and every augmentation seed follow from `seed` and the epoch, so the number of
    workers does not matter and a resumed run draws what an uninterrupted one would have. Every
    epoch is equally long: where a schedule draws fewer extras, real rows are drawn again.

    Parameters
    ----------
    real : RealRows
        The real set.
    doses : sequence of Dose
        The extras.
    seed : int
        Decides all draws.
    mixing : MixingConfig
        Its schedule.
    epochs : int
        Of the whole training, for the schedule.
    begin : float
        Share of the epochs before unlabelled rows are drawn, 0–1.
    """

    def __init__(
        self,
        real: RealRows,
        doses: Sequence[Dose],
        seed: int,
        mixing: MixingConfig | None = None,
        epochs: int = 1,
        begin: float = 0.0,
    ) -> None:
        self.real, self.doses, self.seed = real, tuple(doses), seed
        self.mixing, self.epochs, self.epoch = mixing or MixingConfig(), epochs, 0
        self.begin = math.floor(begin * epochs)
        self.length = len(real) + sum(dose.count for dose in doses)

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch whose samples come next; Lightning calls this."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.length

    def _counts(self, epoch: int) -> list[int]:
        share = share_of_extras(self.mixing, epoch, self.epochs)
        full = sum(dose.count for dose in self.doses)
        if self.mixing.schedule == "pretrain" and share and full:
            share = self.length / full
        return [
            0 if dose.unlabelled and epoch < self.begin else round(share * dose.count)
            for dose in self.doses
        ]

    def __iter__(self) -> Iterator[Draw]:
        rng = np.random.default_rng([self.seed, self.epoch])
        before = [self._counts(epoch) for epoch in range(self.epoch)]
        parts = []
        for number, (dose, count) in enumerate(
            zip(self.doses, self._counts(self.epoch), strict=True)
        ):
            start = sum(counts[number] for counts in before)
            parts.append(dose.draw(count, start, [self.seed, number], self.epoch))
        missing = self.length - sum(map(len, parts))
        rows = rng.permutation(np.concatenate([*parts, self._real(rng, missing)]))
        seeds = rng.integers(2**32, size=len(rows))
        return (Draw(int(row), int(seed)) for row, seed in zip(rows, seeds, strict=True))

    def _real(self, rng: np.random.Generator, count: int) -> Rows:
        """The real rows of an epoch, drawn again until there are `count`."""
        parts = [np.empty(0, dtype=np.int64)]
        while (missing := count - sum(map(len, parts))) > 0:
            drawn = self.real.draw(rng)
            whole = len(drawn) <= missing
            parts.append(drawn if whole else rng.choice(drawn, size=missing, replace=False))
        return np.concatenate(parts)


class SharedSampler(Sampler[Draw]):
    """The draws that are one process's part of an epoch.

    Each process takes every n-th draw, so that all their batches together are the batches that
    one process would have taken. First draws are repeated until every process has as many.

    Parameters
    ----------
    whole : MixedSampler
        Draws the epoch, the same in every process.
    """

    def __init__(self, whole: MixedSampler) -> None:
        self.whole = whole

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch whose samples come next; Lightning calls this."""
        self.whole.set_epoch(epoch)

    def __len__(self) -> int:
        return -(-len(self.whole) // distributed.size())

    def __iter__(self) -> Iterator[Draw]:
        draws = list(self.whole)
        places = distributed.even_part_of(np.arange(len(draws)))
        return (draws[place] for place in places)
