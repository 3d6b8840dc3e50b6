"""Compositing: the over operator exact, no rim anywhere, nothing touched where nothing lies."""

from dataclasses import replace

import numpy as np
import pytest

from synth import garments
from synth.compose import LINING_SHADE, Sitter, compose, lay_over
from synth.drawing import texture
from synth.drawing.render import Layer
from synth.photo.camera import Camera
from synth.wear import PLACERS

SKIN_LEVEL, CLOTH_LEVEL = 200, 100


def level_of(value: float) -> tuple[float, float, float]:
    return (value / 255, value / 255, value / 255)


class FlatFamily:
    """A garment family whose cloth, lining and straps all have one colour and no relief."""

    def __init__(self, family, level: float) -> None:
        self.family, self.level = family, level

    def __getattr__(self, name):
        return getattr(self.family, name)

    def draw(self, params, canvas, rng):
        drawing = self.family.draw(params, canvas, rng)
        lining = tuple(np.float32(c) / LINING_SHADE for c in level_of(self.level))
        albedo = np.full((*canvas.shape, 3), self.level / 255, np.float32)
        relief = np.zeros(canvas.shape, np.float32)
        return replace(drawing, albedo=albedo, relief=relief, lining=lining)

    def straps(self, params):
        return tuple(replace(s, colour=level_of(self.level)) for s in self.family.straps(params))


@pytest.fixture
def flat_cloth(monkeypatch):
    """Makes every family's cloth flat and one grey; crumpling is light and shade, too."""
    for name, family in list(garments.FAMILIES.items()):
        monkeypatch.setitem(garments.FAMILIES, name, FlatFamily(family, CLOTH_LEVEL))
    monkeypatch.setattr(texture, "crumple", lambda drawing, *_: drawing)


def without_shade(recipe):
    return replace(recipe, look=recipe.look | {"shadow": 0.0, "brightness": 1.0})


def plain_sitter(make_sitter, level: int, **how) -> Sitter:
    return make_sitter(np.full((275, 225, 3), level, np.uint8), **how)


def layer_of(matte: np.ndarray, level: float) -> Layer:
    matte = matte.astype(np.float32)
    return Layer(0, 0, matte[..., None] * np.float32(level_of(level)), matte)


def test_half_alpha_gives_the_mean(make_sitter):
    sitter = plain_sitter(make_sitter, SKIN_LEVEL)
    half = layer_of(np.full((275, 225), 0.5), CLOTH_LEVEL)
    assert (lay_over(sitter, half, shadow=0.0) == 150).all()


@pytest.mark.parametrize("alpha", [0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0])
def test_alpha_mixes_linearly(make_sitter, alpha):
    sitter = plain_sitter(make_sitter, SKIN_LEVEL)
    result = lay_over(sitter, layer_of(np.full((275, 225), alpha), CLOTH_LEVEL), shadow=0.0)
    exact = alpha * CLOTH_LEVEL + (1 - alpha) * SKIN_LEVEL
    assert np.abs(result.astype(float) - exact).max() <= 0.5 + 1e-3


def test_empty_matte_leaves_the_photo_bit_identical(make_sitter, astronaut):
    sitter = make_sitter(np.ascontiguousarray(astronaut[:275, :225]))
    nothing = layer_of(np.zeros((275, 225)), CLOTH_LEVEL)
    assert lay_over(sitter, nothing, shadow=0.4).tobytes() == sitter.image.tobytes()


