"""What a garment family is: how it is cut, drawn and strapped, all from sampled parameters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.taxonomy import WEAR_STATES
from synth.drawing.straps import Strap

Params = dict[str, Any]
"""Choices of one garment as JSON values: numbers, strings, lists and dicts of them."""
Colour = Sequence[float]
"""Encoded RGB, 0–1."""
LOOPED_STATES = frozenset(name for name, state in WEAR_STATES.items() if state.mask != "not_worn")
"""What a light mask on ear loops can do: every state in which something is worn."""
_NEUTRAL = 0.04
"""Difference of the largest and smallest channel up to which a colour is a grey."""
SLIPPED_STATES = frozenset(("correct", "nose_out"))
"""What cloth wrapped around the neck can do.

Below the mouth it is a scarf like any other: nobody would label such a photo a mask worn wrong,
and a classifier taught so calls bare faces in winter clothes masked.
"""

HEAD_RADIUS = 85.0
"""Millimetres from the axis of a head to cloth over its cheeks."""
_TOP_SHARE = np.float32(0.25)
"""Of the height that is missing at the sides, the part that is missing above."""


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
        Exponent of the edges' arch, as in `synth.drawing.surface.Outline`.
    stiff : bool
        A shell that keeps its shape when pulled down, instead of being crushed.
    gape : float
        How far the side edges stand off the cheeks halfway between their corners.
    drop : float
        How far below the chin the bottom edge hangs; 0 for a mask that ends under the chin.
    side_centre : float
        Height of the middle of the side edge below the base of the nose, worn correctly.
    hang : float
        0 follows the neck below the chin, 1 hangs plumb from nose and chin.
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
    gape: float = 0.0
    drop: float = 0.0
    side_centre: float = 12.0
    hang: float = 0.0

    @classmethod
    def of(cls, params: Params, **fixed: float) -> Self:
        """A cut whose measures are the parameters of the same name, and what is fixed."""
        named = {name: params[name] for name in cls.__dataclass_fields__ if name in params}
        return cls(**(named | fixed))

    @property
    def width(self) -> float:
        """From side edge to side edge, laid flat, millimetres."""
        return 2 * float(np.radians(self.half_angle)) * HEAD_RADIUS

    def edges(self, u: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Where top and bottom edge run when it is laid flat, as shares of the height."""
        spare, away = np.float32(max(0.0, 1 - self.side_height / self.height)), np.abs(u)
        top = _TOP_SHARE * spare * away ** np.float32(self.top_arch)
        bottom = 1 - (1 - _TOP_SHARE) * spare * away ** np.float32(self.bottom_arch)
        return top, bottom

    def bulge_at(self, u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Millimetres of stand-off over the garment's grid; families override it."""
        along = np.sin(np.pi * np.clip(v, 0, 1))
        dome = (1 - np.abs(u) ** 2.5) * along**0.8
        crest = np.exp(-((u / 0.16) ** 2)) * np.sin(np.pi * np.clip(v * 0.9 + 0.05, 0, 1))
        return self.bulge * dome + self.ridge * crest + self.gape * np.abs(u) ** 6 * along


@dataclass(frozen=True)
class Canvas:
    """Coordinates to draw a garment on, flat, before it is bent over the face.

    Attributes
    ----------
    u, v : ndarray of shape (1, w) and (h, 1), float32
        -1 right to 1 left edge of the subject; 0 top to 1 bottom edge. They broadcast, so that
        what depends on one of them alone costs a row or a column.
    x, y : ndarray of shape (1, w) and (h, 1), float32
        The same in millimetres of cloth, 0 in the middle of the top edge.
    """

    u: NDArray[np.float32]
    v: NDArray[np.float32]
    x: NDArray[np.float32]
    y: NDArray[np.float32]

    @classmethod
    def of_size(cls, width: int, height: int, width_mm: float, height_mm: float) -> "Canvas":
        """A canvas of so many texels for so much cloth."""
        u = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
        v = np.linspace(0, 1, height, dtype=np.float32)[:, None]
        return cls(u, v, u * np.float32(width_mm / 2), v * np.float32(height_mm))

    @property
    def shape(self) -> tuple[int, int]:
        """Texels (h, w)."""
        return self.v.shape[0], self.u.shape[1]

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height in millimetres."""
        return 2 * float(self.x[0, -1]), float(self.y[-1, 0])


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
    lining: tuple[float, float, float]


class Garment(Protocol):
    """One family of garments; a module of this package holds each.

    Attributes
    ----------
    name : str
        Word typed after ``--garments``.
    weight : float
        Share among worn face coverings in public, 0–1.
    states : frozenset of str
        Wear states it can take, names of `ingest.taxonomy.WEAR_STATES`.
    """

    name: str
    weight: float
    states: frozenset[str]

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
    left = rng.random() * sum(weighted.values())
    for name, weight in weighted.items():
        left -= weight
        if left < 0:
            return name
    return name


def uniform(rng: np.random.Generator, low: float, high: float, digits: int = 3) -> float:
    """Draw a number, rounded so that its JSON is short and exact."""
    return round(float(rng.uniform(low, high)), digits)


def vary(rng: np.random.Generator, colour: Colour, amount: float = 0.03) -> list[float]:
    """A colour close to another: the shade of one make of cloth."""
    # Dyes of dark cloth differ less: a black that strays as far as a blue would be green.
    # Whites and greys are bleached or mixed to be neutral, and stay so.
    spread = 0.6 * amount * (0.3 + 0.7 * max(colour))
    tint = spread if max(colour) - min(colour) > _NEUTRAL else 0.3 * spread
    shift = rng.normal(0, spread) + rng.normal(0, tint, 3)
    return [round(float(c), 3) for c in np.clip(np.array(colour) + shift, 0.02, 0.97)]


def loops(params: Params, top: float = 0.04, bottom: float = 0.96) -> tuple[Strap, ...]:
    """The two ends of an ear loop, fixed at these shares of the side edge."""
    return tuple(
        Strap(v, end, params["strap_width"], rgb(params["strap_colour"]))
        for v, end in ((top, "ear_top"), (bottom, "ear_bottom"))
    )


def rgb(colour: Colour) -> tuple[float, float, float]:
    """A colour read from JSON as the tuple the renderer takes."""
    red, green, blue = colour
    return red, green, blue


def solid(colour: Colour) -> NDArray[np.float32]:
    """Cloth of one colour, shape (1, 1, 3)."""
    return np.array(colour, dtype=np.float32)[None, None]


def mix(
    base: NDArray[np.float32], colour: Colour, share: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Lay a colour over cloth where its share, shape (h, w), is above 0.

    Parameters
    ----------
    base : ndarray of shape (h, w, 3) or (1, 1, 3), float32
        Encoded RGB; one texel stands for cloth of one colour.
    colour : sequence of float
        Encoded RGB.
    share : ndarray of shape (h, w), float32
        0 cloth, 1 colour.
    """
    pairs = zip(planes(base), colour, strict=True)
    return cv2.merge([plane + share * (np.float32(ink) - plane) for plane, ink in pairs])


def planes(colours: NDArray[np.float32]) -> Sequence[NDArray[np.float32]]:
    """Red, green and blue apart; numbers if the cloth has one colour.

    Arithmetic over three planes is several times faster than over interleaved colours.
    """
    return colours[0, 0] if colours.shape[:2] == (1, 1) else cv2.split(colours)


def band(position: NDArray[np.float32], centre: float, width: float) -> NDArray[np.float32]:
    """A soft line: 1 at the centre, falling like a Gaussian of this width."""
    return np.exp(-(((position - np.float32(centre)) / np.float32(width)) ** 2))


def step(position: NDArray[np.float32], edge: float, width: float) -> NDArray[np.float32]:
    """A soft step from 0 before the edge to 1 behind it."""
    return np.clip((position - np.float32(edge)) / np.float32(width) + 0.5, 0, 1)
