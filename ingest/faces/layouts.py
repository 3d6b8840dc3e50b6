"""Sparse landmark layouts by the mesh points that lie at the same places of a face.

A landmark is a group of mesh indices (see `ingest.faces.topology`) and lies at their mean. The
subject's right comes first, as it does from left to right in a picture.
"""

import numpy as np
from numpy.typing import NDArray

from ingest.faces import topology

Layout = tuple[tuple[int, ...], ...]

IBUG_68: Layout = (
    # Jaw from the right ear over the chin to the left ear, equal steps along the outline.
    (127,), (234,), (93, 132), (132, 58), (58, 172), (136,), (150, 149), (176, 148), (152,),
    (400, 377), (378, 379), (365,), (397, 288), (288, 361), (361, 323), (454,), (356,),
    # Brows, then the nose: bridge, and base from right to left.
    (70,), (63,), (105,), (66,), (107,), (336,), (296,), (334,), (293,), (300,),
    (6,), (197,), (5,), (4,), (98,), (97,), (2,), (326,), (327,),
    # Eyes, each from its right corner over the upper lid.
    (33,), (160,), (158,), (133,), (153,), (144,),
    (362,), (385,), (387,), (263,), (373,), (380,),
    # Lips, outer and inner contour, each from the right corner over the upper lip.
    (61,), (39,), (37,), (0,), (267,), (269,), (291,), (405,), (314,), (17,), (84,), (181,),
    (78,), (82,), (13,), (312,), (308,), (317,), (14,), (87,),
)  # fmt: skip
"""The 68 points of iBUG 300-W (Sagonas et al., 2013, doi:10.1109/ICCVW.2013.59)."""

EYES_NOSE_MOUTH: Layout = (topology.RIGHT_EYE, topology.LEFT_EYE, (4,), (61,), (291,))
"""Eye centres, nose tip and mouth corners, as detectors such as MTCNN and YuNet give them."""

EYE_CORNERS_NOSE: Layout = ((263,), (362,), (33,), (133,), (2,))
"""dlib's 5 points: left eye's outer and inner corner, right eye's, base of the nose."""

WHOLE_MESH: Layout = tuple((index,) for index in range(topology.N_POINTS))

N_WITH_IRIS = 478
"""Points of the mesh with its ten iris points, which come last."""
POINT_COUNTS = (5, 68, topology.N_POINTS, N_WITH_IRIS)


def at_layout(mesh: NDArray[np.floating], layout: Layout) -> NDArray[np.float64]:
    """Landmarks of a layout on a mesh of shape (468, D), shape (len(layout), D)."""
    return np.stack([mesh[list(group)].mean(axis=0, dtype=np.float64) for group in layout])
