"""What is asked for: tokens to states, and every impossible wish refused at once."""

import pytest

from ingest.errors import WrongUsage
from ingest.taxonomy import WEAR_STATES, incorrect_tokens
from synth import garments
from synth.planning.settings import Settings, check_settings, chosen_states
from synth.wear import PLACERS

INCORRECT = tuple(name for name in incorrect_tokens().values() if name in PLACERS)


def test_nothing_asked_means_both_kinds():
    assert chosen_states(None, worn=False) == ("correct", *INCORRECT)


def test_worn_alone_means_only_worn():
    assert chosen_states(None, worn=True) == ("correct",)


def test_all_means_every_incorrect_state():
    assert chosen_states("all", worn=False) == INCORRECT
    assert chosen_states(" all ", worn=True) == ("correct", *INCORRECT)


@pytest.mark.parametrize("state", PLACERS)
def test_every_placed_state_has_a_token(state):
    token = WEAR_STATES[state].token
    if WEAR_STATES[state].mask == "incorrect":
        assert chosen_states(token, worn=False) == (state,)


def test_tokens_may_be_repeated_and_spaced():
    assert chosen_states(" nose , chin,nose", worn=False) == ("nose_out", "chin")


@pytest.mark.parametrize("text", ["chin,beard", "correct", "worn", "none", "코스크"])
def test_unknown_token_is_named_with_those_there_are(text):
    with pytest.raises(WrongUsage, match="unknown") as refusal:
        chosen_states(text, worn=False)
    assert all(token in str(refusal.value) for token in ("chin", "nose"))


@pytest.mark.parametrize("text", ["", " ", ",,"])
def test_naming_no_state_is_refused(text):
    with pytest.raises(WrongUsage, match="nothing named"):
        chosen_states(text, worn=False)


def asked(**changes) -> Settings:
    return Settings(**{"sources": ("s",), "states": ("correct",)} | changes)


def test_plain_settings_pass():
    check_settings(asked(limit=1, per_image=3, min_age=60, max_age=60, seed=0))


@pytest.mark.parametrize(
    "wrong, option",
    [
        ({"limit": 0}, "--limit"),
        ({"limit": -1}, "--limit"),
        ({"per_image": 0}, "--per-image"),
        ({"per_image": -2}, "--per-image"),
        ({"seed": -1}, "--seed"),
        ({"min_age": -1.0}, "--min-age"),
        ({"min_age": 60.0, "max_age": 50.0}, "--max-age"),
        ({"garments": ("surgical", "toga")}, "toga"),
    ],
)
def test_impossible_setting_is_refused_by_its_option(wrong, option):
    with pytest.raises(WrongUsage, match=option):
        check_settings(asked(**wrong))


def test_every_problem_is_named_at_once():
    with pytest.raises(WrongUsage) as refusal:
        check_settings(asked(limit=-1, per_image=0, seed=-5, min_age=-3.0))
    for option in ("--limit: -1", "--per-image: 0", "--seed: -5", "--min-age: -3"):
        assert option in str(refusal.value)


def test_state_that_no_chosen_garment_can_take_is_refused():
    able = garments.FAMILIES["gaiter"].states
    unable = next(state for state in PLACERS if state not in able)
    with pytest.raises(WrongUsage, match=f"gaiter cannot be worn '{unable}'"):
        check_settings(asked(states=(*able, unable), garments=("gaiter",)))
    check_settings(asked(states=(*able, unable), garments=("gaiter", "surgical")))


def test_settings_as_json_tell_different_wishes_apart():
    assert asked().as_json() != asked(seed=1).as_json()
    assert asked(garments=("surgical",)).as_json()["garments"] == ["surgical"]
