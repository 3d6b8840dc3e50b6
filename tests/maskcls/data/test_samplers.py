from collections import Counter

import numpy as np
import pytest
from torch.utils.data import DataLoader, Dataset

from maskcls.config.sections import MixingConfig
from maskcls.config.read import build_config
from maskcls.data.dosing import Dose
from maskcls.images.reading import ImageStore
from maskcls.images.loading import count_workers, training_loader
from maskcls.data.samplers import Draw, MixedSampler, RealRows

REAL, SMALL, LARGE = np.arange(100), np.arange(100, 107), np.arange(200, 500)


def sampler(**options):
    return MixedSampler(RealRows(REAL), [Dose(SMALL, 50), Dose(LARGE, 25)], seed=3, **options)


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


STRATA = np.array([0] * 90 + [1] * 10)


def real(rule, **options):
    return RealRows(REAL, rule, STRATA, **options)


@pytest.mark.parametrize(
    "power, share", [(1.0, 0.5), (0.5, 10**0.5 / (90**0.5 + 10**0.5)), (0, 0.1)]
)
def test_balanced_draws_classes_by_their_power(power, share):
    one = MixedSampler(real("balanced", power=power), [], seed=0)
    drawn = [row for epoch in range(100) for row in rows_of(one, epoch)]
    assert len(drawn) == 10_000
    # Three standard deviations of a coin thrown 10,000 times.
    assert np.mean(STRATA[drawn] == 1) == pytest.approx(share, abs=0.015)


def test_oversampling_keeps_every_row_and_levels_the_classes():
    counts = Counter(rows_of(MixedSampler(real("oversample"), [], seed=0), 0))
    assert set(counts) == set(REAL.tolist())
    assert {counts[row] for row in range(90, 100)} == {9}
    assert {counts[row] for row in range(90)} == {1}


def test_undersampling_cuts_to_the_smallest_class_anew_in_every_epoch():
    one = MixedSampler(real("undersample"), [], seed=0)
    first, second = rows_of(one, 0), rows_of(one, 1)
    assert len(one) == len(set(first)) == 20
    assert sum(row >= 90 for row in first) == 10
    assert set(first) != set(second)


def test_no_person_has_more_worn_photos_than_wanted():
    worn_of = np.where(np.arange(100) < 50, np.arange(100) // 5, -1)
    one = MixedSampler(RealRows(REAL, worn_of=worn_of, worn_per_subject=2), [], seed=0)
    drawn = rows_of(one, 0)
    assert len(one) == len(drawn) == 50 + 10 * 2
    assert set(Counter(worn_of[drawn].tolist()).values()) == {2, 50}
    assert set(drawn) != set(rows_of(one, 1))


def test_chances_are_how_often_rows_are_drawn():
    chances = real("oversample").chances()
    assert chances[:90] == pytest.approx(1)
    assert chances[90:] == pytest.approx(9)
    assert real("undersample").chances().sum() == pytest.approx(20)


def test_decay_ends_with_the_real_set_alone_in_epochs_of_one_length():
    one = sampler(mixing=MixingConfig(schedule="decay", decay_from=0.0), epochs=4)
    extras = [sum(row >= 100 for row in rows_of(one, epoch)) for epoch in range(4)]
    assert extras == [75, 33 + 17, 17 + 8, 0]
    assert {len(rows_of(one, epoch)) for epoch in range(4)} == {175}


def test_pretraining_draws_extras_alone_then_the_real_set_alone():
    one = sampler(mixing=MixingConfig(schedule="pretrain", pretrain_epochs=1), epochs=2)
    assert all(row >= 100 for row in rows_of(one, 0))
    assert all(row < 100 for row in rows_of(one, 1))
    assert len(rows_of(one, 0)) == len(rows_of(one, 1)) == 175


def test_ratio_zero_draws_nothing():
    one = MixedSampler(RealRows(REAL), [Dose(LARGE, 0)], seed=0)
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


@pytest.mark.parametrize(
    "n, drop_last, batches",
    [(16, False, 2), (20, False, 3), (20, True, 2), (17, False, 2), (5, True, 1)],
)
def test_last_batch_is_left_out_if_asked_or_if_it_is_a_single_image(n, drop_last, batches):
    tables = {"train": {"batch_size": 8, "drop_last": drop_last}, "data": {"size": 8}}
    config = build_config(tables, "test")
    store = ImageStore(["x.png"] * n, np.full((n, 4), np.nan), config.data)
    one = MixedSampler(RealRows(np.arange(n)), [], seed=0)
    assert len(training_loader(store, one, config)) == batches


@pytest.mark.parametrize("gpu, cores, expected", [(False, 16, 0), (True, 16, 8), (True, 4, 3)])
def test_workers_follow_the_machine_unless_they_are_set(monkeypatch, gpu, cores, expected):
    monkeypatch.setattr("torch.cuda.is_available", lambda: gpu)
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: set(range(cores)), raising=False)
    assert count_workers(build_config({}, "test")) == expected
    assert count_workers(build_config({"data": {"workers": 2}}, "test")) == 2
