import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import log_loss

from maskcls.scores.calibration import (
    apply_temperatures,
    expected_calibration_error,
    fit_temperature,
    reliability,
)
from maskcls.scores.voting import fit_weights, vote

RNG = np.random.default_rng(0)
PARTS = RNG.dirichlet(np.ones(4), (3, 50))


def test_soft_voting_is_the_weighted_mean():
    np.testing.assert_allclose(vote(PARTS, "soft"), PARTS.mean(axis=0))
    expected = np.average(PARTS, axis=0, weights=[1, 2, 5])
    np.testing.assert_allclose(vote(PARTS, "soft", [1, 2, 5]), expected)


def test_hard_voting_counts_first_choices_and_breaks_ties_by_the_mean():
    one, two, three = [0.6, 0.4, 0.0], [0.0, 0.55, 0.45], [0.1, 0.5, 0.4]
    assert vote(np.array([[one], [two], [three]]), "hard").argmax() == 1
    tie = vote(np.array([[one], [two]]), "hard")
    assert tie[0] == pytest.approx([0.5, 0.5, 0], abs=1e-5)
    assert tie.argmax() == 1


def test_rank_voting_takes_the_class_nobody_dislikes():
    first, second = [0.9, 0.1, 0.0], [0.0, 0.4, 0.6]
    third = [0.0, 0.6, 0.4]
    assert vote(np.array([[first], [second], [third]]), "rank").argmax() == 1


@pytest.mark.parametrize("rule", ["soft", "hard", "rank"])
def test_votes_sum_to_one_and_one_model_keeps_its_choice(rule):
    np.testing.assert_allclose(vote(PARTS, rule).sum(axis=1), 1)
    assert (vote(PARTS[:1], rule).argmax(axis=1) == PARTS[0].argmax(axis=1)).all()


def test_weights_go_to_the_model_that_knows():
    truth = RNG.integers(0, 4, 300)
    knowing = np.full((300, 4), 0.1 / 3)
    knowing[np.arange(300), truth] = 0.9
    weights = fit_weights(np.array([knowing, RNG.dirichlet(np.ones(4), 300)]), truth)
    assert weights[0] > 0.95
    assert weights.sum() == pytest.approx(1)


def calibrated(n=20_000):
    logits = RNG.normal(size=(n, 3))
    scores = softmax(logits, axis=1)
    truth = (scores.cumsum(axis=1) < RNG.random(n)[:, None]).sum(axis=1)
    return logits, truth


def test_temperature_undoes_overconfidence_and_lowers_the_log_loss():
    logits, truth = calibrated()
    sharp = softmax(3 * logits, axis=1)
    temperature = fit_temperature(sharp, np.eye(3, dtype=bool)[truth])
    assert temperature == pytest.approx(3, rel=0.05)
    better = apply_temperatures({"mask": sharp, "age": sharp}, {"mask": temperature})
    assert log_loss(truth, better["mask"]) < log_loss(truth, better["age"])
    assert better["age"] is sharp


def test_calibration_error_of_a_calibrated_model_is_near_zero():
    logits, truth = calibrated()
    good = reliability(softmax(logits, axis=1), truth)
    bad = reliability(softmax(3 * logits, axis=1), truth)
    assert expected_calibration_error(good) < 0.02 < 0.1 < expected_calibration_error(bad)
    assert sum(row["n_images"] for row in good) == len(truth)
    assert expected_calibration_error([]) is None
