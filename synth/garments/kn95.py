"""KN95 masks: two halves folded along the middle, with a ridge and welded seams."""

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
    mix,
    solid,
    uniform,
    vary,
)
from synth.garments.fittings import marking, nose_clip, nose_wire, valve
from synth.garments.folds import finish, sample_wear
from synth.garments.palette import COLOURS

MAKES = {
    "white": 0.70, "black": 0.18, "grey": 0.05, "light_blue": 0.02, "pink": 0.02, "beige": 0.03,
}  # fmt: skip
STANDARDS = ("KN95", "GB2626", "FFP2")
_METAL = (0.70, 0.71, 0.72)


@dataclass(frozen=True)
class Beak(Cut):
    """A cut of two flat halves that meet in a ridge before the mouth."""

    def bulge_at(self, u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Millimetres of stand-off: a tent over the middle, highest before the lips."""
        along = np.sin(np.pi * np.clip(v, 0, 1) ** 0.85) ** 0.7
        tent = 1 - np.sqrt(u**2 + 0.004)
        return along * (self.ridge * np.clip(tent, 0, 1) + self.bulge * (1 - np.abs(u) ** 3))


class Kn95:
    """The vertically folded respirator."""

    name = "kn95"
    weight = 0.09
    states = LOOPED_STATES

    def sample(self, rng: np.random.Generator) -> Params:
        """Choose colour, size, seams, clip, valve and mark."""
        colour = vary(rng, COLOURS[choose(rng, MAKES)], 0.025)
        white = vary(rng, COLOURS["white"], 0.015)
        return {
            "colour": colour,
            "lining": white,
            "strap_colour": white if rng.random() < 0.6 else colour,
            "height": uniform(rng, 104, 136, 1),
            "side_height": uniform(rng, 50, 72, 1),
            "half_angle": uniform(rng, 50, 64, 1),
            "ridge": uniform(rng, 9, 20, 1),
            "bulge": uniform(rng, 2, 7, 1),
            "seam": uniform(rng, 2.0, 4.5, 1),
            "weld": uniform(rng, 0.4, 1.0),
            "clip": bool(rng.random() < 0.35),
            "wire": uniform(rng, 0.3, 1.2),
            "valve": uniform(rng, 11, 14, 1) if rng.random() < 0.1 else 0.0,
            "mark": uniform(rng, 0.06, 0.2) if rng.random() < 0.6 else 0.0,
            "strap_width": uniform(rng, 2.4, 5.0, 1),
            "wear": sample_wear(rng, worn=0.25),
        }

    def cut(self, params: Params) -> Beak:
        """Size and stiffness."""
        return Beak.of(params, tautness=0.97, top_arch=1.25, bottom_arch=1.45)

    def draw(self, params: Params, canvas: Canvas, rng: np.random.Generator) -> Drawing:
        """Draw the welded middle, the seams along the edges, clip, valve and mark."""
        width, height = canvas.size_mm
        relief, shade = _welded(params, canvas)
        albedo = solid(params["colour"])
        if params["clip"]:
            metal = nose_clip(canvas, 8.0, 5.0)
            albedo = mix(albedo, _METAL, metal)
            relief = relief + 0.8 * metal
        else:
            relief = relief + nose_wire(canvas, params["wire"], 9.0)
        if params["valve"]:
            side = float(rng.choice([-1, 1]))
            centre = (side * 0.2 * width, 0.55 * height)
            plastic, cap_shade, cap = valve(canvas, centre, params["valve"])
            albedo = mix(albedo, COLOURS["white"], plastic)
            relief, shade = relief + cap, shade * cap_shade
        if params["mark"]:
            centre = (0.24 * width, 0.66 * height)
            shade = shade - np.float32(params["mark"]) * marking(
                canvas, centre, 6.5, rng, STANDARDS
            )
        return finish(
            albedo, shade, relief, canvas, rng, lining=params["lining"], wear=params["wear"],
            sheen=0.09 if max(params["colour"]) < 0.4 else 0.02,
        )  # fmt: skip

    def straps(self, params: Params) -> tuple[Strap, ...]:
        """The two ends of an ear loop."""
        return loops(params, 0.10, 0.90)


def _welded(params: Params, canvas: Canvas) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Relief in millimetres and shade of the pressed seams."""
    weld, away = np.float32(params["weld"]), np.abs(canvas.x)
    dots = 0.75 + 0.25 * np.sin(canvas.y * np.float32(2 * np.pi / 3.0))
    middle = 0.16 * band(canvas.x, 0, 0.9) + 0.10 * dots * band(away, params["seam"], 0.8)
    # Two curved seams join the halves' panels a finger's breadth inside the edges.
    bow = 0.10 + 0.06 * canvas.u**2
    rows = np.minimum(canvas.v, 1 - canvas.v) - bow
    curved = 0.09 * band(rows, 0, 0.007)
    side = 0.10 * band(np.abs(canvas.u), 0.90, 0.012)
    relief = np.float32(0.9) * band(away, 0, 1.6) - weld * 0.5 * (band(rows, 0, 0.012))
    return relief, 1 - weld * (dots * (middle + side) + curved)
