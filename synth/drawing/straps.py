"""Ear loops, head straps and ties: bands over the cheeks, hidden where the head is in front."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.drawing import kernels
from synth.drawing.render import Layer
from synth.drawing.surface import FaceField, Surface

_STEPS = 24
_SIDES = (-1, 1)
_SHARE = np.linspace(0, 1, _STEPS)
_LEAST_OFF = 0.8
"""Millimetres between skin and the middle of a band."""
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


def strap_paths(
    field: FaceField, surface: Surface, straps: Sequence[Strap], slack: float, jitter: float
) -> tuple[list[Strap], NDArray[np.float64]]:
    """Bands of both sides and their ways from garment to ear.

    Parameters
    ----------
    field : FaceField
        The face they run over.
    surface : Surface
        The garment they are fixed to.
    straps : sequence of Strap
        Bands of one side; the other side has the same.
    slack : float
        Millimetres each band sags in its middle.
    jitter : float
        Millimetres by which their ends are moved up or down.

    Returns
    -------
    bands : list of Strap
        Each strap twice: the subject's right, then the left.
    paths : ndarray of shape (len(bands), N, 3)
        Head millimetres.
    """
    bands = [strap for strap in straps for _ in _SIDES]
    if not bands:
        return [], np.empty((0, _STEPS, 3))
    side = np.array(_SIDES * len(straps), dtype=np.float64)
    start = np.stack([_start(surface, s, side) for s in straps for side in _SIDES])
    angle, height, off = np.array([ENDS[strap.end] for strap in bands]).T
    first = np.degrees(np.arctan2(start[:, 0], -start[:, 2]))[:, None]
    angles = first + ((side * angle)[:, None] - first) * _SHARE
    fall = (height + jitter - start[:, 1])[:, None]
    heights = start[:, 1:2] + fall * _SHARE + slack * 4 * _SHARE * (1 - _SHARE)
    skin, turn = field.at(angles, heights), np.radians(angles)
    reach = skin[:, -1] + off
    end = np.stack([reach * np.sin(turn[:, -1]), -reach * np.cos(turn[:, -1])], axis=-1)
    # A taut band is a straight line in space, lifted where the cheek is in its way.
    line = start[:, None, ::2] + (end - start[:, ::2])[:, None] * _SHARE[:, None]
    radius = np.maximum(np.hypot(line[..., 0], line[..., 1]), skin + _LEAST_OFF)
    return bands, np.stack([radius * np.sin(turn), heights, -radius * np.cos(turn)], axis=-1)


def _start(surface: Surface, strap: Strap, side: int) -> NDArray[np.float64]:
    rows, columns = surface.points.shape[:2]
    column = (columns - 1) * (0.5 + 0.5 * side * (1 - strap.inset))
    return surface.points[round(strap.v * (rows - 1)), round(column)]


def draw_strap(
    layer: Layer,
    path: NDArray[np.float64],
    width: float,
    colour: NDArray[np.float32],
    seen: NDArray[np.bool_],
) -> None:
    """Draw one band behind what a layer holds already, in place.

    Parameters
    ----------
    layer : Layer
        Garment and bands drawn before.
    path : ndarray of shape (N, 3)
        Photo (x, y, depth) in pixels.
    width : float
        Pixels.
    colour : ndarray of shape (3,), float32
        Shaded RGB, 0–1.
    seen : ndarray of shape (N,), bool
        Points of the path that neither face nor hair hides.
    """
    points = path[:, :2] - (layer.x0, layer.y0)
    kernels.draw_band(layer.colour, layer.matte, points, seen, width, colour)
