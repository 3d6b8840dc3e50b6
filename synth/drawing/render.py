"""Rasterise a garment's surface into a premultiplied layer with a float alpha matte."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from synth.drawing.window import Window

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

    @property
    def window(self) -> Window:
        """Part of the photo it lies on."""
        return Window(self.x0, self.y0, self.matte.shape[1], self.matte.shape[0])


def render_surface(
    points: NDArray[np.float64],
    texture: NDArray[np.float32],
    inner: NDArray[np.float32],
    window: tuple[int, int, int, int],
    face_depth: NDArray[np.float32],
    depth_play: float,
) -> Layer:
    """Draw a textured grid with a depth buffer, hidden where the face lies in front.

    Parameters
    ----------
    points : ndarray of shape (rows, columns, 3)
        Image (x, y, depth) in pixels, rows along ``v``.
    texture : ndarray of shape (th, tw, 4), float32
        Lit RGB (not premultiplied) and alpha over (v, u), 0–1.
    inner : ndarray of shape (rows, columns, 3), float32
        Lit RGB of the inner side at each point; it is clipped at 1.
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
    colour = np.zeros((height, width, 3), dtype=np.float32)
    matte = np.zeros((height, width), dtype=np.float32)
    fine = np.array([SAMPLES, SAMPLES, 1.0])
    # Sample k of pixel i sits at i - 0.5 + (k + 0.5) / SAMPLES.
    shifted = (points - np.array([x0 - 0.5, y0 - 0.5, 0.0])) * fine - np.array([0.5, 0.5, 0.0])
    _draw(
        shifted.astype(np.float32), texture, inner, face_depth, np.float32(depth_play),
        colour, matte,
    )  # fmt: skip
    return Layer(x0, y0, colour, matte)


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
        b_x, b_y = (c[1] - a[1]) / area, (a[0] - c[0]) / area
        c_x, c_y = (a[1] - b[1]) / area, (b[0] - a[0]) / area
        for y in range(y_first, y_last + 1):
            dy = np.float32(y) - a[1]
            for x in range(x_first, x_last + 1):
                dx = np.float32(x) - a[0]
                wb, wc = dx * b_x + dy * b_y, dx * c_x + dy * c_y
                if wb >= 0 and wc >= 0 and wb + wc <= 1:
                    z = a[2] + wb * (b[2] - a[2]) + wc * (c[2] - a[2])
                    if z < depth[y, x]:
                        depth[y, x] = z


