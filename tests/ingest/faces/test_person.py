from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import skimage

from ingest.faces.person import GREY, on_grey, person_finder


@pytest.fixture(scope="module")
def astronaut():
    return skimage.data.astronaut()


def test_face_is_person_and_corner_is_not(astronaut):
    matte = person_finder().matte(astronaut)
    assert matte.shape == astronaut.shape[:2]
    assert matte.dtype == np.float32
    assert matte[80:140, 200:260].min() > 0.95
    assert matte[:60, 380:].max() < 0.05
    assert matte.min() >= 0
    assert matte.max() <= 1


def test_background_becomes_grey_and_the_face_stays(astronaut):
    changed = on_grey(astronaut)
    assert np.abs(changed[:60, 400:].astype(int) - GREY).max() <= 3
    face = (slice(80, 140), slice(200, 260))
    assert np.abs(changed[face].astype(int) - astronaut[face]).max() <= 6


def test_threads_get_what_one_alone_gets(astronaut):
    images = [astronaut, astronaut[:, ::-1], astronaut[:300], astronaut[100:]]
    alone = [on_grey(image) for image in images]
    with ThreadPoolExecutor(4) as pool:
        for one, other in zip(alone * 3, pool.map(on_grey, images * 3), strict=True):
            assert np.array_equal(one, other)
