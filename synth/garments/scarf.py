"""Scarves: thick cloth wound around the neck and pulled up, in deep rolls, with a fringe or not."""

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
    uniform,
)
from synth.garments.fabrics import draw_fabric, sample_fabric
from synth.garments.folds import finish, fold_profile, grain, lookup, wave

PATTERNS = {"knit": 0.42, "plain": 0.20, "checks": 0.16, "stripes": 0.10, "melange": 0.12}
GROUNDS = {
    "grey": 0.18, "black": 0.16, "charcoal": 0.10, "beige": 0.14, "navy": 0.10, "ivory": 0.08,
    "red": 0.07, "burgundy": 0.06, "brown": 0.05, "pink": 0.03, "olive": 0.03,
}  # fmt: skip


@dataclass(frozen=True)
class Rolls(Cut):
    """A cut that lies in rolls around the neck.

    Attributes
    ----------
    rolls : float
        How many, from top to bottom edge.
    roll : float
        Millimetres each stands out.
    sag : float
        By which share of the height a roll hangs lower in the middle.
    lean : float
        By which share of the height a roll rises to the subject's left.
    """

    rolls: float = 3.0
    roll: float = 8.0
    sag: float = 0.1
    lean: float = 0.0

    def bulge_at(self, u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Millimetres of stand-off: thicker below, in rolls."""
        phase = self.rolls * (v + self.sag * u**2 + self.lean * u)
        return (0.35 + v) * (self.bulge + self.roll * np.abs(np.sin(np.pi * phase)))


class Scarf:
    """The winter scarf."""

    name = "scarf"
    weight = 0.015
    states = SLIPPED_STATES

    def sample(self, rng: np.random.Generator) -> Params:
        """Choose fabric, thickness, rolls and fringe."""
        fabric = sample_fabric(rng, PATTERNS, GROUNDS)
        return {
            "fabric": fabric,
            "height": uniform(rng, 160, 210, 1),
            "side_height": uniform(rng, 100, 140, 1),
            "half_angle": uniform(rng, 98, 108, 1),
            "side_centre": uniform(rng, 58, 82, 1),
            "drop": uniform(rng, 30, 70, 1),
            "hang": uniform(rng, 0.3, 0.8),
            "bulge": uniform(rng, 4, 12, 1),
            "rolls": uniform(rng, 2.0, 3.6, 2),
            "roll": uniform(rng, 5, 12, 1),
            "sag": uniform(rng, 0.02, 0.14),
            "lean": uniform(rng, -0.12, 0.12),
            "fringe": uniform(rng, 10, 24, 1) if rng.random() < 0.25 else 0.0,
            "wear": {"crumple": uniform(rng, 0.8, 2.0), "pilling": 0.03, "stain": 0.0},
        }

    def cut(self, params: Params) -> Rolls:
        """Size and stiffness."""
        return Rolls.of(params, tautness=0.8, gap=5.0, top_arch=1.8, bottom_arch=2.0)

    def draw(self, params: Params, canvas: Canvas, rng: np.random.Generator) -> Drawing:
        """Draw the knit, dark between the rolls, with small folds along them."""
        fabric = params["fabric"]
        albedo = draw_fabric(fabric, canvas, self.cut(params), rng)
        bow = np.float32(params["sag"]) * canvas.u**2 + np.float32(params["lean"]) * canvas.u
        phase = (canvas.v + bow) * np.float32(params["rolls"])
        roll = np.abs(np.sin(phase * np.float32(np.pi)))
        small = fold_profile(rng, 9, 0.03, 0.97, 0.02)
        creases = lookup(small, canvas.v + bow + np.float32(0.03) * wave(canvas.u, rng))
        shade = 0.70 + 0.26 * np.sqrt(roll) + 0.10 * creases
        return finish(
            albedo, shade, 2.2 * creases, canvas, rng, lining=fabric["colours"][0],
            wear=params["wear"], sheen=0.6 * fabric["sheen"],
            alpha=_fringe(canvas, params["fringe"], rng),
        )  # fmt: skip

    def straps(self, params: Params) -> tuple[Strap, ...]:
        """None: it is wound around the neck."""
        return ()


def _fringe(
    canvas: Canvas, length_mm: float, rng: np.random.Generator
) -> NDArray[np.float32] | None:
    """Threads along the bottom edge, as alpha; None without a fringe."""
    if not length_mm:
        return None
    from_end = np.float32(canvas.size_mm[1]) - canvas.y
    threads = 0.5 + 0.5 * np.sin(canvas.x * np.float32(2 * np.pi / 4.5))
    ends = np.float32(0.3 * length_mm) * grain((1, canvas.shape[1]), rng)
    cloth = np.clip((from_end - np.float32(length_mm)) + 0.5, 0, 1)
    return np.maximum(cloth, np.clip(threads * 1.6, 0, 1) * (from_end > np.abs(ends)))
