"""Moulded polyurethane masks: one thin piece whose sides run to the ears with holes in them."""

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
    rgb,
    solid,
    uniform,
    vary,
)
from synth.garments.folds import finish, sample_wear, tension
from synth.garments.palette import COLOURS

MAKES = {
    "black": 0.46, "charcoal": 0.22, "grey": 0.09, "white": 0.06, "pink": 0.06, "beige": 0.04,
    "navy": 0.04, "light_blue": 0.03,
}  # fmt: skip


class Polyurethane:
    """The foam mask without loops of its own."""

    name = "polyurethane"
    weight = 0.09
    states = LOOPED_STATES

    def sample(self, rng: np.random.Generator) -> Params:
        """Choose colour, size and the holes for the ears."""
        colour = vary(rng, COLOURS[choose(rng, MAKES)], 0.03)
        return {
            "colour": colour,
            "height": uniform(rng, 100, 132, 1),
            "side_height": uniform(rng, 50, 66, 1),
            "half_angle": uniform(rng, 68, 78, 1),
            "ridge": uniform(rng, 3, 10, 1),
            "seam": uniform(rng, 0.4, 1.0) if rng.random() < 0.8 else 0.0,
            "hole_from": uniform(rng, 0.80, 0.88),
            "hole_height": uniform(rng, 0.48, 0.66),
            "tension": uniform(rng, 0.0, 1.0),
            "sheen": uniform(rng, 0.02, 0.1),
            "wear": sample_wear(rng, worn=0.3),
        }

    def cut(self, params: Params) -> Cut:
        """Size and stiffness."""
        return Cut.of(
            params,
            tautness=0.8,
            gap=1.5,
            bulge=2.0,
            top_arch=1.35,
            bottom_arch=1.6,
            side_centre=-2.0,
        )

    def draw(self, params: Params, canvas: Canvas, rng: np.random.Generator) -> Drawing:
        """Draw smooth foam, its bonded middle, cut edges and ear holes."""
        seam, away = np.float32(params["seam"]), np.abs(canvas.x)
        inside, rim = _ear_holes(params, canvas)
        from_end = np.minimum(canvas.y, np.float32(canvas.size_mm[1]) - canvas.y)
        shade = 1 - seam * (0.22 * band(canvas.x, 0, 0.8)) - 0.10 * band(from_end, 0, 1.4)
        relief = seam * 0.7 * band(away, 1.6, 1.3) + tension(canvas, rng, params["tension"])
        return finish(
            solid(params["colour"]), shade - 0.12 * rim, relief, canvas, rng,
            lining=params["colour"], wear=params["wear"], sheen=params["sheen"],
            alpha=1 - inside,
        )  # fmt: skip

    def straps(self, params: Params) -> tuple[Strap, ...]:
        """The foam above and below the hole, on its way behind the ear."""
        width = 0.16 * (1 - params["hole_height"]) * params["side_height"] + 1.5
        colour = rgb(params["colour"])
        return tuple(
            Strap(v, end, round(width, 2), colour, 0.10)
            for v, end in ((0.10, "ear_top"), (0.90, "ear_bottom"))
        )


def _ear_holes(params: Params, canvas: Canvas) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Share of hole on each texel, and the rim around it; open towards the side edges."""
    across = (1 - np.abs(canvas.u)) / np.float32(1 - params["hole_from"])
    along = (canvas.v - np.float32(0.5)) / np.float32(params["hole_height"] / 2)
    distance = np.sqrt(across**2 + along**2)
    return np.clip((1 - distance) * 14 + 0.5, 0, 1), band(distance, 1.06, 0.06)
