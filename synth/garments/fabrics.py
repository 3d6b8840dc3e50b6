"""Cloth: colours and patterns drawn over millimetres, from sampled parameters."""

import cv2
import numpy as np
from numpy.typing import NDArray

from synth.garments.base import Canvas, Colour, Cut, Params, choose, solid, uniform, vary
from synth.garments.palette import CAMOUFLAGE, CLOTH_COLOURS, COLOURS, MELANGE
from synth.garments.patterns import DRAWERS

PATTERNS = {
    "plain": 0.55, "melange": 0.08, "knit": 0.03, "denim": 0.03, "stripes": 0.05, "checks": 0.05,
    "dots": 0.03, "floral": 0.05, "paisley": 0.01, "camouflage": 0.03, "lettering": 0.04,
    "emblem": 0.03, "smile": 0.01, "snout": 0.01,
}  # fmt: skip
"""Weights of patterns of a cloth mask."""
_DARK = 0.4
_SHEEN = {"dark": (0.05, 0.16), "light": (0.0, 0.04), "satin": (0.12, 0.24)}


def sample_fabric(
    rng: np.random.Generator,
    patterns: dict[str, float] | None = None,
    colours: dict[str, float] | None = None,
) -> Params:
    """Choose a cloth: pattern, three colours, scale and direction of the pattern, sheen.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the choices.
    patterns : dict of str to float, optional
        Weights of the patterns; default `PATTERNS`.
    colours : dict of str to float, optional
        Weights of the ground's colour; default `CLOTH_COLOURS`.
    """
    pattern, ground = choose(rng, patterns or PATTERNS), choose(rng, colours or CLOTH_COLOURS)
    names = [ground, _contrasting(rng, ground), choose(rng, CLOTH_COLOURS)]
    if pattern == "camouflage":
        names = list(CAMOUFLAGE[int(rng.integers(len(CAMOUFLAGE)))])
    elif pattern == "melange":
        names[1] = choose(rng, MELANGE)
    elif pattern == "denim":
        names[0] = "navy" if rng.random() < 0.3 else "denim"
    ground_colour = vary(rng, COLOURS[names[0]])
    return {
        "pattern": pattern,
        "colours": [ground_colour, *(vary(rng, COLOURS[name]) for name in names[1:])],
        "period": uniform(rng, 4, 22, 1),
        "angle": round(uniform(rng, -0.12, 0.12) + float(rng.choice([0, 0, 0.785, 1.571])), 3),
        "contrast": uniform(rng, 0.55, 1.0, 2),
        "sheen": uniform(rng, *_sheen_range(rng, ground_colour)),
    }


def plain_fabric(rng: np.random.Generator, colour: Colour) -> Params:
    """A cloth of one colour, already varied."""
    return {**sample_fabric(rng, {"plain": 1.0}), "colours": [list(colour)] * 3}


def _sheen_range(rng: np.random.Generator, ground: Colour) -> tuple[float, float]:
    if rng.random() < 0.08:
        return _SHEEN["satin"]
    return _SHEEN["dark" if max(ground) < _DARK else "light"]


def _contrasting(rng: np.random.Generator, ground: str) -> str:
    """A colour that a print on this ground would be readable in."""
    light = sum(COLOURS[ground]) / 3
    far = {
        name: weight
        for name, weight in CLOTH_COLOURS.items()
        if abs(sum(COLOURS[name]) / 3 - light) > 0.22
    }
    return choose(rng, far)


def draw_fabric(
    fabric: Params, canvas: Canvas, cut: Cut, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Colour of the cloth over a garment's canvas.

    The pattern is printed on a straight sheet, from which the garment's curved outline is cut:
    lines do not bend with the edges, and shapes keep their size where the garment narrows.

    Parameters
    ----------
    fabric : dict
        As of `sample_fabric`.
    canvas : Canvas
        Of the garment.
    cut : Cut
        Its outline.
    rng : numpy.random.Generator
        For what the pattern leaves to chance.

    Returns
    -------
    ndarray of shape (h, w, 3) or (1, 1, 3), float32
        Encoded RGB 0–1.
    """
    ground = solid(fabric["colours"][0])
    if fabric["pattern"] == "plain":
        return ground
    return _cut_out(DRAWERS[fabric["pattern"]](fabric, canvas, ground, rng), canvas, cut)


def _cut_out(sheet: NDArray[np.float32], canvas: Canvas, cut: Cut) -> NDArray[np.float32]:
    top, bottom = cut.edges(canvas.u)
    rows = (top + (bottom - top) * canvas.v) * np.float32(canvas.shape[0] - 1)
    columns = np.arange(canvas.shape[1], dtype=np.float32)[None]
    columns = np.ascontiguousarray(np.broadcast_to(columns, canvas.shape))
    return cv2.remap(sheet, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
