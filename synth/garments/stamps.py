"""Prints on cloth: lettering, emblems, smiles, snouts and flowers, drawn as filled shapes."""

import cv2
import numpy as np
from numpy.typing import NDArray

from synth.garments.base import Canvas, Colour, mix

_SHIFT = 4
_LETTERS = list("AEHKLMNORSTVXZBCDGU")
_FONTS = (
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)
_CAP_HEIGHT = 22.0
"""Pixels of a capital of OpenCV's fonts at scale 1."""
_MASK_MM = 120.0
"""Height of cloth over the face, below which longer garments hang with nothing printed."""
Polygon = NDArray[np.float64]
"""Corners (x, y) of shape (N, 2) in millimetres of a canvas, or of size 1 around 0."""


def _polar(radius: NDArray[np.float64], around: NDArray[np.float64]) -> Polygon:
    return np.stack([radius * np.cos(around), radius * np.sin(around)], axis=1)


def _teardrop() -> Polygon:
    around = np.linspace(0, 2 * np.pi, 22, endpoint=False)
    x, y = np.cos(around), 0.55 * np.sin(around) * np.sin(around / 2)
    return np.stack([x, y + 0.28 * np.clip(x, 0, 1) ** 2], axis=1)


def _flower(petals: int) -> Polygon:
    around = np.linspace(0, 2 * np.pi, 7 * petals, endpoint=False)
    return _polar(0.68 + 0.32 * np.cos(petals * around), around)


CIRCLE = _polar(np.ones(16), np.linspace(0, 2 * np.pi, 16, endpoint=False))
FLOWERS = tuple(_flower(petals) for petals in (4, 5, 6))
LEAF = np.array([[-1, 0], [-0.4, 0.24], [0.2, 0.26], [1, 0], [0.2, -0.26], [-0.4, -0.24]])
TEARDROP = _teardrop()
"""A paisley's bent drop."""


class Stamp:
    """One ink of a print: shapes in millimetres become an anti-aliased share of texels.

    Parameters
    ----------
    canvas : Canvas
        Gives size and millimetres; x is 0 in its middle.
    """

    def __init__(self, canvas: Canvas) -> None:
        height, width = canvas.shape
        self._pixels = np.zeros((height, width), np.uint8)
        self._scale = np.array([width - 1, height - 1]) / canvas.size_mm
        self._origin = np.array([canvas.size_mm[0] / 2, 0.0])

    @property
    def ink(self) -> NDArray[np.float32]:
        """Share of ink on each texel, shape (h, w), 0–1."""
        return self._pixels.astype(np.float32) * np.float32(1 / 255)

    def fill(self, polygons: list[Polygon]) -> None:
        """Fill polygons; where two of one call overlap, a hole is left."""
        if polygons:
            corners = [self._texels(polygon) for polygon in polygons]
            cv2.fillPoly(self._pixels, corners, 255, cv2.LINE_AA, _SHIFT)

    def stroke(self, lines: list[Polygon], width_mm: float) -> None:
        """Draw open lines."""
        thick = max(1, round(width_mm * float(self._scale[1])))
        corners = [self._texels(line) for line in lines]
        cv2.polylines(self._pixels, corners, False, 255, thick, cv2.LINE_AA, _SHIFT)

    def write(self, text: str, centre: tuple[float, float], height_mm: float, font: int) -> None:
        """Write a line of text, its capitals this high."""
        scale = height_mm * float(self._scale[1]) / _CAP_HEIGHT
        thick = max(1, round(2.2 * scale))
        (wide, tall), _ = cv2.getTextSize(text, font, scale, thick)
        x, y = (np.array(centre) + self._origin) * self._scale
        corner = (round(x - wide / 2), round(y + tall / 2))
        cv2.putText(self._pixels, text, corner, font, scale, 255, thick, cv2.LINE_AA)

    def on(
        self, base: NDArray[np.float32], colour: Colour, strength: float = 1.0
    ) -> NDArray[np.float32]:
        """The cloth of shape (h, w, 3) or (1, 1, 3) with this ink on it."""
        return mix(base, colour, self.ink * np.float32(strength))

    def _texels(self, polygon: Polygon) -> NDArray[np.int32]:
        return np.round((polygon + self._origin) * self._scale * (1 << _SHIFT)).astype(np.int32)


def ellipse(centre: tuple[float, float], radii: tuple[float, float]) -> Polygon:
    """Corners of an ellipse."""
    return CIRCLE * radii + centre


def star(centre: tuple[float, float], radius: float, points: int, inner: float) -> Polygon:
    """Corners of a star; with `inner` 1 a regular polygon."""
    around = np.linspace(0, 2 * np.pi, 2 * points, endpoint=False) - np.pi / 2
    edge = radius * np.where(np.arange(2 * points) % 2, inner, 1.0)
    return np.stack([edge * np.cos(around), edge * np.sin(around)], 1) + centre


def scattered(
    outline: Polygon,
    places: NDArray[np.float64],
    sizes: NDArray[np.float64],
    turns: NDArray[np.float64],
) -> list[Polygon]:
    """Copies of one outline at places of shape (P, 2), with these sizes and turns (radians)."""
    cos, sin = np.cos(turns), np.sin(turns)
    turn = np.stack([np.stack([cos, sin], -1), np.stack([-sin, cos], -1)], -2)
    return list(outline @ turn * sizes[:, None, None] + places[:, None])


