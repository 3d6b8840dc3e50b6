"""Recipes: exact through JSON, drawn independently of everything else, refused if foreign."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth import garments
from synth.recipe import RECIPE_VERSION, Recipe, derived_rng, draw_recipe
from synth.wear import PLACERS


def numbers(rng: np.random.Generator) -> list[int]:
    return rng.integers(0, 2**32, 4).tolist()


@pytest.mark.parametrize(
    "family, state",
    [
        (name, state)
        for name, f in garments.FAMILIES.items()
        for state in PLACERS
        if state in f.states
    ],
)
def test_recipe_survives_json_exactly(family, state, make_sitter, make_recipe):
    recipe = make_recipe(make_sitter(), family, state)
    again = Recipe.from_json(recipe.to_json())
    assert again.to_json() == recipe.to_json()
    assert again.placement == recipe.placement
    assert again.look == recipe.look
    assert json.loads(recipe.to_json())["family"] == family


def test_recipe_of_another_version_is_refused(make_sitter, make_recipe):
    fields = json.loads(make_recipe(make_sitter(), "surgical", "correct").to_json())
    with pytest.raises(ValueError, match="version"):
        Recipe.from_json(json.dumps(fields | {"version": RECIPE_VERSION + 1}))


@pytest.mark.parametrize("change", [{"unknown": 1}, {"seed": None}])
def test_recipe_with_wrong_fields_is_refused(change, make_sitter, make_recipe):
    fields = json.loads(make_recipe(make_sitter(), "surgical", "correct").to_json()) | change
    fields = {key: value for key, value in fields.items() if value is not None}
    with pytest.raises(ValueError, match="not a recipe"):
        Recipe.from_json(json.dumps(fields))


@given(seed=st.integers(0, 2**63), name=st.text(max_size=20))
def test_derived_generator_depends_only_on_its_names(seed, name):
    before = numbers(derived_rng(seed, name))
    numbers(derived_rng(seed, name, "other"))
    assert numbers(derived_rng(seed, name)) == before


def test_derived_generators_differ_by_seed_name_and_order():
    drawn = [
        numbers(derived_rng(*names))
        for names in ((0, "a", "b"), (0, "b", "a"), (1, "a", "b"), (0, "ab"), (0, "a", "b", ""))
    ]
    assert len({tuple(d) for d in drawn}) == len(drawn)


def test_purposes_of_a_recipe_draw_apart(make_sitter, make_recipe):
    recipe = make_recipe(make_sitter(), "surgical", "correct")
    assert numbers(recipe.rng("texture")) != numbers(recipe.rng("grain"))
    assert numbers(recipe.rng("grain")) == numbers(recipe.rng("grain"))


def test_recipe_does_not_depend_on_others_drawn_before(make_sitter, make_recipe):
    sitter = make_sitter()
    alone = make_recipe(sitter, "cloth", "chin", seed=3)
    for seed in range(3):
        make_recipe(sitter, "surgical", "correct", seed=seed)
    assert make_recipe(sitter, "cloth", "chin", seed=3) == alone


def test_redraw_keeps_the_garment_and_moves_it(make_sitter, make_recipe):
    sitter = make_sitter()
    first, second = (make_recipe(sitter, "cloth", "chin", attempt=n) for n in (0, 1))
    assert first.garment == second.garment
    assert first.placement != second.placement


@pytest.mark.parametrize("change", [{"seed": 1}, {"photo": "q"}, {"face": 1}, {"variant": 1}])
def test_every_key_changes_the_draw(change, make_sitter):
    field = make_sitter().field
    keys = {"seed": 0, "photo": "p", "face": 0, "variant": 0, "attempt": 0, "state": "correct"}
    weights = garments.family_weights()
    one, two = draw_recipe(field, weights, **keys), draw_recipe(field, weights, **keys | change)
    assert (one.garment, one.placement) != (two.garment, two.placement)


def test_families_are_drawn_by_weight(make_sitter):
    field = make_sitter().field
    drawn = [
        draw_recipe(field, {"surgical": 0.8, "cloth": 0.2}, seed=seed, photo="p", face=0,
                    variant=0, attempt=0, state="correct").family
        for seed in range(300)
    ]  # fmt: skip
    assert drawn.count("surgical") / 300 == pytest.approx(0.8, abs=0.08)
