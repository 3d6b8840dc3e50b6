import itertools
import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from maskcls.errors import ArgumentRefused, RunInvalid
from maskcls.inference.thresholds import (
    decide,
    decide_by_fold,
    fit_table,
    fit_thresholds,
    thresholds_of,
    with_decisions,
)
from maskcls.runs.folder import Run
from maskcls.scores.metrics import score_columns, score_table, target_column


def drawn(seed, n, n_classes):
    """Scores that say something of an imbalanced truth, and favour the commonest class."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(n_classes, size=n, p=np.arange(n_classes, 0, -1) ** 3 / sum(
        k**3 for k in range(1, n_classes + 1)))  # fmt: skip
    logits = rng.normal(size=(n, n_classes)) + 1.5 * np.eye(n_classes)[truth]
    logits[:, 0] += 1
    scores = np.exp(logits)
    return scores / scores.sum(axis=1, keepdims=True), truth


def macro(truth, predicted):
    """Macro F1 from its definition, over the classes that occur; quicker than scikit-learn's."""
    true, found = (np.eye(9, dtype=bool)[codes] for codes in (truth, predicted))
    f1 = 2 * (true & found).sum(axis=0) / np.maximum(true.sum(axis=0) + found.sum(axis=0), 1)
    return f1[true.any(axis=0)].mean()


def test_macro_f1_here_is_scikit_learns():
    scores, truth = drawn(9, 50, 4)
    found = scores.argmax(axis=1)
    theirs = f1_score(truth, found, labels=np.unique(truth), average="macro", zero_division=0)
    assert macro(truth, found) == pytest.approx(theirs)


@pytest.mark.parametrize("seed", range(8))
def test_of_two_classes_no_threshold_is_better(seed):
    scores, truth = drawn(seed, 40, 2)
    found = macro(truth, decide(scores, fit_thresholds(scores, truth)))
    ratios = np.sort(scores[:, 1] / scores[:, 0])
    between = np.sqrt(ratios[1:] * ratios[:-1])
    every = [macro(truth, decide(scores, [1, t])) for t in [ratios[0] / 2, *between, 1.0]]
    assert found == pytest.approx(max(every))


@pytest.mark.parametrize("seed", range(4))
def test_of_three_classes_brute_force_finds_hardly_better(seed):
    scores, truth = drawn(seed, 60, 3)
    fitted = fit_thresholds(scores, truth)
    found = macro(truth, decide(scores, fitted))
    grid = np.geomspace(1 / 20, 20, 41)
    every = [macro(truth, decide(scores, [1, a, b])) for a, b in itertools.product(grid, grid)]
    assert macro(truth, scores.argmax(axis=1)) <= found
    assert found >= max(every) - 0.03
    for index, value in itertools.product(range(3), grid):
        changed = fitted.copy()
        changed[index] = value
        assert macro(truth, decide(scores, changed)) <= found + 1e-9


def test_class_that_does_not_occur_keeps_its_threshold():
    scores, truth = drawn(0, 30, 3)
    scores = np.insert(scores, 1, 1e-3, axis=1)
    fitted = fit_thresholds(scores, np.array([0, 2, 3])[truth])
    assert fitted[1] == 1
    assert np.log(fitted).sum() == pytest.approx(0)


def test_rows_of_one_class_move_nothing():
    scores, _ = drawn(0, 30, 3)
    assert fit_thresholds(scores, np.full(30, 2)).tolist() == [1, 1, 1]


def test_without_rows_nothing_is_moved():
    assert fit_thresholds(np.empty((0, 3)), np.empty(0, dtype=int)).tolist() == [1, 1, 1]


@pytest.fixture
def oof():
    scores, truth = drawn(3, 90, 3)
    table = pd.DataFrame(scores, columns=score_columns("mask"))
    people = [f"p{i // 3}" for i in range(90)]
    return table.assign(**{"subject_id": people, "fold": np.arange(90) // 3 % 3,
                           target_column("mask"): truth})  # fmt: skip


def test_decisions_count_in_every_score(oof):
    limits = fit_table(oof)
    after = score_table(with_decisions(oof, limits))["mask"]["macro_f1"]
    assert after > score_table(oof)["mask"]["macro_f1"]


def test_no_row_is_decided_by_thresholds_that_saw_its_fold(oof):
    decided = decide_by_fold(oof, oof)
    for fold in range(3):
        inside = oof["fold"] == fold
        limits = fit_table(oof[~inside])["mask"]
        expected = decide(oof.loc[inside, score_columns("mask")].to_numpy(), limits)
        assert decided.loc[inside, "predicted_mask"].tolist() == expected.tolist()
    assert decided.index.equals(oof.index)


def test_run_without_thresholds_has_them_fitted_if_asked(oof, tmp_path):
    run = Run(tmp_path / "r")
    run.folder.mkdir()
    assert thresholds_of(run, False) == {}
    with pytest.raises(ArgumentRefused, match="trained without folds"):
        thresholds_of(run, True)
    oof.to_parquet(run.folder / "oof.parquet")
    assert thresholds_of(run, True) == fit_table(oof)
    (run.folder / "thresholds.json").write_text(json.dumps({"mask": [1, 2, 0]}))
    with pytest.raises(RunInvalid, match="number above 0"):
        thresholds_of(run, False)
