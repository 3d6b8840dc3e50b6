"""Finding faces: real ones, none, several, rolled, close to the border."""

import cv2
import numpy as np
import pytest

from ingest.faces import FaceMesher
from ingest.faces.mesh import mesh_edges_inside

# Read off the pictures by eye: right eye, left eye (the subjects'), nose tip, middle of the mouth.
MARKED = {
    "eileen": [(132, 100), (176, 103), (152, 126), (152, 145)],
    "grace": [(220, 188), (303, 186), (265, 232), (265, 278)],
}
LANDMARKS = [(33, 133), (263, 362), (4,), (13, 14)]


def rotated(image: np.ndarray, degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """Picture turned clockwise as seen onto a larger canvas, and the affine map onto it."""
    height, width = image.shape[:2]
    side = int(np.hypot(height, width)) + 2
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1.0)
    turn[:, 2] += (np.array([side, side]) - (width, height)) / 2
    canvas = cv2.warpAffine(
        image, turn, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return canvas, turn


@pytest.mark.parametrize("name", MARKED)
def test_landmarks_lie_where_a_person_would_put_them(name, photos, mesher):
    faces = mesher.find(photos[name])
    assert len(faces) == 1
    points, width = faces[0].points, faces[0].head.scale * 145
    for indices, marked in zip(LANDMARKS, MARKED[name], strict=True):
        distance = np.hypot(*(points[list(indices), :2].mean(axis=0) - marked))
        assert distance < 0.06 * width, f"{indices} is {distance:.1f} pixels off"


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_blank_picture_has_no_face(shade, mesher):
    assert mesher.find(np.full((120, 160, 3), shade, np.uint8)) == []


def test_noise_has_no_face(mesher):
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    assert mesher.find(noise) == []


def test_faces_come_largest_first(photos, mesher):
    small = cv2.resize(photos["eileen"], (200, 200), interpolation=cv2.INTER_AREA)
    grace = photos["grace"][60:360, 110:410]
    both = np.full((300, 520, 3), 128, np.uint8)
    both[:200, :200], both[:, 220:] = small, grace
    faces = mesher.find(both)
    assert len(faces) == 2
    assert faces[0].area > faces[1].area
    assert faces[0].points[4, 0] > 220 > faces[1].points[4, 0]


def test_same_picture_gives_the_same_bytes(photos, mesher):
    once, again = (mesher.find(photos["eileen"])[0].points for _ in range(2))
    other = mesher.find(photos["grace"])
    after = mesher.find(photos["eileen"])[0].points
    assert other
    assert once.tobytes() == again.tobytes() == after.tobytes()


@pytest.mark.parametrize("degrees", [-45, -30, 30, 45])
@pytest.mark.parametrize("name", MARKED)
def test_rolled_head_drifts_less_than_a_thirtieth_of_its_width(name, degrees, photos, mesher):
    upright = mesher.find(photos[name])[0]
    canvas, turn = rotated(photos[name], degrees)
    found = mesher.find(canvas)[0]
    back = cv2.invertAffineTransform(turn)
    points = found.points[:, :2] @ back[:, :2].T + back[:, 2]
    drift = np.linalg.norm(points - upright.points[:, :2], axis=1) / (upright.head.scale * 145)
    assert drift.mean() < 0.012
    assert drift.max() < 0.035
    assert found.head.roll == pytest.approx(upright.head.roll + degrees, abs=2.0)


def test_close_crop_is_found_with_a_margin(photos, mesher):
    face = mesher.find(photos["eileen"])[0]
    x0, y0, x1, y1 = (round(v) for v in face.box)
    crop = np.ascontiguousarray(photos["eileen"][y0 + 4 : y1 - 2, x0:x1])
    found = mesher.find(crop)
    assert found, "a face that fills the picture was missed"
    drift = np.abs(found[0].points[:, :2] + (x0, y0 + 4) - face.points[:, :2]).mean()
    assert drift < 0.05 * face.head.scale * 145


def test_share_of_the_outline_inside_the_picture(photos, mesher):
    height, width = photos["eileen"].shape[:2]
    face = mesher.find(photos["eileen"])[0]
    assert mesh_edges_inside(face, width, height) == 1.0
    x_middle = int(face.points[4, 0])
    assert 0.3 < mesh_edges_inside(face, x_middle, height) < 0.7
    assert mesh_edges_inside(face, 1, 1) == 0.0


@pytest.mark.portraits
def test_every_tenth_portrait_has_one_face_in_its_upper_half(portraits, mesher):
    from ingest.images import open_image, upright_rgb

    files = sorted((portraits / "congress" / "225x275").glob("*.jpg"))[::10]
    assert len(files) == 52
    for path in files:
        image = upright_rgb(open_image(path))
        faces = mesher.find(image)
        assert faces, f"no face in {path.name}"
        assert 0.2 < faces[0].points[4, 1] / image.shape[0] < 0.75


def test_mesher_closes_as_a_context():
    with FaceMesher(max_faces=1) as one:
        assert one.find(np.zeros((64, 64, 3), np.uint8)) == []
