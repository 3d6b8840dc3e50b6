"""Head pose: a frame in millimetres fixed to the head, fitted to a face mesh."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ingest.faces import topology

FACE_WIDTH_MM = 145.0
"""Nominal distance between the mesh's two ear points; it gives pixels their millimetres.

About the mean bitragion breadth of adults (Farkas, "Anthropometry of the Head and Face", 1994).
"""


@dataclass(frozen=True)
class HeadFrame:
    """Coordinates of the head: x to the subject's left, y down, z backwards, millimetres.

    The origin lies between the ears at the height of the base of the nose. The projection is
    weak perspective: pixels = scale × rotated millimetres, z dropped.

    Attributes
    ----------
    axes : ndarray of shape (3, 3), float64
        Rows are the head's x, y and z axis in image coordinates (x, y, depth).
    origin : ndarray of shape (3,), float64
        Origin in image coordinates, pixels.
    scale : float
        Pixels per millimetre.
    """

    axes: NDArray[np.float64]
    origin: NDArray[np.float64]
    scale: float

    @classmethod
    def from_points(cls, points: ArrayLike) -> "HeadFrame":
        """Fit the frame to mesh points.

        Parameters
        ----------
        points : array_like of shape (468, 3)
            As in `FaceMesh.points`.

        Raises
        ------
        ValueError
            If the points collapse so that the head has no width or height.
        """
        mesh = np.asarray(points, dtype=np.float64)
        right, left = (mesh[list(side)] for side in zip(*topology.LATERAL_PAIRS, strict=True))
        across = (left - right).sum(axis=0)
        # The mouth moves the chin along the sagittal plane, so it tilts this axis only slightly.
        down = mesh[topology.CHIN] - mesh[topology.FOREHEAD]
        width = float(np.linalg.norm(mesh[topology.LEFT_EAR] - mesh[topology.RIGHT_EAR]))
        x_axis = across / max(float(np.linalg.norm(across)), 1e-9)
        down = down - (down @ x_axis) * x_axis
        height = float(np.linalg.norm(down))
        if width < 1e-6 or height < 1e-6:
            message = "face mesh has no extent: all points lie on a line"
            raise ValueError(message)
        y_axis = down / height
        axes = np.stack([x_axis, y_axis, np.cross(x_axis, y_axis)])
        ears = (mesh[topology.LEFT_EAR] + mesh[topology.RIGHT_EAR]) / 2
        nose_base = (mesh[topology.SUBNASALE] - ears) @ y_axis
        return cls(axes, ears + nose_base * y_axis, width / FACE_WIDTH_MM)

    def to_head(self, points: ArrayLike) -> NDArray[np.float64]:
        """Image points of shape (..., 3), pixels, in head millimetres."""
        return (np.asarray(points, dtype=np.float64) - self.origin) @ self.axes.T / self.scale

    def to_image(self, points: ArrayLike) -> NDArray[np.float64]:
        """Head points of shape (..., 3), millimetres, in image (x, y, depth), pixels."""
        return np.asarray(points, dtype=np.float64) * self.scale @ self.axes + self.origin

    @property
    def yaw(self) -> float:
        """Degrees; positive when the subject turns to their own left."""
        return float(np.degrees(np.arctan2(-self.axes[2, 0], self.axes[2, 2])))

    @property
    def pitch(self) -> float:
        """Degrees; positive when the subject looks down."""
        return float(np.degrees(np.arcsin(np.clip(-self.axes[2, 1], -1, 1))))

    @property
    def roll(self) -> float:
        """Degrees in the picture; positive when the head is turned clockwise as seen."""
        return float(np.degrees(np.arctan2(self.axes[0, 1], self.axes[0, 0])))
