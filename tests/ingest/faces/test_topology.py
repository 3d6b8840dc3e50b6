"""The mesh's tables: indices in range, sides mirrored, triangles closed over the face."""

import numpy as np
import pytest

from ingest.faces import topology

CONTOURS = ("FACE_OVAL", "JAW_LINE", "LIPS", "NOSTRILS", "CHIN_PATCH", "RIGHT_EYE", "LEFT_EYE",
            "RIGHT_BROW", "LEFT_BROW", "SKIN")  # fmt: skip


@pytest.mark.parametrize("name", CONTOURS)
def test_contour_names_each_point_once(name):
    contour = getattr(topology, name)
    assert len(set(contour)) == len(contour)
    assert 0 <= min(contour) <= max(contour) < topology.N_POINTS


def test_jaw_line_is_part_of_the_outline():
    assert set(topology.JAW_LINE) <= set(topology.FACE_OVAL)


def test_skin_has_no_point_on_eyes_brows_or_lips():
    features = {*topology.LIPS, *topology.RIGHT_EYE, *topology.LEFT_EYE,
                *topology.RIGHT_BROW, *topology.LEFT_BROW}  # fmt: skip
    assert not features & set(topology.SKIN)


def test_triangles_cover_all_points_and_never_repeat_a_corner():
    triangles = topology.triangles()
    assert set(triangles.ravel()) == set(range(topology.N_POINTS))
    assert (np.diff(triangles, axis=1) > 0).all()
    assert len(np.unique(triangles, axis=0)) == len(triangles)


def test_every_edge_belongs_to_few_triangles():
    triangles = topology.triangles()
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]])
    _, counts = np.unique(edges, axis=0, return_counts=True)
    assert counts.max() <= 4
    assert np.median(counts) == 2


def test_lateral_pairs_are_mirror_images(photos, mesher):
    face = mesher.find(photos["eileen"])[0]
    head = face.head.to_head(face.points)
    for right, left in topology.LATERAL_PAIRS:
        assert head[right, 0] < 0 < head[left, 0]
        assert abs(head[right, 1] - head[left, 1]) < 12
