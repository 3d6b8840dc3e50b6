"""Garment families: what each draws, how it is strapped, what it weighs."""

import json
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from ingest.errors import WrongUsage
from ingest.taxonomy import WEAR_STATES
from synth.drawing.straps import ENDS
from synth.drawing.surface import garment_grid
from synth.garments import FAMILIES, family_weights
from synth.garments.base import Canvas, Drawing, Garment, mix, vary
from synth.garments.fabrics import draw_fabric, sample_fabric
from synth.garments.palette import COLOURS
from synth.garments.patterns import DRAWERS

SEEDS = range(12)
CANVAS = (96, 72)
every_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)


def _drawn(family: Garment, seed: int, size: tuple[int, int] = CANVAS) -> Drawing:
    params = family.sample(np.random.default_rng(seed))
    cut = family.cut(params)
    canvas = Canvas.of_size(*size, cut.width, cut.height)
    return family.draw(params, canvas, np.random.default_rng(seed))


@every_family
@pytest.mark.parametrize("seed", SEEDS)
def test_draws_finite_values_between_black_and_white(family: Garment, seed: int) -> None:
    drawing = _drawn(family, seed)
    shape = CANVAS[::-1]
    assert drawing.albedo.shape == (*shape, 3)
    for picture in (drawing.albedo, drawing.alpha, np.array(drawing.lining)):
        assert np.isfinite(picture).all()
        assert picture.min() >= 0
        assert picture.max() <= 1
    assert drawing.relief.shape == drawing.alpha.shape == shape
    assert np.isfinite(drawing.relief).all()
    assert np.abs(drawing.relief).max() < 25


@every_family
def test_draws_in_single_precision(family: Garment) -> None:
    drawing = _drawn(family, 0)
    for picture in (drawing.albedo, drawing.alpha, drawing.relief):
        assert picture.dtype == np.float32


@every_family
def test_same_seed_draws_the_same_garment(family: Garment) -> None:
    for one, other in zip(_parts(_drawn(family, 3)), _parts(_drawn(family, 3)), strict=True):
        np.testing.assert_array_equal(one, other)


@every_family
def test_drawing_does_not_read_the_params_by_reference(family: Garment) -> None:
    params = family.sample(np.random.default_rng(1))
    before = json.dumps(params)
    family.draw(params, Canvas.of_size(40, 30, 160, 110), np.random.default_rng(1))
    assert json.dumps(params) == before


@every_family
def test_garments_of_a_family_differ(family: Garment) -> None:
    assert len({_drawn(family, seed).albedo.tobytes() for seed in SEEDS}) == len(SEEDS)


@every_family
@pytest.mark.parametrize("size", [(48, 48), (2, 2), (400, 60)])
def test_draws_on_any_canvas(family: Garment, size: tuple[int, int]) -> None:
    for seed in range(6):
        drawing = _drawn(family, seed, size)
        assert drawing.albedo.shape == (size[1], size[0], 3)
        assert np.isfinite(drawing.albedo).all()


@every_family
@pytest.mark.parametrize("seed", SEEDS)
def test_params_survive_json_exactly(family: Garment, seed: int) -> None:
    params = family.sample(np.random.default_rng(seed))
    assert json.loads(json.dumps(params, allow_nan=False)) == params


@every_family
@pytest.mark.parametrize("seed", SEEDS)
def test_cut_and_straps_are_sound(family: Garment, seed: int) -> None:
    params = family.sample(np.random.default_rng(seed))
    cut = family.cut(params)
    assert 0 < cut.side_height <= cut.height
    assert 30 < cut.half_angle <= 112
    assert 0 <= cut.tautness <= 1
    bulge = cut.bulge_at(*garment_grid())
    assert np.isfinite(bulge).all()
    assert bulge.min() > -1
    assert bulge.max() < 60
    for strap in family.straps(params):
        assert strap.end in ENDS
        assert 0 <= strap.v <= 1
        assert 1 < strap.width < 15
        assert all(0 <= channel <= 1 for channel in strap.colour)


@every_family
def test_states_are_worn_ones(family: Garment) -> None:
    assert "correct" in family.states
    assert family.states <= {
        name for name, state in WEAR_STATES.items() if state.mask != "not_worn"
    }


def test_every_worn_state_has_a_family() -> None:
    taken = frozenset().union(*(family.states for family in FAMILIES.values()))
    assert taken == {name for name, state in WEAR_STATES.items() if state.mask != "not_worn"}


def test_no_cup_is_crushed_or_tied_over_the_eyes() -> None:
    assert "eyes" not in family_weights(state="eyes")
    assert "n95" not in family_weights(state="eyes")
    assert FAMILIES["n95"].cut(FAMILIES["n95"].sample(np.random.default_rng(0))).stiff


