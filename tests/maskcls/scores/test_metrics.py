import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score
from torch import from_numpy
from torchmetrics.functional.classification import multiclass_f1_score

from ingest import taxonomy
from maskcls.config.heads import Head, class_scores, parse_heads
from maskcls.scores.metrics import CELLS, can_judge, macro_f1, score_table, selection_score
from maskcls.scores.probabilities import predictions_frame

HEADS = parse_heads(["mask", "gender", "age"], "all")


def table_of(n=300, seed=0, masks=(0, 1, 2)):
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "image_id": [f"i{i}" for i in range(n)],
            "dataset": "real",
            "subject_id": [f"p{i // 3}" for i in range(n)],
            "parent_id": None,
            "mask": rng.choice(masks, n),
            "gender": rng.integers(-1, 2, n),
            "age": rng.integers(-1, 3, n),
        }
    )
    scores = {head.name: rng.dirichlet(np.ones(head.n_classes), n) for head in HEADS}
    return rows, predictions_frame(rows, scores, HEADS, 0)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=60))
def test_macro_f1_is_sklearns_over_the_classes_present(pairs):
    y_true, y_pred = np.array(pairs).T
    present = np.unique(y_true)
    expected = f1_score(y_true, y_pred, labels=present, average="macro", zero_division=0)
    assert macro_f1(y_true, y_pred, 6) == pytest.approx(expected)


def test_macro_f1_is_torchmetrics_where_all_classes_occur():
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.integers(0, 6, 500), rng.integers(0, 6, 500)
    expected = multiclass_f1_score(from_numpy(y_pred), from_numpy(y_true), 6, average="macro")
    assert macro_f1(y_true, y_pred, 6) == pytest.approx(float(expected))


def test_class_that_never_occurs_costs_only_the_recall_of_others():
    assert macro_f1(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 2]), 3) == pytest.approx(
        (1 + 2 / 3) / 2
    )


def test_macro_f1_without_rows_is_not_a_number():
    assert np.isnan(macro_f1(np.array([], dtype=int), np.array([], dtype=int), 3))


def test_every_axis_is_scored_on_the_rows_that_have_its_label():
    rows, table = table_of()
    scores = score_table(table)
    known = rows["gender"] >= 0
    y_pred = table.loc[known, ["score_gender_male", "score_gender_female"]].to_numpy().argmax(1)
    assert scores["gender"]["n_images"] == known.sum()
    assert scores["gender"]["n_subjects"] == rows.loc[known, "subject_id"].nunique()
    assert scores["gender"]["accuracy"] == pytest.approx(
        accuracy_score(rows.loc[known, "gender"], y_pred)
    )
    complete = (rows["gender"] >= 0) & (rows["age"] >= 0)
    assert scores[CELLS]["n_images"] == complete.sum()


def test_absent_class_has_no_f1_and_is_listed():
    _, table = table_of(masks=(0, 2))
    classes = score_table(table)["mask"]["classes"]
    assert list(classes) == list(taxonomy.MASKS)
    assert classes["incorrect"] == {"f1": None, "n_images": 0, "n_subjects": 0}


def test_class_probabilities_are_the_product_of_the_heads_and_sum_to_one():
    rng = np.random.default_rng(1)
    scores = {head.name: rng.dirichlet(np.ones(head.n_classes), 5) for head in HEADS}
    product = class_scores(scores, HEADS)
    assert product.shape == (5, 18)
    np.testing.assert_allclose(product.sum(axis=1), 1)
    expected = scores["mask"][:, 1] * scores["gender"][:, 1] * scores["age"][:, 2]
    np.testing.assert_allclose(product[:, 11], expected)


def test_joint_head_marginalises_and_gives_the_same_classes():
    rng = np.random.default_rng(2)
    joint = Head(taxonomy.AXES)
    scores = rng.dirichlet(np.ones(18), 4)
    np.testing.assert_allclose(class_scores({joint.name: scores}, [joint]), scores)
    np.testing.assert_allclose(
        joint.axis_scores(scores, "gender")[:, 1],
        scores[:, [3, 4, 5, 9, 10, 11, 15, 16, 17]].sum(axis=1),
    )


def test_bare_faces_alone_cannot_judge_the_mask():
    _, bare = table_of(masks=(2,))
    assert not can_judge(bare, taxonomy.AXES)
    assert can_judge(bare, ("gender", "age"))


def test_selection_follows_the_18_classes():
    _, table = table_of()
    assert selection_score(table) == score_table(table)[CELLS]["macro_f1"]
