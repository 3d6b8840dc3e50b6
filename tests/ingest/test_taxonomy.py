import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import taxonomy


def test_every_class_number_is_reached_once_and_undone():
    index = np.arange(taxonomy.N_CLASSES)
    assert taxonomy.class_index(*taxonomy.split_class(index)).tolist() == index.tolist()
    assert len(set(taxonomy.CLASS_NAMES)) == taxonomy.N_CLASSES == 18


@pytest.mark.parametrize(
    "mask, gender, age, expected",
    [("worn", "male", 29, 0), ("worn", "female", 60, 5), ("incorrect", "male", 30, 7),
     ("not_worn", "female", 59, 16), ("not_worn", "female", 99, 17)],
)  # fmt: skip
def test_the_published_numbering_holds(mask, gender, age, expected):
    found = taxonomy.class_index(
        taxonomy.MASKS.index(mask), taxonomy.GENDERS.index(gender), taxonomy.age_group([age])
    )
    assert found.tolist() == [expected]


@given(st.integers(0, 130), st.integers(0, 130))
def test_a_bin_has_a_group_only_if_all_its_ages_share_it(a, b):
    low, high = min(a, b), max(a, b)
    groups = {int(taxonomy.age_group([age])[0]) for age in range(low, high + 1)}
    found = int(taxonomy.age_group([math.nan], [low], [high])[0])
    assert found == (groups.pop() if len(groups) == 1 else taxonomy.NO_CLASS)


@given(st.floats(0, 130), st.floats(0, 130), st.floats(0, 130))
def test_a_known_age_decides_whatever_the_bounds_say(age, low, high):
    assert taxonomy.age_group([age], [low], [high]) == taxonomy.age_group([age])


def test_an_open_bin_means_or_older_and_or_younger():
    nan = math.nan
    assert taxonomy.age_group([nan, nan, nan], [60, 50, nan], [nan, nan, 29]).tolist() == [2, -1, 0]


@given(st.sampled_from([(-1, 0, 0), (0, -1, 0), (0, 0, -1)]))
def test_one_unknown_part_leaves_the_class_unknown(parts):
    assert taxonomy.class_index(*parts) == taxonomy.NO_CLASS


def test_moved_boundaries_move_only_what_lies_between():
    ages = np.arange(0, 100)
    plain = taxonomy.age_group(ages)
    moved = taxonomy.age_group(ages, boundaries=(30, 58))
    assert ages[plain != moved].tolist() == [58, 59]


def test_no_coverage_belongs_to_worn_and_incorrect_at_once():
    rng = np.random.default_rng(0)
    for shares in rng.random((2000, 4)):
        coverage = dict(zip(taxonomy.REGIONS, shares, strict=True))
        masks = {s.mask for s in taxonomy.WEAR_STATES.values() if s.agrees(coverage)}
        assert not {"worn", "incorrect"} <= masks


def test_tokens_name_incorrect_states_only():
    tokens = taxonomy.incorrect_tokens()
    assert tokens["nose"] == "nose_out"
    assert {taxonomy.WEAR_STATES[name].mask for name in tokens.values()} == {"incorrect"}
