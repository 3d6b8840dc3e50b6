"""Bandanas and handkerchiefs: a square folded to a triangle, tied behind, its point hanging."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.drawing.straps import Strap
from synth.garments.base import (
    SLIPPED_STATES,
    Canvas,
    Cut,
    Drawing,
    Params,
    band,
    uniform,
    vary,
)
from synth.garments.fabrics import draw_fabric, sample_fabric
from synth.garments.folds import finish, sample_wear, wave
from synth.garments.palette import COLOURS

PATTERNS = {
    "paisley": 0.60, "plain": 0.20, "dots": 0.06, "checks": 0.05, "floral": 0.05,
    "camouflage": 0.04,
}  # fmt: skip
GROUNDS = {
    "red": 0.26, "navy": 0.20, "black": 0.24, "blue": 0.10, "white": 0.06, "green": 0.04,
    "burgundy": 0.03, "pink": 0.03, "purple": 0.02, "orange": 0.02,
}  # fmt: skip


@dataclass(frozen=True)
class Triangle(Cut):
    """A cut that waves more, the farther it hangs below what carries it.

    Attributes
    ----------
    ripple : float
        Millimetres of its waves at the hanging point.
    ripples : float
        Waves from side to side.
    """

    ripple: float = 3.0
    ripples: float = 2.0

    def bulge_at(self, u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Millimetres of stand-off."""
        free = np.clip(v * 1.5 - 0.5, 0, 1)
        waves = self.ripple * (1 + np.cos(2 * np.pi * self.ripples * u)) * free
        return self.bulge * np.sin(np.pi * v) * (1 - u**2) + waves


class Bandana:
    """The tied square of cotton."""

    name = "bandana"
    weight = 0.025
    states = SLIPPED_STATES

    def sample(self, rng: np.random.Generator) -> Params:
        """Choose fabric, size and folds."""
        fabric = sample_fabric(rng, PATTERNS, GROUNDS)
        fabric["period"] = round(min(fabric["period"], 14.0), 1)
        if fabric["pattern"] == "paisley" and rng.random() < 0.75:
            fabric["colours"][1] = vary(rng, COLOURS["white"], 0.02)
        return {
            "fabric": fabric,
            "height": uniform(rng, 140, 190, 1),
            "side_height": uniform(rng, 20, 44, 1),
            "half_angle": uniform(rng, 94, 104, 1),
            "side_centre": uniform(rng, 0, 14, 1),
            "drop": uniform(rng, 30, 90, 1),
            "hang": uniform(rng, 0.45, 0.95),
            "tautness": uniform(rng, 0.4, 0.8),
            "ripple": uniform(rng, 1, 5, 1),
            "ripples": uniform(rng, 1.5, 3.5, 1),
            "folds": uniform(rng, 3, 6, 1),
            "fold_depth": uniform(rng, 0.8, 2.6),
            "wear": sample_wear(rng, worn=0.7),
        }

    def cut(self, params: Params) -> Triangle:
        """Size and stiffness."""
        return Triangle.of(params, gap=2.0, bulge=3.0, top_arch=1.6, bottom_arch=1.12)

    def draw(self, params: Params, canvas: Canvas, rng: np.random.Generator) -> Drawing:
        """Draw the print, folds that run from the knots to the point, and the rolled hem."""
        fabric = params["fabric"]
        albedo = draw_fabric(fabric, canvas, self.cut(params), rng)
        folds = _swags(params, canvas, rng)
        relief = np.float32(params["fold_depth"]) * folds
        from_end = np.minimum(canvas.y, np.float32(canvas.size_mm[1]) - canvas.y)
        shade = 1 - 0.12 * band(from_end, 3.0, 0.6) + 0.05 * folds
        return finish(
            albedo, shade, relief, canvas, rng, lining=fabric["colours"][0],
            wear=params["wear"], sheen=fabric["sheen"],
        )  # fmt: skip

    def straps(self, params: Params) -> tuple[Strap, ...]:
        """None: its corners are tied behind the head."""
        return ()


def _swags(params: Params, canvas: Canvas, rng: np.random.Generator) -> NDArray[np.float32]:
    """Height of folds hung between the knots: deep bows low down, flat ones near the top."""
    turns = np.float32(2 * np.pi * params["folds"])
    bow = (canvas.v + np.float32(0.03) * wave(canvas.u, rng)) * (1 - 0.55 * canvas.u**2)
    swag = np.sin(bow * turns + np.float32(rng.uniform(0, 6)))
    upright = np.sin(canvas.u * np.float32(2 * np.pi * rng.uniform(1.5, 3)) + wave(canvas.v, rng))
    share = np.clip(canvas.v * 1.6 - 0.4, 0, 1)
    return (1 - share) * swag * np.abs(swag) + share * upright
