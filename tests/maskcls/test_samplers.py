from collections import Counter

import numpy as np
import pytest
from torch.utils.data import DataLoader, Dataset

from maskcls.samplers import Draw, MixedSampler

REAL, SMALL, LARGE = np.arange(100), np.arange(100, 107), np.arange(200, 500)


def sampler(**options):
    return MixedSampler(REAL, [SMALL, LARGE], [0.5, 0.25], seed=3, **options)


def rows_of(sampler, epoch):
    sampler.set_epoch(epoch)
    return [draw.row for draw in sampler]


def test_epoch_holds_every_real_row_once_and_extras_by_ratio():
    counts = Counter(rows_of(sampler(), 0))
    assert all(counts[row] == 1 for row in REAL)
    assert sum(counts[row] for row in SMALL) == 50
    assert sum(counts[row] for row in LARGE) == 25
    assert len(sampler()) == 175


def test_extras_are_drawn_equally_often_over_the_epochs():
    one = sampler()
    counts = Counter(row for epoch in range(12) for row in rows_of(one, epoch))
    assert {counts[row] for row in LARGE} == {1}
    assert max(counts[row] for row in SMALL) - min(counts[row] for row in SMALL) <= 1


def test_draws_follow_from_seed_and_epoch_alone():
    fresh, used = sampler(), sampler()
    for epoch in range(3):
        rows_of(used, epoch)
    fresh.set_epoch(7)
    used.set_epoch(7)
    assert list(fresh) == list(used)
    assert rows_of(sampler(), 1) != rows_of(sampler(), 2)


def test_augmentation_seeds_differ_within_an_epoch():
    seeds = [draw.seed for draw in sampler()]
    assert len(set(seeds)) == len(seeds)


def test_balanced_draws_every_class_equally_often():
    strata = np.array([0] * 90 + [1] * 10)
    one = MixedSampler(REAL, [], [], seed=0, strata=strata)
    drawn = [row for epoch in range(100) for row in rows_of(one, epoch)]
    assert len(drawn) == 10_000
    # Three standard deviations of a fair coin thrown 10,000 times.
    assert np.mean(strata[drawn] == 1) == pytest.approx(0.5, abs=0.015)


def test_empty_extra_and_ratio_zero_draw_nothing():
    one = MixedSampler(REAL, [np.empty(0, dtype=int), LARGE], [2.0, 0.0], seed=0)
    assert sorted(rows_of(one, 0)) == REAL.tolist()


class Echo(Dataset):
    def __getitem__(self, draw: Draw):
        return draw.row, draw.seed


def drawn_with(workers):
    loader = DataLoader(Echo(), batch_size=16, sampler=sampler(), num_workers=workers)
    return [
        value for rows, seeds in loader for value in zip(rows.tolist(), seeds.tolist(), strict=True)
    ]


def test_workers_do_not_change_what_is_drawn():
    assert drawn_with(0) == drawn_with(2)
