"""What a garment family is: how it is cut, drawn and strapped, all from sampled parameters."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from synth.straps import Strap

Params = dict[str, Any]
"""Choices of one garment as JSON values: numbers, strings, lists and dicts of them."""
Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Cut:
    """Size and stiffness of a garment, millimetres and degrees.

    Attributes
    ----------
    height : float
        Along the middle, from top to bottom edge, as worn.
    side_height : float
        Along the side edge.
    half_angle : float
        From the middle to the side edge around the head.
    tautness : float
        0 clings to the face, 1 spans hollows like a drum.
    gap : float
        Between skin and fabric.
    bulge : float
        How far the middle stands off beyond the stretched fabric.
    ridge : float
        How far a vertical fold in the middle stands out.
    top_arch, bottom_arch : float
        Exponent of the edges' arch, as in `synth.surface.Outline`.
    stiff : bool
        A shell that keeps its shape when pulled down, instead of being crushed.
    """

    height: float
    side_height: float
    half_angle: float
    tautness: float = 0.85
    gap: float = 2.0
    bulge: float = 4.0
    ridge: float = 0.0
    top_arch: float = 2.0
    bottom_arch: float = 2.2
    stiff: bool = False

    def bulge_at(self, u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Millimetres of stand-off over the garment's grid; 0 at its edges."""
        dome = (1 - np.abs(u) ** 2.5) * np.sin(np.pi * np.clip(v, 0, 1)) ** 0.8
        crest = np.exp(-((u / 0.16) ** 2)) * np.sin(np.pi * np.clip(v * 0.9 + 0.05, 0, 1))
        return self.bulge * dome + self.ridge * crest


@dataclass(frozen=True)
class Canvas:
    """Coordinates to draw a garment on, flat, before it is bent over the face.

    Attributes
    ----------
    u, v : ndarray of shape (h, w), float32
        -1 right to 1 left edge of the subject; 0 top to 1 bottom edge.
    x, y : ndarray of shape (h, w), float32
        The same in millimetres of cloth, 0 in the middle of the top edge.
    """

    u: NDArray[np.float32]
    v: NDArray[np.float32]
    x: NDArray[np.float32]
    y: NDArray[np.float32]

    @classmethod
    def of_size(cls, width: int, height: int, width_mm: float, height_mm: float) -> "Canvas":
        """A canvas of so many texels for so much cloth."""
        u, v = np.meshgrid(
            np.linspace(-1, 1, width, dtype=np.float32),
            np.linspace(0, 1, height, dtype=np.float32),
        )
        return cls(u, v, u * np.float32(width_mm / 2), v * np.float32(height_mm))

    @property
    def shape(self) -> tuple[int, int]:
        """Texels (h, w)."""
        return self.u.shape  # type: ignore[return-value]


@dataclass(frozen=True)
class Drawing:
    """A garment drawn flat.

    Attributes
    ----------
    albedo : ndarray of shape (h, w, 3), float32
        Encoded RGB under white light, 0–1.
    alpha : ndarray of shape (h, w), float32
        1 cloth, 0 hole.
    relief : ndarray of shape (h, w), float32
        Height of folds and seams in millimetres.
    lining : tuple of float
        Encoded RGB of the inner side.
    """

    albedo: NDArray[np.float32]
    alpha: NDArray[np.float32]
    relief: NDArray[np.float32]
    lining: Colour


class Garment(Protocol):
    """One family of garments; a module of this package holds each."""

    name: str
    weight: float

    def sample(self, rng: np.random.Generator) -> Params:
        """Choose the parameters of one garment."""
        ...

    def cut(self, params: Params) -> Cut:
        """Size and stiffness."""
        ...

    def draw(self, params: Params, canvas: Canvas, rng: np.random.Generator) -> Drawing:
        """Draw it flat."""
        ...

    def straps(self, params: Params) -> tuple[Strap, ...]:
        """Bands that hold it, for one side of the face; both sides have the same."""
        ...


def choose(rng: np.random.Generator, weighted: dict[str, float]) -> str:
    """Draw a name by weight."""
    names = list(weighted)
    weights = np.array([weighted[name] for name in names])
    return names[int(rng.choice(len(names), p=weights / weights.sum()))]


def uniform(rng: np.random.Generator, low: float, high: float, digits: int = 3) -> float:
    """Draw a number, rounded so that its JSON is short and exact."""
    return round(float(rng.uniform(low, high)), digits)


def vary(rng: np.random.Generator, colour: Colour, amount: float = 0.03) -> Colour:
    """A colour close to another: the shade of one make of cloth."""
    shift = rng.normal(0, amount * 0.6) + rng.normal(0, amount * 0.6, 3)
    red, green, blue = (round(float(c), 3) for c in np.clip(np.array(colour) + shift, 0.02, 0.97))
    return red, green, blue


def band(position: NDArray[np.float32], centre: float, width: float) -> NDArray[np.float32]:
    """A soft line: 1 at the centre, falling like a Gaussian of this width."""
    return np.exp(-(((position - np.float32(centre)) / np.float32(width)) ** 2))


def step(position: NDArray[np.float32], edge: float, width: float) -> NDArray[np.float32]:
    """A soft step from 0 before the edge to 1 behind it."""
    return np.clip((position - np.float32(edge)) / np.float32(width) + 0.5, 0, 1)
