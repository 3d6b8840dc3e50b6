"""Blur, noise and greyness: known ones are read back; a grey photo stays grey."""

import cv2
import numpy as np
import pytest

from synth.compose import Sitter, compose
from synth.drawing.render import Layer
from synth.photo.camera import Camera, as_photographed, estimate_camera


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
