"""Which part of a photo is a person, by MediaPipe's selfie segmentation.

Model: the general model inside the mediapipe 0.10.21 wheel (Apache-2.0), described in
``external_manifests/models``.
"""

import os
from functools import cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray

MODEL = "mediapipe_selfie_segmentation"
"""Name of the model's manifest."""
GREY = 127


class PersonFinder:
    """Tells people from what is behind them; may be used by several threads."""

    def __init__(self) -> None:
        os.environ.setdefault("GLOG_minloglevel", "2")
        from mediapipe.python.solutions.selfie_segmentation import SelfieSegmentation

        self._backend, self._lock = SelfieSegmentation(model_selection=0), Lock()

    def matte(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Share of every pixel that is a person, shape (H, W), 0–1.

        Parameters
        ----------
        image : ndarray of shape (H, W, 3), RGB uint8
            People close to the camera; others may be taken for background.
        """
        with self._lock:
            found = self._backend.process(np.ascontiguousarray(image)).segmentation_mask
        return np.clip(found, 0, 1, dtype=np.float32)


def person_finder() -> PersonFinder:
    """Finder that is opened once in a process and kept."""
    return _finder_of(os.getpid())


@cache
def _finder_of(process: int) -> PersonFinder:
    """Finder of one process: the threads of another's do not outlive a fork."""
    return PersonFinder()


def on_grey(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The people of an image of shape (H, W, 3), RGB, before mid-grey."""
    share = person_finder().matte(image)[..., None]
    return np.round(image * share + GREY * (1 - share)).astype(np.uint8)
