"""Pleated surgical masks: three pleats, nose wire, edge binding, ear loops or ties."""

import numpy as np

from synth.garments.base import (
    Canvas,
    Cut,
    Drawing,
    Params,
    band,
    choose,
    step,
    uniform,
    vary,
)
from synth.garments.fabrics import COLOURS
from synth.straps import Strap

MAKES = {"light_blue": 0.48, "white": 0.22, "black": 0.12, "mint": 0.07, "pink": 0.06, "grey": 0.05}
"""Weights of colours: the blue make is the commonest disposable mask, black and white next."""


class Surgical:
    """The disposable three-layer mask."""

    name = "surgical"
    weight = 0.42

    def sample(self, rng: np.random.Generator) -> Params:
        """Choose colour, size, pleats and straps."""
        make = choose(rng, MAKES)
        colour = vary(rng, COLOURS[make], 0.04)
        two_tone = make != "white" and rng.random() < 0.5
        return {
            "colour": colour,
            "binding": vary(rng, COLOURS["white"], 0.02) if two_tone else colour,
            "lining": vary(rng, COLOURS["white"], 0.02) if make != "black" else colour,
            "height": uniform(rng, 92, 132, 1),
            "side_height": uniform(rng, 52, 82, 1),
            "half_angle": uniform(rng, 47, 64, 1),
            "pleats": int(rng.integers(3, 5)),
            "pleat_from": uniform(rng, 0.24, 0.36),
            "pleat_to": uniform(rng, 0.62, 0.78),
            "pleat_depth": uniform(rng, 0.6, 1.6),
            "wire": uniform(rng, 0.2, 1.0),
            "ties": bool(rng.random() < 0.08),
            "strap_width": uniform(rng, 2.2, 4.5, 1),
            "tautness": uniform(rng, 0.6, 0.95),
            "bulge": uniform(rng, 0, 9, 1),
        }

    def cut(self, params: Params) -> Cut:
        """Size and stiffness."""
        return Cut(
            height=params["height"],
            side_height=params["side_height"],
            half_angle=params["half_angle"],
            tautness=params["tautness"],
            bulge=params["bulge"],
            top_arch=1.8,
            bottom_arch=2.2,
        )

    def draw(self, params: Params, canvas: Canvas, rng: np.random.Generator) -> Drawing:
        """Draw pleats as steps, with the shade their overlap throws."""
        albedo = np.broadcast_to(np.float32(params["colour"]), (*canvas.shape, 3)).copy()
        relief = np.zeros(canvas.shape, dtype=np.float32)
        shade = np.ones(canvas.shape, dtype=np.float32)
        lines = np.linspace(params["pleat_from"], params["pleat_to"], params["pleats"])
        wave = 0.006 * np.sin(
            canvas.u * np.float32(rng.uniform(1, 4)) + np.float32(rng.uniform(0, 6))
        )
        for line in lines + rng.normal(0, 0.012, len(lines)):
            below = canvas.v + wave - np.float32(line)
            overlap = np.exp(-np.maximum(below, 0) / 0.022) * (below > 0)
            shade -= np.float32(0.20 * params["pleat_depth"]) * overlap
            relief += (
                np.float32(params["pleat_depth"])
                * np.exp(-(np.maximum(-below, 0) / 0.05))
                * (below <= 0)
            )
        wire = band(canvas.v, 0.07, 0.025) * step(-np.abs(canvas.u), -0.36, 0.05)
        relief += np.float32(0.9 * params["wire"]) * wire
        sides = step(np.abs(canvas.u), 0.955, 0.01)
        edges = np.maximum(sides, step(np.abs(canvas.v - 0.5), 0.465, 0.01))
        albedo += edges[..., None] * (np.float32(params["binding"]) - albedo)
        stitch = band(np.abs(canvas.u), 0.95, 0.008) + 0.7 * band(
            np.abs(canvas.v - 0.5), 0.46, 0.006
        )
        shade -= 0.10 * stitch
        albedo *= np.clip(shade, 0.5, 1.05)[..., None]
        return Drawing(albedo, np.ones(canvas.shape, np.float32), relief, tuple(params["lining"]))

    def straps(self, params: Params) -> tuple[Strap, ...]:
        """Two ends of an ear loop, or four ties."""
        colour = tuple(params["binding"])
        ends = ("crown", "nape") if params["ties"] else ("ear_top", "ear_bottom")
        return tuple(
            Strap(v, end, params["strap_width"], colour)
            for v, end in zip((0.03, 0.97), ends, strict=True)
        )
