"""Straps: from the garment's edge to the ear, over the skin, hidden behind the head."""

import numpy as np
import pytest

from synth.compose import Sitter
from synth.straps import ENDS, Strap, draw_strap, strap_path
from synth.surface import GRID_COLUMNS, GRID_ROWS, Outline, drape

WINDOW = (0, 0, 60, 40)
FAR = np.full((40, 60), np.inf, np.float32)
RED = np.float32([0.9, 0.2, 0.1])


@pytest.fixture
def dressed(make_sitter):
    sitter: Sitter = make_sitter()
    bulge = np.zeros((GRID_ROWS, GRID_COLUMNS))
    return sitter.field, drape(sitter.field, Outline(-15, 0, 60, 30, 55, 55), bulge)


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("end", ENDS)
def test_path_runs_from_the_garment_to_its_end_outside_the_skin(end, side, dressed):
    field, surface = dressed
    path = strap_path(field, surface, Strap(0.05, end, 4.0, (1, 1, 1)), side, 0.0, 0.0)
    edge = surface.points[:, 0 if side < 0 else -1]
    assert np.linalg.norm(edge - path[0], axis=1).min() < 12
    angle = np.degrees(np.arctan2(path[:, 0], -path[:, 2]))
    assert abs(angle[-1] - side * ENDS[end][0]) < 1
    assert path[-1, 1] == pytest.approx(ENDS[end][1])
    above = np.hypot(path[:, 0], path[:, 2]) - field.at(angle, path[:, 1])
    assert above[1:].min() > 0.4


def test_both_sides_are_mirror_images_on_a_symmetric_head(dressed):
    field, surface = dressed
    strap = Strap(0.05, "ear_top", 4.0, (1, 1, 1))
    right, left = (strap_path(field, surface, strap, side, 1.0, 0.0) for side in (-1, 1))
    assert right[-1, 0] < 0 < left[-1, 0]
    np.testing.assert_allclose(right[-1, 1], left[-1, 1])


def test_slack_lowers_the_middle_and_not_the_ends(dressed):
    field, surface = dressed
    strap = Strap(0.5, "ear_top", 4.0, (1, 1, 1))
    taut, loose = (strap_path(field, surface, strap, 1, slack, 0.0) for slack in (0.0, 6.0))
    np.testing.assert_allclose(taut[[0, -1], 1], loose[[0, -1], 1])
    assert loose[12, 1] == pytest.approx(taut[12, 1] + 6.0, abs=0.1)


def path_across(depth: float = 0.0) -> np.ndarray:
    x = np.linspace(5, 55, 24)
    return np.stack([x, np.full(24, 20.0), np.full(24, depth)], axis=-1)


@pytest.mark.parametrize("width", [1.0, 2.5, 6.0])
def test_band_has_its_width(width):
    layer = draw_strap(path_across(), width, RED, WINDOW, FAR, 0.0)
    column = whole(layer)[:, 30]
    assert column.sum() == pytest.approx(width, abs=0.35)
    np.testing.assert_allclose(layer.colour, layer.matte[..., None] * RED, atol=1e-6)


def whole(layer) -> np.ndarray:
    """Matte in the whole window; a band may come in a smaller one of its own."""
    matte = np.zeros((40, 60), np.float32)
    height, width = layer.matte.shape
    matte[layer.y0 : layer.y0 + height, layer.x0 : layer.x0 + width] = layer.matte
    return matte


def test_band_behind_the_face_is_hidden():
    face = FAR.copy()
    face[:, 30:] = 0.0
    matte = whole(draw_strap(path_across(10.0), 4.0, RED, WINDOW, face, 2.0))
    assert matte[:, :26].max() == 1.0
    assert matte[:, 36:].max() == 0.0


def test_band_under_hair_is_hidden():
    covered = np.arange(24) > 12
    matte = whole(draw_strap(path_across(), 4.0, RED, WINDOW, FAR, 0.0, covered))
    assert matte[:, 10].max() == 1.0
    assert matte[:, 45:].max() == 0.0


def test_band_wholly_hidden_or_outside_leaves_nothing():
    hidden = draw_strap(path_across(), 4.0, RED, WINDOW, FAR, 0.0, np.ones(24, bool))
    outside = draw_strap(path_across() + np.array([500, 0, 0]), 4.0, RED, WINDOW, FAR, 0.0)
    assert whole(hidden).max() == whole(outside).max() == 0.0
