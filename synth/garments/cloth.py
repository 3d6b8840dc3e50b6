"""Sewn cloth masks: two curved panels, a centre seam, a hem, any fabric."""

import numpy as np

from synth.garments.base import Canvas, Cut, Drawing, Params, band, step, uniform, vary
from synth.garments.fabrics import COLOURS, draw_fabric, sample_fabric, smooth_noise
from synth.straps import Strap


class Cloth:
    """The reusable fabric mask."""

    name = "cloth"
    weight = 0.24

    def sample(self, rng: np.random.Generator) -> Params:
        """Choose fabric, size, seam and loops."""
        fabric = sample_fabric(rng)
        ground = fabric["colours"][0]
        return {
            "fabric": fabric,
            "lining": vary(rng, COLOURS["white"], 0.02) if rng.random() < 0.6 else ground,
            "strap_colour": ground if rng.random() < 0.5 else vary(
                rng, COLOURS["black" if rng.random() < 0.5 else "white"], 0.02),
            "height": uniform(rng, 98, 138, 1),
            "side_height": uniform(rng, 46, 76, 1),
            "half_angle": uniform(rng, 48, 68, 1),
            "ridge": uniform(rng, 2, 9, 1),
            "seam": bool(rng.random() < 0.75),
            "hem": uniform(rng, 3, 8, 1),
            "strap_width": uniform(rng, 3.0, 7.0, 1),
            "tautness": uniform(rng, 0.55, 0.95),
            "wrinkles": uniform(rng, 0.1, 0.9),
        }  # fmt: skip

    def cut(self, params: Params) -> Cut:
        """Size and stiffness."""
        return Cut(
            height=params["height"],
            side_height=params["side_height"],
            half_angle=params["half_angle"],
            tautness=params["tautness"],
            bulge=3.0,
            ridge=params["ridge"],
            top_arch=1.5,
            bottom_arch=1.9,
        )

    def draw(self, params: Params, canvas: Canvas, rng: np.random.Generator) -> Drawing:
        """Draw the fabric, its seam and hem, and soft wrinkles."""
        albedo = draw_fabric(params["fabric"], canvas, rng)
        relief = np.float32(params["wrinkles"]) * smooth_noise(canvas.shape, 7, rng)
        shade = np.ones(canvas.shape, dtype=np.float32)
        if params["seam"]:
            shade -= 0.22 * band(canvas.x, 0, 0.7) + 0.06 * band(np.abs(canvas.x), 3.5, 0.5)
            relief += 0.5 * band(np.abs(canvas.x), 1.8, 1.4)
        height = np.float32(canvas.y[-1, 0])
        from_edge = np.minimum(canvas.y, height - canvas.y)
        hem = band(from_edge, params["hem"], 0.5)
        shade -= 0.12 * hem
        relief += 0.4 * step(-from_edge, -params["hem"], 1.0)
        albedo *= np.clip(shade, 0.5, 1.1)[..., None]
        return Drawing(albedo, np.ones(canvas.shape, np.float32), relief, tuple(params["lining"]))

    def straps(self, params: Params) -> tuple[Strap, ...]:
        """The two ends of an ear loop."""
        return tuple(
            Strap(v, end, params["strap_width"], tuple(params["strap_colour"]))
            for v, end in ((0.06, "ear_top"), (0.94, "ear_bottom"))
        )
