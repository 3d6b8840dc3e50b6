import cv2
import numpy as np
import pytest

from ingest.faces import topology
from synth.photo.framing import FRAMES, frame_photo


@pytest.fixture(scope="module")
def photo(astronaut, mesher):
    return astronaut, mesher.find(astronaut)


def test_original_leaves_everything_alone(photo):
    image, faces = photo
    framed, same, reason = frame_photo(image, faces, "original", 0, "p")
    assert framed is image
    assert same is faces
    assert reason == ""


@pytest.mark.parametrize("framing", FRAMES)
def test_framed_face_has_the_size_and_place_of_the_frame(photo, framing):
    image, faces = photo
    frame = FRAMES[framing]
    for seed in range(4):
        framed, moved, reason = frame_photo(image, faces, framing, seed, "p")
        assert reason == ""
        assert framed.shape == (frame.height, frame.width, 3)
        ears = moved[0].points[[topology.RIGHT_EAR, topology.LEFT_EAR]]
        wide = float(np.linalg.norm(ears[1] - ears[0]))
        assert wide == pytest.approx(frame.face_width, rel=4 * frame.jitter)
        nose = moved[0].points[topology.SUBNASALE, :2] / (frame.width, frame.height)
        np.testing.assert_allclose(nose, (frame.nose_x, frame.nose_y), atol=1.5 * frame.jitter)
        assert abs(moved[0].head.roll) < 8


def test_landmarks_move_with_the_picture(photo, mesher):
    image, faces = photo
    framed, moved, _ = frame_photo(image, faces, "target", 1, "p")
    found = mesher.find(framed)[0]
    width = FRAMES["target"].face_width
    away = np.linalg.norm(found.points[:, :2] - moved[0].points[:, :2], axis=1)
    assert np.median(away) < 0.03 * width


def test_rolled_photo_is_set_upright(photo, mesher):
    image, _ = photo
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -30, 0.8)
    rolled = cv2.warpAffine(image, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    _, moved, reason = frame_photo(rolled, mesher.find(rolled), "face", 0, "p")
    assert reason == ""
    assert abs(moved[0].head.roll) < 8


def test_face_at_the_border_is_refused_with_a_reason(photo, mesher):
    image, faces = photo
    x0, y0, x1, y1 = faces[0].box
    cut = np.ascontiguousarray(image[int(y0 + 0.5 * (y1 - y0)) :, int(x0) : int(x1)])
    shift = np.array([int(x0), int(y0 + 0.5 * (y1 - y0)), 0], np.float32)
    half = [type(faces[0])(faces[0].points - shift)]
    framed, _, reason = frame_photo(cut, half, "face", 0, "p")
    assert "border" in reason
    assert framed is cut


def test_same_seed_and_photo_same_frame_and_other_photo_another(photo):
    image, faces = photo
    first = frame_photo(image, faces, "target", 3, "p")[0]
    assert (frame_photo(image, faces, "target", 3, "p")[0] == first).all()
    assert (frame_photo(image, faces, "target", 3, "q")[0] != first).any()
