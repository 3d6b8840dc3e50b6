"""Straps: from the garment's edge to the ear, over the skin, hidden behind the head."""

import numpy as np
import pytest

from synth.compose import Sitter
from synth.drawing.render import Layer
from synth.drawing.straps import ENDS, Strap, draw_strap, strap_paths
from synth.drawing.surface import GRID_COLUMNS, GRID_ROWS, Outline, drape

RED = np.float32([0.9, 0.2, 0.1])
ALL_SEEN = np.ones(24, bool)


@pytest.fixture
def dressed(make_sitter):
    sitter: Sitter = make_sitter()
    bulge = np.zeros((GRID_ROWS, GRID_COLUMNS))
    return sitter.field, drape(sitter.field, Outline(-15, 0, 60, 30, 55, 55), bulge)


def paths_of(dressed, *straps: Strap, slack: float = 0.0, jitter: float = 0.0):
    field, surface = dressed
    return strap_paths(field, surface, straps, slack, jitter)


@pytest.mark.parametrize("end", ENDS)
def test_paths_run_from_the_garment_to_their_end_outside_the_skin(end, dressed):
    field, surface = dressed
    bands, paths = paths_of(dressed, Strap(0.05, end, 4.0, (1, 1, 1)))
    assert len(bands) == len(paths) == 2
    for path, side in zip(paths, (-1, 1), strict=True):
        edge = surface.points[:, 0 if side < 0 else -1]
        assert np.linalg.norm(edge - path[0], axis=1).min() < 12
        angle = np.degrees(np.arctan2(path[:, 0], -path[:, 2]))
        assert abs(angle[-1] - side * ENDS[end][0]) < 1
        assert path[-1, 1] == pytest.approx(ENDS[end][1])
        above = np.hypot(path[:, 0], path[:, 2]) - field.at(angle, path[:, 1])
        assert above[1:].min() > 0.4


def test_each_strap_is_there_on_both_sides_in_order(dressed):
    top, bottom = Strap(0.05, "ear_top", 4.0, (1, 1, 1)), Strap(0.95, "nape", 2.0, (0, 0, 0))
    bands, paths = paths_of(dressed, top, bottom)
    assert bands == [top, top, bottom, bottom]
    assert [np.sign(path[-1, 0]) for path in paths] == [-1, 1, -1, 1]
    np.testing.assert_allclose(paths[1], paths_of(dressed, top)[1][1])


def test_garment_without_straps_has_no_paths(dressed):
    bands, paths = paths_of(dressed)
    assert bands == []
    assert paths.shape[0] == 0


def test_slack_lowers_the_middle_and_not_the_ends(dressed):
    strap = Strap(0.5, "ear_top", 4.0, (1, 1, 1))
    taut, loose = (paths_of(dressed, strap, slack=slack)[1][1] for slack in (0.0, 6.0))
    np.testing.assert_allclose(taut[[0, -1], 1], loose[[0, -1], 1])
    assert loose[12, 1] == pytest.approx(taut[12, 1] + 6.0, abs=0.1)


def test_jitter_moves_the_end(dressed):
    strap = Strap(0.5, "ear_top", 4.0, (1, 1, 1))
    assert paths_of(dressed, strap, jitter=5.0)[1][0][-1, 1] == ENDS["ear_top"][1] + 5.0


def path_across() -> np.ndarray:
    x = np.linspace(15, 65, 24)
    return np.stack([x, np.full(24, 27.0), np.zeros(24)], axis=-1)


def empty_layer() -> Layer:
    """A layer of 60 × 40 pixels at (10, 7) of the photo."""
    return Layer(10, 7, np.zeros((40, 60, 3), np.float32), np.zeros((40, 60), np.float32))


@pytest.mark.parametrize("width", [1.0, 2.5, 6.0])
def test_band_has_its_width_and_colour(width):
    layer = empty_layer()
    draw_strap(layer, path_across(), width, RED, ALL_SEEN)
    assert layer.matte[:, 30].sum() == pytest.approx(width, abs=0.35)
    rows = np.arange(40) @ layer.matte[:, 30] / layer.matte[:, 30].sum()
    assert rows == pytest.approx(20.0, abs=0.3)
    np.testing.assert_allclose(layer.colour, layer.matte[..., None] * RED, atol=1e-6)


def test_band_shows_only_where_it_is_seen():
    layer = empty_layer()
    draw_strap(layer, path_across(), 4.0, RED, np.arange(24) <= 12)
    assert layer.matte[:, 10].max() == 1.0
    assert layer.matte[:, 40:].max() == 0.0


def test_band_lies_behind_what_is_there_already():
    layer = empty_layer()
    layer.matte[:, :30], layer.colour[:, :30] = 1.0, 0.5
    layer.matte[:, 30:40], layer.colour[:, 30:40] = 0.5, 0.25
    draw_strap(layer, path_across(), 6.0, RED, ALL_SEEN)
    np.testing.assert_array_equal(layer.colour[20, 20], [0.5, 0.5, 0.5])
    np.testing.assert_allclose(layer.matte[20, 35], 1.0)
    np.testing.assert_allclose(layer.colour[20, 35], 0.25 + 0.5 * RED)
    np.testing.assert_allclose(layer.colour[20, 45], RED)


@pytest.mark.parametrize("shift", [500, -500])
def test_band_hidden_or_outside_leaves_nothing(shift):
    layer = empty_layer()
    draw_strap(layer, path_across(), 4.0, RED, ~ALL_SEEN)
    draw_strap(layer, path_across() + np.array([shift, 0, 0]), 4.0, RED, ALL_SEEN)
    draw_strap(layer, path_across(), 4.0, RED, np.arange(24) == 5)
    assert not layer.matte.any()
