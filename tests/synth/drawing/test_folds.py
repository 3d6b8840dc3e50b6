import numpy as np
import pytest

from synth.drawing.folds import crumple
from synth.garments.base import Canvas, Drawing

CANVAS = Canvas.of_size(120, 90, 160.0, 120.0)


def flat() -> Drawing:
    shape = (90, 120)
    return Drawing(
        np.full((*shape, 3), 0.6, np.float32), np.ones(shape, np.float32),
        np.zeros(shape, np.float32), (0.9, 0.9, 0.9),
    )  # fmt: skip


def test_cloth_with_room_is_left_alone():
    drawing = flat()
    assert crumple(drawing, CANVAS, 1.0, np.random.default_rng(0)) is drawing


def test_folds_deepen_with_the_squeeze():
    depths = [
        np.ptp(crumple(flat(), CANVAS, squeeze, np.random.default_rng(0)).relief)
        for squeeze in (0.85, 0.6, 0.3)
    ]
    assert depths[0] < depths[1] < depths[2]


def test_folds_run_across_the_height():
    relief = crumple(flat(), CANVAS, 0.3, np.random.default_rng(0)).relief
    along, across = np.abs(np.diff(relief, axis=1)).mean(), np.abs(np.diff(relief, axis=0)).mean()
    assert across > 2 * along


@pytest.mark.parametrize("squeeze", [0.05, 0.3, 0.7])
def test_shade_stays_within_colours(squeeze):
    albedo = crumple(flat(), CANVAS, squeeze, np.random.default_rng(3)).albedo
    assert albedo.min() > 0.2
    assert albedo.max() <= 0.6 + 1e-6
