"""A garment's drawing as the renderer takes it: flat, folded where squeezed, lit by its relief."""

from dataclasses import replace

import numba
import numpy as np
from numpy.typing import NDArray

from synth import garments
from synth.drawing.folds import crumple
from synth.garments.base import Canvas, Cut, Drawing
from synth.photo.light import Light
from synth.recipe import Recipe

_PLAIN, _PRINTED = 1.0, 1.25
"""Texels per pixel of the photo: prints have finer edges than folds and seams."""
_TEXTURE_LIMITS = (48, 1600)


def draw_flat(recipe: Recipe, cut: Cut, pixels_per_mm: float) -> Drawing:
    """Draw the garment of a recipe flat, as finely as the photo can show it.

    Parameters
    ----------
    recipe : Recipe
        Every choice.
    cut : Cut
        Of the recipe's garment.
    pixels_per_mm : float
        Scale of the face.
    """
    pattern = recipe.garment.get("fabric", {}).get("pattern", "plain")
    texels = pixels_per_mm * (_PLAIN if pattern == "plain" else _PRINTED)
    least, most = _TEXTURE_LIMITS
    columns, rows = (min(max(round(mm * texels), least), most) for mm in (cut.width, cut.height))
    canvas = Canvas.of_size(columns, rows, cut.width, cut.height)
    rng = recipe.rng("texture")
    drawing = garments.FAMILIES[recipe.family].draw(recipe.garment, canvas, rng)
    if not cut.stiff:
        drawing = crumple(drawing, canvas, _squeeze(recipe, cut), rng)
    if recipe.placement.get("turned", 1.0) < 0:  # a dangling mask that shows its inner side
        lining = np.broadcast_to(np.asarray(drawing.lining, np.float32), drawing.albedo.shape)
        drawing = replace(drawing, albedo=lining)
    return drawing


def _squeeze(recipe: Recipe, cut: Cut) -> float:
    """Height a garment is worn at, as a share of the height it was cut for."""
    if recipe.state == "hanging":
        return float(recipe.placement["gather"])
    worn = recipe.placement["bottom_centre"] - recipe.placement["top_centre"]
    return float(worn / cut.height)


def lit_texture(
    drawing: Drawing,
    cut: Cut,
    light: Light,
    axes: NDArray[np.float64],
    shade: NDArray[np.float32] | None = None,
    gloss: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Colour and alpha of a drawing as the light shows it on its surface.

    Parameters
    ----------
    drawing : Drawing
        Its relief is in millimetres; folds and seams catch or lose the light.
    cut : Cut
        Gives the millimetres of a texel.
    light : Light
        In the image frame.
    axes : ndarray of shape (3, 3)
        Rows are the head's axes in the image frame.
    shade : ndarray of shape (rows, columns, 3), float32, optional
        Factor on RGB over the surface, rows from top to bottom edge; 1 if left out.
    gloss : ndarray of shape (rows, columns), float32, optional
        Brightness that black cloth gains at the same points, 0–1; none if left out.

    Returns
    -------
    ndarray of shape (h, w, 4), float32
        Encoded RGB, not premultiplied, and alpha, 0–1.
    """
    shade = np.ones((2, 2, 3), np.float32) if shade is None else shade
    gloss = np.zeros(shade.shape[:2], np.float32) if gloss is None else gloss
    height, width = drawing.relief.shape
    towards = axes @ light.direction
    # Rooms and skies are brighter above: folds show even in light read as frontal.
    side = min(max(towards[0], -0.6), 0.6) * max(width - 1, 1) / cut.width
    above = min(max(towards[1] - 0.25, -0.9), 0.4) * max(height - 1, 1) / cut.height
    texture = np.empty((height, width, 4), dtype=np.float32)
    _light(
        np.ascontiguousarray(drawing.albedo, dtype=np.float32),
        np.ascontiguousarray(drawing.alpha, dtype=np.float32),
        np.ascontiguousarray(drawing.relief, dtype=np.float32),
        np.float32(side), np.float32(above),
        shade, gloss, texture,
    )  # fmt: skip
    return texture


@numba.njit(cache=True)
def _light(
    albedo, alpha, relief, side, above, shade, gloss, texture
):  # pragma: no cover - compiled
    """Shade by the surface and by the relief's slope, rise over texels; add gloss to the dark."""
    rows, columns = relief.shape
    zero, one = np.float32(0.0), np.float32(1.0)
    low, high = np.float32(0.55), np.float32(1.35)
    across = np.float32((shade.shape[1] - 1.0) / max(columns - 1, 1))
    for i in range(rows):
        up, down = max(i - 1, 0), min(i + 1, rows - 1)
        v = np.float32(i) * np.float32((shade.shape[0] - 1.0) / max(rows - 1, 1))
        vi = min(int(v), shade.shape[0] - 2)
        line = shade[vi] + (v - np.float32(vi)) * (shade[vi + 1] - shade[vi])
        shine = gloss[vi] + (v - np.float32(vi)) * (gloss[vi + 1] - gloss[vi])
        for j in range(columns):
            left, right = max(j - 1, 0), min(j + 1, columns - 1)
            slope = zero
            if right > left:
                slope += side * (relief[i, right] - relief[i, left]) / np.float32(right - left)
            if down > up:
                slope += above * (relief[down, j] - relief[up, j]) / np.float32(down - up)
            fold = min(max(one - np.float32(0.5) * slope, low), high)
            u = np.float32(j) * across
            ui = min(int(u), shade.shape[1] - 2)
            fu = u - np.float32(ui)
            glint = (shine[ui] + fu * (shine[ui + 1] - shine[ui])) * fold * fold
            for k in range(3):
                lit = min(max(albedo[i, j, k] * fold, zero), one)
                lit *= line[ui, k] + fu * (line[ui + 1, k] - line[ui, k])
                dark = (one - min(lit, one)) ** 2
                texture[i, j, k] = min(lit + glint * dark * dark, one)
            texture[i, j, 3] = alpha[i, j]
