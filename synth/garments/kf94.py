"""KF94 masks: three panels folded flat like a boat, standing off the mouth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.drawing.straps import Strap
from synth.garments.base import (
    LOOPED_STATES,
    Canvas,
    Cut,
    Drawing,
    Params,
    band,
    choose,
    loops,
    solid,
    step,
    uniform,
    vary,
)
from synth.garments.fittings import marking, nose_wire
from synth.garments.folds import finish, sample_wear, wave
from synth.garments.palette import COLOURS

MAKES = {
    "white": 0.58, "black": 0.27, "grey": 0.05, "beige": 0.04, "pink": 0.03, "navy": 0.03,
}  # fmt: skip
STANDARDS = ("KF94", "KF80")


@dataclass(frozen=True)
class ThreePanels(Cut):
    """A cut whose middle panel stands upright between two sloping ones.

    Attributes
    ----------
    upper, lower : float
        Where its folds cross the middle, as shares of the height.
    """

    upper: float = 0.34
    lower: float = 0.70

    def bulge_at(self, u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Millimetres of stand-off: flat between the folds, falling to the edges."""
        upper, lower = fold_lines(u, self.upper, self.lower)
        rise = np.clip(np.minimum(v / upper, (1 - v) / (1 - lower)), 0, 1)
        return self.bulge * rise * (1 - np.abs(u) ** 2.2)


def fold_lines(
    u: NDArray[np.floating], upper: float, lower: float
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Shares of the height at which the two folds run; they meet the corners at the sides."""
    arch = (1 - np.abs(u) ** 1.7).astype(u.dtype)
    return 0.03 + (upper - 0.03) * arch, 0.97 + (lower - 0.97) * arch


class Kf94:
    """The Korean flat-fold respirator."""

    name = "kf94"
    weight = 0.09
    states = LOOPED_STATES

    def sample(self, rng: np.random.Generator) -> Params:
        """Choose colour, size, folds and mark."""
        colour = vary(rng, COLOURS[choose(rng, MAKES)], 0.025)
        white = vary(rng, COLOURS["white"], 0.015)
        return {
            "colour": colour,
            "lining": white if rng.random() < 0.7 else colour,
            "strap_colour": colour if rng.random() < 0.8 else white,
            "height": uniform(rng, 102, 134, 1),
            "side_height": uniform(rng, 46, 66, 1),
            "half_angle": uniform(rng, 55, 68, 1),
            "bulge": uniform(rng, 6, 14, 1),
            "upper": uniform(rng, 0.29, 0.38),
            "lower": uniform(rng, 0.64, 0.74),
            "crisp": uniform(rng, 0.4, 1.0),
            "wire": uniform(rng, 0.3, 1.2),
            "mark": uniform(rng, 0.05, 0.25) if rng.random() < 0.45 else 0.0,
            "strap_width": uniform(rng, 2.4, 4.5, 1),
            "wear": sample_wear(rng, worn=0.25),
        }

    def cut(self, params: Params) -> ThreePanels:
        """Size and stiffness."""
        return ThreePanels.of(params, tautness=0.97, top_arch=1.5, bottom_arch=1.7)

    def draw(self, params: Params, canvas: Canvas, rng: np.random.Generator) -> Drawing:
        """Draw two sharp folds, the welded sides, the nose wire and a small mark."""
        upper, lower = fold_lines(canvas.u, params["upper"], params["lower"])
        play = np.float32(0.004) * wave(canvas.u, rng)
        over, under = canvas.v - upper - play, canvas.v - lower - play
        crisp = np.float32(params["crisp"])
        relief = crisp * (1.6 * np.exp(-np.abs(over) / 0.03) + 1.2 * np.exp(-np.abs(under) / 0.03))
        # What lies below a fold turns away from the light above.
        below = crisp * (0.05 * step(over, 0, 0.02) - 0.02) + 0.09 * step(under, 0, 0.02)
        shade = 1 - below - 0.10 * crisp * (band(over, 0.006, 0.007) + band(under, 0.006, 0.007))
        shade -= _welds(canvas)
        if params["mark"]:
            corner = (0.27 * canvas.size_mm[0], 0.55 * canvas.size_mm[1])
            shade -= np.float32(params["mark"]) * marking(canvas, corner, 5.0, rng, STANDARDS)
        return finish(
            solid(params["colour"]), shade,
            relief + nose_wire(canvas, params["wire"], 9.0), canvas, rng,
            lining=params["lining"], wear=params["wear"],
            sheen=0.09 if max(params["colour"]) < 0.4 else 0.02,
        )  # fmt: skip

    def straps(self, params: Params) -> tuple[Strap, ...]:
        """The two ends of an ear loop."""
        return loops(params, 0.08, 0.92)


def _welds(canvas: Canvas) -> NDArray[np.float32]:
    """Shade of the pressed lines along the edges."""
    width, height = canvas.size_mm
    from_side = np.float32(width / 2) - np.abs(canvas.x)
    from_end = np.minimum(canvas.y, np.float32(height) - canvas.y)
    dots = 0.6 + 0.4 * np.sin(canvas.y * np.float32(2 * np.pi / 2.6))
    return 0.14 * dots * band(from_side, 4.0, 1.6) + 0.06 * band(from_end, 3.5, 0.8)
