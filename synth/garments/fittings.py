"""What is fixed to a mask: nose clip, exhalation valve, embossed or printed marks."""

import cv2
import numpy as np
from numpy.typing import NDArray

from synth.garments.base import Canvas, band, step
from synth.garments.stamps import Stamp

_CLIP_HALF_MM = 43.0


def nose_wire(canvas: Canvas, height: float, below_mm: float = 7.5) -> NDArray[np.float32]:
    """Relief of a metal strip under the cloth along the top edge, millimetres."""
    return np.float32(height) * band(canvas.y, below_mm, 2.2) * _clip_length(canvas)


def nose_clip(canvas: Canvas, below_mm: float, width_mm: float) -> NDArray[np.float32]:
    """Share of an outer metal strip on each texel, shape (h, w)."""
    across = step(-np.abs(canvas.y - np.float32(below_mm)), -width_mm / 2, 0.8)
    return across * _clip_length(canvas)


def _clip_length(canvas: Canvas) -> NDArray[np.float32]:
    return step(-np.abs(canvas.x), -_CLIP_HALF_MM, 3.0)


def marking(
    canvas: Canvas,
    centre: tuple[float, float],
    height_mm: float,
    rng: np.random.Generator,
    standards: tuple[str, ...],
    lines: int = 2,
) -> NDArray[np.float32]:
    """Ink of a maker's mark: a standard's name and a serial, shape (h, w), 0–1.

    Parameters
    ----------
    canvas : Canvas
        What it goes on.
    centre : (float, float)
        Millimetres of the first line's middle.
    height_mm : float
        Height of its capitals.
    rng : numpy.random.Generator
        Chooses the words.
    standards : tuple of str
        Names of standards it may carry.
    lines : int
        How many lines.
    """
    stamp, (x, y) = Stamp(canvas), centre
    words = [standards[int(rng.integers(len(standards)))]]
    words += ["".join(map(str, rng.integers(0, 10, 5))) for _ in range(lines - 1)]
    for row, text in enumerate(words):
        size = height_mm if row == 0 else 0.7 * height_mm
        stamp.write(text, (x, y + 1.5 * height_mm * row), size, cv2.FONT_HERSHEY_SIMPLEX)
    return stamp.ink


def valve(
    canvas: Canvas, centre: tuple[float, float], radius: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """An exhalation valve: a round plastic cap with slots.

    Returns
    -------
    share, shade, relief : ndarray of shape (h, w), float32
        Share of plastic 0–1, factor on its colour, and millimetres it stands out.
    """
    distance = np.hypot(canvas.x - np.float32(centre[0]), canvas.y - np.float32(centre[1]))
    share = step(-distance, -radius, 1.0)
    slots = np.sin((canvas.y - np.float32(centre[1])) * np.float32(2 * np.pi / (radius / 2.2)))
    inside = step(-distance, -0.68 * radius, 1.0)
    shade = 1 - 0.28 * band(distance, 0.74 * radius, 0.9) - 0.22 * inside * np.clip(slots, 0, 1)
    shade -= 0.25 * band(distance, radius + 0.8, 1.2)
    relief = 3.0 * step(-distance, -0.92 * radius, 3.0) + 1.5 * inside
    return share, shade, relief
