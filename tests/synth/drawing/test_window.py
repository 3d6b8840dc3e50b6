"""Windows: around points and inside the photo, grown, and cut with each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.drawing.window import Window

SHAPE = (60, 80, 3)
windows = st.builds(
    Window, st.integers(0, 70), st.integers(0, 50), st.integers(1, 10), st.integers(1, 10)
)


def mask(window: Window) -> np.ndarray:
    pixels = np.zeros(SHAPE[:2], bool)
    pixels[window.slices] = True
    return pixels


def test_window_holds_its_points_and_their_margin():
    window = Window.around(np.array([[10.2, 20.7], [30.0, 25.1]]), 3, SHAPE)
    assert window == (7, 17, 26, 12)


@given(
    points=st.lists(st.tuples(st.floats(-300, 300), st.floats(-300, 300)), min_size=1, max_size=5),
    margin=st.floats(0, 40),
)
def test_window_is_never_empty_and_never_leaves_the_photo(points, margin):
    window = Window.around(np.array(points), margin, SHAPE)
    assert window.width >= 1
    assert window.height >= 1
    assert window.x0 >= 0
    assert window.x0 + window.width <= SHAPE[1]
    assert window.y0 >= 0
    assert window.y0 + window.height <= SHAPE[0]


@given(window=windows, margin=st.integers(0, 30))
def test_grown_window_is_the_dilated_one(window, margin):
    rows, columns = np.nonzero(mask(window))
    grown = mask(window.grown(margin, SHAPE))
    expected = np.zeros(SHAPE[:2], bool)
    expected[
        max(rows.min() - margin, 0) : rows.max() + margin + 1,
        max(columns.min() - margin, 0) : columns.max() + margin + 1,
    ] = True
    np.testing.assert_array_equal(grown, expected)


@given(one=windows, two=windows)
def test_shared_part_is_the_same_pixels_of_both(one, two):
    numbers = np.arange(SHAPE[0] * SHAPE[1]).reshape(SHAPE[:2])
    here, there = one.shared(two)
    of_one, of_two = numbers[one.slices][here], numbers[two.slices][there]
    np.testing.assert_array_equal(of_one, of_two)
    assert of_one.size == (mask(one) & mask(two)).sum()


@pytest.mark.parametrize("margin", [0, 5])
def test_window_of_the_whole_photo_grows_no_further(margin):
    assert Window(0, 0, 80, 60).grown(margin, SHAPE) == (0, 0, 80, 60)
