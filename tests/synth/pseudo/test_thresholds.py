"""Thresholds: closed forms, clustering by person, and whether the promise holds."""

import numpy as np
import pandas as pd
import pytest

from synth.pseudo.thresholds import GRID, choose, most_wrong, risk_coverage, try_all


def rows(confidence, wrong, subjects=None) -> pd.DataFrame:
    names = [f"s:{i}" for i in range(len(confidence))] if subjects is None else subjects
    return pd.DataFrame({"subject_id": names, "confidence": confidence, "wrong": wrong})


@pytest.mark.parametrize(("precision", "people"), [(0.95, 59), (0.98, 149)])
def test_the_promise_needs_so_many_people_all_right(precision, people):
    enough = choose(rows([0.9999] * people, [False] * people), precision)
    assert enough.chosen.n == people
    short = choose(rows([0.9999] * (people - 1), [False] * (people - 1)), precision)
    assert short.chosen is None
    assert short.needed == people
    assert f"at least {people}" in short.reason(precision)


def test_ten_photos_of_a_person_are_one_person():
    subjects = np.repeat([f"s:{i}" for i in range(40)], 10)
    choice = choose(rows([0.9999] * 400, [False] * 400, subjects), 0.95)
    assert choice.chosen is None
    assert (choice.n_subjects, choice.needed) == (40, 59)


def test_a_person_with_one_wrong_photo_is_wrong():
    subjects = np.repeat([f"s:{i}" for i in range(60)], 5)
    wrong = np.zeros(300, dtype=bool)
    wrong[7] = True
    assert {(one.n, one.wrong) for one in try_all(rows([0.97] * 300, wrong, subjects))} == {(60, 1)}


def test_the_lowest_threshold_that_holds_is_taken():
    confidence = np.r_[np.full(120, 0.995), np.full(120, 0.82), np.full(120, 0.6)]
    wrong = np.r_[np.zeros(240, bool), np.arange(120) % 3 == 0]
    choice = choose(rows(confidence, wrong), 0.95)
    assert choice.chosen.threshold == 0.65
    assert (choice.chosen.n, choice.chosen.wrong) == (240, 0)


def test_a_stratum_that_fails_says_how_many_people_it_would_take():
    wrong = np.arange(60) == 0
    choice = choose(rows([0.9999] * 60, wrong), 0.95)
    assert choice.chosen is None
    assert choice.needed == 153  # the fewest of whom one in 60, rounded up, may be wrong
    assert "153 people" in choice.reason(0.95)
    poor = choose(rows([0.9999] * 100, np.arange(100) < 20), 0.95)
    assert poor.needed is None
    assert "better model" in poor.reason(0.95)


def test_the_number_that_may_be_wrong():
    assert [most_wrong(n, 0.95) for n in (58, 59, 92, 93, 124)] == [-1, 0, 0, 1, 2]


def draw(rng: np.random.Generator, n: int, gap: float, temperature: float) -> pd.DataFrame:
    """People whose confidences are off by a temperature, so that the order of tests is misled."""
    logit = np.abs(rng.normal(gap, 1.5, n))
    wrong = rng.random(n) > 1 / (1 + np.exp(-logit))
    return rows(1 / (1 + np.exp(-logit / temperature)), wrong)


@pytest.mark.parametrize(
    ("n", "gap", "temperature"),
    [(150, 3.0, 1.0), (400, 2.0, 1.0), (400, 2.0, 0.6), (300, 2.5, 2.0)],
)
def test_the_promise_holds_at_least_19_times_in_20(n, gap, temperature):
    population = draw(np.random.default_rng(99), 200_000, gap, temperature)
    precision = {
        threshold: 1 - population["wrong"][population["confidence"] >= threshold].mean()
        for threshold in GRID
    }
    rng, repeats = np.random.default_rng(7), 160
    choices = [choose(draw(rng, n, gap, temperature), 0.95).chosen for _ in range(repeats)]
    kept = [choice.threshold for choice in choices if choice]
    broken = sum(precision[threshold] < 0.95 for threshold in kept)
    assert len(kept) > 15
    assert broken / repeats <= 0.05 + 1.64 * (0.05 * 0.95 / repeats) ** 0.5


def test_risk_and_coverage_grow_by_person():
    table = rows([0.9, 0.8, 0.7, 0.6], [False, False, True, False], list("aabc"))
    coverage, risk = risk_coverage(table)
    assert coverage == pytest.approx([1 / 3, 2 / 3, 1])
    assert risk == pytest.approx([0, 1 / 2, 1 / 3])
