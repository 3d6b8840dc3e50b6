"""Light, blur, noise and greyness: known ones are read back; a grey photo stays grey."""

import cv2
import numpy as np
import pytest

from synth import photometry
from synth.compose import Sitter, compose
from synth.photometry import Camera, Light, as_photographed, contact_shadow, estimate_camera
from synth.render import Layer


def scene(sigma: float, fine: int = 4) -> np.ndarray:
    """Overlapping grey rectangles, blurred, then sampled by area as a camera does."""
    rng = np.random.default_rng(0)
    grey = np.full((275 * fine, 225 * fine), 128, np.uint8)
    for _ in range(90):
        centre = rng.uniform(0, (225 * fine, 275 * fine))
        box = cv2.boxPoints((centre, rng.uniform(10 * fine, 45 * fine, 2), rng.uniform(0, 180)))
        cv2.fillPoly(grey, [box.astype(np.int32)], int(rng.integers(40, 215)))
    blurred = cv2.GaussianBlur(grey, (0, 0), sigma * fine) if sigma else grey
    small = cv2.resize(blurred, (225, 275), interpolation=cv2.INTER_AREA)
    return np.repeat(small[..., None], 3, axis=2)


@pytest.mark.parametrize("sigma", [0.5, 0.7, 1.0, 1.5, 2.0, 3.0])
def test_blur_is_read_back(sigma, make_face):
    assert estimate_camera(scene(sigma), make_face()).blur == pytest.approx(sigma, rel=0.12)


def test_sharp_picture_has_no_blur(make_face):
    assert estimate_camera(scene(0.0), make_face()).blur < 0.3


@pytest.mark.parametrize("sigma", [2.0, 4.0, 8.0])
def test_noise_is_read_back(sigma, make_face):
    rng = np.random.default_rng(1)
    smooth = scene(4.0).astype(float)
    noisy = np.clip(smooth + rng.normal(0, sigma, smooth.shape[:2])[..., None], 0, 255)
    camera = estimate_camera(np.round(noisy).astype(np.uint8), make_face())
    assert camera.noise == pytest.approx(sigma, rel=0.30)


def test_clean_picture_has_no_noise(make_face):
    assert estimate_camera(scene(4.0), make_face()).noise < 0.5


def test_colour_photo_has_no_tint_and_grey_and_sepia_have(make_face, astronaut):
    photo = np.ascontiguousarray(astronaut[:275, :225])
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    assert estimate_camera(photo, make_face()).tint is None
    flat = estimate_camera(np.repeat(grey[..., None], 3, axis=2), make_face()).tint
    np.testing.assert_allclose(flat, 0, atol=0.05)
    sepia = (20 + 0.8 * grey[..., None] + np.array([18, 2, -16])).astype(np.uint8)
    red, blue = estimate_camera(sepia, make_face()).tint
    assert red > 8
    assert blue < -8


@pytest.mark.parametrize("state", ["correct", "chin"])
def test_grey_photo_gets_a_grey_garment(state, make_sitter, make_recipe, astronaut, make_face):
    grey = cv2.cvtColor(np.ascontiguousarray(astronaut[:275, :225]), cv2.COLOR_RGB2GRAY)
    photo = np.repeat(grey[..., None], 3, axis=2)
    sitter = Sitter.study(photo, make_face())
    for seed in range(4):
        image = compose(sitter, make_recipe(sitter, "cloth", state, seed=seed)).image.astype(int)
        assert np.ptp(image, axis=2).max() <= 1


TOWARDS = {
    "left of picture": (-0.6, -0.1, -0.5),
    "right of picture": (0.6, -0.1, -0.5),
    "above": (0.0, -0.6, -0.4),
    "front": (0.0, 0.0, -0.7),
}


@pytest.mark.parametrize("name", TOWARDS)
def test_direction_of_light_is_read_back(name, make_face, make_lambert):
    face = make_face()
    towards = np.array(TOWARDS[name])
    light = photometry.estimate_light(make_lambert(face, 0.5, towards), face)
    cosine = light.direction @ towards / np.linalg.norm(light.direction) / np.linalg.norm(towards)
    assert cosine > np.cos(np.radians(20)), f"{np.degrees(np.arccos(cosine)):.0f}° off"


