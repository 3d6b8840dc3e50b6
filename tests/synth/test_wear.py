import json

import numpy as np
import pytest

from ingest.faces import topology
from synth.drawing.hanging import Hang
from synth.drawing.surface import FaceField, Outline
from synth.garments import FAMILIES
from synth.wear import PLACERS, place

SURGICAL = FAMILIES["surgical"]


@pytest.fixture
def field(make_face) -> FaceField:
    return FaceField.from_mesh(make_face())


def placements(state, field, count=60, family=SURGICAL):
    for seed in range(count):
        rng = np.random.default_rng(seed)
        cut = family.cut(family.sample(rng))
        yield cut, place(state, field, cut, rng)


@pytest.mark.parametrize("state", PLACERS)
def test_placement_is_plain_json_and_builds_its_shape(state, field):
    kind = Hang if state == "hanging" else Outline
    for _, placement in placements(state, field, 10):
        assert json.loads(json.dumps(placement)) == placement
        kind(**placement)


@pytest.mark.parametrize("state", [s for s in PLACERS if s != "hanging"])
def test_upper_edge_lies_above_the_lower_in_the_middle_and_at_the_sides(state, field):
    for _, p in placements(state, field):
        assert p["top_centre"] < p["bottom_centre"]
        assert p["top_side"] < p["bottom_side"]


@pytest.mark.parametrize("state", ["correct", "nose_out"])
@pytest.mark.parametrize("name", ["gaiter", "bandana", "scarf"])
def test_cloth_that_hangs_on_the_chest_ends_lowest_in_front(name, state, field):
    for _, p in placements(state, field, family=FAMILIES[name]):
        assert p["bottom_side"] <= p["bottom_centre"] - 8 + 1e-3
        assert p["top_side"] < p["bottom_side"]


@pytest.mark.parametrize(
    "state, landmark, edge, spread",
    [
        ("correct", topology.NOSE_BRIDGE, "top_centre", 12),
        ("nose_out", topology.SUBNASALE, "top_centre", 6),
        ("chin", topology.CHIN_FOLD, "top_centre", 15),
        ("nose_only", topology.SUBNASALE, "bottom_centre", 4),
    ],
)
def test_state_is_a_range_and_not_a_constant(state, landmark, edge, spread, field):
    heights = [p[edge] - field.height_of(landmark) for _, p in placements(state, field)]
    assert np.ptp(heights) > spread


def test_worn_mask_reaches_from_the_bridge_of_the_nose_to_below_the_chin(field):
    tip, chin = field.height_of(topology.NOSE_TIP), field.height_of(topology.CHIN)
    for _, p in placements("correct", field):
        assert p["top_centre"] < tip
        assert p["bottom_centre"] > chin


def test_dangling_mask_keeps_clear_of_face_and_neck_and_beside_the_mouth(field):
    corner = np.abs(field.landmarks[[61, 291], 0]).min()
    for cut, p in placements("hanging", field, 30):
        points = Hang(**p).surface(field, cut.height).points
        angle = np.degrees(np.arctan2(points[..., 0], -points[..., 2]))
        clear = np.hypot(points[..., 0], points[..., 2]) - field.at(angle, points[..., 1])
        assert clear.min() > -1e-6
        at_mouth = np.abs(points[..., 1] - field.height_of(topology.LIP_SEAM)) < 8
        assert (np.abs(points[..., 0][at_mouth]) > corner).all()


def test_loop_of_a_dangling_mask_ends_at_its_own_ear(field):
    for cut, p in placements("hanging", field, 10):
        hang = Hang(**p)
        straps = SURGICAL.straps(SURGICAL.sample(np.random.default_rng(1)))
        bands, paths = hang.strap_paths(field, hang.surface(field, cut.height), straps)
        assert len(bands) == len(paths) == 3
        for path in paths[:2]:
            assert np.sign(path[-1, 0]) == p["side"]
            assert abs(path[-1, 0]) > 55
