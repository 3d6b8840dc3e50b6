"""Meshes from sparse landmarks: compared with MediaPipe's own mesh, and refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from ingest.faces import FaceMesh, HeadFrame
from ingest.faces.layouts import (
    EYE_CORNERS_NOSE,
    EYES_NOSE_MOUTH,
    IBUG_68,
    WHOLE_MESH,
    at_layout,
)
from ingest.faces.sparse import FailedFit, average_head, check_landmarks, fit_mesh

SPARSE = {"ibug": IBUG_68, "centres": EYES_NOSE_MOUTH, "corners": EYE_CORNERS_NOSE}
# Shares of the face's width: median and 95th percentile over the points not given.
BOUNDS = {"ibug": (0.006, 0.03), "centres": (0.016, 0.07), "corners": (0.026, 0.09)}


def placed(head, scale=1.3, yaw=0.0, pitch=0.0, roll=0.0, at=(140.0, 160.0)):
    """A head in millimetres turned by degrees and put into a picture."""
    turn = Rotation.from_euler("yxz", [yaw, pitch, roll], degrees=True)
    return scale * turn.apply(head) + np.array([*at, 0.0])


def rest_error(fitted: FaceMesh, truth: np.ndarray, layout) -> np.ndarray:
    """Distances in the picture of the points not given, as shares of the face's width."""
    given = {index for group in layout for index in group}
    rest = sorted(set(range(len(truth))) - given)
    away = np.linalg.norm((fitted.points - truth)[rest, :2], axis=1)
    return away / (145 * HeadFrame.from_points(truth).scale)


@pytest.mark.parametrize("photo", ["eileen", "grace"])
@pytest.mark.parametrize("name", SPARSE)
def test_mesh_of_a_photo_is_recovered_from_few_points(name, photo, photos, mesher):
    truth = mesher.find(photos[photo])[0].points
    fitted = fit_mesh(at_layout(truth[:, :2], SPARSE[name]))
    error = rest_error(fitted, truth, SPARSE[name])
    assert np.median(error) < BOUNDS[name][0]
    assert np.percentile(error, 95) < BOUNDS[name][1]


@pytest.mark.portraits
def test_meshes_of_portraits_are_recovered_from_68_points(portraits, mesher):
    from ingest.images import open_image, upright_rgb

    medians = []
    for path in sorted((portraits / "congress" / "225x275").glob("*.jpg"))[::13]:
        truth = mesher.find(upright_rgb(open_image(path)))[0].points
        fitted = fit_mesh(at_layout(truth[:, :2], IBUG_68))
        medians.append(np.median(rest_error(fitted, truth, IBUG_68)))
    assert len(medians) == 40
    assert np.median(medians) < 0.004
    assert max(medians) < 0.012


@pytest.mark.parametrize("name", SPARSE)
@given(
    yaw=st.floats(-40, 40),
    pitch=st.floats(-15, 15),
    roll=st.floats(-60, 60),
    scale=st.floats(0.2, 4),
)
def test_pose_and_points_of_the_average_head_come_back(name, yaw, pitch, roll, scale):
    truth = placed(average_head(), scale, yaw, pitch, roll)
    fitted = fit_mesh(at_layout(truth[:, :2], SPARSE[name]))
    wanted, found = HeadFrame.from_points(truth), fitted.head
    assert found.yaw == pytest.approx(wanted.yaw, abs=5)
    assert found.pitch == pytest.approx(wanted.pitch, abs=6)
    assert np.median(rest_error(fitted, truth, SPARSE[name])) < 0.02


@pytest.mark.parametrize("name", SPARSE)
def test_longer_face_is_followed(name):
    stretched = average_head() * [1.0, 1.12, 1.0]
    truth = placed(stretched)
    error = rest_error(fit_mesh(at_layout(truth[:, :2], SPARSE[name])), truth, SPARSE[name])
    unbent = rest_error(FaceMesh(placed(average_head()).astype(np.float32)), truth, SPARSE[name])
    assert np.median(error) < 0.85 * np.median(unbent)


@pytest.mark.parametrize("extra", [0, 10])
def test_whole_mesh_keeps_its_points_and_gets_depth(extra, photos, mesher):
    truth = mesher.find(photos["eileen"])[0].points
    pixels = np.concatenate([truth[:, :2], np.zeros((extra, 2), np.float32)])
    fitted = fit_mesh(pixels)
    np.testing.assert_array_equal(fitted.points[:, :2], truth[:, :2])
    depth, wanted = (points[:, 2] - points[4, 2] for points in (fitted.points, truth))
    assert np.corrcoef(depth, wanted)[0, 1] > 0.95


@pytest.mark.parametrize("layout", [*SPARSE.values(), WHOLE_MESH])
def test_mirrored_points_are_named_so(layout):
    pixels = at_layout(placed(average_head(), yaw=20)[:, :2], layout) * [-1, 1] + [400, 0]
    assert "mirrored" in fit_mesh(pixels).reason


@pytest.mark.parametrize("layout", [*SPARSE.values(), WHOLE_MESH])
def test_collapsed_points_are_named_so(layout):
    pixels = at_layout(placed(average_head())[:, :2], layout)
    for flat in (pixels * 0 + 7, pixels * [1, 0.001], pixels @ [[1, 0.5], [0, 0]]):
        assert fit_mesh(flat) == FailedFit("landmarks on one line")


@pytest.mark.parametrize("count", [68, 468])
def test_random_points_are_no_face(count):
    points = np.random.default_rng(0).uniform(0, 100, (count, 2))
    assert "do not lie like a face" in fit_mesh(points).reason


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_points_that_are_no_numbers_are_named_so(value):
    points = at_layout(average_head()[:, :2], IBUG_68)
    points[3, 1] = value
    assert "finite" in check_landmarks(points).reason


@pytest.mark.parametrize("shape", [(67, 2), (68, 3), (136,), (0, 2)])
def test_unknown_layout_is_refused(shape):
    with pytest.raises(ValueError, match="Expected"):
        fit_mesh(np.zeros(shape))


@pytest.mark.parametrize("layout", SPARSE.values())
def test_sound_points_pass_the_quick_check(layout):
    for yaw in (-50, 0, 50):
        assert check_landmarks(at_layout(placed(average_head(), yaw=yaw)[:, :2], layout)) is None


def test_same_points_give_the_same_bytes():
    points = at_layout(placed(average_head(), yaw=15)[:, :2], IBUG_68)
    assert fit_mesh(points).points.tobytes() == fit_mesh(points).points.tobytes()
