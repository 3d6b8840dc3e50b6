"""Rasterising: coverage of known shapes, depth order, holes, sides and the face in front."""

import cv2
import numpy as np
import pytest

from synth.drawing.render import SAMPLES, depth_map, render_surface

WINDOW = (0, 0, 40, 30)
FAR = np.full((30, 40), np.inf, np.float32)
GREY = np.float32([0.5, 0.5, 0.5])


def flat_grid(x0, y0, x1, y1, depth=0.0, rows=5, columns=7) -> np.ndarray:
    x, y = np.meshgrid(np.linspace(x0, x1, columns), np.linspace(y0, y1, rows))
    return np.stack([x, y, np.full_like(x, depth)], axis=-1)


def texture_of(colour=(1.0, 0.0, 0.0), alpha=1.0) -> np.ndarray:
    return np.broadcast_to(np.float32([*colour, alpha]), (8, 8, 4)).copy()


def draw(points, texture=None, face=FAR, play=0.0, window=WINDOW, lining=GREY):
    texture = texture_of() if texture is None else texture
    inner = np.broadcast_to(lining, points.shape).astype(np.float32)
    return render_surface(points, texture, inner, window, face, play)


def test_rectangle_on_pixel_edges_is_sharp_and_exact():
    matte = draw(flat_grid(9.5, 4.5, 19.5, 14.5)).matte
    exact = np.zeros((30, 40), np.float32)
    exact[5:15, 10:20] = 1.0
    np.testing.assert_array_equal(matte, exact)


def test_edge_through_the_middle_of_pixels_covers_half_of_them():
    matte = draw(flat_grid(10.0, 4.5, 20.0, 14.5)).matte
    np.testing.assert_allclose(matte[5:15, 10], 0.5)
    np.testing.assert_allclose(matte[5:15, 20], 0.5)
    assert matte.sum() == pytest.approx(100.0)


@pytest.mark.parametrize("angle", [17, 38, 80])
def test_turned_rectangle_keeps_its_area(angle):
    points = flat_grid(-9, -6, 9, 6)
    turn = np.radians(angle)
    matrix = np.array([[np.cos(turn), np.sin(turn), 0], [-np.sin(turn), np.cos(turn), 0],
                       [0, 0, 1]])  # fmt: skip
    matte = draw(points @ matrix + [20, 15, 0]).matte
    assert matte.sum() == pytest.approx(18 * 12, rel=0.02)
    assert set(np.unique(matte * SAMPLES**2)) <= set(range(SAMPLES**2 + 1))


def test_colour_is_premultiplied():
    layer = draw(flat_grid(9.5, 4.5, 19.5, 14.5), texture_of((0.8, 0.4, 0.2), 0.5))
    np.testing.assert_allclose(layer.matte[10, 15], 0.5)
    np.testing.assert_allclose(layer.colour[10, 15], [0.4, 0.2, 0.1], atol=1e-6)


def test_texture_is_read_between_its_texels():
    texture = texture_of()
    texture[..., 0] = np.linspace(0, 1, 8)
    row = draw(flat_grid(-0.5, -0.5, 39.5, 29.5), texture).colour[15, :, 0]
    np.testing.assert_allclose(row, (np.arange(40) + 0.5) / 40, atol=1e-5)


@pytest.mark.parametrize("turned", [False, True])
def test_colour_never_exceeds_its_alpha(turned):
    points = flat_grid(3, 3, 30, 25)[:, :: -1 if turned else 1].copy()
    layer = draw(points, texture_of((1, 1, 1), 0.7), lining=3 * GREY)
    assert (layer.colour <= layer.matte[..., None] + 1e-6).all()


def test_untouched_pixels_are_exactly_zero():
    layer = draw(flat_grid(9.5, 4.5, 19.5, 14.5))
    outside = np.ones((30, 40), bool)
    outside[5:15, 10:20] = False
    assert not layer.colour[outside].any()


def test_nearer_part_hides_the_farther_whatever_the_order():
    fold = np.concatenate(
        [flat_grid(5, 5, 35, 25, 10.0, 3, 9), flat_grid(5, 25, 35, 5, -5.0, 3, 9)]
    )
    texture = texture_of((1, 0, 0))
    texture[4:] = [0, 0, 1, 1]
    for points in (fold, fold[::-1].copy()):
        layer = draw(points, texture, lining=np.float32([0, 1, 0]))
        colours = {tuple(np.round(c).astype(int)) for c in layer.colour[8:22, 8:32].reshape(-1, 3)}
        assert len(colours) == 1


def test_inner_side_shows_the_lining():
    points = flat_grid(9.5, 4.5, 19.5, 14.5)
    front, back = draw(points), draw(points[:, ::-1].copy())
    np.testing.assert_allclose(back.matte, front.matte)
    assert {tuple(front.colour[10, 15]), tuple(back.colour[10, 15])} == {(1, 0, 0), (0.5, 0.5, 0.5)}


def test_face_in_front_hides_and_play_forgives():
    points = flat_grid(5, 5, 35, 25, depth=10.0)
    face = FAR.copy()
    face[:, 20:] = 4.0
    hidden = draw(points, face=face, play=2.0).matte
    assert hidden[15, 10] == 1.0
    assert hidden[:, 20:].max() == 0.0
    assert draw(points, face=face, play=6.5).matte[15, 30] == 1.0


def test_hole_in_the_cloth_lets_the_lining_behind_it_alone():
    texture = texture_of()
    texture[:, 3:5, 3] = 0.0
    matte = draw(flat_grid(4.5, 4.5, 34.5, 24.5), texture).matte
    assert matte[15, 6] == 1.0
    assert matte[15, 19] == 0.0


def test_window_only_moves_the_layer():
    points = flat_grid(9.3, 4.7, 19.1, 14.2)
    whole = draw(points)
    part = draw(points, window=(6, 3, 20, 15), face=FAR[3:18, 6:26])
    assert (part.x0, part.y0) == (6, 3)
    np.testing.assert_allclose(part.matte, whole.matte[3:18, 6:26], atol=1e-6)
    np.testing.assert_allclose(part.colour, whole.colour[3:18, 6:26], atol=1e-5)


def test_parts_beyond_the_window_are_cut_off():
    layer = draw(flat_grid(-20, -10, 60, 50))
    assert (layer.matte == 1).all()


def test_depth_map_gives_the_nearest_depth_of_a_plane():
    points = np.array([[0, 0, 0.0], [39, 0, 39], [0, 29, 0], [39, 29, 39]])
    behind = points + np.array([0, 0, 5])
    triangles = np.array([[0, 1, 2], [1, 2, 3], [4, 5, 6], [5, 6, 7]], np.int32)
    depth = depth_map(np.concatenate([points, behind]), triangles, WINDOW)
    np.testing.assert_allclose(depth, np.repeat(np.arange(40.0)[None], 30, axis=0), atol=1e-4)


def test_depth_map_is_infinite_beside_the_mesh():
    triangle = np.array([[10, 5, 1.0], [20, 5, 1], [10, 15, 1]])
    depth = depth_map(triangle, np.array([[0, 1, 2]], np.int32), WINDOW)
    inside = np.zeros((30, 40), np.uint8)
    cv2.fillConvexPoly(inside, triangle[:, :2].astype(np.int32), 1)
    assert np.isinf(depth[inside == 0]).all()
    assert np.isfinite(depth).sum() >= 0.9 * inside.sum()