def test_weights_sum_to_one_and_the_groups_keep_their_shares() -> None:
    weights = family_weights()
    assert sum(weights.values()) == pytest.approx(1)
    assert weights["surgical"] == pytest.approx(0.45)
    assert weights["cloth"] + weights["polyurethane"] == pytest.approx(0.25)
    assert sum(weights[name] for name in ("kf94", "kn95", "n95")) == pytest.approx(0.22)
    assert sum(weights[name] for name in ("gaiter", "bandana", "scarf")) == pytest.approx(0.08)


def test_weights_are_those_of_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs" / "garments.md").read_text()
    for name, weight in family_weights().items():
        assert f"| `{name}` | {100 * weight:g} % |" in page


def test_worked_example_of_the_documentation_is_a_garment() -> None:
    page = (Path(__file__).parents[2] / "docs" / "garments.md").read_text()
    module = types.ModuleType("duckbill")
    sys.modules["duckbill"] = module
    try:
        exec(page.split("```python\n")[1].split("```")[0], module.__dict__)
    finally:
        del sys.modules["duckbill"]
    drawing = _drawn(module.Duckbill(), 0)
    assert drawing.albedo.shape == (*CANVAS[::-1], 3)
    assert np.isfinite(drawing.albedo).all()


def test_unknown_family_is_refused_with_those_there_are() -> None:
    with pytest.raises(WrongUsage, match=r"unknown cape, gas\. There are: surgical, cloth, "):
        family_weights(("cloth", "gas", "cape"))


def test_family_that_cannot_be_worn_so_is_refused() -> None:
    with pytest.raises(WrongUsage, match=r"gaiter cannot be worn 'eyes'\. Those that can: surg"):
        family_weights(("gaiter",), state="eyes")


def test_named_families_keep_their_weights() -> None:
    assert family_weights(("scarf", "cloth"), state="nose_out") == {"scarf": 0.015, "cloth": 0.16}


@pytest.mark.parametrize("pattern", ["plain", *DRAWERS])
def test_every_pattern_shows_its_ground(pattern: str) -> None:
    rng = np.random.default_rng(2)
    fabric = sample_fabric(rng, {pattern: 1.0})
    canvas = Canvas.of_size(120, 90, 160, 110)
    cut = FAMILIES["cloth"].cut(FAMILIES["cloth"].sample(rng))
    sheet = draw_fabric(fabric, canvas, cut, rng)
    assert np.isfinite(sheet).all()
    if pattern != "plain":
        assert sheet.shape == (90, 120, 3)
        assert sheet.std(axis=(0, 1)).max() > 0.005


def test_ink_laid_on_cloth_lies_between_both() -> None:
    share = np.array([[0, 0.25, 1]], dtype=np.float32)
    mixed = mix(np.float32([[[0.2, 0.4, 0.8]]]), (0.6, 0.4, 0.0), share)
    np.testing.assert_allclose(
        mixed[0], [[0.2, 0.4, 0.8], [0.3, 0.4, 0.6], [0.6, 0.4, 0]], atol=1e-6
    )
    np.testing.assert_allclose(mix(mixed, (1, 1, 1), 0 * share), mixed)


def test_greys_stay_grey() -> None:
    rng = np.random.default_rng(0)
    shades = np.array([vary(rng, COLOURS[name]) for name in ("black", "white") for _ in range(200)])
    assert np.quantile(np.ptp(shades, axis=1), 0.95) < 0.05


def test_ear_holes_are_open_and_the_middle_is_closed() -> None:
    drawing = _drawn(FAMILIES["polyurethane"], 0, (240, 120))
    assert drawing.alpha[60, 0] == drawing.alpha[60, -1] == 0
    assert (drawing.alpha[:, 40:200] == 1).all()
    assert drawing.alpha[2, 0] == drawing.alpha[-3, -1] == 1


def test_folds_of_black_cloth_can_be_seen() -> None:
    family = FAMILIES["cloth"]
    params = family.sample(np.random.default_rng(0))
    params["fabric"] |= {"pattern": "plain", "colours": [[0.1, 0.1, 0.1]] * 3, "sheen": 0.1}
    params["wear"] = {"crumple": 0.8, "pilling": 0.0, "stain": 0.0}
    canvas = Canvas.of_size(170, 130, 160, 115)
    drawing = family.draw(params, canvas, np.random.default_rng(0))
    assert np.quantile(drawing.albedo, 0.98) > 1.25 * np.median(drawing.albedo)


def _parts(drawing: Drawing) -> tuple[np.ndarray, ...]:
    return drawing.albedo, drawing.alpha, drawing.relief, np.array(drawing.lining)
