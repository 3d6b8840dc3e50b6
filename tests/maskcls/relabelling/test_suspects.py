"""Suspects among made probabilities with planted errors."""

import numpy as np
import pandas as pd
import pytest

from maskcls.relabelling.suspects import (
    CANDIDATE,
    DOUBT,
    by_confidence,
    by_vote,
    precision_at,
)

WORDS = ("worn", "incorrect", "not_worn")


def about(n: int) -> pd.DataFrame:
    return pd.DataFrame(
        {"image_id": [f"i{i:05}" for i in range(n)], "subject_id": [f"s:{i}" for i in range(n)]}
    )


def one_hot(votes):
    """Probabilities of models that vote so, shape (M, N, 3); None has no vote."""
    scores = np.full((len(votes), len(votes[0]), 3), np.nan)
    for model, cast in enumerate(votes):
        for row, code in enumerate(cast):
            if code is not None:
                scores[model, row] = 0.1
                scores[model, row, code] = 0.8
    return scores


def test_four_votes_decide_and_two_against_two_is_doubt():
    columns = ([0, 0, 0, 0], [1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 2, 0, 0], [1, 2, 1, 2])
    votes = [[column[model] for column in columns] for model in range(4)] + [[None] * 6]
    found = by_vote(about(6), np.zeros(6, dtype=int), one_hot(votes), WORDS, "mask")
    got = {row.image_id: (row.verdict, row.votes_against) for row in found.itertuples()}
    assert got == {
        "i00001": (CANDIDATE, 4), "i00002": (CANDIDATE, 3), "i00003": (DOUBT, 2),
        "i00005": (DOUBT, 2),
    }  # fmt: skip
    assert list(found["image_id"])[:2] == ["i00001", "i00002"]
    assert set(found.loc[found["verdict"] == CANDIDATE, "proposed"]) == {"incorrect"}


def test_rows_without_a_label_are_passed_over():
    votes = [[1, 1]] * 4 + [[None, None]]
    found = by_vote(about(2), np.array([-1, 0]), one_hot(votes), WORDS, "mask")
    assert list(found["image_id"]) == ["i00001"]


def planted(n=2000, rate=0.05, classes=3, seed=0):
    """Labels with errors, and probabilities of models that are right 19 times in 20."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(classes, n, p=[0.6, 0.3, 0.1])
    labels = truth.copy()
    wrong = rng.random(n) < rate
    labels[wrong] = (truth[wrong] + rng.integers(1, classes, wrong.sum())) % classes
    scores = np.empty((5, n, classes))
    for model in range(5):
        logits = rng.normal(0, 1, (n, classes))
        logits[np.arange(n), truth] += 4
        scores[model] = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    scores[np.arange(n) % 5, np.arange(n)] = np.nan
    return labels, scores, {f"i{i:05}" for i in np.flatnonzero(wrong)}


def test_both_ways_find_planted_errors_and_precision_is_counted():
    labels, scores, wrong = planted()
    votes = by_vote(about(2000), labels, scores, WORDS, "mask")
    out_of_fold = scores[(np.arange(2000) + 1) % 5, np.arange(2000)]
    sure = by_confidence(about(2000), labels, out_of_fold, WORDS, "mask")
    for found, least in ((votes, 0.9), (sure, 0.75)):
        figures = {k: (precision, recall) for k, precision, recall in precision_at(found, wrong)}
        precision, recall = figures[len(wrong)]
        assert precision == pytest.approx(recall)
        assert precision >= least
        hits = found["image_id"][: len(wrong)].isin(wrong).sum()
        assert precision == hits / len(wrong)


def test_clean_labels_and_right_models_raise_no_suspicion():
    labels, scores, _ = planted(rate=0.0)
    scores = np.where(np.arange(3) == labels[:, None], 0.98, 0.01)
    assert by_confidence(about(2000), labels, scores, WORDS, "mask").empty
    assert by_vote(about(2000), labels, np.stack([scores] * 4), WORDS, "mask").empty


def test_suspects_of_rare_classes_come_last_and_are_marked():
    labels = np.r_[np.zeros(50, int), np.ones(5, int)]
    scores = np.tile([0.9, 0.05, 0.05], (55, 1))
    scores[:3] = [0.05, 0.9, 0.05]
    found = by_vote(about(55), labels, np.stack([scores] * 4), WORDS, "mask")
    assert found["rare"].tolist() == [False] * 3 + [True] * 5
    assert set(found.loc[found["rare"], "people_of_label"]) == {5}


def test_classes_that_no_label_names_and_single_classes_do_no_harm():
    scores = np.tile([0.2, 0.7, 0.1], (30, 1))
    assert by_confidence(about(30), np.zeros(30, int), scores, WORDS, "mask").empty
    two = np.r_[np.zeros(25, int), np.full(25, 2)]
    scores = np.where(np.arange(3) == two[:, None], 0.9, 0.05)
    scores[0] = [0.05, 0.05, 0.9]
    found = by_confidence(about(50), two, scores, WORDS, "mask")
    assert found.iloc[0][["image_id", "proposed"]].tolist() == ["i00000", "not_worn"]
