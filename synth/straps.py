"""Ear loops, head straps and ties: bands over the cheeks, hidden where the head is in front."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from synth.render import Layer
from synth.surface import FaceField, Surface

_FINE = 4
_STEPS = 24
ENDS = {
    "ear_top": (88.0, -44.0, 3.0),
    "ear_bottom": (85.0, 3.0, 0.5),
    "crown": (97.0, -92.0, 4.0),
    "nape": (98.0, 30.0, 4.0),
}
"""Where a band leaves the face: angle in degrees, height in millimetres, distance off the skin."""


@dataclass(frozen=True)
class Strap:
    """One band on each side of the face.

    Attributes
    ----------
    v : float
        Where on the garment's side edge it starts, 0 top to 1 bottom.
    end : str
        Where it goes, a name of `ENDS`.
    width : float
        Millimetres.
    colour : tuple of float
        Encoded RGB, 0–1.
    inset : float
        How far inside the side edge it starts, as a share of the half width.
    """

    v: float
    end: str
    width: float
    colour: tuple[float, float, float]
    inset: float = 0.03


def strap_path(
    field: FaceField, surface: Surface, strap: Strap, side: int, slack: float, jitter: float
) -> NDArray[np.float64]:
    """Points of a band from garment to ear in head millimetres, shape (N, 3).

    Parameters
    ----------
    field : FaceField
        The face it runs over.
    surface : Surface
        The garment it is fixed to.
    strap : Strap
        Which band.
    side : int
        -1 the subject's right, 1 the left.
    slack : float
        Millimetres the band sags in its middle.
    jitter : float
        Millimetres by which its end is moved up or down.
    """
    rows, columns = surface.points.shape[:2]
    row = strap.v * (rows - 1)
    column = (columns - 1) * (0.5 + 0.5 * side * (1 - strap.inset))
    start = surface.points[round(row), round(column)]
    angle, height, off = ENDS[strap.end]
    share = np.linspace(0, 1, _STEPS)
    start_angle = np.degrees(np.arctan2(start[0], -start[2]))
    angles = start_angle + (side * angle - start_angle) * share
    heights = start[1] + (height + jitter - start[1]) * share + slack * 4 * share * (1 - share)
    skin = field.at(angles, heights)
    turn = np.radians(angles)
    # A taut band is a straight line in space, lifted where the cheek is in its way.
    end = np.array([side * 1.0, 0.0, 0.0])
    end_radius = skin[-1] + off
    end = np.array([end_radius * np.sin(turn[-1]), heights[-1], -end_radius * np.cos(turn[-1])])
    line = start + (end - start) * share[:, None]
    radius = np.maximum(np.hypot(line[:, 0], line[:, 2]), skin + 0.8)
    return np.stack([radius * np.sin(turn), heights, -radius * np.cos(turn)], axis=-1)


def draw_strap(
    path: NDArray[np.float64],
    width: float,
    colour: NDArray[np.float32],
    window: tuple[int, int, int, int],
    face_depth: NDArray[np.float32],
    depth_play: float,
    covered: NDArray[np.bool_] | None = None,
) -> Layer:
    """Draw one band, only where neither face nor hair hides it.

    Parameters
    ----------
    path : ndarray of shape (N, 3)
        Image (x, y, depth) in pixels.
    width : float
        Pixels.
    colour : ndarray of shape (3,), float32
        Shaded RGB, 0–1.
    window : (int, int, int, int)
        x0, y0, width, height of the layer in the photo.
    face_depth : ndarray of shape (height, width), float32
        Depth of the face in the window.
    depth_play : float
        Pixels a band may lie behind the face and still be seen.
    covered : ndarray of shape (N,), bool, optional
        Points of the path that lie under hair.
    """
    x0, y0, columns, rows = window
    points = path - np.array([x0, y0, 0.0])
    x = np.clip(np.round(points[:, 0]).astype(int), 0, columns - 1)
    y = np.clip(np.round(points[:, 1]).astype(int), 0, rows - 1)
    seen = points[:, 2] <= face_depth[y, x] + depth_play
    if covered is not None:
        seen &= ~covered
    fine = np.zeros((rows * _FINE, columns * _FINE), np.uint8)
    pixels = np.round((points[:, :2] + 0.5) * _FINE * 16).astype(np.int32)
    thick = max(1, round(width * _FINE))
    for start, stop in _runs(_steady(seen)):
        cv2.polylines(fine, [pixels[start:stop]], False, 255, thick, cv2.LINE_8, 4)
    coarse = cv2.resize(fine, (columns, rows), interpolation=cv2.INTER_AREA)
    matte = coarse.astype(np.float32) / 255
    return Layer(x0, y0, matte[..., None] * colour, matte)


def _steady(seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Visibility by majority of five neighbours: a band does not flicker."""
    padded = np.pad(seen.astype(int), 2, mode="edge")
    return np.convolve(padded, np.ones(5, int), "valid") >= 3


def _runs(seen: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Start and stop of each run of at least two visible points."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], seen.astype(int), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 1]
