"""Rotating a photo rotates its composite: mattes without straps agree after turning back."""

import cv2
import numpy as np
import pytest

from ingest.faces import FaceMesh
from synth import garments
from synth.compose import Sitter, compose
from synth.recipe import draw_recipe

ANGLES = [-45, -30, -15, 15, 30, 45]


@pytest.fixture(autouse=True)
def _no_straps(monkeypatch):
    for family in garments.FAMILIES.values():
        monkeypatch.setattr(type(family), "straps", lambda self, params: ())


def rotate(image: np.ndarray, degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """Photo turned clockwise as seen on a canvas that holds it, and the map onto it."""
    height, width = image.shape[:2]
    side = int(np.hypot(height, width)) + 2
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1.0)
    turn[:, 2] += (np.array([side, side]) - (width, height)) / 2
    return cv2.warpAffine(
        image, turn, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    ), turn


def turned_back(matte: np.ndarray, turn: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(matte, turn, (shape[1], shape[0]), flags=flags)


def overlap(one: np.ndarray, two: np.ndarray) -> float:
    """Intersection over union of the covered pixels."""
    a, b = one > 0.5, two > 0.5
    return float((a & b).sum() / (a | b).sum())


def recipe_for(sitter: Sitter, state: str, seed: int = 0):
    return draw_recipe(
        sitter.field, garments.family_weights((), state), seed=seed, photo="p", face=0, variant=0,
        attempt=0, state=state,
    )  # fmt: skip


@pytest.mark.parametrize("state", ["correct", "nose_out", "chin"])
@pytest.mark.parametrize("name", ["astronaut", "hopper"])
def test_surface_turns_with_the_landmarks(name, state, request, mesher):
    photo = request.getfixturevalue(name)
    face = mesher.find(photo)[0]
    sitter = Sitter.study(photo, face)
    recipe = recipe_for(sitter, state)
    upright = compose(sitter, recipe).matte
    for degrees in ANGLES:
        canvas, turn = rotate(photo, degrees)
        points = face.points.copy()
        points[:, :2] = points[:, :2] @ turn[:, :2].T + turn[:, 2]
        rolled = compose(Sitter.study(canvas, FaceMesh(points)), recipe).matte
        assert overlap(upright, turned_back(rolled, turn, photo.shape)) >= 0.97


@pytest.mark.parametrize("degrees", ANGLES)
@pytest.mark.parametrize("name", ["astronaut", "hopper"])
def test_rotated_photo_found_again_gives_the_rotated_matte(name, degrees, request, mesher):
    photo = request.getfixturevalue(name)
    sitter = Sitter.study(photo, mesher.find(photo)[0])
    canvas, turn = rotate(photo, degrees)
    rolled = Sitter.study(canvas, mesher.find(canvas)[0])
    recipe = recipe_for(sitter, "correct")
    back = turned_back(compose(rolled, recipe).matte, turn, photo.shape)
    assert overlap(compose(sitter, recipe).matte, back) >= 0.97