@numba.njit(cache=True)
def _draw(points, texture, inner, face_depth, play, colour, matte):  # pragma: no cover - compiled
    """Draw all triangles into finer samples and average these; only where the grid can lie."""
    height, width = face_depth.shape
    left = max(0, int(np.floor(points[..., 0].min())) // SAMPLES)
    top = max(0, int(np.floor(points[..., 1].min())) // SAMPLES)
    right = min(width, int(np.ceil(points[..., 0].max())) // SAMPLES + 1)
    bottom = min(height, int(np.ceil(points[..., 1].max())) // SAMPLES + 1)
    if right <= left or bottom <= top:
        return
    size = ((bottom - top) * SAMPLES, (right - left) * SAMPLES)
    nearest = np.full(size, np.inf, dtype=np.float32)
    buffer = np.empty((*size, 4), dtype=np.float32)
    moved = points.copy()
    moved[..., 0] -= np.float32(left * SAMPLES)
    moved[..., 1] -= np.float32(top * SAMPLES)
    behind = face_depth[top:bottom, left:right] + play
    opaque = texture[..., 3].min() >= 1
    for i in range(points.shape[0] - 1):
        for j in range(points.shape[1] - 1):
            for corners in (
                ((i, j), (i + 1, j), (i, j + 1)),
                ((i + 1, j + 1), (i, j + 1), (i + 1, j)),
            ):
                _draw_triangle(corners, moved, texture, opaque, inner, behind, nearest, buffer)
    share = np.float32(1.0 / (SAMPLES * SAMPLES))
    for y in range(size[0]):
        for x in range(size[1]):
            if nearest[y, x] < np.inf:
                row, column = top + y // SAMPLES, left + x // SAMPLES
                matte[row, column] += buffer[y, x, 3] * share
                for k in range(3):
                    colour[row, column, k] += buffer[y, x, k] * share


@numba.njit(cache=True)
def _draw_triangle(
    corners, points, texture, opaque, inner, behind, nearest, buffer
):  # pragma: no cover - compiled
    (ai, aj), (bi, bj), (ci, cj) = corners
    ax, ay, az = points[ai, aj, 0], points[ai, aj, 1], points[ai, aj, 2]
    bx, by, bz = points[bi, bj, 0], points[bi, bj, 1], points[bi, bj, 2]
    cx, cy, cz = points[ci, cj, 0], points[ci, cj, 1], points[ci, cj, 2]
    area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    if abs(area) < 1e-9:
        return
    y_first = max(0, int(np.ceil(min(ay, by, cy))))
    y_last = min(nearest.shape[0] - 1, int(np.floor(max(ay, by, cy))))
    one, edge = np.float32(1.0), np.float32(-1e-5)
    # Weights of the corners b and c are linear over the picture: at (0, 0), and per pixel.
    b_x, b_y = (cy - ay) / area, (ax - cx) / area
    c_x, c_y = (ay - by) / area, (bx - ax) / area
    th, tw = texture.shape[0] - 1, texture.shape[1] - 1
    to_v, to_u = np.float32(th / (points.shape[0] - 1)), np.float32(tw / (points.shape[1] - 1))
    v_a, v_b, v_c = to_v * ai, to_v * (bi - ai), to_v * (ci - ai)
    u_a, u_b, u_c = to_u * aj, to_u * (bj - aj), to_u * (cj - aj)
    inner_side = area > 0
    for y in range(y_first, y_last + 1):
        dy = np.float32(y) - ay
        x_first, x_last = _span(
            dy * b_y - edge, b_x, dy * c_y - edge, c_x, ax,
            max(np.float32(0), min(ax, bx, cx)),
            min(np.float32(nearest.shape[1] - 1), max(ax, bx, cx)),
        )  # fmt: skip
        for x in range(x_first, x_last + 1):
            dx = np.float32(x) - ax
            wb, wc = dx * b_x + dy * b_y, dx * c_x + dy * c_y
            if wb < edge or wc < edge or wb + wc > one - edge:
                continue
            z = az + wb * (bz - az) + wc * (cz - az)
            if z >= nearest[y, x] or z > behind[y // SAMPLES, x // SAMPLES]:
                continue
            v, u = v_a + wb * v_b + wc * v_c, u_a + wb * u_b + wc * u_c
            ti, tj = min(max(int(v), 0), th - 1), min(max(int(u), 0), tw - 1)
            fv, fu = np.float32(v - ti), np.float32(u - tj)
            alpha = one
            if not opaque:
                alpha = min(_bilinear(texture, ti, tj, 3, fv, fu), one)
                if alpha < _HOLE:
                    continue
            nearest[y, x] = z
            buffer[y, x, 3] = alpha
            for k in range(3):
                if inner_side:
                    a, b, c = inner[ai, aj, k], inner[bi, bj, k], inner[ci, cj, k]
                    level = min(a + wb * (b - a) + wc * (c - a), one)
                else:
                    level = _bilinear(texture, ti, tj, k, fv, fu)
                buffer[y, x, k] = level * alpha


@numba.njit(cache=True)
def _span(b_here, b_x, c_here, c_x, ax, low, high):  # pragma: no cover - compiled
    """First and last pixel of a row that a triangle can cover, a hair too many rather than few.

    Both corner weights ``here + step (x - ax)`` must not fall below 0, nor their sum above 1.
    """
    hair = np.float32(1e-3)
    for here, step in (
        (b_here, b_x),
        (c_here, c_x),
        (np.float32(1.00003) - b_here - c_here, -b_x - c_x),
    ):
        if step > 0:
            low = max(low, ax - here / step - hair)
        elif step < 0:
            high = min(high, ax - here / step + hair)
    return int(np.ceil(low)), int(np.floor(high))


@numba.njit(cache=True, inline="always")
def _bilinear(texture, i, j, k, fv, fu):  # pragma: no cover - compiled
    upper = texture[i, j, k] + fu * (texture[i, j + 1, k] - texture[i, j, k])
    lower = texture[i + 1, j, k] + fu * (texture[i + 1, j + 1, k] - texture[i + 1, j, k])
    return upper + fv * (lower - upper)
