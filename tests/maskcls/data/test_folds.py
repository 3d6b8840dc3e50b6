import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maskcls.errors import ArgumentRefused, LeakageFound
from maskcls.data.folds import assign_folds, check_folds


def rows_of(people, cells=None, files=None):
    cells = cells or [(2, 0, 1)] * len(people)
    return pd.DataFrame(
        {
            "subject_id": [f"p{person}" for person in people],
            "sha256": files or [f"file{i}" for i in range(len(people))],
            **{
                axis: [cell[i] for cell in cells]
                for i, axis in enumerate(("mask", "gender", "age"))
            },
        }
    )


@st.composite
def tables(draw):
    n = draw(st.integers(5, 60))
    people = draw(st.lists(st.integers(0, n // 2), min_size=n, max_size=n))
    cell = st.tuples(st.integers(-1, 2), st.integers(-1, 1), st.integers(-1, 2))
    cells = draw(st.lists(cell, min_size=n, max_size=n))
    files = [f"f{draw(st.integers(0, 3 * n))}" for _ in range(n)]
    return rows_of(people, cells, files)


@settings(max_examples=60, deadline=None)
@given(tables(), st.integers(2, 5), st.integers(0, 3))
def test_no_person_and_no_file_is_ever_in_two_folds_and_no_fold_is_empty(rows, n_folds, seed):
    try:
        folds, _ = assign_folds(rows, n_folds, seed)
    except ArgumentRefused:
        return
    assert set(folds) == set(range(n_folds))
    for column in ("subject_id", "sha256"):
        assert (pd.Series(folds).groupby(rows[column].to_numpy()).nunique() == 1).all()


def test_classes_are_spread_evenly_over_folds():
    cells = [(2, i % 2, 1 + i % 4 // 2) for i in range(200)]
    rows = rows_of(range(200), cells)
    folds, warnings = assign_folds(rows, 5, 0)
    counts = pd.crosstab(folds, [rows["gender"], rows["age"]])
    assert (counts == 10).all().all()
    assert warnings == []


def test_same_seed_gives_same_folds_and_another_seed_others():
    rows = rows_of(range(50))
    first, again, other = (assign_folds(rows, 5, seed)[0] for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_class_of_fewer_people_than_folds_is_named():
    rows = rows_of(range(20), [(0, 1, 2)] * 2 + [(2, 0, 1)] * 18)
    _, warnings = assign_folds(rows, 5, 0)
    assert warnings == [
        "class 'worn female >=60' has 2 people for 5 folds: some folds cannot judge it"
    ]


def test_fewer_people_than_folds_is_refused():
    with pytest.raises(ArgumentRefused, match="shows 2 people"):
        assign_folds(rows_of([0, 0, 1, 1]), 3, 0)


def test_every_class_rarer_than_folds_still_fills_every_fold():
    cells = [(i % 3, i % 2, i % 3) for i in range(6)]
    folds, _ = assign_folds(rows_of(range(6), cells), 5, 0)
    assert set(folds) == set(range(5))


def test_planted_person_in_two_folds_is_found():
    rows = rows_of([0, 0, 1, 1])
    with pytest.raises(LeakageFound, match="subject_id p0 is in more than one fold"):
        check_folds(rows, np.array([0, 1, 0, 1]), 2)


def test_planted_file_in_two_folds_is_found():
    rows = rows_of([0, 1], files=["same", "same"])
    with pytest.raises(LeakageFound, match="sha256 same"):
        check_folds(rows, np.array([0, 1]), 2)
