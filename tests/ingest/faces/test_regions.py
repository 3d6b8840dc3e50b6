"""Regions of a face: where they lie, and that their raster is their polygon."""

import cv2
import numpy as np
import pytest

from ingest.faces import rasterise_regions, region_polygons
from ingest.taxonomy import REGIONS


@pytest.fixture(scope="module")
def face(photos, mesher):
    return mesher.find(photos["eileen"])[0]


def test_every_region_of_the_taxonomy_is_drawn(face):
    assert tuple(region_polygons(face.points)) == REGIONS


def test_regions_lie_inside_the_face_box_and_above_each_other(face):
    x0, y0, x1, y1 = face.box
    height = {}
    for region, polygons in region_polygons(face.points).items():
        points = np.concatenate(polygons)
        assert (points >= (x0, y0)).all()
        assert (points <= (x1, y1)).all()
        height[region] = points[:, 1].mean()
    assert height["eyes"] < height["nostrils"] < height["mouth"] < height["chin"]


def test_two_eyes_lie_on_either_side_of_the_nose(face):
    right, left = region_polygons(face.points)["eyes"]
    assert right[:, 0].max() < face.points[4, 0] < left[:, 0].min()


@pytest.mark.parametrize("region", REGIONS)
def test_raster_has_the_area_of_its_polygons(face, region):
    raster = rasterise_regions(face.points, 300, 300)[region]
    area = sum(cv2.contourArea(p) for p in region_polygons(face.points)[region])
    border = sum(cv2.arcLength(p, True) for p in region_polygons(face.points)[region])
    assert set(np.unique(raster)) == {0, 1}
    assert abs(raster.sum() - area) < 0.75 * border


def test_regions_do_not_overlap(face):
    total = sum(rasterise_regions(face.points, 300, 300).values())
    assert (total > 1).sum() < 0.02 * (total > 0).sum()


def test_region_outside_the_raster_is_empty(face):
    away = face.points + np.array([1000.0, 0.0, 0.0], dtype=np.float32)
    assert all(raster.sum() == 0 for raster in rasterise_regions(away, 300, 300).values())


def test_shifting_the_face_shifts_the_raster(face):
    one = rasterise_regions(face.points, 300, 300)
    two = rasterise_regions(face.points + np.float32([5, 3, 0]), 300, 300)
    for region in REGIONS:
        np.testing.assert_array_equal(one[region][:-3, :-5], two[region][3:, 5:])
