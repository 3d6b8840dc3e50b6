"""Lit textures: slopes of known reliefs catch and lose the light exactly; colours stay legal."""

import numpy as np
import pytest

from synth.drawing.texture import draw_flat, lit_texture
from synth.garments.base import Cut, Drawing
from synth.photo.light import Light

CUT = Cut(height=100.0, side_height=60.0, half_angle=55.0)


def drawing_of(relief: np.ndarray, albedo: float = 0.5) -> Drawing:
    shape = relief.shape
    colour = np.full((*shape, 3), albedo, np.float32)
    return Drawing(colour, np.ones(shape, np.float32), relief.astype(np.float32), (1.0, 1.0, 1.0))


def light_from(x: float, y: float) -> Light:
    return Light(0.5, np.array([x, y, -0.3]), 0.8, np.ones(3))


def test_flat_cloth_keeps_its_colour_and_alpha():
    drawing = drawing_of(np.zeros((20, 30)))
    drawing.alpha[3:5] = 0.25
    texture = lit_texture(drawing, CUT, light_from(0.4, 0.0), np.eye(3))
    np.testing.assert_allclose(texture[..., :3], 0.5)
    np.testing.assert_array_equal(texture[..., 3], drawing.alpha)


def test_shade_is_the_slope_along_the_light():
    """Against numpy's gradient: 1 - (slope · light) / 2."""
    rng = np.random.default_rng(0)
    relief = rng.normal(0, 0.4, (25, 40)).astype(np.float32)
    texture = lit_texture(drawing_of(relief), CUT, light_from(0.3, 0.35), np.eye(3))
    slope_y, slope_x = np.gradient(relief, 100.0 / 24, CUT.width / 39)
    shade = np.clip(1 - 0.5 * (0.3 * slope_x + 0.1 * slope_y), 0.55, 1.35)
    np.testing.assert_allclose(texture[..., 0], 0.5 * shade, atol=1e-5)


def test_fold_lit_from_the_left_is_bright_on_its_left_side():
    ridge = np.repeat(5 * np.exp(-(np.linspace(-3, 3, 61) ** 2))[None], 20, axis=0)
    left = lit_texture(drawing_of(ridge), CUT, light_from(-0.5, 0.25), np.eye(3))[10, :, 0]
    right = lit_texture(drawing_of(ridge), CUT, light_from(0.5, 0.25), np.eye(3))[10, :, 0]
    assert left[20] > 0.5 > left[40]
    np.testing.assert_allclose(left, right[::-1], atol=1e-6)


def test_shade_of_the_surface_is_spread_over_the_texture():
    shade = np.zeros((3, 5, 3), np.float32)
    shade[..., 0] = np.linspace(0, 1, 5)
    shade[..., 1] = np.linspace(0, 2, 3)[:, None]
    texture = lit_texture(
        drawing_of(np.zeros((21, 41))), CUT, light_from(0, 0.25), np.eye(3), shade
    )
    np.testing.assert_allclose(texture[7, :, 0], 0.5 * np.linspace(0, 1, 41), atol=1e-6)
    np.testing.assert_allclose(texture[:, 9, 1], 0.5 * np.linspace(0, 2, 21), atol=1e-6)
    assert not texture[..., 2].any()


def test_gloss_lifts_dark_cloth_and_leaves_white_alone():
    gloss = np.repeat(np.float32([[0.0, 0.2]]), 2, axis=0)
    shade = np.ones((2, 2, 3), np.float32)
    black, white = (
        lit_texture(
            drawing_of(np.zeros((9, 11)), level), CUT, light_from(0, 0.25), np.eye(3), shade, gloss
        )[4, :, 0]
        for level in (0.0, 1.0)
    )
    np.testing.assert_allclose(black, np.linspace(0, 0.2, 11), atol=1e-6)
    np.testing.assert_allclose(white, 1.0)


def test_colours_stay_within_their_range():
    steep = np.random.default_rng(1).normal(0, 50, (30, 30))
    texture = lit_texture(drawing_of(steep, 0.9), CUT, light_from(0.6, 0.6), np.eye(3))
    assert texture.min() >= 0
    assert texture.max() <= 1


@pytest.mark.parametrize("scale, factor", [(0.5, 1), (1.0, 2), (4.0, 8)])
def test_drawing_is_as_fine_as_the_face_is_large(scale, factor, make_sitter, make_recipe):
    from synth import garments

    recipe = make_recipe(make_sitter(), "surgical", "correct")
    cut = garments.FAMILIES["surgical"].cut(recipe.garment)
    small, here = draw_flat(recipe, cut, 0.5), draw_flat(recipe, cut, scale)
    assert here.relief.shape[1] == pytest.approx(factor * small.relief.shape[1], abs=factor)
