"""dlib's detector with a predictor trained here on the packaged portraits."""

import sys

import numpy as np
import pytest

from ingest.faces.dlib_finder import DlibFinder, DlibMissing, PredictorUnreadable, count_parts


@pytest.mark.parametrize("points", [5, 68])
@pytest.mark.parametrize(("name", "step"), [("eileen", 1), ("grace", 2)])
def test_dlib_finds_the_mesh_that_mediapipe_finds(
    points, name, step, tiny_predictor, photos, mesher
):
    photo = np.ascontiguousarray(photos[name][::step, ::step])
    truth = mesher.find(photo)[0]
    faces = DlibFinder(tiny_predictor(points)).find(photo)
    assert len(faces) == 1
    away = np.linalg.norm((faces[0].points - truth.points)[:, :2], axis=1)
    assert np.median(away) < {5: 0.05, 68: 0.02}[points] * truth.head.scale * 145


def test_picture_without_a_face_has_none(tiny_predictor):
    assert DlibFinder(tiny_predictor(68)).find(np.full((120, 160, 3), 90, np.uint8)) == []


def test_faces_come_largest_first(tiny_predictor, photos):
    both = np.full((470, 820, 3), 128, np.uint8)
    both[:300, :300], both[:, 308:] = photos["eileen"], photos["grace"][:470]
    faces = DlibFinder(tiny_predictor(68)).find(both)
    assert len(faces) == 2
    assert faces[0].points[4, 0] > 300 > faces[1].points[4, 0]


@pytest.mark.parametrize("points", [5, 6, 68])
def test_parts_of_a_predictor_are_counted(points, tiny_predictor):
    assert count_parts(tiny_predictor(points)) == points


def test_file_that_is_no_predictor_is_refused(tmp_path):
    pytest.importorskip("dlib", reason="dlib is not installed")
    path = tmp_path / "x.dat"
    path.write_bytes(b"no predictor" * 10)
    with pytest.raises(PredictorUnreadable, match=r"Expected a \.dat file of dlib"):
        count_parts(path)
    with pytest.raises(PredictorUnreadable, match=r"none\.dat"):
        count_parts(tmp_path / "none.dat")


def test_missing_dlib_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "dlib", None)
    with pytest.raises(DlibMissing, match=r"pip install 'maskcls\[dlib\]'"):
        DlibFinder(tmp_path / "x.dat")
