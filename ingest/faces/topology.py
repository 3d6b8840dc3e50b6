"""The 468-point face mesh by name: contours, triangles and single landmarks.

Indices are those of the MediaPipe face mesh; left and right are the subject's own.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

N_POINTS = 468

FOREHEAD, NASION, NOSE_BRIDGE, NOSE_TIP, SUBNASALE = 10, 168, 6, 4, 2
UPPER_LIP, LIP_SEAM, LOWER_LIP, CHIN_FOLD, CHIN = 0, 14, 17, 200, 152
RIGHT_EAR, LEFT_EAR = 234, 454
RIGHT_JAW_ANGLE, LEFT_JAW_ANGLE = 58, 288

LATERAL_PAIRS = ((234, 454), (33, 263), (133, 362), (61, 291), (58, 288), (127, 356), (132, 361))
"""Right and left partners whose difference gives the head's lateral axis."""

FACE_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
JAW_LINE = (
    454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172, 58,
    132, 93, 234,
)  # fmt: skip
LIPS = (
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185,
)  # fmt: skip
NOSTRILS = (64, 98, 97, 2, 326, 327, 294, 274, 1, 44)
CHIN_PATCH = (
    211, 194, 201, 200, 421, 418, 431, 395, 369, 400, 377, 152, 148, 176, 140, 170,
)  # fmt: skip
RIGHT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
LEFT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
RIGHT_BROW = (46, 53, 52, 65, 55, 107, 66, 105, 63, 70)
LEFT_BROW = (276, 283, 282, 295, 285, 336, 296, 334, 293, 300)

SKIN = (
    10, 151, 9, 8, 108, 337, 69, 299, 109, 338, 104, 333, 67, 297, 103, 332, 54, 284, 68, 298,
    21, 251, 71, 301, 168, 6, 197, 195, 5, 4, 45, 275, 51, 281, 134, 363, 236, 456,
    117, 346, 118, 347, 119, 348, 100, 329, 101, 330, 50, 280, 123, 352, 36, 266, 205, 425,
    187, 411, 207, 427, 147, 376, 116, 345, 142, 371, 203, 423, 206, 426, 216, 436,
    111, 340, 34, 264, 143, 372, 227, 447, 213, 433, 192, 416, 214, 434, 212, 432,
    169, 394, 135, 364, 210, 430, 202, 422, 199, 200, 208, 428, 32, 262, 171, 396, 175,
)  # fmt: skip
"""Points on skin, away from eyes, brows, lips and nostrils: where light is read."""


@cache
def triangles() -> NDArray[np.int32]:
    """Triangles of the mesh, every set of three points joined pairwise in its tesselation.

    Returns
    -------
    ndarray of shape (M, 3), int32
        Indices into the points, sorted, so that the order never varies.
    """
    from mediapipe.python.solutions.face_mesh_connections import FACEMESH_TESSELATION

    edges = sorted({tuple(sorted(edge)) for edge in FACEMESH_TESSELATION})
    neighbours: dict[int, set[int]] = {}
    for a, b in edges:
        neighbours.setdefault(a, set()).add(b)
        neighbours.setdefault(b, set()).add(a)
    found = [(a, b, c) for a, b in edges for c in neighbours[a] & neighbours[b] if c > b]
    return np.array(sorted(found), dtype=np.int32)
