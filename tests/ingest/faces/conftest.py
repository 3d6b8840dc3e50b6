"""Photos of known people that come with installed packages, and one face mesher."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import matplotlib.cbook
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from ingest.faces import FaceMesher
from ingest.faces.layouts import EYE_CORNERS_NOSE, IBUG_68, WHOLE_MESH, at_layout


@pytest.fixture(scope="session")
def photos() -> dict[str, NDArray[np.uint8]]:
    """The two packaged portraits by first name, each (H, W, 3), RGB uint8."""
    path = matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    return {
        "eileen": np.array(data.astronaut()[:300, 70:370]),
        "grace": np.array(Image.open(path).convert("RGB")),
    }


@pytest.fixture(scope="session")
def mesher() -> Iterator[FaceMesher]:
    """The face mesher all tests share."""
    with FaceMesher() as shared:
        yield shared


@pytest.fixture(scope="session")
def tiny_predictor(
    photos: dict[str, NDArray[np.uint8]],
    mesher: FaceMesher,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[int], Path]:
    """Trains a small dlib shape predictor of 5, 68 or more points on the packaged portraits."""
    dlib = pytest.importorskip("dlib", reason="dlib is not installed: pip install 'maskcls[dlib]'")
    layouts = {5: EYE_CORNERS_NOSE, 6: IBUG_68[:6], 68: IBUG_68, 468: WHOLE_MESH}

    small = [photos["eileen"], np.ascontiguousarray(photos["grace"][::2, ::2])]
    images = [image for photo in small for image in (photo, mirrored(photo))]
    detect = dlib.get_frontal_face_detector()
    boxes = [detect(image, 1)[0] for image in images]
    meshes = [mesher.find(image)[0].points[:, :2] for image in images]

    @cache
    def train(points: int) -> Path:
        shapes = []
        for box, mesh in zip(boxes, meshes, strict=True):
            places = at_layout(mesh, layouts[points])
            parts = [dlib.point(int(x), int(y)) for x, y in places.round()]
            shapes.append([dlib.full_object_detection(box, parts)])
        options = dlib.shape_predictor_training_options()
        options.tree_depth, options.cascade_depth, options.nu = 2, 4, 0.2
        options.num_trees_per_cascade_level, options.oversampling_amount = 20, 6
        options.num_test_splits, options.feature_pool_size, options.num_threads = 5, 100, 1
        path = tmp_path_factory.mktemp("predictor") / f"tiny_{points}.dat"
        dlib.train_shape_predictor(images, shapes, options).save(str(path))
        return path

    return train


def mirrored(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture with left and right exchanged."""
    return np.ascontiguousarray(image[:, ::-1])
