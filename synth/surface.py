"""The garment as a surface in head millimetres: a membrane stretched over the face.

A face is described by its radius over (angle, height) around the axis through the ears. Fabric
laid over it touches where the face pushes out (nose bridge, cheeks, chin) and spans what lies
between: the solution of an obstacle problem, found by projected relaxation.
"""

from dataclasses import dataclass
from functools import cache

import numba
import numpy as np
from numpy.typing import NDArray

from ingest.faces import FaceMesh, HeadFrame, topology

ANGLES = np.arange(-112.0, 112.1, 4.0)
"""Degrees around the vertical axis; 0 is straight ahead, 90 the subject's left ear."""
HEIGHTS = np.arange(-130.0, 190.1, 4.0)
"""Millimetres down from the base of the nose."""
NECK_HALF_WIDTH, NECK_HALF_DEPTH = 56.0, 36.0
NECK_FALL = 14.0
"""Millimetres below the jaw over which the radius falls to the neck's by a factor e."""
GRID_COLUMNS, GRID_ROWS = 33, 25
_RELAXATIONS = 60


@dataclass(frozen=True)
class FaceField:
    """Radius of one face over angle and height, with the neck below the jaw.

    Attributes
    ----------
    head : HeadFrame
        Frame of the millimetres.
    landmarks : ndarray of shape (468, 3), float64
        Mesh in head millimetres.
    radius : ndarray of shape (len(HEIGHTS), len(ANGLES)), float64
        Millimetres from the vertical axis to the skin.
    """

    head: HeadFrame
    landmarks: NDArray[np.float64]
    radius: NDArray[np.float64]

    @classmethod
    def from_mesh(cls, face: FaceMesh) -> "FaceField":
        """Measure a face mesh; what the mesh does not reach is continued.

        Above and beside the mesh the last known radius goes on; below the jaw the surface
        falls back to an upright elliptic neck.
        """
        head = face.head
        landmarks = head.to_head(face.points)
        angle = np.degrees(np.arctan2(landmarks[:, 0], -landmarks[:, 2]))
        distance = np.hypot(landmarks[:, 0], landmarks[:, 2])
        radius = np.full((len(HEIGHTS), len(ANGLES)), np.nan)
        _scatter_triangles(
            topology.triangles(),
            (angle - ANGLES[0]) / (ANGLES[1] - ANGLES[0]),
            (landmarks[:, 1] - HEIGHTS[0]) / (HEIGHTS[1] - HEIGHTS[0]),
            distance,
            radius,
        )
        _continue_field(radius, _neck_radius(), HEIGHTS[1] - HEIGHTS[0], NECK_FALL)
        return cls(head, landmarks, radius)

    def height_of(self, landmark: int) -> float:
        """Height of a landmark below the base of the nose, millimetres."""
        return float(self.landmarks[landmark, 1])

    def at(self, angle: NDArray[np.float64], height: NDArray[np.float64]) -> NDArray[np.float64]:
        """Radius in millimetres at angles (degrees) and heights (millimetres), bilinear."""
        return _sample(
            self.radius,
            np.asarray((angle - ANGLES[0]) / (ANGLES[1] - ANGLES[0])),
            np.asarray((height - HEIGHTS[0]) / (HEIGHTS[1] - HEIGHTS[0])),
        )


@dataclass(frozen=True)
class Outline:
    """Where a garment lies on the head, as a rectangle bent over (angle, height).

    ``u`` runs from -1 at the subject's right edge to 1 at the left, ``v`` from 0 at the top
    edge to 1 at the bottom.

    Attributes
    ----------
    top_centre, top_side, bottom_centre, bottom_side : float
        Heights of the edges in the middle and at the sides, millimetres.
    half_angle_top, half_angle_bottom : float
        Degrees from the middle to the side edge.
    top_arch, bottom_arch : float
        Exponent of the edges' arch: 1 a tent, 2 a parabola, more a plateau.
    tilt : float
        Millimetres by which the subject's left side sits lower than the middle.
    shift : float
        Degrees by which the garment is turned to the subject's left.
    """

    top_centre: float
    top_side: float
    bottom_centre: float
    bottom_side: float
    half_angle_top: float
    half_angle_bottom: float
    top_arch: float = 2.0
    bottom_arch: float = 2.0
    tilt: float = 0.0
    shift: float = 0.0

    def angle_and_height(
        self, u: NDArray[np.float64], v: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Map (u, v) to angle in degrees and height in millimetres."""
        away = np.abs(u)
        top = self.top_side + (self.top_centre - self.top_side) * (1 - away**self.top_arch)
        bottom = self.bottom_side + (self.bottom_centre - self.bottom_side) * (
            1 - away**self.bottom_arch
        )
        half = self.half_angle_top + (self.half_angle_bottom - self.half_angle_top) * v
        return u * half + self.shift, top + (bottom - top) * v + self.tilt * u


@dataclass(frozen=True)
class Surface:
    """A garment's grid in space.

    Attributes
    ----------
    points : ndarray of shape (rows, columns, 3), float64
        Head millimetres; rows follow ``v``, columns ``u``.
    normals : ndarray of shape (rows, columns, 3), float64
        Unit vectors pointing away from the face, head frame.
    """

    points: NDArray[np.float64]
    normals: NDArray[np.float64]


@cache
def garment_grid() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """``u`` and ``v`` of every grid point, each of shape (GRID_ROWS, GRID_COLUMNS)."""
    u, v = np.meshgrid(np.linspace(-1, 1, GRID_COLUMNS), np.linspace(0, 1, GRID_ROWS))
    u.flags.writeable = v.flags.writeable = False
    return u, v


def drape(
    field: FaceField,
    outline: Outline,
    bulge: NDArray[np.float64],
    *,
    tautness: float = 0.85,
    gap: float = 2.0,
    hang: float = 0.0,
) -> Surface:
    """Lay a garment over a face.

    Parameters
    ----------
    field : FaceField
        The face.
    outline : Outline
        Where the garment lies.
    bulge : ndarray of shape (GRID_ROWS, GRID_COLUMNS)
        Millimetres the garment's own cut stands off beyond the stretched membrane.
    tautness : float
        0 clings to every hollow, 1 spans them like a drum.
    gap : float
        Thickness and play between skin and fabric, millimetres.
    hang : float
        0 follows what falls back below nose and chin, 1 hangs plumb from them.

    Returns
    -------
    Surface
        The garment in head millimetres.
    """
    u, v = garment_grid()
    angle, height = outline.angle_and_height(u, v)
    skin = field.at(angle, height) + gap
    membrane = skin.copy()
    _relax(membrane, skin, _RELAXATIONS)
    radius = skin + tautness * (membrane - skin)
    if hang:
        radius += hang * (np.maximum.accumulate(radius, axis=0) - radius)
    radius += bulge
    turn = np.radians(angle)
    points = np.stack([radius * np.sin(turn), height, -radius * np.cos(turn)], axis=-1)
    return Surface(points, grid_normals(points))


def grid_normals(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Outward unit normals of a grid of points of shape (rows, columns, 3)."""
    along_v, along_u = np.gradient(points, axis=(0, 1))
    normals = np.cross(along_v, along_u)
    return normals / np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-9)


