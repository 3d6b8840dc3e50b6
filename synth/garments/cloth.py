"""Sewn cloth masks: two curved panels, a centre seam, a hem, any fabric."""

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
    loops,
    mix,
    step,
    uniform,
    vary,
)
from synth.garments.fabrics import draw_fabric, sample_fabric
from synth.garments.folds import finish, gathers, sample_wear, tension
from synth.garments.palette import COLOURS


class Cloth:
    """The reusable fabric mask."""

    name = "cloth"
    weight = 0.16
    states = LOOPED_STATES

    def sample(self, rng: np.random.Generator) -> Params:
        """Choose fabric, size, seam and loops."""
        fabric = sample_fabric(rng)
        ground, white = fabric["colours"][0], vary(rng, COLOURS["white"], 0.02)
        elastic = vary(rng, COLOURS["black" if rng.random() < 0.5 else "white"], 0.02)
        return {
            "fabric": fabric,
            "lining": white if rng.random() < 0.6 else ground,
            "strap_colour": ground if rng.random() < 0.5 else elastic,
            "height": uniform(rng, 98, 138, 1),
            "side_height": uniform(rng, 44, 78, 1),
            "half_angle": uniform(rng, 48, 70, 1),
            "ridge": uniform(rng, 1, 8, 1),
            "seam": bool(rng.random() < 0.72),
            "rim": uniform(rng, 1.0, 2.5, 1) if rng.random() < 0.2 else 0.0,
            "hem": uniform(rng, 3, 8, 1),
            "gathers": uniform(rng, 0.3, 1.4) if rng.random() < 0.45 else 0.0,
            "gather_count": uniform(rng, 2.5, 6, 1),
            "tension": uniform(rng, 0.0, 1.4),
            "strap_width": uniform(rng, 2.6, 7.0, 1),
            "tautness": uniform(rng, 0.55, 0.95),
            "bulge": uniform(rng, 0, 6, 1),
            "top_arch": uniform(rng, 1.2, 1.9, 2),
            "wear": sample_wear(rng, worn=0.6),
        }

    def cut(self, params: Params) -> Cut:
        """Size and stiffness."""
        return Cut.of(
            params,
            ridge=params["ridge"] if params["seam"] else 0.3 * params["ridge"],
            bottom_arch=1.9,
        )

    def draw(self, params: Params, canvas: Canvas, rng: np.random.Generator) -> Drawing:
        """Draw the fabric, its seam and hem, and soft wrinkles."""
        fabric = params["fabric"]
        albedo = draw_fabric(fabric, canvas, self.cut(params), rng)
        if params["rim"]:
            albedo = mix(albedo, params["lining"], _near_edge(canvas, params["rim"]))
        relief, shade = _sewing(params, canvas)
        relief = relief + tension(canvas, rng, params["tension"])
        if params["gathers"]:
            relief += gathers(canvas, rng, params["gathers"], params["gather_count"])
        return finish(
            albedo, shade, relief, canvas, rng,
            lining=params["lining"], wear=params["wear"], sheen=fabric["sheen"],
        )  # fmt: skip

    def straps(self, params: Params) -> tuple[Strap, ...]:
        """The two ends of an ear loop."""
        return loops(params, 0.06, 0.94)


def _sewing(params: Params, canvas: Canvas) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Relief in millimetres and shade of the hem and the centre seam."""
    height = np.float32(canvas.size_mm[1])
    from_edge = np.minimum(canvas.y, height - canvas.y)
    shade = 1 - np.float32(0.13) * band(from_edge, params["hem"], 0.6)
    relief = np.float32(0.45) * step(-from_edge, -params["hem"], 1.2)
    if params["seam"]:
        away = np.abs(canvas.x)
        shade = shade - (0.24 * band(canvas.x, 0, 0.8) + 0.07 * band(away, 3.5, 0.6))
        relief = relief + 0.6 * band(away, 1.9, 1.5)
    return np.broadcast_to(relief, canvas.shape).copy(), np.broadcast_to(shade, canvas.shape)


def _near_edge(canvas: Canvas, width_mm: float) -> NDArray[np.float32]:
    """Where the lining is turned over the top and bottom edge, 0–1."""
    from_edge = np.minimum(canvas.y, np.float32(canvas.size_mm[1]) - canvas.y)
    return np.broadcast_to(step(-from_edge, -width_mm, 0.6), canvas.shape)
