"""The shift of class shares, found and undone."""

import numpy as np
import pytest

from synth.pseudo.priors import Scored, Shift, class_shares, estimate_shift, thin


def faces(share: float, n: int, rng: np.random.Generator):
    """Truth of two classes and the exact posterior at equal shares of one Gaussian feature."""
    truth = (rng.random(n) < share).astype(int)
    x = rng.normal(np.where(truth == 1, 1.5, -1.5), 1.0)
    posterior = 1 / (1 + np.exp(-3.0 * x))  # log-likelihood ratio of the two Gaussians
    return truth, np.column_stack([1 - posterior, posterior])


def people(share: float, n: int, seed: int, bias: float = 1.0, photos: int = 1):
    """Truth, and what a model says that is surer of class 1 than it should be by a factor."""
    truth, scores = faces(share, n, np.random.default_rng(seed))
    scores = scores * [1.0, bias]
    scores /= scores.sum(axis=1, keepdims=True)
    names = np.repeat([f"{seed}:{i}" for i in range(n)], photos)
    return np.repeat(truth, photos), Scored(np.repeat(scores, photos, axis=0), list(names))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
@pytest.mark.parametrize("bias", [1.0, 5.0])
def test_the_shares_of_the_target_are_found_by_a_biased_model_too(share, bias):
    truth, labelled = people(0.5, 4000, 2, bias)
    _, target = people(share, 4000, 3, bias)
    shift = estimate_shift(labelled, truth, target)
    assert shift.target[1] == pytest.approx(share, abs=0.02)
    assert shift.target.sum() == pytest.approx(1)
    assert shift.significant == (share != 0.5)


@pytest.mark.parametrize("bias", [1.0, 5.0])
@pytest.mark.parametrize("photos", [1, 3])
def test_chance_alone_is_called_a_shift_as_seldom_as_it_says(bias, photos):
    found = []
    for seed in range(400):
        truth, labelled = people(0.15, 120, seed, bias, photos)
        _, target = people(0.15, 150, seed + 1000, bias, photos)
        found.append(estimate_shift(labelled, truth, target).significant)
    assert 0.02 < np.mean(found) < 0.09


def test_photos_of_one_person_weigh_as_one():
    truth, labelled = people(0.5, 300, 0)
    once = estimate_shift(labelled, truth, people(0.3, 500, 1)[1])
    tenfold = estimate_shift(labelled, truth, people(0.3, 500, 1, photos=10)[1])
    assert tenfold.target == pytest.approx(once.target, abs=1e-6)
    assert tenfold.p_value == pytest.approx(once.p_value, rel=1e-6)


def test_nobody_labelled_or_one_person_alone_tells_no_shift():
    truth, labelled = people(0.5, 50, 0)
    one = Scored(np.array([[0.1, 0.9]]), ["a"])
    assert estimate_shift(labelled, truth, one).p_value == 1
    nobody = Scored(np.empty((0, 2)), [])
    shift = estimate_shift(nobody, np.empty(0, dtype=np.int64), labelled)
    assert (shift.source.tolist(), shift.p_value) == ([0.5, 0.5], 1)


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
