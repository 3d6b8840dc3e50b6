"""Pleated surgical masks: three pleats, nose wire, edge binding, ear loops or ties."""

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
    rgb,
    solid,
    step,
    uniform,
    vary,
)
from synth.garments.fittings import nose_wire
from synth.garments.folds import (
    finish,
    lookup,
    pleat_profiles,
    sample_wear,
    tension,
    wave,
)
from synth.garments.palette import COLOURS

MAKES = {
    "light_blue": 0.47, "white": 0.21, "black": 0.14, "mint": 0.06, "pink": 0.05, "grey": 0.04,
    "navy": 0.015, "purple": 0.015,
}  # fmt: skip
"""Weights of colours: the blue make is the commonest disposable mask, white and black next."""
BINDINGS = {"none": 0.55, "sides": 0.27, "all": 0.18}
"""Weights of how far a sewn tape runs around the edge; without it the edge is only welded."""
_TAPE_MM = 7.0


class Surgical:
    """The disposable three-layer mask."""

    name = "surgical"
    weight = 0.45
    states = LOOPED_STATES

    def sample(self, rng: np.random.Generator) -> Params:
        """Choose colour, size, pleats and straps."""
        make = choose(rng, MAKES)
        colour, pale = vary(rng, COLOURS[make], 0.04), vary(rng, COLOURS["white"], 0.02)
        two_tone = make != "white" and rng.random() < 0.6
        dark_loops = make in ("black", "grey", "navy") and rng.random() < 0.75
        return {
            "colour": colour,
            "binding": choose(rng, BINDINGS),
            "tape": pale if two_tone else colour,
            "strap_colour": colour if dark_loops else pale,
            "lining": colour if make == "black" else pale,
            "height": uniform(rng, 92, 134, 1),
            "side_height": uniform(rng, 52, 84, 1),
            "half_angle": uniform(rng, 47, 64, 1),
            "pleats": int(rng.choice([3, 3, 3, 4])),
            "box": bool(rng.random() < 0.12),
            "pleat_from": uniform(rng, 0.24, 0.36),
            "pleat_to": uniform(rng, 0.62, 0.78),
            "pleat_depth": uniform(rng, 0.5, 1.5),
            "opened": uniform(rng, 0.2, 0.9),
            "wire": uniform(rng, 0.2, 1.0),
            "crease": uniform(rng, 0, 0.8) if rng.random() < 0.3 else 0.0,
            "ties": bool(rng.random() < 0.06),
            "strap_width": uniform(rng, 2.0, 4.2, 1),
            "tautness": uniform(rng, 0.6, 0.95),
            "bulge": uniform(rng, 0, 10, 1),
            "gape": uniform(rng, 0, 7, 1),
            "tension": uniform(rng, 0.0, 0.9),
            "wear": sample_wear(rng),
        }

    def cut(self, params: Params) -> Cut:
        """Size and stiffness."""
        return Cut.of(params, top_arch=1.8, bottom_arch=2.2)

    def draw(self, params: Params, canvas: Canvas, rng: np.random.Generator) -> Drawing:
        """Draw pleats as steps that open in the middle, with the shade their overlap throws."""
        relief, shade = _pleats(params, canvas, rng)
        relief = (
            relief
            + nose_wire(canvas, 1.1 * params["wire"])
            + tension(canvas, rng, params["tension"])
        )
        relief += np.float32(params["crease"]) * np.exp(-np.abs(canvas.x) / 2)
        tape, weld = _edges(params, canvas)
        shade = shade - 0.10 * weld
        albedo = solid(params["colour"])
        if params["binding"] != "none":
            albedo = mix(albedo, params["tape"], tape)
        sheen = 0.09 if max(params["colour"]) < 0.4 else 0.02
        return finish(
            albedo, shade, relief + 0.3 * tape, canvas, rng,
            lining=params["lining"], wear=params["wear"], sheen=sheen,
        )  # fmt: skip

    def straps(self, params: Params) -> tuple[Strap, ...]:
        """Two ends of an ear loop, or four ties."""
        if not params["ties"]:
            return loops(params)
        colour, width = rgb(params["tape"]), params["strap_width"] + 2
        return (Strap(0.03, "crown", width, colour), Strap(0.97, "nape", width, colour))


def _pleats(
    params: Params, canvas: Canvas, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    lines = np.linspace(params["pleat_from"], params["pleat_to"], params["pleats"])
    lines = lines + rng.normal(0, 0.012, len(lines))
    position = canvas.v + np.float32(0.007) * wave(canvas.u, rng)
    if params["box"]:
        position = np.abs(position - np.float32(0.5)) + np.float32(0.5)
        lines = 0.5 + 0.42 * (lines - lines[0])
    relief, shadow = pleat_profiles(lines.tolist(), 0.022, 0.055)
    depth = np.float32(params["pleat_depth"])
    closed = 1 - np.float32(params["opened"]) * (1 - np.abs(canvas.u) ** 1.5)
    raised = lookup(relief, position) * (depth * (0.5 + 0.5 * closed))
    dimmed = lookup(shadow, position) * (np.float32(0.26) * depth * (0.35 + 0.65 * closed))
    return raised, np.float32(1) - dimmed


def _edges(params: Params, canvas: Canvas) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Share of tape on each texel, and the dotted weld inside the edge."""
    width, height = canvas.size_mm
    from_side = np.float32(width / 2) - np.abs(canvas.x)
    from_end = np.minimum(canvas.y, np.float32(height) - canvas.y)
    tape = np.zeros(canvas.shape, dtype=np.float32)
    if params["binding"] != "none":
        tape = tape + step(-from_side, -_TAPE_MM, 0.8)
    if params["binding"] == "all":
        tape = np.maximum(tape, step(-from_end, -_TAPE_MM * 0.6, 0.8))
    turn = np.float32(2 * np.pi / 3.2)
    at_side = band(from_side, _TAPE_MM + 1, 0.9) * (0.7 + 0.3 * np.sin(canvas.y * turn))
    at_end = band(from_end, 4.5, 0.7) * (0.7 + 0.3 * np.sin(canvas.x * turn))
    return tape, np.maximum(at_side, 0.8 * at_end)
