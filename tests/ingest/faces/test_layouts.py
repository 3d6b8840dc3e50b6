"""Sparse layouts: as many landmarks as they say, mirrored onto themselves, in the usual order."""

import numpy as np
import pytest

from ingest.faces import topology
from ingest.faces.layouts import (
    EYE_CORNERS_NOSE,
    EYES_NOSE_MOUTH,
    IBUG_68,
    WHOLE_MESH,
    at_layout,
)
from ingest.faces.sparse import average_head

MIRRORED_68 = [
    *range(16, -1, -1), *range(26, 16, -1), *range(27, 31), *range(35, 30, -1),
    45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,
    54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65,
]  # fmt: skip
"""iBUG's points in the order a mirrored picture gives them."""
MIRROR = np.array([-1.0, 1.0, 1.0])


def test_average_head_is_symmetric_and_in_its_own_frame():
    head = average_head()
    assert head.shape == (topology.N_POINTS, 3)
    middle = [10, 168, 6, 4, 2, 0, 17, 152]
    np.testing.assert_allclose(head[middle, 0], 0, atol=0.051)
    for right, left in topology.LATERAL_PAIRS:
        np.testing.assert_allclose(head[right] * MIRROR, head[left], atol=0.11)
    assert head[topology.LEFT_EAR, 0] - head[topology.RIGHT_EAR, 0] == pytest.approx(145, abs=1)
    np.testing.assert_allclose(head[topology.SUBNASALE, :2], 0, atol=0.2)


@pytest.mark.parametrize(
    ("layout", "mirrored"),
    [
        (IBUG_68, MIRRORED_68),
        (EYES_NOSE_MOUTH, [1, 0, 2, 4, 3]),
        (EYE_CORNERS_NOSE, [2, 3, 0, 1, 4]),
    ],
)
def test_layout_is_its_own_mirror_image(layout, mirrored):
    points = at_layout(average_head(), layout)
    np.testing.assert_allclose(points[mirrored] * MIRROR, points, atol=0.15)


def test_ibug_points_follow_the_face():
    points = at_layout(average_head(), IBUG_68)
    jaw, brows, nose = points[:17], points[17:27], points[27:36]
    steps = np.linalg.norm(np.diff(jaw[:, :2], axis=0), axis=1)
    assert steps.max() < 2 * steps.min(), "the jaw's points are not spread evenly"
    assert (np.diff(jaw[:, 0]) > 0).all()
    assert (np.diff(brows[:, 0]) > 0).all()
    assert (np.diff(nose[:4, 1]) > 0).all()
    right_eye, left_eye, lips = points[36:42], points[42:48], points[48:60]
    assert right_eye[:, 0].max() < 0 < left_eye[:, 0].min()
    assert nose[:, 1].max() < lips[:, 1].min() < lips[:, 1].max() < jaw[8, 1]


def test_whole_mesh_is_the_mesh():
    np.testing.assert_array_equal(at_layout(average_head(), WHOLE_MESH), average_head())
