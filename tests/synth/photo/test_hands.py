"""Hands in front of a garment: their matte, what they hide, and sets made with them."""

import json

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from ingest.dataset import Dataset
from ingest.faces.hands import Hand, HandFinder
from ingest.taxonomy import REGIONS
from synth.cli import cli
from synth.compose import Sitter, compose
from synth.drawing.render import Layer
from synth.dresser import dress_photo
from synth.landmarks import read_hands, write_landmarks
from synth.photo.framing import framing_matrix, moved_hands
from synth.photo.hands import behind, hands_in_front, outline
from synth.planning.settings import Settings

SETTINGS = Settings(("faces",), ("correct",), garments=("surgical",), occlusion="hands")


@pytest.fixture(scope="module")
def at_the_cheek(hopper, draw_hand):
    """Photo of Grace Hopper with a hand drawn at her cheek, and the hand's shape."""
    return draw_hand(hopper, (455, 400), -62, 0.9)


@pytest.fixture(scope="module")
def hands(at_the_cheek) -> list[Hand]:
    finder = HandFinder()
    found = finder.find(at_the_cheek[0])
    finder.close()
    assert len(found) == 1
    return found


@pytest.fixture(scope="module")
def face(hopper, mesher):
    return mesher.find(hopper)[0]


@pytest.fixture(scope="module")
def front(at_the_cheek, hands, face):
    return hands_in_front(at_the_cheek[0], hands, face, 0.8)


def in_box(face):
    x0, y0, x1, y1 = (round(v) for v in face.box)
    return np.s_[y0:y1, x0:x1]


def test_matte_is_the_hand_at_the_face(front, at_the_cheek, face):
    found, drawn = (a[in_box(face)] for a in (front > 0.5, at_the_cheek[1] > 127))
    assert drawn.sum() > 300, "the drawn hand does not reach the face"
    assert (found & drawn).sum() / (found | drawn).sum() > 0.75


def test_matte_is_soft_at_its_edge_and_whole_inside(front):
    assert front.dtype == np.float32
    assert front.min() == 0
    assert front.max() == 1
    soft = (front > 0.02) & (front < 0.98)
    assert 0 < soft.sum() < 0.35 * (front > 0.5).sum()


def test_outline_moves_to_the_edge_the_photo_shows(draw_hand):
    """Landmarks of a slimmer hand than the picture's: the photo's edge wins."""
    ground = np.full((300, 300, 3), (40, 70, 120), np.uint8)
    picture, shape = draw_hand(ground, (150, 230), 0, 0.7)
    hand = HandFinder().find(picture)[0]
    from synth.photo.hands import refine

    drawn = outline(hand.points[:, :2], hand.palm_length, shape.shape)
    refined = refine(picture, hand.points[:, :2], hand.palm_length)
    away = int(hand.points[0, 1])  # the arm below the wrist is not the landmarks' business
    truth = shape[:away] > 127
    shares = [
        ((raster[:away] > 127) & truth).sum() / ((raster[:away] > 127) | truth).sum()
        for raster in (drawn, refined)
    ]
    assert shares[1] > shares[0]
    assert shares[1] > 0.85


def test_far_hand_is_passed_over(hopper, face, hands):
    away = [Hand(hand.points + np.float32([0, 900, 0])) for hand in hands]
    assert hands_in_front(hopper, away, face, 0.8) is None
    assert hands_in_front(hopper, [], face, 0.8) is None


def test_matte_is_the_same_every_time(at_the_cheek, hands, face, front):
    np.random.seed(3)  # noqa: NPY002 - a stranger's draw must not matter
    cv2.setRNGSeed(99)
    again = hands_in_front(at_the_cheek[0], hands, face, 0.8)
    assert again.tobytes() == front.tobytes()


def test_layer_is_thinned_by_what_is_in_front():
    layer = Layer(3, 4, np.full((2, 2, 3), 0.4, np.float32), np.full((2, 2), 0.8, np.float32))
    left = behind(layer, np.float32([[0, 0.5], [1, 0.25]]))
    np.testing.assert_allclose(left.matte, [[0.8, 0.4], [0, 0.6]])
    np.testing.assert_allclose(left.colour[..., 0], [[0.4, 0.2], [0, 0.3]])
    assert (left.x0, left.y0) == (3, 4)


def test_hand_stays_to_the_bit_and_hides_the_garment(at_the_cheek, hands, face, front, make_recipe):
    photo = at_the_cheek[0]
    covered, bare = Sitter.study(photo, face, hands), Sitter.study(photo, face)
    recipe = make_recipe(bare, "surgical", "correct")
    behind_hand, before_hand = compose(covered, recipe), compose(bare, recipe)
    hand = covered.front == 1
    assert (before_hand.matte[hand] > 0.5).sum() > 200, "the garment does not reach the hand"
    np.testing.assert_array_equal(behind_hand.image[hand], photo[hand])
    assert behind_hand.matte[hand].max() == 0
    clear = cv2.dilate((covered.front > 0).astype(np.uint8), np.ones((61, 61))) == 0
    np.testing.assert_array_equal(behind_hand.image[clear], before_hand.image[clear])


