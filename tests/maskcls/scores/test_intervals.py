import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix

from maskcls.config.heads import parse_heads
from maskcls.evaluation.details import describe_difference, describe_predictions
from maskcls.scores.intervals import bootstrap, compare, confusion_by_person, f1_of, macro_of
from maskcls.scores.metrics import score_axis
from maskcls.scores.probabilities import predictions_frame
from maskcls.training.sweep import mean_f1

HEADS = parse_heads(["mask", "gender", "age"], "all")


def table_of(n=240, per_person=3, right=0.7, seed=0):
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "image_id": [f"i{i}" for i in range(n)], "dataset": "real",
            "subject_id": [f"p{i // per_person}" for i in range(n)], "parent_id": None,
            "years": np.arange(n) % 80.0, "mask": np.arange(n) % 2, "gender": np.arange(n) % 2,
            "age": np.digitize(np.arange(n) % 80, [30, 60]),
        }
    )  # fmt: skip
    scores = {}
    for head in HEADS:
        truth = rows[head.name].to_numpy()
        wrong = (truth + 1) % head.n_classes
        picked = np.where(rng.random(n) < right, truth, wrong)
        scores[head.name] = 0.9 * np.eye(head.n_classes)[picked] + 0.1 / head.n_classes
    return predictions_frame(rows, scores, HEADS, 0)


TABLE = table_of()


def test_confusion_of_all_people_is_sklearns_and_gives_the_same_f1():
    counts = confusion_by_person(TABLE, "age").sum(axis=0)
    predicted = TABLE[["score_age_<30", "score_age_30-59", "score_age_>=60"]].to_numpy().argmax(1)
    np.testing.assert_array_equal(counts, confusion_matrix(TABLE["target_age"], predicted))
    assert macro_of(counts) == pytest.approx(score_axis(TABLE, "age")["macro_f1"])


def test_class_that_never_occurs_has_no_f1():
    assert np.isnan(f1_of(confusion_by_person(TABLE, "mask").sum(axis=0))[2])


def test_interval_holds_the_figure_and_narrows_with_people_not_images():
    few, many = table_of(60, 3), table_of(960, 3)
    copies = pd.concat([few] * 16, ignore_index=True)
    widths = []
    for table in (few, copies, many):
        low, high = bootstrap(table, "gender").macro_f1
        assert low < score_axis(table, "gender")["macro_f1"] < high
        widths.append(high - low)
    assert widths[1] == pytest.approx(widths[0])
    assert widths[2] < widths[0] / 2


def test_one_person_has_no_interval():
    assert bootstrap(TABLE[:3], "mask").macro_f1 is None


def test_better_run_is_told_from_a_worse_and_a_run_from_itself_is_not():
    better = compare(table_of(right=0.95, seed=1), TABLE, "gender")
    assert better.difference > 0.1
    assert better.interval[0] > 0
    assert better.p_value < 0.01
    same = compare(TABLE, TABLE, "gender")
    assert (same.difference, same.p_value) == (0, 1)
    assert better.n_subjects == 80


def test_description_names_groups_confusion_and_distance():
    described = describe_predictions(TABLE)
    assert set(described) == {"mask", "gender", "age", "cells"}
    age = described["age"]
    assert age["worst_group"] in {row["group"] for row in age["by_group"]}
    assert np.sum(age["confusion"]["counts"]) == len(TABLE)
    assert sum(row["n_images"] for row in age["by_distance"]) == len(TABLE)
    assert described["mask"]["classes"]["not_worn"]["interval"] is None
    assert 0 < age["calibration"]["expected_error"] < 1


def test_runs_are_compared_on_the_images_they_share():
    found = describe_difference(TABLE, TABLE[60:].sample(frac=1, random_state=0))
    assert found["n_images"] == 180
    assert found["cells"]["difference"] == 0
    assert describe_difference(TABLE[:9], TABLE[60:]) == {"n_images": 0}


def test_mean_over_seeds_is_the_mean_of_their_f1():
    tables = [table_of(seed=seed) for seed in range(3)]
    value, interval, by_seed = mean_f1(tables, "")
    assert by_seed == pytest.approx([score_axis(t, "cells")["macro_f1"] for t in tables])
    assert value == pytest.approx(np.mean(by_seed))
    assert interval[0] < value < interval[1]
