"""Coverage: exact on known mattes, and confirmed by what changed in regions marked by hand."""

import math

import numpy as np
import pytest
from skimage.draw import polygon2mask

from ingest.taxonomy import REGIONS, WEAR_STATES
from synth import garments
from synth.compose import Sitter, compose
from synth.coverage import measure_coverage
from synth.recipe import draw_recipe

# Outlines as (x, y) pixels read off the pictures by eye, from no landmark model.
MARKED = {
    "astronaut": {
        "nostrils": [[(141, 127), (145, 131), (152, 134), (159, 132), (164, 129), (160, 125),
                      (153, 126), (146, 124)]],
        "mouth": [[(133, 139), (142, 140), (152, 140), (162, 140), (176, 138), (168, 147),
                   (160, 152), (152, 154), (143, 152), (136, 146)]],
        "chin": [[(136, 160), (145, 158), (153, 158), (162, 158), (171, 160), (172, 168),
                  (166, 174), (153, 177), (142, 175), (134, 169)]],
        "eyes": [[(122, 100), (128, 96), (136, 97), (142, 102), (135, 104), (127, 103)],
                 [(165, 104), (172, 99), (180, 99), (187, 103), (180, 106), (172, 106)]],
    },
    "hopper": {
        "nostrils": [[(238, 243), (246, 249), (256, 249), (266, 253), (278, 249), (288, 248),
                      (294, 242), (283, 238), (266, 240), (248, 238)]],
        "mouth": [[(229, 278), (245, 274), (258, 273), (265, 274), (275, 272), (290, 274),
                   (303, 277), (290, 289), (265, 294), (242, 290)]],
        "chin": [[(235, 303), (265, 300), (295, 303), (298, 315), (288, 325), (266, 330),
                  (245, 327), (233, 316)]],
        "eyes": [[(205, 190), (215, 183), (228, 183), (235, 190), (224, 195), (212, 195)],
                 [(290, 190), (298, 181), (310, 181), (318, 187), (308, 193), (298, 194)]],
    },
}  # fmt: skip
CHANGED = 10
"""Grey levels by which a pixel must differ to count as covered."""
STATES = [name for name in WEAR_STATES if name != "none"]


def square_regions() -> dict[str, np.ndarray]:
    regions = {region: np.zeros((20, 20), np.uint8) for region in REGIONS}
    for k, region in enumerate(REGIONS):
        regions[region][5 * k : 5 * k + 5, :10] = 1
    return regions


def test_coverage_is_the_mean_alpha_inside_each_region():
    matte = np.zeros((20, 20), np.float32)
    matte[5:10, :5] = 1.0
    matte[10:15] = 0.25
    matte[:5, 10:] = 1.0
    measured = measure_coverage(matte, square_regions())
    assert measured == {"nostrils": 0.0, "mouth": 0.5, "chin": 0.25, "eyes": 0.0}


def test_full_and_empty_mattes_give_one_and_zero():
    regions = square_regions()
    full, empty = np.ones((20, 20), np.float32), np.zeros((20, 20), np.float32)
    assert set(measure_coverage(full, regions).values()) == {1.0}
    assert set(measure_coverage(empty, regions).values()) == {0.0}


def test_region_without_a_pixel_is_not_a_number():
    regions = square_regions() | {"eyes": np.zeros((20, 20), np.uint8)}
    measured = measure_coverage(np.ones((20, 20), np.float32), regions)
    assert math.isnan(measured["eyes"])
    assert not WEAR_STATES["correct"].agrees(measured)


def changed_share(photo: np.ndarray, result: np.ndarray, outlines: list) -> float:
    changed = np.abs(result.astype(int) - photo).max(axis=2) > CHANGED
    inside = np.zeros(photo.shape[:2], bool)
    for outline in outlines:
        inside |= polygon2mask(photo.shape[:2], np.array(outline)[:, ::-1])
    return float(changed[inside].mean())


@pytest.mark.parametrize("name", MARKED)
def test_pixels_that_changed_agree_with_the_measured_coverage(name, request, mesher):
    photo = request.getfixturevalue(name)
    sitter = Sitter.study(photo, mesher.find(photo)[0])
    differences = []
    for state in STATES:
        for seed in range(4):
            recipe = draw_recipe(
                sitter.field, garments.family_weights((), state), seed=seed, photo=name, face=0,
                variant=0, attempt=0, state=state,
            )  # fmt: skip
            recipe.look["shadow"] = 0.0
            result = compose(sitter, recipe)
            for region, outlines in MARKED[name].items():
                seen = changed_share(photo, result.image, outlines)
                differences.append(abs(seen - result.coverage[region]))
    assert np.mean(differences) < 0.05
    assert np.percentile(differences, 95) < 0.25