def _neck_radius() -> NDArray[np.float64]:
    turn = np.radians(ANGLES)
    return 1 / np.hypot(np.sin(turn) / NECK_HALF_WIDTH, np.cos(turn) / NECK_HALF_DEPTH)


@numba.njit(cache=True)
def _scatter_triangles(triangles, column, row, value, grid):  # pragma: no cover - compiled
    """Interpolate vertex values into a grid; where triangles overlap the largest stays."""
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        area = (column[b] - column[a]) * (row[c] - row[a]) - (column[c] - column[a]) * (
            row[b] - row[a]
        )
        if (
            abs(area) < 1e-9
            or max(column[a], column[b], column[c]) - min(column[a], column[b], column[c])
            > grid.shape[1] / 3
        ):
            continue
        x_first = max(0, int(np.ceil(min(column[a], column[b], column[c]))))
        x_last = min(grid.shape[1] - 1, int(np.floor(max(column[a], column[b], column[c]))))
        y_first = max(0, int(np.ceil(min(row[a], row[b], row[c]))))
        y_last = min(grid.shape[0] - 1, int(np.floor(max(row[a], row[b], row[c]))))
        for y in range(y_first, y_last + 1):
            for x in range(x_first, x_last + 1):
                wb = (
                    (x - column[a]) * (row[c] - row[a]) - (column[c] - column[a]) * (y - row[a])
                ) / area
                wc = (
                    (column[b] - column[a]) * (y - row[a]) - (x - column[a]) * (row[b] - row[a])
                ) / area
                if wb >= -1e-6 and wc >= -1e-6 and wb + wc <= 1 + 1e-6:
                    radius = value[a] + wb * (value[b] - value[a]) + wc * (value[c] - value[a])
                    if not grid[y, x] >= radius:
                        grid[y, x] = radius


@numba.njit(cache=True)
def _continue_field(grid, neck, step, fall):  # pragma: no cover - compiled
    """Fill what the mesh does not reach: forehead upwards, sides outwards, neck downwards."""
    rows, columns = grid.shape
    middle = columns // 2
    for x in range(columns):
        first, last = -1, -1
        for y in range(rows):
            if not np.isnan(grid[y, x]):
                if first < 0:
                    first = y
                last = y
        if first < 0:
            continue
        for y in range(first):
            grid[y, x] = grid[first, x]
        for y in range(first, last):
            if np.isnan(grid[y, x]):
                grid[y, x] = grid[y - 1, x]
        edge = grid[last, x]
        for y in range(last + 1, rows):
            share = np.exp(-(y - last) * step / fall)
            grid[y, x] = neck[x] + (edge - neck[x]) * share
    for x in range(middle, columns):
        if np.isnan(grid[0, x]):
            grid[:, x] = grid[:, x - 1]
    for x in range(middle, -1, -1):
        if np.isnan(grid[0, x]):
            grid[:, x] = grid[:, x + 1]


@numba.njit(cache=True)
def _sample(grid, column, row):  # pragma: no cover - compiled
    """Bilinear values of a grid, clamped at its border."""
    out = np.empty(column.shape)
    for k in range(column.size):
        x = min(max(column.flat[k], 0.0), grid.shape[1] - 1.001)
        y = min(max(row.flat[k], 0.0), grid.shape[0] - 1.001)
        i, j = int(y), int(x)
        fy, fx = y - i, x - j
        top = grid[i, j] * (1 - fx) + grid[i, j + 1] * fx
        bottom = grid[i + 1, j] * (1 - fx) + grid[i + 1, j + 1] * fx
        out.flat[k] = top * (1 - fy) + bottom * fy
    return out


@numba.njit(cache=True)
def _relax(radius, skin, sweeps):  # pragma: no cover - compiled
    """Stretch a membrane over an obstacle by projected Gauss-Seidel; edges are strings."""
    rows, columns = radius.shape
    for _ in range(sweeps):
        for i in range(rows):
            for j in range(1, columns - 1):
                across = 0.5 * (radius[i, j - 1] + radius[i, j + 1])
                mean = across
                if 0 < i < rows - 1:
                    mean = 0.65 * across + 0.35 * 0.5 * (radius[i - 1, j] + radius[i + 1, j])
                radius[i, j] = max(skin[i, j], mean)
