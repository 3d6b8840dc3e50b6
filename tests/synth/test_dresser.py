"""Dressing a photo: faces refused with a reason, states reached, several faces at once."""

import cv2
import numpy as np
import pytest

from ingest.faces import FaceMesh
from ingest.taxonomy import WEAR_STATES
from synth import garments
from synth.compose import Sitter
from synth.dresser import ATTEMPTS, dress_photo, usable_faces
from synth.planning.settings import Settings
from synth.wear import PLACERS

ALL = Settings(sources=("s",), states=tuple(PLACERS))


class Finds:
    """Stands in for the mesher: finds what it is told."""

    def __init__(self, *faces: FaceMesh) -> None:
        self.faces = list(faces)

    def find(self, image):
        return self.faces


BLANK = np.full((275, 225, 3), 128, np.uint8)


def test_photo_without_a_face_is_refused():
    assert usable_faces(BLANK, Finds(), "largest") == ([], "no face found")


def test_tiny_face_is_refused(make_face):
    faces, reason = usable_faces(BLANK, Finds(make_face(scale=0.2)), "largest")
    assert not faces
    assert "smaller than" in reason


def test_face_cut_off_by_the_border_is_refused(make_face):
    moved = FaceMesh(make_face().points + np.float32([90, 0, 0]))
    assert usable_faces(BLANK, Finds(moved), "largest") == ([], "face cut off by the border")


def test_largest_or_all_faces_are_given(make_face):
    two = Finds(make_face(), make_face(scale=0.6))
    assert len(usable_faces(BLANK, two, "largest")[0]) == 1
    assert len(usable_faces(BLANK, two, "all")[0]) == 2


def test_all_faces_must_be_usable(make_face):
    two = Finds(make_face(), make_face(scale=0.2))
    assert usable_faces(BLANK, two, "largest")[0]
    assert not usable_faces(BLANK, two, "all")[0]


@pytest.mark.parametrize("state", PLACERS)
@pytest.mark.parametrize("pose", [{}, {"yaw": 30.0, "roll": 20.0}, {"pitch": -15.0, "yaw": -20.0}])
def test_every_state_is_reached_and_its_label_is_measured(state, pose, make_face):
    face = make_face(**pose)
    reached = 0
    for photo in ("a", "b", "c", "d"):
        dressed = dress_photo(BLANK, [face], photo, 0, state, ALL, {})
        if dressed is not None:
            reached += 1
            assert WEAR_STATES[state].agrees(dressed.composite.coverage)
            assert dressed.recipes[0].attempt < ATTEMPTS
            assert dressed.composite.matte.sum() > 0.04 * face.area
    assert reached >= 3, f"{state} is hard to reach"


def test_state_is_given_only_to_garments_that_can_take_it(make_face):
    for photo in "abcdefgh":
        dressed = dress_photo(BLANK, [make_face()], photo, 0, "hanging", ALL, {})
        if dressed is not None:
            assert "hanging" in garments.FAMILIES[dressed.recipes[0].family].states


@pytest.mark.parametrize("family", garments.FAMILIES)
def test_every_family_can_be_worn_correctly(family, make_face):
    only = Settings(sources=("s",), states=("correct",), garments=(family,))
    dressed = [dress_photo(BLANK, [make_face()], p, 0, "correct", only, {}) for p in "abcd"]
    assert sum(d is not None for d in dressed) >= 3
    assert {d.recipes[0].family for d in dressed if d} == {family}


def test_two_faces_are_both_dressed(make_face):
    small = cv2.copyMakeBorder(BLANK, 0, 0, 0, 225, cv2.BORDER_REPLICATE)
    left, right = make_face(), FaceMesh(make_face(scale=0.8).points + np.float32([225, 0, 0]))
    dressed = dress_photo(small, [left, right], "p", 0, "correct", ALL, {})
    assert len(dressed.recipes) == 2
    assert [recipe.face for recipe in dressed.recipes] == [0, 1]
    assert dressed.composite.matte[:, :225].max() > 0.99
    assert dressed.composite.matte[:, 225:].max() > 0.99
    assert WEAR_STATES["correct"].agrees(dressed.composite.coverage)


def test_result_does_not_depend_on_what_was_dressed_before(make_face):
    face = make_face()
    alone = dress_photo(BLANK, [face], "p", 1, "chin", ALL, {})
    sitters: dict[int, Sitter] = {}
    dress_photo(BLANK, [face], "p", 0, "correct", ALL, sitters)
    after = dress_photo(BLANK, [face], "p", 1, "chin", ALL, sitters)
    assert alone.composite.image.tobytes() == after.composite.image.tobytes()


def test_unreachable_state_is_given_up(make_face, monkeypatch):
    monkeypatch.setitem(PLACERS, "correct", PLACERS["chin"])
    assert dress_photo(BLANK, [make_face()], "p", 0, "correct", ALL, {}) is None