def test_even_light_has_no_strong_direction(make_sitter):
    light = photometry.estimate_light(np.full((275, 225, 3), 150, np.uint8), make_sitter().face)
    assert np.linalg.norm(light.direction) < 0.05
    assert light.ambient == pytest.approx(1.0, abs=0.05)


def test_white_level_rises_with_exposure(make_face, make_lambert):
    face = make_face()
    levels = [
        photometry.estimate_light(make_lambert(face, 0.6, (0, -0.2, -0.4), albedo), face).white
        for albedo in (0.05, 0.1, 0.2, 0.4, 0.7)
    ]
    assert levels == sorted(levels)
    assert levels[0] < 0.5 * levels[-1]
    assert all(0 < level <= 1 for level in levels)


def test_cast_follows_the_colour_of_the_light(make_face):
    face = make_face()
    skin = np.array([205.0, 165.0, 145.0])
    warm, cool = (
        photometry.estimate_light(np.full((275, 225, 3), skin * factor, np.uint8), face).cast
        for factor in ([1.15, 1.0, 0.75], [0.85, 1.0, 1.25])
    )
    assert warm[0] / warm[2] > cool[0] / cool[2] * 1.05


def test_shade_is_one_and_neutral_in_plain_light():
    light = Light(1.0, np.zeros(3), 1.0, np.ones(3))
    normals = np.array([[0.0, 0, -1], [1, 0, 0], [0, -1, 0]])
    np.testing.assert_allclose(light.shade(normals), 1.0)


def test_shade_falls_with_the_angle_to_the_light():
    light = Light(0.4, np.array([-0.6, 0.0, 0.0]), 0.8, np.ones(3))
    turn = np.radians(np.linspace(0, 180, 19))
    normals = np.stack([-np.cos(turn), np.zeros(19), -np.sin(turn)], axis=-1)
    shade = light.shade(normals)[:, 0]
    assert (np.diff(shade) <= 1e-6).all()
    assert shade[0] > 1.3 * shade[-1]


def test_normals_of_the_mesh_point_at_the_camera_and_are_unit(make_face):
    normals = photometry.mesh_normals(make_face())
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-6)
    assert normals[4, 2] < -0.5


def square_layer() -> Layer:
    matte = np.zeros((60, 60), np.float32)
    matte[20:40, 20:40] = 1.0
    return Layer(0, 0, matte[..., None] * np.float32([0.2, 0.4, 0.6]), matte)


def test_sharpest_camera_still_softens_an_edge_by_its_sampling():
    layer = as_photographed(square_layer(), Camera(0.0, 0.0, None), np.random.default_rng(0))
    expected = cv2.GaussianBlur(square_layer().matte, (0, 0), 0.6)
    np.testing.assert_allclose(layer.matte, expected, atol=1e-6)
    inside, far = (slice(24, 36),) * 2, (slice(0, 15),) * 2
    np.testing.assert_allclose(layer.colour[inside], square_layer().colour[inside], atol=1e-6)
    assert not layer.matte[far].any()


def test_blur_softens_the_edge_and_keeps_colour_over_alpha():
    layer = as_photographed(square_layer(), Camera(2.0, 0.0, None), np.random.default_rng(0))
    soft = (layer.matte > 0.05) & (layer.matte < 0.95)
    assert soft.sum() > 200
    ratio = layer.colour[soft] / layer.matte[soft][:, None]
    np.testing.assert_allclose(ratio, np.broadcast_to([0.2, 0.4, 0.6], ratio.shape), atol=1e-3)
    assert layer.matte.sum() == pytest.approx(400, rel=0.01)


def test_grain_stays_on_the_garment_and_has_its_strength():
    sigma = 5.0
    rng = np.random.default_rng(0)
    layer = as_photographed(square_layer(), Camera(0.0, sigma, None), rng)
    outside = layer.matte == 0
    assert not layer.colour[outside].any()
    spread = (layer.colour[24:36, 24:36] - np.float32([0.2, 0.4, 0.6])).std() * 255
    assert spread == pytest.approx(sigma, rel=0.3)


def test_shadow_lies_off_the_light():
    matte = square_layer().matte
    light = Light(0.5, np.array([-0.6, 0.0, -0.3]), 0.8, np.ones(3))
    shade = contact_shadow(matte, light, 1.0)
    assert shade.max() == 255
    assert shade[0, 0] == 0
    assert shade[30, 43] > 100 > shade[30, 16], "the shadow falls away from the light"
