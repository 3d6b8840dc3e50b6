"""What lies in front of straps: hair does, a short break in the skin does not."""

import numpy as np
import pytest

from synth.compose import forth_and_back
from synth.photo.occlusion import SkinModel, shadow_receiver, under_hair

SKIN, HAIR = (205, 165, 145), (60, 40, 25)
STEPS = 24


@pytest.fixture
def skin(make_face):
    """A person of one colour, and the photo their skin was learnt from."""
    photo = np.full((275, 225, 3), SKIN, np.uint8)
    return SkinModel.learn(photo, make_face()), photo, make_face()


def strap_over(photo, face, hair_steps, *, start_angle=70.0, height=-5.0):
    """A level strap beside the face, hair painted under the given steps of its path."""
    angles = np.radians(np.linspace(start_angle, 92, STEPS))
    path = np.stack([75 * np.sin(angles), np.full(STEPS, height), -75 * np.cos(angles)], axis=-1)
    # Pixels of its own, one row of the photo: hair is painted step by step.
    pixels = np.stack([20 + 8 * np.arange(STEPS), np.full(STEPS, 100), np.zeros(STEPS)], axis=-1)
    painted = photo.copy()
    for step in hair_steps:
        painted[95:106, 16 + 8 * step : 25 + 8 * step] = HAIR
    return SkinModel.learn(painted, face), path[None], pixels[None]


def test_skin_is_told_from_hair(skin):
    model, photo, face = skin
    photo[:40] = HAIR
    model = SkinModel.learn(photo, face)
    assert model.shows_skin(np.array([[110.0, 150.0]])).all()
    assert not model.shows_skin(np.array([[110.0, 10.0]])).any()


def test_strap_over_skin_is_seen_to_its_end(skin):
    _, photo, face = skin
    assert not under_hair(*strap_over(photo, face, ())).any()


def test_strap_that_goes_under_hair_stays_there(skin):
    _, photo, face = skin
    hidden = under_hair(*strap_over(photo, face, range(10, 18)))[0]
    assert not hidden[:9].any()
    assert hidden[11:].all(), "a stub beside the ear is no strap"


def test_short_break_is_no_hair(skin):
    _, photo, face = skin
    assert not under_hair(*strap_over(photo, face, (12, 13))).any()


def test_beard_does_not_hide_a_strap(skin):
    _, photo, face = skin
    assert not under_hair(*strap_over(photo, face, range(6, 20), height=20.0)).any()


def test_hair_on_the_cheek_before_the_ear_does_not_hide_a_strap(skin):
    _, photo, face = skin
    model, path, pixels = strap_over(photo, face, range(STEPS))
    path[..., 0], path[..., 2] = 40.0, -60.0
    assert not under_hair(model, path, pixels).any()


def test_what_lies_between_seen_points_is_seen():
    seen = np.array([[0, 1, 0, 0, 1, 0], [0, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 1]], bool)
    expected = np.array([[0, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1]], bool)
    np.testing.assert_array_equal(forth_and_back(seen), expected)


def test_shadow_falls_on_face_and_neck_only(make_face):
    face = make_face()
    receiver = shadow_receiver(face, 225, 275)
    x0, y0, x1, y1 = face.box
    assert receiver[round((y0 + y1) / 2), round((x0 + x1) / 2)] == 255
    assert receiver[min(274, round(y1 + 0.1 * (y1 - y0))), round((x0 + x1) / 2)] > 200
    assert not receiver[:, : max(1, round(x0) - 12)].any()
