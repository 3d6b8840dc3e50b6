"""Rasterise a garment's surface into a premultiplied layer with a float alpha matte."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

SAMPLES = 2
"""Samples per pixel and axis: the layer is their mean, so edges are anti-aliased."""
DEPTH_PLAY_MM = 7.0
"""How far fabric may lie behind the face's depth before the face hides it."""
_HOLE = 0.03


@dataclass(frozen=True)
class Layer:
    """A premultiplied picture of a garment in a window of the photo.

    Attributes
    ----------
    x0, y0 : int
        The window's top-left pixel in the photo; it may lie outside.
    colour : ndarray of shape (h, w, 3), float32
        RGB × alpha, 0–1.
    matte : ndarray of shape (h, w), float32
        Alpha, 0–1.
    """

    x0: int
    y0: int
    colour: NDArray[np.float32]
    matte: NDArray[np.float32]


def render_surface(
    points: NDArray[np.float64],
    shade: NDArray[np.float32],
    texture: NDArray[np.float32],
    lining: NDArray[np.float32],
    window: tuple[int, int, int, int],
    face_depth: NDArray[np.float32],
    depth_play: float,
) -> Layer:
    """Draw a textured grid with a depth buffer, hidden where the face lies in front.

    Parameters
    ----------
    points : ndarray of shape (rows, columns, 3)
        Image (x, y, depth) in pixels, rows along ``v``.
    shade : ndarray of shape (rows, columns, 3), float32
        Factor on the texture's RGB at each point.
    texture : ndarray of shape (th, tw, 4), float32
        RGB (not premultiplied) and alpha over (v, u), 0–1.
    lining : ndarray of shape (3,), float32
        RGB of the inner side, 0–1.
    window : (int, int, int, int)
        x0, y0, width, height of the layer in the photo.
    face_depth : ndarray of shape (height, width), float32
        Depth of the face in the window, pixels; infinite where there is none.
    depth_play : float
        Pixels by which fabric may lie behind the face and still be seen.

    Returns
    -------
    Layer
        The garment; pixels it does not touch are exactly 0.
    """
    x0, y0, width, height = window
    rgba = np.zeros((height, width, 4), dtype=np.float32)
    fine = np.array([SAMPLES, SAMPLES, 1.0])
    # Sample k of pixel i sits at i - 0.5 + (k + 0.5) / SAMPLES.
    shifted = (points - np.array([x0 - 0.5, y0 - 0.5, 0.0])) * fine - np.array([0.5, 0.5, 0.0])
    _draw(shifted.astype(np.float32), shade, texture, lining, face_depth, depth_play, rgba, SAMPLES)
    return Layer(x0, y0, rgba[..., :3], rgba[..., 3])


def depth_map(
    points: NDArray[np.floating],
    triangles: NDArray[np.int32],
    window: tuple[int, int, int, int],
) -> NDArray[np.float32]:
    """Nearest depth of a mesh at each pixel of a window, infinite where there is none.

    Parameters
    ----------
    points : ndarray of shape (N, 3)
        Image (x, y, depth) in pixels.
    triangles : ndarray of shape (M, 3), int32
        Indices into the points.
    window : (int, int, int, int)
        x0, y0, width, height in pixels.
    """
    x0, y0, width, height = window
    depth = np.full((height, width), np.inf, dtype=np.float32)
    _fill_depth((points - np.array([x0, y0, 0.0])).astype(np.float32), triangles, depth)
    return depth


