"""The garment as a surface in head millimetres: a membrane stretched over the face.

A face is described by its radius over (angle, height) around the axis through the ears. Fabric
laid over it touches where the face pushes out (nose bridge, cheeks, chin) and spans what lies
between: the solution of an obstacle problem, found by projected relaxation.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ingest.faces import FaceMesh, HeadFrame, topology
from synth.drawing import kernels

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
        kernels.scatter_triangles(
            topology.triangles(),
            (angle - ANGLES[0]) / (ANGLES[1] - ANGLES[0]),
            (landmarks[:, 1] - HEIGHTS[0]) / (HEIGHTS[1] - HEIGHTS[0]),
            distance,
            radius,
        )
        kernels.continue_field(radius, _neck_radius(), HEIGHTS[1] - HEIGHTS[0], NECK_FALL)
        return cls(head, landmarks, radius)

    def height_of(self, landmark: int) -> float:
        """Height of a landmark below the base of the nose, millimetres."""
        return float(self.landmarks[landmark, 1])

    def at(self, angle: NDArray[np.float64], height: NDArray[np.float64]) -> NDArray[np.float64]:
        """Radius in millimetres at angles (degrees) and heights (millimetres), bilinear."""
        return kernels.sample(
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
    kernels.relax(membrane, skin, _RELAXATIONS)
    radius = skin + tautness * (membrane - skin)
    if hang:
        radius += hang * (np.maximum.accumulate(radius, axis=0) - radius)
    radius += bulge
    turn = np.radians(angle)
    points = np.stack([radius * np.sin(turn), height, -radius * np.cos(turn)], axis=-1)
    return Surface(points, grid_normals(points))


def grid_normals(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Outward unit normals of a grid of points of shape (rows, columns, 3)."""
    return kernels.grid_normals(points)


def _neck_radius() -> NDArray[np.float64]:
    turn = np.radians(ANGLES)
    return 1 / np.hypot(np.sin(turn) / NECK_HALF_WIDTH, np.cos(turn) / NECK_HALF_DEPTH)
