"""Folds of cloth that is squeezed into less room than it was cut for."""

import cv2
import numpy as np
from numpy.typing import NDArray

from synth.garments.base import Canvas, Drawing
from synth.garments.folds import smooth_noise

_SLACK = 0.9
"""Share of its cut height below which cloth begins to fold."""


def crumple(drawing: Drawing, canvas: Canvas, squeeze: float, rng: np.random.Generator) -> Drawing:
    """Fold a garment across its height, the deeper the more it is squeezed.

    Parameters
    ----------
    drawing : Drawing
        The garment drawn flat.
    canvas : Canvas
        Its coordinates.
    squeeze : float
        Height it is worn at, as a share of its cut height.
    rng : numpy.random.Generator
        Where the folds run.

    Returns
    -------
    Drawing
        The same cloth with folds in its relief and their shade in its albedo.
    """
    depth = float(np.clip((_SLACK - squeeze) / _SLACK, 0, 0.8))
    if depth == 0:
        return drawing
    folds = float(rng.uniform(1.4, 3.6))
    bend = 0.35 * smooth_noise(canvas.shape, 3, rng) + np.float32(rng.uniform(-0.6, 0.6)) * canvas.u
    wave = np.sin((canvas.v * np.float32(folds) + bend * 0.4) * np.float32(2 * np.pi))
    # Cloth folds into sharp valleys between round crests.
    crest = 1 - np.abs(wave) ** np.float32(0.7)
    relief = drawing.relief + np.float32(5.0 * depth) * crest
    shade = _valley_shade(crest, depth)
    dimmed = cv2.merge([plane * shade for plane in cv2.split(drawing.albedo)])
    return Drawing(dimmed, drawing.alpha, relief, drawing.lining)


def _valley_shade(crest: NDArray[np.float32], depth: float) -> NDArray[np.float32]:
    return 1 - np.float32(0.55 * depth) * np.clip(crest - 0.55, 0, 1) * np.float32(2.0)
