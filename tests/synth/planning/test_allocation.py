from collections import Counter

import numpy as np
import pytest

from ingest.records import records_frame
from ingest.taxonomy import N_CLASSES, WEAR_STATES
from synth.planning.allocation import STATE_WEIGHTS, allocate

WORN_OLD_MEN, WRONG_OLD_MEN, BARE_OLD_MEN = 2, 8, 14
STATES = ("correct", "nose_out", "chin", "none")


def people(ages, subjects=None, gender="male"):
    names = subjects or [f"s{k}" for k in range(len(ages))]
    return records_frame(
        {
            "image_id": f"{k:020d}",
            "subject_id": name,
            "gender": gender,
            "age": age,
            "width": 1,
            "height": 1,
        }
        for k, (age, name) in enumerate(zip(ages, names, strict=True))
    )


def goal_of(**cells):
    goal = np.zeros(N_CLASSES, np.int64)
    for index, count in cells.items():
        goal[int(index[1:])] = count
    return goal


NOTHING = np.zeros(N_CLASSES, np.int64)


def test_goal_is_met_and_every_state_is_of_its_class():
    states, cells = allocate(people([65.0] * 6), NOTHING, goal_of(c2=6, c8=6, c14=6), STATES)
    given = Counter(WEAR_STATES[s].mask for of_photo in states for s in of_photo)
    assert given == {"worn": 6, "incorrect": 6, "not_worn": 6}
    assert [(cell.index, cell.make, cell.why_short) for cell in cells] == [
        (WORN_OLD_MEN, 6, ""), (WRONG_OLD_MEN, 6, ""), (BARE_OLD_MEN, 6, "")
    ]  # fmt: skip


def test_nobody_gives_twice_before_everybody_gave_once():
    photos = people([65.0] * 4, subjects=["a", "a", "b", "c"])
    states, _ = allocate(photos, NOTHING, goal_of(c2=3), STATES)
    givers = [photos["subject_id"][k] for k, of_photo in enumerate(states) for _ in of_photo]
    assert sorted(givers) == ["a", "b", "c"]


def test_ages_nearest_to_the_references_own_come_first():
    photos = people([90.0, 62.0, 75.0, 60.0])
    states, _ = allocate(photos, NOTHING, goal_of(c2=2), STATES, reference_ages={2: (60, 60)})
    assert [bool(of_photo) for of_photo in states] == [False, True, False, True]


def test_cap_limits_a_photo_and_the_rest_is_said_to_be_short():
    states, cells = allocate(people([65.0]), NOTHING, goal_of(c2=9), STATES, cap=3)
    assert [len(of_photo) for of_photo in states] == [3]
    assert cells[0].why_short == "6 short: 1 photos, at most 3 images of each"


def test_photo_itself_is_given_once_only():
    states, cells = allocate(people([65.0]), NOTHING, goal_of(c14=5), STATES)
    assert states == [("none",)]
    assert cells[0].make == 1


def test_classes_that_share_photos_share_them_evenly():
    _, cells = allocate(people([65.0] * 5), NOTHING, goal_of(c2=50, c8=50), STATES, cap=4)
    assert [cell.make for cell in cells] == [10, 10]


@pytest.mark.parametrize(
    "photos, states, why",
    [
        (people([65.0]), ("nose_out",), "not asked for (add --worn)"),
        (people([40.0]), STATES, "no photo of this gender and age"),
        (people([65.0], gender="female"), STATES, "no photo of this gender and age"),
    ],
)
def test_what_cannot_be_made_is_said(photos, states, why):
    given, cells = allocate(photos, NOTHING, goal_of(c2=1), states)
    assert given == [()]
    assert why in cells[0].why_short


def test_wrong_states_are_drawn_by_their_weight():
    wrong = tuple(s for s in STATE_WEIGHTS if WEAR_STATES[s].mask == "incorrect")
    states, _ = allocate(people([65.0] * 3000), NOTHING, goal_of(c8=3000), wrong)
    drawn = Counter(state for of_photo in states for state in of_photo)
    total = sum(STATE_WEIGHTS[state] for state in wrong)
    for state in wrong:
        assert drawn[state] / 3000 == pytest.approx(STATE_WEIGHTS[state] / total, abs=0.03)


def test_same_seed_same_choice_whatever_else_is_there():
    few, many = people([65.0] * 3), people([65.0] * 3 + [40.0] * 20)
    once, _ = allocate(few, NOTHING, goal_of(c2=2, c8=2), STATES, seed=4)
    again, _ = allocate(many, NOTHING, goal_of(c2=2, c8=2), STATES, seed=4)
    assert again[:3] == once
