"""Which rows an epoch draws, in which order: a function of seed and epoch alone."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Sampler


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


class MixedSampler(Sampler[Draw]):
    """Draw the real rows of an epoch and, per real sample, so many of every extra.

    The order and every augmentation seed follow from `seed` and the epoch, so the number of
    workers does not matter and a resumed run draws what an uninterrupted one would have.

    Parameters
    ----------
    real : ndarray of int
        Rows of the real set that teach.
    extras : sequence of ndarray of int
        Rows of every extra that teach; an empty one draws nothing.
    ratios : sequence of float
        Samples of every extra per real sample.
    seed : int
        Decides all draws.
    strata : ndarray of shape (len(real),), optional
        Class of every real row: each class is then drawn equally often, with replacement.
    """

    def __init__(
        self,
        real: NDArray[np.int64],
        extras: Sequence[NDArray[np.int64]],
        ratios: Sequence[float],
        seed: int,
        strata: NDArray | None = None,
    ) -> None:
        self.real, self.extras, self.ratios = real, tuple(extras), tuple(ratios)
        self.seed, self.strata, self.epoch = seed, strata, 0

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch whose samples come next; Lightning calls this."""
        self.epoch = epoch

    def _drawn(self) -> list[int]:
        return [
            round(ratio * len(self.real)) if len(rows) else 0
            for rows, ratio in zip(self.extras, self.ratios, strict=True)
        ]

    def __len__(self) -> int:
        return len(self.real) + sum(self._drawn())

    def __iter__(self) -> Iterator[Draw]:
        rng = np.random.default_rng([self.seed, self.epoch])
        parts = [self._real(rng)]
        for number, (rows, count) in enumerate(zip(self.extras, self._drawn(), strict=True)):
            parts.append(rows[_round_robin(len(rows), count, self.epoch, [self.seed, number])])
        rows = rng.permutation(np.concatenate(parts))
        seeds = rng.integers(2**32, size=len(rows))
        return (Draw(int(row), int(seed)) for row, seed in zip(rows, seeds, strict=True))

    def _real(self, rng: np.random.Generator) -> NDArray[np.int64]:
        if self.strata is None:
            return self.real
        _, stratum, count = np.unique(self.strata, return_inverse=True, return_counts=True)
        chance = 1 / count[stratum]
        return rng.choice(self.real, size=len(self.real), p=chance / chance.sum())


def _round_robin(size: int, count: int, epoch: int, seed: list[int]) -> NDArray[np.int64]:
    """Positions `epoch * count` and on of an endless row of shuffles of `range(size)`.

    Over the epochs every row is drawn equally often, give or take one.
    """
    if not count:
        return np.empty(0, dtype=np.int64)
    first, last = epoch * count // size, ((epoch + 1) * count - 1) // size
    shuffles = [np.random.default_rng([*seed, 1, block]).permutation(size)
                for block in range(first, last + 1)]  # fmt: skip
    start = epoch * count - first * size
    return np.concatenate(shuffles)[start : start + count]
