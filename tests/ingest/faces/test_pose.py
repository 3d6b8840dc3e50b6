"""The head frame: exact round trip, signs of the angles, refusal of collapsed meshes."""

import numpy as np
import pytest

from ingest.faces import FaceMesh, FaceMesher, HeadFrame
from ingest.faces.pose import FACE_WIDTH_MM


def turn(axis: int, degrees: float) -> np.ndarray:
    """Rotation of row vectors about an image axis: 0 x, 1 y, 2 z."""
    a, b = [(1, 2), (2, 0), (0, 1)][axis]
    matrix = np.eye(3)
    matrix[a, a] = matrix[b, b] = np.cos(np.radians(degrees))
    matrix[a, b], matrix[b, a] = np.sin(np.radians(degrees)), -np.sin(np.radians(degrees))
    return matrix


@pytest.fixture(scope="module")
def upright(photos, mesher: FaceMesher) -> np.ndarray:
    face = mesher.find(photos["eileen"])[0]
    return face.head.to_head(face.points)


def test_frame_of_a_mesh_in_its_own_frame_is_the_identity(upright):
    frame = HeadFrame.from_points(upright)
    np.testing.assert_allclose(frame.axes, np.eye(3), atol=1e-6)
    np.testing.assert_allclose(frame.origin, 0, atol=1e-4)
    assert frame.scale == pytest.approx(1.0)


def test_ears_are_the_nominal_face_width_apart(upright):
    assert np.linalg.norm(upright[454] - upright[234]) == pytest.approx(FACE_WIDTH_MM)


def test_head_and_image_coordinates_undo_each_other(upright):
    placed = 0.7 * upright @ turn(1, 25) @ turn(0, 10) @ turn(2, -30) + [80, 90, 5]
    frame = HeadFrame.from_points(placed)
    np.testing.assert_allclose(frame.to_image(frame.to_head(placed)), placed, atol=1e-9)
    np.testing.assert_allclose(frame.to_head(placed), upright, atol=1e-4)


@pytest.mark.parametrize("degrees", [-40, -10, 10, 40])
def test_roll_is_positive_clockwise_as_seen(upright, degrees):
    assert HeadFrame.from_points(upright @ turn(2, degrees)).roll == pytest.approx(degrees)


@pytest.mark.parametrize("degrees", [-40, 40])
def test_yaw_is_positive_towards_the_subjects_left(upright, degrees):
    frame = HeadFrame.from_points(upright @ turn(1, -degrees))
    assert frame.yaw == pytest.approx(degrees)
    nose, ears = (upright @ turn(1, -degrees))[4], (upright @ turn(1, -degrees))[[234, 454]]
    assert np.sign(nose[0] - ears[:, 0].mean()) == np.sign(degrees)


@pytest.mark.parametrize("degrees", [-30, 30])
def test_pitch_is_positive_when_the_subject_looks_down(upright, degrees):
    posed = upright @ turn(0, degrees)
    assert HeadFrame.from_points(posed).pitch == pytest.approx(degrees)
    assert np.sign((posed[4] - posed[[234, 454]].mean(axis=0))[1] - upright[4, 1]) == np.sign(
        degrees
    )


def test_mesh_without_extent_is_refused():
    with pytest.raises(ValueError, match="no extent"):
        HeadFrame.from_points(np.ones((468, 3)))


def test_face_box_and_area_are_those_of_the_points(upright):
    face = FaceMesh((upright + 200).astype(np.float32))
    x0, y0, x1, y1 = face.box
    assert (x0, y0) == pytest.approx(tuple(face.points[:, :2].min(axis=0)))
    assert (x1, y1) == pytest.approx(tuple(face.points[:, :2].max(axis=0)))
    assert face.area == pytest.approx((x1 - x0) * (y1 - y0))
