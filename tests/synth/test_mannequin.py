"""The bust made in code: its mesh lies where a face has it."""

import numpy as np
import pytest

from ingest.faces import topology
from synth.drawing.surface import FaceField
from synth.mannequin import mannequin


@pytest.mark.parametrize("yaw", [-40.0, 0.0, 30.0])
def test_head_is_turned_as_asked(yaw: float) -> None:
    _, face = mannequin(240, yaw)
    assert face.head.yaw == pytest.approx(yaw, abs=0.5)
    assert face.head.roll == pytest.approx(0, abs=0.5)


def test_picture_is_a_quarter_higher_than_wide_and_holds_the_face() -> None:
    image, face = mannequin(200)
    assert image.shape == (250, 200, 3)
    assert image.dtype == np.uint8
    x0, y0, x1, y1 = face.box
    assert 0 < x0 < x1 < 200
    assert 0 < y0 < y1 < 250


def test_mesh_is_symmetric_and_unfolded() -> None:
    _, face = mannequin(400)
    x = face.points[:, 0] - 200
    right, left = np.array(topology.LATERAL_PAIRS).T
    np.testing.assert_allclose(x[right], -x[left], atol=1.0)
    a, b, c = (face.points[topology.triangles()[:, k], :2] for k in range(3))
    area = np.abs(np.cross(b - a, c - a))
    assert np.quantile(area, 0.05) > 0.05


def test_landmarks_come_in_their_order_from_brow_to_chin() -> None:
    field = FaceField.from_mesh(mannequin(400)[1])
    down = [
        topology.NASION, topology.NOSE_BRIDGE, topology.NOSE_TIP, topology.SUBNASALE,
        topology.UPPER_LIP, topology.LOWER_LIP, topology.CHIN_FOLD, topology.CHIN,
    ]  # fmt: skip
    heights = [field.height_of(landmark) for landmark in down]
    assert heights == sorted(heights)
    assert field.landmarks[topology.NOSE_TIP, 2] == field.landmarks[:, 2].min()