@numba.njit(cache=True)
def _fill_depth(points, triangles, depth):  # pragma: no cover - compiled
    height, width = depth.shape
    for t in range(triangles.shape[0]):
        a, b, c = points[triangles[t, 0]], points[triangles[t, 1]], points[triangles[t, 2]]
        area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
        if abs(area) < 1e-6:
            continue
        x_first = max(0, int(np.ceil(min(a[0], b[0], c[0]))))
        x_last = min(width - 1, int(np.floor(max(a[0], b[0], c[0]))))
        y_first = max(0, int(np.ceil(min(a[1], b[1], c[1]))))
        y_last = min(height - 1, int(np.floor(max(a[1], b[1], c[1]))))
        for y in range(y_first, y_last + 1):
            for x in range(x_first, x_last + 1):
                wb = ((x - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (y - a[1])) / area
                wc = ((b[0] - a[0]) * (y - a[1]) - (x - a[0]) * (b[1] - a[1])) / area
                if wb >= 0 and wc >= 0 and wb + wc <= 1:
                    z = a[2] + wb * (b[2] - a[2]) + wc * (c[2] - a[2])
                    if z < depth[y, x]:
                        depth[y, x] = z


@numba.njit(cache=True)
def _draw(points, shade, texture, lining, face_depth, play, rgba, samples):  # pragma: no cover
    height, width = face_depth.shape
    nearest = np.full((height * samples, width * samples), np.inf, dtype=np.float32)
    buffer = np.zeros((height * samples, width * samples, 4), dtype=np.float32)
    rows, columns = points.shape[:2]
    for i in range(rows - 1):
        for j in range(columns - 1):
            for half in range(2):
                if half == 0:
                    corners = ((i, j), (i + 1, j), (i, j + 1))
                else:
                    corners = ((i + 1, j + 1), (i, j + 1), (i + 1, j))
                _draw_triangle(
                    corners, points, shade, texture, lining, face_depth, play, nearest, buffer,
                    samples,
                )  # fmt: skip
    share = np.float32(1.0 / (samples * samples))
    for y in range(height * samples):
        for x in range(width * samples):
            if buffer[y, x, 3] > 0:
                for k in range(4):
                    rgba[y // samples, x // samples, k] += buffer[y, x, k] * share


@numba.njit(cache=True)
def _draw_triangle(
    corners, points, shade, texture, lining, face_depth, play, nearest, buffer, samples
):  # pragma: no cover - compiled
    (ai, aj), (bi, bj), (ci, cj) = corners
    ax, ay, az = points[ai, aj, 0], points[ai, aj, 1], points[ai, aj, 2]
    bx, by, bz = points[bi, bj, 0], points[bi, bj, 1], points[bi, bj, 2]
    cx, cy, cz = points[ci, cj, 0], points[ci, cj, 1], points[ci, cj, 2]
    area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    if abs(area) < 1e-9:
        return
    inner_side = area > 0
    rows, columns = points.shape[0] - 1, points.shape[1] - 1
    th, tw = texture.shape[0] - 1, texture.shape[1] - 1
    x_first = max(0, int(np.ceil(min(ax, bx, cx))))
    x_last = min(nearest.shape[1] - 1, int(np.floor(max(ax, bx, cx))))
    y_first = max(0, int(np.ceil(min(ay, by, cy))))
    y_last = min(nearest.shape[0] - 1, int(np.floor(max(ay, by, cy))))
    for y in range(y_first, y_last + 1):
        for x in range(x_first, x_last + 1):
            wb = ((x - ax) * (cy - ay) - (cx - ax) * (y - ay)) / area
            wc = ((bx - ax) * (y - ay) - (x - ax) * (by - ay)) / area
            if wb < -1e-5 or wc < -1e-5 or wb + wc > 1.00001:
                continue
            wa = 1 - wb - wc
            z = wa * az + wb * bz + wc * cz
            if z >= nearest[y, x] or z > face_depth[y // samples, x // samples] + play:
                continue
            v = (wa * ai + wb * bi + wc * ci) / rows * th
            u = (wa * aj + wb * bj + wc * cj) / columns * tw
            ti, tj = min(max(int(v), 0), th - 1), min(max(int(u), 0), tw - 1)
            fv, fu = v - ti, u - tj
            w00, w01 = (1 - fv) * (1 - fu), (1 - fv) * fu
            w10, w11 = fv * (1 - fu), fv * fu
            alpha = (
                texture[ti, tj, 3] * w00 + texture[ti, tj + 1, 3] * w01
                + texture[ti + 1, tj, 3] * w10 + texture[ti + 1, tj + 1, 3] * w11
            )  # fmt: skip
            if alpha < _HOLE:
                continue
            alpha = min(max(alpha, 0.0), 1.0)
            nearest[y, x] = z
            for k in range(3):
                light = wa * shade[ai, aj, k] + wb * shade[bi, bj, k] + wc * shade[ci, cj, k]
                if inner_side:
                    texel = lining[k]
                else:
                    texel = (
                        texture[ti, tj, k] * w00 + texture[ti, tj + 1, k] * w01
                        + texture[ti + 1, tj, k] * w10 + texture[ti + 1, tj + 1, k] * w11
                    )  # fmt: skip
                buffer[y, x, k] = min(texel * light, 1.0) * alpha
            buffer[y, x, 3] = alpha
