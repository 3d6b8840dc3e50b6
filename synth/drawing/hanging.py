"""A mask off one ear: a sheet that dangles from the other, beside jaw and neck."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.drawing.straps import ENDS, Strap
from synth.drawing.surface import FaceField, Surface, garment_grid, grid_normals

_CLEARANCE = 3.0
_LOOP_POINTS = 24


@dataclass(frozen=True)
class Hang:
    """How a mask dangles.

    Attributes
    ----------
    side : float
        Ear it hangs from: -1 the subject's right, 1 the left.
    start_angle, start_height : float
        Where its upper edge begins, degrees and millimetres.
    swing : float
        Degrees by which it swings in front of the neck, from straight down.
    facing : float
        Degrees between the sheet and the picture plane: 0 is seen flat, 90 edge-on.
    length : float
        From the upper to the lower side edge, millimetres.
    gather : float
        Width as a share of the garment's height: a limp mask folds lengthwise.
    curl : float
        Millimetres the middle bends forwards or back.
    turned : float
        1 shows the outer side, -1 the lining.
    """

    side: float
    start_angle: float
    start_height: float
    swing: float
    facing: float
    length: float
    gather: float
    curl: float
    turned: float

    def surface(self, field: FaceField, height: float) -> Surface:
        """Grid of the dangling sheet in head millimetres, kept clear of face and neck.

        Parameters
        ----------
        field : FaceField
            The face.
        height : float
            The garment's height when worn, millimetres.
        """
        u, v = garment_grid()
        along = (u + 1) / 2 * self.length
        across = (v - 0.5) * height * self.gather * (1 - 0.35 * np.abs(u) ** 3)
        swing, facing = np.radians(self.swing), np.radians(self.facing)
        start = np.radians(self.start_angle)
        radius = field.at(np.full(1, self.side * self.start_angle), np.full(1, self.start_height))[
            0
        ]
        down = np.array([-self.side * np.sin(swing), np.cos(swing), -0.25 * np.sin(swing)])
        flat = self.turned * np.array([-np.cos(facing), 0.0, self.side * np.sin(facing)])
        origin = np.array([self.side * radius * np.sin(start), self.start_height,
                           -radius * np.cos(start) - 6.0])  # fmt: skip
        points = origin + along[..., None] * down + across[..., None] * flat
        points[..., 2] -= self.curl * np.sin(np.pi * (u + 1) / 2)
        points[..., 2] += 2.5 * np.sin(2 * np.pi * (1.5 * v + 0.4 * u))
        return _facing_camera(_clear_of_face(points, field))

    def strap_paths(
        self, field: FaceField, surface: Surface, straps: tuple[Strap, ...]
    ) -> tuple[list[Strap], NDArray[np.float64]]:
        """Both ends of the loop round the ear, and the free loop at the lower edge.

        Returns
        -------
        bands : list of Strap
            One for each path.
        paths : ndarray of shape (len(bands), N, 3)
            Head millimetres.
        """
        rows = surface.points.shape[0]
        paths = []
        for strap in straps[:2]:
            row = round(strap.v * (rows - 1))
            angle, end_height, off = ENDS[strap.end]
            turn = np.radians(self.side * angle)
            reach = field.at(np.full(1, self.side * angle), np.full(1, end_height))[0] + off
            end = np.array([reach * np.sin(turn), end_height, -reach * np.cos(turn)])
            share = np.linspace(0, 1, _LOOP_POINTS)[:, None]
            paths.append(surface.points[row, 0] * (1 - share) + end * share)
        first, last = surface.points[1, -1], surface.points[-2, -1]
        share = np.linspace(0, 1, _LOOP_POINTS)[:, None]
        sag = np.array([0.0, 0.35 * self.length, 0.0]) * 4 * share * (1 - share)
        paths.append(first * (1 - share) + last * share + sag)
        return [*straps[:2], straps[0]], np.stack(paths)


def _clear_of_face(points: NDArray[np.float64], field: FaceField) -> NDArray[np.float64]:
    angle = np.degrees(np.arctan2(points[..., 0], -points[..., 2]))
    radius = np.hypot(points[..., 0], points[..., 2])
    least = field.at(angle, points[..., 1]) + _CLEARANCE
    stretch = np.maximum(least / np.maximum(radius, 1e-6), 1.0)
    return points * np.stack([stretch, np.ones_like(stretch), stretch], axis=-1)


def _facing_camera(points: NDArray[np.float64]) -> Surface:
    """Surface with its rows in the order that turns the drawn side to the camera."""
    normals = grid_normals(points)
    if normals[..., 2].mean() > 0:
        return Surface(points[::-1], -normals[::-1])
    return Surface(points, normals)