@pytest.mark.parametrize("blur", [0.0, 1.3])
@pytest.mark.parametrize(
    "family, state",
    [
        (name, state)
        for name, f in garments.FAMILIES.items()
        for state in PLACERS
        if state in f.states
    ],
)
def test_no_pixel_lies_outside_the_span_of_skin_and_cloth(
    family, state, blur, flat_cloth, make_sitter, make_recipe
):
    sitter = plain_sitter(
        make_sitter, SKIN_LEVEL, camera=Camera(blur, 0.0, None), yaw=12.0, roll=-8.0
    )
    for seed in range(2):
        recipe = without_shade(make_recipe(sitter, family, state, seed=seed))
        if state == "hanging":  # its inner side would show the lining, here of another level
            recipe = replace(recipe, placement={**recipe.placement, "turned": 1.0})
        result = compose(sitter, recipe)
        assert result.matte.max() > 0.99, "the garment does not show"
        assert result.image.min() >= CLOTH_LEVEL - 1
        assert result.image.max() <= SKIN_LEVEL
        expected = SKIN_LEVEL + result.matte * (CLOTH_LEVEL - SKIN_LEVEL)
        assert np.abs(result.image - expected[..., None]).max() <= 1.0


@pytest.mark.parametrize("family", garments.FAMILIES)
def test_pixels_away_from_garment_and_shadow_are_the_photos(
    family, make_sitter, make_recipe, astronaut
):
    photo = np.ascontiguousarray(astronaut[:275, :225])
    sitter = make_sitter(photo)
    result = compose(sitter, make_recipe(sitter, family, "correct"))
    away = (result.matte == 0) & (sitter.receiver == 0)
    assert away.any()
    np.testing.assert_array_equal(result.image[away], photo[away])
    assert result.image.dtype == np.uint8
    assert result.image.shape == photo.shape


def test_layer_in_a_corner_touches_only_its_window(make_sitter):
    sitter = plain_sitter(make_sitter, SKIN_LEVEL)
    matte = np.full((10, 12), 0.5, np.float32)
    layer = Layer(3, 5, matte[..., None] * np.float32(level_of(CLOTH_LEVEL)), matte)
    result = lay_over(sitter, layer, shadow=0.0)
    assert (result[5:15, 3:15] == 150).all()
    assert (result != SKIN_LEVEL).any(axis=2).sum() == 120


def test_composing_leaves_the_photo_itself_alone(make_sitter, make_recipe):
    sitter = make_sitter()
    before = sitter.image.tobytes()
    compose(sitter, make_recipe(sitter, "surgical", "correct"))
    assert sitter.image.tobytes() == before


def test_same_recipe_gives_the_same_bytes(make_sitter, make_recipe, astronaut):
    photo = np.ascontiguousarray(astronaut[:275, :225])
    one, two = make_sitter(photo), make_sitter(photo.copy())
    recipe = make_recipe(one, "cloth", "nose_out", seed=5)
    first, second = compose(one, recipe), compose(two, recipe)
    assert first.image.tobytes() == second.image.tobytes()
    assert first.matte.tobytes() == second.matte.tobytes()
    assert first.coverage == second.coverage


def test_another_seed_gives_another_picture(make_sitter, make_recipe):
    sitter = make_sitter()
    pictures = {
        compose(sitter, make_recipe(sitter, "cloth", "correct", seed=seed)).image.tobytes()
        for seed in range(6)
    }
    assert len(pictures) == 6


def test_shadow_darkens_and_never_lightens(make_sitter, make_recipe, flat_cloth):
    sitter = plain_sitter(make_sitter, SKIN_LEVEL)
    recipe = without_shade(make_recipe(sitter, "surgical", "correct"))
    bright = compose(sitter, recipe).image.astype(int)
    shaded = compose(sitter, replace(recipe, look=recipe.look | {"shadow": 0.4})).image
    assert (shaded <= bright).all()
    assert (shaded < bright - 10).sum() > 20


@pytest.mark.parametrize("side", ["left", "right", "above", "below"])
def test_face_at_the_border_is_composed_without_error(side, make_sitter, make_recipe, make_face):
    shift = {"left": (-60, 0), "right": (60, 0), "above": (0, -70), "below": (0, 90)}[side]
    face = make_face()
    moved = type(face)(face.points + np.float32([*shift, 0]))
    sitter = Sitter.study(np.full((275, 225, 3), SKIN_LEVEL, np.uint8), moved)
    for state in PLACERS:
        result = compose(sitter, make_recipe(sitter, "surgical", state))
        assert result.image.shape == (275, 225, 3)
        assert np.isfinite(result.matte).all()
