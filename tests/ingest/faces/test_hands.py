"""Finding hands: a drawn one that the model takes for real, and none where there is none."""

import cv2
import numpy as np
import pytest

from ingest.faces.hands import FINGERS, N_POINTS, THUMB, WRIST, Hand, HandFinder, hand_finder

GROUND = np.full((400, 400, 3), (90, 110, 130), np.uint8)


@pytest.fixture(scope="module")
def finder():
    found = HandFinder()
    yield found
    found.close()


@pytest.mark.parametrize("degrees", [-40, 0, 30])
def test_drawn_hand_is_found_inside_its_shape(degrees, finder, draw_hand):
    picture, shape = draw_hand(GROUND, (200, 300), degrees, 0.9)
    hands = finder.find(picture)
    assert len(hands) == 1
    points = hands[0].points
    assert points.shape == (N_POINTS, 3)
    close = cv2.distanceTransform(255 - shape, cv2.DIST_L2, 5)
    x, y = points[:, :2].round().astype(int).T
    assert close[y, x].max() < 0.2 * hands[0].palm_length
    tips = points[[finger[-1] for finger in FINGERS], :2]
    reach = np.linalg.norm(tips - points[WRIST, :2], axis=1)
    assert (reach > 1.3 * hands[0].palm_length).all()


@pytest.mark.parametrize("name", ["eileen", "grace"])
def test_portrait_without_a_hand_has_none(name, finder, photos):
    assert finder.find(photos[name]) == []


def test_blank_picture_has_no_hand(finder):
    assert finder.find(GROUND) == []


def test_same_picture_gives_the_same_bytes(finder, draw_hand, photos):
    picture, _ = draw_hand(GROUND, (200, 300), 0, 0.9)
    once = finder.find(picture)[0].points.tobytes()
    finder.find(photos["grace"])
    assert finder.find(picture)[0].points.tobytes() == once


def test_palm_and_box_are_those_of_the_points():
    points = np.zeros((N_POINTS, 3), np.float32)
    points[9] = (30, 40, 0)
    points[THUMB[-1]] = (-7, 5, 0)
    hand = Hand(points)
    assert hand.palm_length == pytest.approx(50)
    assert hand.box == (-7, 0, 30, 40)


def test_one_finder_is_kept_for_a_process():
    assert hand_finder() is hand_finder()
