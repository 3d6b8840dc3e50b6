"""Hands in a photo: 21 landmarks of each, in pixels, by MediaPipe's hand model.

Models: the palm detector and the hand landmark model inside the mediapipe 0.10.21 wheel
(Apache-2.0), described in ``external_manifests/models``.
"""

import os
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

N_POINTS = 21
WRIST, THUMB, PALM = 0, (1, 2, 3, 4), (0, 1, 5, 9, 13, 17)
FINGERS = ((5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16), (17, 18, 19, 20))
"""Joints of index, middle, ring and little finger, from the knuckle to the tip."""
MAX_HANDS = 4
MODEL = "mediapipe_hands"
"""Name of the models' manifest."""


@dataclass(frozen=True)
class Hand:
    """Landmarks of one hand.

    Attributes
    ----------
    points : ndarray of shape (21, 3), float32
        (x, y) in pixels, origin at the centre of the top-left pixel; z in the same scale,
        growing away from the camera, 0 at the wrist.
    """

    points: NDArray[np.float32]

    @property
    def palm_length(self) -> float:
        """Pixels from the wrist to the knuckle of the middle finger, however it is turned."""
        return float(np.linalg.norm(self.points[9] - self.points[WRIST]))

    @property
    def box(self) -> tuple[float, float, float, float]:
        """(x0, y0, x1, y1) in pixels around all landmarks."""
        (x0, y0), (x1, y1) = self.points[:, :2].min(axis=0), self.points[:, :2].max(axis=0)
        return float(x0), float(y0), float(x1), float(y1)


class HandFinder:
    """Finds hands.

    Parameters
    ----------
    max_hands : int
        Hands looked for in one photo.
    min_confidence : float
        Lowest detector score, 0–1.
    """

    def __init__(self, max_hands: int = MAX_HANDS, min_confidence: float = 0.5) -> None:
        os.environ.setdefault("GLOG_minloglevel", "2")
        from mediapipe.python.solutions.hands import Hands

        self._backend = Hands(
            static_image_mode=True,
            max_num_hands=max_hands,
            model_complexity=1,
            min_detection_confidence=min_confidence,
        )

    def close(self) -> None:
        """Free the back-end."""
        self._backend.close()

    def find(self, image: NDArray[np.uint8]) -> list[Hand]:
        """Every hand found in an image of shape (H, W, 3), RGB uint8; empty if there is none."""
        height, width = image.shape[:2]
        result = self._backend.process(np.ascontiguousarray(image)).multi_hand_landmarks
        scale = np.array([width, height, width], dtype=np.float32)
        shift = np.array([0.5, 0.5, 0.0], dtype=np.float32)
        return [
            Hand(np.array([(p.x, p.y, p.z) for p in hand.landmark], np.float32) * scale - shift)
            for hand in result or ()
        ]


@cache
def hand_finder() -> HandFinder:
    """Finder that is opened once in a process and kept."""
    return HandFinder()
