"""Neck gaiters: a thin elastic tube pulled up over the nose, gathered around the neck."""

import numpy as np

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
from synth.garments.folds import finish, fold_profile, lookup, sample_wear, smooth_noise, tension
from synth.garments.palette import COLOURS

PATTERNS = {
    "plain": 0.56, "melange": 0.08, "stripes": 0.04, "paisley": 0.08, "camouflage": 0.10,
    "emblem": 0.06, "floral": 0.03, "lettering": 0.03, "smile": 0.02,
}  # fmt: skip


class Gaiter:
    """The tube scarf of runners, anglers and motorcyclists."""

    name = "gaiter"
    weight = 0.04
    states = SLIPPED_STATES

    def sample(self, rng: np.random.Generator) -> Params:
        """Choose fabric, length and folds."""
        fabric = sample_fabric(rng, PATTERNS)
        pale = max(fabric["colours"][0]) > 0.7
        return {
            "fabric": fabric,
            "lining": vary(rng, COLOURS["white"], 0.02) if pale else fabric["colours"][0],
            "height": uniform(rng, 170, 225, 1),
            "side_height": uniform(rng, 110, 150, 1),
            "half_angle": uniform(rng, 96, 106, 1),
            "side_centre": uniform(rng, 62, 84, 1),
            "drop": uniform(rng, 35, 85, 1),
            "hang": uniform(rng, 0.0, 0.2),
            "tautness": uniform(rng, 0.4, 0.85),
            "folds": int(rng.integers(4, 9)),
            "fold_from": uniform(rng, 0.42, 0.62),
            "fold_depth": uniform(rng, 1.2, 3.6),
            "sag": uniform(rng, 0.04, 0.16),
            "tension": uniform(rng, 0.2, 1.4),
            "wear": sample_wear(rng, worn=0.5),
        }

    def cut(self, params: Params) -> Cut:
        """Size and stiffness."""
        return Cut.of(params, gap=1.5, bulge=3.0, top_arch=1.6, bottom_arch=1.8)

    def draw(self, params: Params, canvas: Canvas, rng: np.random.Generator) -> Drawing:
        """Draw the fabric, smooth over the face and gathered below the chin."""
        fabric = params["fabric"]
        albedo = draw_fabric(fabric, canvas, self.cut(params), rng)
        folds = fold_profile(rng, params["folds"], params["fold_from"], 0.97, 0.022)
        uneven = smooth_noise(canvas.shape, 4, rng, stretch=0.8)
        bend = np.float32(0.022) * uneven + np.float32(params["sag"]) * canvas.u**2
        depth = np.float32(params["fold_depth"])
        fading = np.clip(0.6 + 0.5 * uneven[:, ::-1], 0.1, 1.2)
        ridges = lookup(folds, canvas.v + bend) * fading
        relief = depth * ridges + tension(canvas, rng, params["tension"])
        from_end = np.minimum(canvas.y, np.float32(canvas.size_mm[1]) - canvas.y)
        hem = 0.10 * band(from_end, 5.0, 0.7) + 0.05 * band(from_end, 0, 1.2)
        gathered = np.clip((canvas.v - np.float32(params["fold_from"])) * 6, 0, 1)
        shade = 1 - hem - gathered * (0.12 - 0.15 * ridges) * np.minimum(depth / 2.4, 1)
        return finish(
            albedo, shade, relief, canvas, rng,
            lining=params["lining"], wear=params["wear"], sheen=0.7 * fabric["sheen"],
        )  # fmt: skip

    def straps(self, params: Params) -> tuple[Strap, ...]:
        """None: it closes around the neck."""
        return ()
