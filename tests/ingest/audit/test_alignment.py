import numpy as np
import pytest
from PIL import Image

from ingest.audit.alignment import SAME, SIDE, seen_as, similarity, thumbnail
from ingest.audit.pictures import MIRRORED, VIEWS


@pytest.fixture
def thumb(scene, tmp_path):
    def make(seed, change=lambda picture: picture):
        path = tmp_path / f"{seed}.png"
        change(scene(seed, 240, 300)).save(path)
        return thumbnail(path)

    return make


def test_a_shifted_and_scaled_copy_is_the_same(thumb):
    copy = thumb(1, lambda picture: picture.crop((8, 4, 236, 292)))
    assert similarity(thumb(1), copy) > 0.95


def test_other_pictures_are_not(thumb):
    assert similarity(thumb(1), thumb(2)) < SAME - 0.2


def test_the_same_light_with_other_detail_is_not(thumb):
    """What portraits of one studio share: everything coarse."""
    coarse = np.random.default_rng(0).uniform(0, 200, (3, 3)).astype(np.float32)
    base = np.asarray(Image.fromarray(coarse).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    one, other = (base + np.random.default_rng(seed).uniform(0, 50, (SIDE, SIDE))
                  for seed in (1, 2))  # fmt: skip
    pair = one.astype(np.float32), other.astype(np.float32)
    assert np.corrcoef(pair[0].ravel(), pair[1].ravel())[0, 1] > SAME
    assert similarity(*pair) < 0.5


def test_a_plain_surface_matches_nothing():
    flat = np.full((SIDE, SIDE), 100, np.float32)
    assert similarity(flat, flat) == 0


@pytest.mark.parametrize("view", range(len(VIEWS)))
def test_each_view_is_the_picture_turned(thumb, view):
    picture, turn = thumb(1), VIEWS[view][0]
    expected = picture if turn is None else np.asarray(Image.fromarray(picture).transpose(turn))
    assert np.array_equal(seen_as(picture, view), expected)
    assert np.array_equal(seen_as(seen_as(picture, MIRRORED), MIRRORED), picture)
