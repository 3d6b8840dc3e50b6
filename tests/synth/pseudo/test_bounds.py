"""Bounds against closed forms and an independent implementation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from synth.pseudo.bounds import lower_bound, subjects_needed, subjects_needed_at


@pytest.mark.parametrize(("precision", "people"), [(0.95, 59), (0.98, 149), (0.9, 29)])
def test_without_a_mistake_the_promise_takes_so_many_people(precision, people):
    assert subjects_needed(precision) == people
    assert lower_bound(people, people) >= precision > lower_bound(people - 1, people - 1)


@given(st.integers(1, 300), st.data())
def test_the_bound_is_that_of_scipy(n, data):
    right = data.draw(st.integers(0, n))
    interval = binomtest(right, n, alternative="greater").proportion_ci(0.95, method="exact")
    assert lower_bound(right, n) == pytest.approx(interval.low, abs=1e-9)


def test_n_right_of_n_has_the_closed_form():
    assert lower_bound(40, 40) == pytest.approx(0.05 ** (1 / 40))
    assert lower_bound(0, 40) == 0


@given(st.integers(0, 12), st.sampled_from([0.8, 0.9, 0.95]))
def test_the_people_needed_are_the_fewest(wrong, precision):
    n = subjects_needed(precision, wrong)
    assert lower_bound(n - wrong, n) >= precision > lower_bound(n - 1 - wrong, n - 1)


def test_no_number_of_people_makes_a_poor_model_precise():
    assert subjects_needed_at(0.95, 0.05) is None
    assert subjects_needed_at(0.95, 0.2) is None
    assert subjects_needed_at(0.95, 0.01) == subjects_needed(0.95, 1)
    needed = subjects_needed_at(0.95, 0.04)
    assert lower_bound(needed - round(0.04 * needed), needed) >= 0.95
