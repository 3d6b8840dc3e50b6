from collections import Counter

import numpy as np
import pandas as pd
import pytest

from ingest import taxonomy
from maskcls.config.sections import MixingConfig
from maskcls.data.dosing import Dose, chosen_classes, closeness, make_doses, missing_per_class
from maskcls.errors import ArgumentRefused
from maskcls.data.extras import Extra, check_teaches, only_teach
from maskcls.data.mixing import Split

NONE = np.empty(0, dtype=np.int64)


def rows_of(classes, **columns):
    codes = dict(zip(taxonomy.AXES, taxonomy.split_class(np.array(classes)), strict=True))
    n = len(classes)
    table = {
        "image_id": [f"i{i}" for i in range(n)], "subject_id": [f"p{i}" for i in range(n)],
        "parent_id": None, "years": 40.0, **{f"taught_{a}": c for a, c in codes.items()}, **columns,
    }  # fmt: skip
    return pd.DataFrame(table)


def doses_of(rows, n_real, **mixing):
    split = Split(0, np.arange(n_real), (np.arange(n_real, len(rows)),), NONE, NONE, NONE)
    return make_doses(rows, split, [Extra("e", 2.0)], MixingConfig(**mixing))


def test_without_cells_an_extra_is_dosed_by_its_ratio():
    (dose,) = doses_of(rows_of([17] * 10 + [5] * 3), 10)
    assert (dose.count, dose.rows.tolist()) == (20, [10, 11, 12])


def test_chosen_cells_are_filled_to_the_median_cell():
    real = [17] * 9 + [16] * 5 + [5] * 1
    doses = doses_of(rows_of(real + [5] * 2 + [11] * 2 + [0] * 2), len(real), cells=">=60")
    assert {int(d.rows[0]): d.count for d in doses} == {15: 4, 17: 5}


def test_counts_may_come_from_a_file(tmp_path):
    path = tmp_path / "goal.csv"
    path.write_text("class,count\nworn male >=60,7\n")
    counts = np.zeros(18, dtype=np.int64)
    counts[2] = 3
    assert missing_per_class(counts, str(path))[2] == 4


def test_words_that_name_no_class_are_refused():
    with pytest.raises(ArgumentRefused, match="'old' names no class"):
        chosen_classes(">=60, old")


def test_every_class_is_named_by_its_own_words():
    for index, name in enumerate(taxonomy.CLASS_NAMES):
        assert np.flatnonzero(chosen_classes(name)).tolist() == [index]
    assert chosen_classes("all").all()


def test_caps_limit_one_photo_and_one_person():
    rows = rows_of([17] * 4 + [5] * 12, parent_id=[None] * 4 + [f"q{i // 6}" for i in range(12)])
    (dose,) = doses_of(rows, 4, per_parent=3)
    for epoch in range(3):
        drawn = dose.draw(dose.count, 0, [0, 0], epoch)
        assert len(drawn) == dose.count == 6
        assert Counter(rows["parent_id"].iloc[drawn]) == {"q0": 3, "q1": 3}


def test_rows_come_again_up_to_the_cap_where_there_are_few():
    one = Dose(np.arange(2), 6, caps=[(np.array([0, 1]), 3)])
    assert Counter(one.draw(6, 0, [0], 0).tolist()) == {0: 3, 1: 3}


def test_closer_ages_are_drawn_more_often():
    weights = closeness(np.array([60.0, 70.0, np.nan]), np.array([60.0, 60.0]), 10.0)
    assert weights[:2] == pytest.approx([1.0, np.exp(-0.5)])
    assert weights[2] == pytest.approx(weights[:2].mean())
    assert closeness(np.array([np.nan]), np.array([60.0]), 10.0).tolist() == [1.0]
    one = Dose(np.arange(2), 10_000, chance=weights[:2])
    share = np.mean(one.draw(10_000, 0, [0], 0) == 0)
    assert share == pytest.approx(1 / (1 + np.exp(-0.5)), abs=0.02)


def test_an_extra_teaches_the_axes_it_may():
    mixing = MixingConfig(teaches={"e": ["mask", "age"]})
    assert (only_teach(rows_of([11]), "e", mixing)["taught_gender"] == -1).all()
    assert (only_teach(rows_of([11]), "other", mixing)["taught_gender"] == 1).all()


@pytest.mark.parametrize(
    "teaches, said",
    [
        ({"x": ["mask"]}, "one of the extras"),
        ({"e": ["hat"]}, "a list of mask"),
        ({"e": 1}, "list"),
    ],
)
def test_wrong_teaching_is_refused(teaches, said):
    assert said in " ".join(check_teaches(MixingConfig(teaches=teaches), ["e"]))
