"""The shift of class shares, found and undone."""

import numpy as np
import pytest

from synth.pseudo.priors import Shift, class_shares, estimate_shift, thin


def faces(share: float, n: int, rng: np.random.Generator):
    """Truth of two classes and the exact posterior at equal shares of one Gaussian feature."""
    truth = (rng.random(n) < share).astype(int)
    x = rng.normal(np.where(truth == 1, 1.5, -1.5), 1.0)
    posterior = 1 / (1 + np.exp(-3.0 * x))  # log-likelihood ratio of the two Gaussians
    return truth, np.column_stack([1 - posterior, posterior])


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_the_shares_of_the_target_are_found(share):
    _, scores = faces(share, 4000, np.random.default_rng(3))
    shift = estimate_shift(scores, np.ones(4000), np.array([0.5, 0.5]))
    assert shift.target[1] == pytest.approx(share, abs=0.02)
    assert shift.target.sum() == pytest.approx(1)
    assert shift.significant == (share != 0.5)


def test_chance_alone_is_seldom_called_a_shift():
    found = []
    for seed in range(200):
        _, scores = faces(0.5, 150, np.random.default_rng(seed))
        found.append(estimate_shift(scores, np.ones(150), np.array([0.5, 0.5])).significant)
    assert np.mean(found) < 0.1


def test_photos_of_one_person_weigh_as_one():
    _, scores = faces(0.3, 500, np.random.default_rng(0))
    once = estimate_shift(scores, np.ones(500), np.array([0.5, 0.5]))
    tenfold = estimate_shift(np.repeat(scores, 10, 0), np.full(5000, 0.1), np.array([0.5, 0.5]))
    assert tenfold.target == pytest.approx(once.target, abs=1e-6)
    assert tenfold.p_value == pytest.approx(once.p_value, rel=1e-3)


def test_thinning_divides_the_people_like_the_target_and_keeps_them_whole():
    rng = np.random.default_rng(1)
    subjects = np.repeat([f"s:{i}" for i in range(3000)], 2)
    truth = np.repeat((rng.random(3000) < 0.2).astype(int), 2)
    shift = Shift(np.array([0.8, 0.2]), np.array([0.5, 0.5]), 0.0)
    kept = thin(truth, subjects, shift)
    assert truth[kept].mean() == pytest.approx(0.5, abs=0.04)
    assert kept[truth == 1].all()
    assert (kept[::2] == kept[1::2]).all()
    assert (thin(truth[::-1], subjects[::-1], shift)[::-1] == kept).all()


def test_shares_count_people_and_leave_no_class_at_nothing():
    shares = class_shares(np.array([0, 0, 0, 0]), ["a", "a", "a", "b"], 2)
    assert shares == pytest.approx(np.array([2.5, 0.5]) / 3)
