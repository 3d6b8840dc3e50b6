"""The membrane over a face: exact on closed forms, never inside the skin, normals outwards."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.faces import HeadFrame, topology
from synth.compose import Sitter
from synth.drawing.render import depth_map, render_surface
from synth.drawing.surface import (
    ANGLES,
    GRID_COLUMNS,
    GRID_ROWS,
    HEIGHTS,
    FaceField,
    Outline,
    drape,
    garment_grid,
    grid_normals,
)

FRAME = HeadFrame(np.eye(3), np.zeros(3), 1.0)
NO_BULGE = np.zeros((GRID_ROWS, GRID_COLUMNS))
LOWER_FACE = Outline(-20, 0, 60, 40, 55, 55)
STRAIGHT = Outline(-40, -40, 60, 60, 55, 55)
EAR_TO_EAR = Outline(-20, 0, 60, 40, 85, 85)


def field_of(radius: np.ndarray) -> FaceField:
    return FaceField(FRAME, np.zeros((468, 3)), np.ascontiguousarray(radius, dtype=np.float64))


def sphere(radius: float = 200.0) -> FaceField:
    at_height = np.sqrt(radius**2 - HEIGHTS**2)
    return field_of(np.repeat(at_height[:, None], len(ANGLES), axis=1))


def lumpy(seed: int) -> FaceField:
    rng = np.random.default_rng(seed)
    return field_of(90 + 8 * rng.standard_normal((len(HEIGHTS), len(ANGLES))))


def radius_of(points: np.ndarray) -> np.ndarray:
    return np.hypot(points[..., 0], points[..., 2])


def skin_under(field: FaceField, points: np.ndarray) -> np.ndarray:
    angle = np.degrees(np.arctan2(points[..., 0], -points[..., 2]))
    return field.at(angle, points[..., 1])


def test_membrane_over_a_sphere_is_the_sphere():
    surface = drape(sphere(), STRAIGHT, NO_BULGE, tautness=1.0, gap=0.0)
    exact = np.sqrt(200.0**2 - surface.points[..., 1] ** 2)
    np.testing.assert_allclose(radius_of(surface.points), exact, atol=0.05)
    distance = np.linalg.norm(surface.points, axis=-1)
    np.testing.assert_allclose(distance, 200.0, atol=0.1)


def test_membrane_spans_a_hollow_and_rests_on_its_rims():
    radius = np.full((len(HEIGHTS), len(ANGLES)), 100.0)
    radius[:, np.abs(ANGLES) < 20] = 80.0
    surface = drape(field_of(radius), LOWER_FACE, NO_BULGE, tautness=1.0, gap=0.0)
    middle = GRID_COLUMNS // 2
    assert radius_of(surface.points)[GRID_ROWS // 2, middle] > 97
    slack = drape(field_of(radius), LOWER_FACE, NO_BULGE, tautness=0.0, gap=0.0)
    np.testing.assert_allclose(radius_of(slack.points)[GRID_ROWS // 2, middle], 80, atol=0.1)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), tautness=st.floats(0, 1), gap=st.floats(0, 6))
def test_garment_never_lies_inside_the_skin(seed, tautness, gap):
    field = lumpy(seed)
    surface = drape(field, LOWER_FACE, NO_BULGE, tautness=tautness, gap=gap)
    above = radius_of(surface.points) - skin_under(field, surface.points)
    assert above.min() >= gap - 1e-6


def test_bulge_stands_off_by_itself():
    flat = drape(sphere(), LOWER_FACE, NO_BULGE)
    raised = drape(sphere(), LOWER_FACE, NO_BULGE + 5.0)
    np.testing.assert_allclose(radius_of(raised.points) - radius_of(flat.points), 5.0, atol=1e-9)


@pytest.mark.parametrize("pose", [{}, {"yaw": 35.0}, {"pitch": 20.0}, {"roll": 40.0}])
def test_normals_are_unit_and_point_away_from_the_head(pose, make_face):
    face = make_face(**pose)
    surface = drape(FaceField.from_mesh(face), LOWER_FACE, NO_BULGE)
    np.testing.assert_allclose(np.linalg.norm(surface.normals, axis=-1), 1.0, atol=1e-6)
    outwards = surface.points * [1, 0, 1]
    cosine = (surface.normals * outwards).sum(axis=-1) / np.linalg.norm(outwards, axis=-1)
    assert np.percentile(cosine, 1) > 0


def test_normals_of_a_cylinder_are_radial():
    u, v = garment_grid()
    turn = np.radians(60 * u)
    points = np.stack([80 * np.sin(turn), 100 * v, -80 * np.cos(turn)], axis=-1)
    exact = np.stack([np.sin(turn), np.zeros_like(turn), -np.cos(turn)], axis=-1)
    np.testing.assert_allclose(grid_normals(points), exact, atol=0.04)


def test_field_follows_the_landmarks(make_face):
    face = make_face(yaw=20.0, roll=10.0)
    field = FaceField.from_mesh(face)
    for landmark in (topology.NOSE_TIP, topology.CHIN_FOLD, 50, 280):
        x, y, z = field.landmarks[landmark]
        there = field.at(np.degrees(np.arctan2(x, -z)).reshape(1), np.array([y]))[0]
        assert there == pytest.approx(np.hypot(x, z), abs=6)


def test_field_is_the_same_for_every_pose(make_face):
    plain = FaceField.from_mesh(make_face())
    for pose in ({"yaw": 40.0}, {"pitch": -25.0}, {"roll": 45.0}, {"scale": 2.0}):
        posed = FaceField.from_mesh(make_face(**pose))
        np.testing.assert_allclose(posed.radius, plain.radius, atol=0.05)


def test_field_is_finite_everywhere_and_falls_to_a_neck(make_face):
    field = FaceField.from_mesh(make_face())
    assert np.isfinite(field.radius).all()
    middle = len(ANGLES) // 2
    chin = int((field.height_of(topology.CHIN) - HEIGHTS[0]) // 4)
    assert field.radius[-1, middle] < field.radius[chin, middle] - 20


@pytest.mark.parametrize("yaw", [-45.0, 45.0])
def test_turned_head_hides_the_far_side_and_not_the_near_one(yaw, make_sitter):
    sitter: Sitter = make_sitter(yaw=yaw)
    surface = drape(sitter.field, EAR_TO_EAR, NO_BULGE, gap=1.0)
    points = sitter.field.head.to_image(surface.points)
    window = (0, 0, 225, 275)
    face = depth_map(sitter.face.points, topology.triangles(), window)
    nothing = np.full_like(face, np.inf)
    inner = np.zeros((GRID_ROWS, GRID_COLUMNS, 3), np.float32)

    def visible(left_half: bool, depth: np.ndarray) -> float:
        texture = np.zeros((40, 40, 4), np.float32)
        texture[:, 20:] = left_half
        texture[:, :20] = not left_half
        return render_surface(points, texture, inner, window, depth, 2.0).matte.sum()

    far_is_left = yaw > 0
    hidden = [1 - visible(half, face) / visible(half, nothing) for half in (False, True)]
    assert hidden[far_is_left] > 0.1
    assert hidden[not far_is_left] < 0.02