def repeat_places(
    cells: int, period: float, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Places of a print that repeats after `cells` periods each way.

    Returns
    -------
    places : ndarray of shape (P, 2)
        (x, y) from the repeat's top-left corner, with copies of those that reach over an edge.
    number : ndarray of shape (P,)
        Which motif a place holds: a copy has its original's.
    """
    x, y = np.meshgrid(np.arange(cells), np.arange(cells))
    grid = np.stack([(x + 0.5 * (y % 2)).ravel(), y.ravel()], axis=1) + 0.3
    grid = np.mod(grid + rng.uniform(-0.22, 0.22, grid.shape), cells)
    shifts = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)]) * cells
    every = (grid[None] + shifts[:, None]).reshape(-1, 2)
    near = ((every > -0.7) & (every < cells + 0.7)).all(axis=1)
    return every[near] * period, np.tile(np.arange(len(grid)), len(shifts))[near]


def word(rng: np.random.Generator, longest: int = 9) -> str:
    """Letters in the shape of a word."""
    return "".join(rng.choice(_LETTERS, size=int(rng.integers(2, longest + 1))))


def lettering(canvas: Canvas, rng: np.random.Generator) -> Stamp:
    """One to three lines of text, in the middle or on one half."""
    stamp, font = Stamp(canvas), _FONTS[int(rng.integers(len(_FONTS)))]
    width, height = canvas.size_mm
    x = float(rng.choice([0.0, -0.22, 0.22])) * width
    y, tall = min(height, _MASK_MM) * float(rng.uniform(0.35, 0.65)), float(rng.uniform(6, 20))
    for line in range(int(rng.integers(1, 3))):
        stamp.write(word(rng), (x, y + 1.6 * tall * line), tall, font)
    return stamp


def emblem(canvas: Canvas, rng: np.random.Generator) -> Stamp:
    """A small badge on one side: star, ring, shield, chevron or bars."""
    stamp, (width, height) = Stamp(canvas), canvas.size_mm
    radius = float(rng.uniform(5, 14))
    x, y = (
        float(rng.choice([0.0, -0.25, 0.25])) * width,
        min(height, _MASK_MM) * float(rng.uniform(0.4, 0.65)),
    )
    kind = int(rng.integers(5))
    if kind == 0:
        stamp.fill([star((x, y), radius, int(rng.integers(4, 7)), 0.45)])
    elif kind == 1:
        stamp.fill([ellipse((x, y), (radius, radius)), ellipse((x, y), (radius * 0.7,) * 2)])
    elif kind == 2:
        shield = np.array([[-1, -1], [1, -1], [0.95, 0.2], [0, 1.2], [-0.95, 0.2]])
        stamp.fill([shield * radius + (x, y), star((x, y), radius * 0.5, 5, 0.45)])
    elif kind == 3:
        bend = np.array([[-1.6, 0], [0, 0.9], [2.2, -0.6], [0, 0.35]])
        stamp.fill([bend * radius + (x, y)])
    else:
        bar = np.array([[-0.3, -1], [0.1, -1], [0.5, 1], [0.1, 1]])
        shifts = np.array([[[-0.75, 0]], [[0, 0]], [[0.75, 0]]])
        stamp.fill(list((bar + shifts) * radius + (x, y)))
    return stamp


def smile(canvas: Canvas, rng: np.random.Generator) -> list[Stamp]:
    """A printed grin: teeth, then the lines between them and the lips."""
    height = canvas.size_mm[1]
    half, y = float(rng.uniform(20, 34)), min(height, _MASK_MM) * float(rng.uniform(0.5, 0.6))
    t = np.linspace(-1, 1, 17)
    top, bottom = y + 3 * t**2 * -2.0, y + float(rng.uniform(9, 18)) * (1 - t**2) - 6 * t**2
    mouth = np.concatenate([np.stack([t * half, top], 1), np.stack([t * half, bottom], 1)[::-1]])
    teeth, lines = Stamp(canvas), Stamp(canvas)
    teeth.fill([mouth])
    gaps = [np.array([[t[k] * half, top[k]], [t[k] * half, bottom[k]]]) for k in range(3, 14, 2)]
    lines.stroke([np.concatenate([mouth, mouth[:1]])], 2.4)
    lines.stroke([*gaps, np.stack([t * half, (top + bottom) / 2], 1)], 0.7)
    return [teeth, lines]


def snout(canvas: Canvas, rng: np.random.Generator) -> list[Stamp]:
    """A printed animal's muzzle: a pale patch, then nose, mouth and whiskers."""
    height = canvas.size_mm[1]
    y, size = min(height, _MASK_MM) * float(rng.uniform(0.32, 0.42)), float(rng.uniform(0.8, 1.3))
    pale, dark = Stamp(canvas), Stamp(canvas)
    for side in (-1, 1):
        pale.fill([ellipse((side * 15 * size, y + 20 * size), (20 * size, 16 * size))])
        bend = np.linspace(0, np.pi, 9)
        curve = np.stack([side * 11 * size * (1 - np.cos(bend)), 8 * np.sin(bend)], 1)
        dark.stroke([curve * (0.8, 1) + (0, y + 20 * size)], 1.6)
        whiskers = [(side * (14 + 5 * k) * size, y + (17 + 5 * (k % 2)) * size) for k in range(3)]
        dark.fill([ellipse(place, (1.3, 1.3)) for place in whiskers])
    dark.fill([star((0, y + 5 * size), 11 * size, 3, 0.75) * (1, -1) + (0, 2 * y + 8 * size)])
    dark.stroke([np.array([[0, y + 8 * size], [0, y + 20 * size]])], 1.6)
    return [pale, dark]
