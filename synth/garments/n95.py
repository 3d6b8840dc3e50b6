"""N95 cups: a stiff moulded shell on two head straps, with or without a valve."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.drawing.straps import Strap
from synth.garments.base import (
    Canvas,
    Cut,
    Drawing,
    Params,
    band,
    choose,
    mix,
    rgb,
    solid,
    step,
    uniform,
    vary,
)
from synth.garments.fittings import marking, nose_clip, valve
from synth.garments.folds import finish, grain
from synth.garments.palette import COLOURS

MAKES = {"white": 0.86, "light_blue": 0.07, "mint": 0.03, "black": 0.04}
STRAPS = {"yellow": 0.38, "white": 0.35, "light_blue": 0.1, "black": 0.12, "orange": 0.05}
VALVES = {"white": 0.55, "grey": 0.2, "yellow": 0.1, "blue": 0.15}
STANDARDS = ("N95", "NIOSH", "FFP2", "FFP3")
_METAL = (0.66, 0.67, 0.68)


@dataclass(frozen=True)
class Shell(Cut):
    """A moulded dome that touches the face along its rim only."""

    def bulge_at(self, u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Millimetres of stand-off: steep at the rim, round in the middle."""
        edge = np.clip(1 - np.abs(u) ** 2.6, 0, 1) * np.sin(np.pi * np.clip(v, 0, 1))
        return self.bulge * edge**0.55


class N95:
    """The cup-shaped respirator."""

    name = "n95"
    weight = 0.04
    states = frozenset(("correct", "nose_out", "chin", "chin_out"))

    def sample(self, rng: np.random.Generator) -> Params:
        """Choose shell, straps, clip, valve and print."""
        return {
            "colour": vary(rng, COLOURS[choose(rng, MAKES)], 0.02),
            "strap_colour": vary(rng, COLOURS[choose(rng, STRAPS)], 0.03),
            "valve_colour": vary(rng, COLOURS[choose(rng, VALVES)], 0.02),
            "height": uniform(rng, 104, 128, 1),
            "side_height": uniform(rng, 34, 52, 1),
            "half_angle": uniform(rng, 45, 54, 1),
            "bulge": uniform(rng, 13, 24, 1),
            "grooves": int(rng.integers(0, 3)),
            "valve": uniform(rng, 14, 18, 1) if rng.random() < 0.35 else 0.0,
            "print": uniform(rng, 0.25, 0.6) if rng.random() < 0.8 else 0.0,
            "strap_width": uniform(rng, 3.5, 7.0, 1),
            "wear": {"crumple": uniform(rng, 0.02, 0.15), "pilling": 0.008, "stain": 0.0},
        }

    def cut(self, params: Params) -> Shell:
        """Size and stiffness."""
        return Shell.of(params, tautness=1.0, top_arch=2.1, bottom_arch=2.2, stiff=True)

    def draw(self, params: Params, canvas: Canvas, rng: np.random.Generator) -> Drawing:
        """Draw the shell's rim and grooves, the clip, the valve and the printed lines."""
        width, height = canvas.size_mm
        relief, shade = _moulded(params, canvas)
        shade = shade + 0.012 * grain(canvas.shape, rng)
        metal = nose_clip(canvas, 9.0, 5.0)
        albedo = mix(solid(params["colour"]), _METAL, metal)
        relief = relief + 0.8 * metal
        text_at = (0.0, 0.60 * height)
        if params["valve"]:
            plastic, cap_shade, cap = valve(canvas, (0.0, 0.52 * height), params["valve"])
            albedo = mix(albedo, params["valve_colour"], plastic)
            relief, shade = relief + cap, shade * cap_shade
            text_at = (0.26 * width, 0.55 * height)
        if params["print"]:
            ink = marking(canvas, text_at, 5.5, rng, STANDARDS, lines=3)
            shade = shade - np.float32(params["print"]) * ink
        return finish(
            albedo, shade, relief, canvas, rng,
            lining=params["colour"], wear=params["wear"], sheen=0.02,
        )  # fmt: skip

    def straps(self, params: Params) -> tuple[Strap, ...]:
        """A band over the crown and one around the nape."""
        colour, width = rgb(params["strap_colour"]), params["strap_width"]
        return (
            Strap(0.30, "crown", width, colour, 0.05),
            Strap(0.62, "nape", width, colour, 0.05),
        )


def _moulded(params: Params, canvas: Canvas) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Relief in millimetres and shade of the rim and the moulded grooves."""
    from_end = 2 * np.minimum(canvas.v, 1 - canvas.v)
    rim = np.minimum(1 - np.abs(canvas.u), from_end)
    shade = 1 - 0.16 * band(rim, 0.10, 0.018) - 0.07 * step(-rim, -0.09, 0.02)
    relief = 1.2 * step(rim, 0.11, 0.05)
    for groove in np.linspace(0.36, 0.68, params["grooves"]):
        line = canvas.v - np.float32(groove) - np.float32(0.05) * canvas.u**2
        relief = relief - 0.9 * band(line, 0, 0.02)
        shade = shade - 0.05 * band(line, 0, 0.012)
    return relief, shade