def test_coverage_counts_the_hand_as_bare(at_the_cheek, face, make_recipe):
    sitter = Sitter.study(at_the_cheek[0], face)
    recipe = make_recipe(sitter, "surgical", "correct")
    from dataclasses import replace

    half = np.zeros(sitter.image.shape[:2], np.float32)
    half[:, : round(float(face.points[0, 0]))] = 1
    seen, whole = compose(replace(sitter, front=half), recipe), compose(sitter, recipe)
    assert seen.laid == whole.coverage
    assert whole.laid == {}
    for region in ("nostrils", "mouth", "chin"):
        assert 0.3 < seen.coverage[region] < 0.7 < whole.coverage[region]
    for region in REGIONS:
        assert seen.coverage[region] <= whole.coverage[region] + 1e-6


def test_hand_before_the_mouth_never_makes_a_state_true(at_the_cheek, face):
    """All of nose, mouth and chin hidden: nothing worn there can be seen, so nothing is kept."""
    sitter = Sitter.study(at_the_cheek[0], face)
    from dataclasses import replace

    below_eyes = np.zeros(sitter.image.shape[:2], np.float32)
    below_eyes[round(float(face.points[5, 1])) :] = 1
    hidden = {0: replace(sitter, front=below_eyes)}
    for state in ("correct", "nose_out", "chin"):
        dressed = dress_photo(sitter.image, [face], "p", 0, state, SETTINGS, dict(hidden))
        assert dressed is None, state


@pytest.mark.parametrize("framing", ["original", "target", "face"])
def test_hands_move_with_the_cut(framing, face, hands):
    moved = moved_hands(hands, face, framing, 3, "p")[0]
    matrix = framing_matrix(face, framing, 3, "p")
    wanted = hands[0].points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(moved.points[:, :2], wanted, atol=1e-2)


def test_hands_come_back_to_the_bit(tmp_path, face, hands):
    path = tmp_path / "landmarks.parquet"
    found = [("p", 0, face), ("p", 1, face), ("q", 0, face), ("r", 0, face)]
    write_landmarks(found, path, {"p": hands, "q": []})
    assert [h.points.tobytes() for h in read_hands(path, "p")] == [hands[0].points.tobytes()]
    assert read_hands(path, "q") == read_hands(path, "r") == []


@pytest.fixture(scope="module")
def made(tmp_path_factory, make_source, portrait_files, at_the_cheek, encode):
    """Data root with a set ``made`` of a photo with a hand and one without."""
    root = tmp_path_factory.mktemp("data root")
    photos = {"hand.jpg": encode(at_the_cheek[0]), "eileen.jpg": portrait_files["eileen.jpg"]}
    make_source(root, photos)
    asked = ["masks", "--src", "faces", "--worn", "--incorrect", "chin,nose", "--garments",
             "surgical", "--framing", "target", "--occlusion", "hands", "--root", str(root),
             "--out", "made"]  # fmt: skip
    result = CliRunner().invoke(cli, asked)
    assert result.exit_code == 0, result.output
    return Dataset(root / "made")


@pytest.fixture(scope="module")
def encode():
    from PIL import Image

    def jpeg(image) -> bytes:
        import io

        stream = io.BytesIO()
        Image.fromarray(image).save(stream, "JPEG", quality=92)
        return stream.getvalue()

    return jpeg


def test_record_says_what_was_checked(made):
    recipes = [json.loads(text)[0] for text in made.records()["recipe"]]
    assert {recipe["occlusion"] for recipe in recipes} == {"hands"}
    quotes = {s["dataset"] for s in made.card()["maskcls"]["statements"]}
    assert "mediapipe_hands" in quotes


def test_hands_are_kept_with_the_landmarks(made):
    rows = made.records()
    of = {json.loads(f)["photo"]["path"]: p for f, p in zip(rows["source_fields"], rows["parent_id"], strict=True)}  # fmt: skip # noqa: E501
    assert len(read_hands(made.folder / "landmarks.parquet", of["hand.jpg"])) == 1
    assert read_hands(made.folder / "landmarks.parquet", of["eileen.jpg"]) == []


def test_rebuild_is_identical_with_hands_and_framing(made, synth):
    for image_id in made.records()["image_id"]:
        result = synth("rebuild", "made", image_id, "--root", made.folder.parent)
        assert "identical" in result.output, result.output
