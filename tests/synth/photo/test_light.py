"""Light on a face: a known one is read back, and a garment's shadow falls away from it."""

import numpy as np
import pytest

from synth.photo.light import Light, contact_shadow, estimate_light, mesh_normals

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
    light = estimate_light(make_lambert(face, 0.5, towards), face)
    cosine = light.direction @ towards / np.linalg.norm(light.direction) / np.linalg.norm(towards)
    assert cosine > np.cos(np.radians(20)), f"{np.degrees(np.arccos(cosine)):.0f}° off"


def test_even_light_has_no_strong_direction(make_sitter):
    light = estimate_light(np.full((275, 225, 3), 150, np.uint8), make_sitter().face)
    assert np.linalg.norm(light.direction) < 0.05
    assert light.ambient == pytest.approx(1.0, abs=0.05)


def test_white_level_rises_with_exposure(make_face, make_lambert):
    face = make_face()
    levels = [
        estimate_light(make_lambert(face, 0.6, (0, -0.2, -0.4), albedo), face).white
        for albedo in (0.05, 0.1, 0.2, 0.4, 0.7)
    ]
    assert levels == sorted(levels)
    assert levels[0] < 0.5 * levels[-1]
    assert all(0 < level <= 1 for level in levels)


def test_cast_follows_the_colour_of_the_light(make_face):
    face = make_face()
    skin = np.array([205.0, 165.0, 145.0])
    warm, cool = (
        estimate_light(np.full((275, 225, 3), skin * factor, np.uint8), face).cast
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


def test_gloss_is_brightest_half_way_to_the_light_and_none_without_one():
    light = Light(0.5, np.array([-0.8, 0.0, 0.0]), 0.8, np.ones(3))
    turn = np.radians(np.linspace(0, 90, 91))
    normals = np.stack([-np.sin(turn), np.zeros(91), -np.cos(turn)], axis=-1)
    gloss = light.gloss(normals)
    assert gloss.argmax() == 45
    assert 0 < gloss.max() < 0.3
    assert (light.gloss(-normals) == 0).all()
    assert (Light(1.0, np.zeros(3), 1.0, np.ones(3)).gloss(normals) == 0).all()


def test_normals_of_the_mesh_point_at_the_camera_and_are_unit(make_face):
    normals = mesh_normals(make_face())
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-6)
    assert normals[4, 2] < -0.5


def test_shadow_lies_off_the_light():
    matte = np.pad(np.ones((20, 20), np.float32), 20)
    light = Light(0.5, np.array([-0.6, 0.0, -0.3]), 0.8, np.ones(3))
    shade = contact_shadow(matte, light, 1.0)
    assert shade.max() == 255
    assert shade[0, 0] == 0
    assert shade[30, 43] > 100 > shade[30, 16], "the shadow falls away from the light"
