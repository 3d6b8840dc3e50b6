"""Relief of cloth: pleats, creases, gathers and wear, and how a drawing is finished with them."""

import cv2
import numba
import numpy as np
from numpy.typing import NDArray

from synth.garments.base import Canvas, Colour, Drawing, Params, planes, rgb, uniform

_TABLE = 1024
_WEAVE_DEVIATION = 73.9
"""Of a byte read as a signed number, all equally likely."""
_DARKEST, _BRIGHTEST = 0.42, 1.12
_GLOSS_GAIN = 2.5
"""A slope of 1 in this many millimetres has the full sheen."""
Profile = NDArray[np.float32]
"""Values over 0–1, as `lookup` reads them."""


def smooth_noise(
    shape: tuple[int, int], cells: float, rng: np.random.Generator, stretch: float = 1.0
) -> NDArray[np.float32]:
    """Smooth random field with about this many bumps across, mean 0, deviation about 1.

    Bumps are `stretch` times as wide as they are high.
    """
    rows = max(2, round(stretch * cells * shape[0] / shape[1])) + 2
    coarse = rng.standard_normal((rows, max(2, round(cells)) + 2), dtype=np.float32)
    return _enlarged(coarse, *shape, np.float32(1.3))


@numba.njit(cache=True)
def _enlarged(coarse, rows, columns, gain):  # pragma: no cover - compiled
    """Bicubic enlargement (a = -0.75, as OpenCV's), first along rows, then across."""
    wide = np.zeros((coarse.shape[0], columns), dtype=np.float32)
    for j in range(columns):
        first, weights = _cubic(j, coarse.shape[1] / columns)
        for k in range(4):
            column = min(max(first + k, 0), coarse.shape[1] - 1)
            for i in range(coarse.shape[0]):
                wide[i, j] += weights[k] * coarse[i, column]
    large = np.zeros((rows, columns), dtype=np.float32)
    for i in range(rows):
        first, weights = _cubic(i, coarse.shape[0] / rows)
        for k in range(4):
            source, weight = wide[min(max(first + k, 0), coarse.shape[0] - 1)], weights[k] * gain
            for j in range(columns):
                large[i, j] += weight * source[j]
    return large


@numba.njit(cache=True)
def _cubic(position, step):  # pragma: no cover - compiled
    """First of four neighbours of a position in the enlarged picture, and their weights."""
    at = (position + 0.5) * step - 0.5
    first = int(np.floor(at))
    t, a = at - first, -0.75
    weights = np.empty(4, dtype=np.float32)
    weights[0] = ((a * (t + 1) - 5 * a) * (t + 1) + 8 * a) * (t + 1) - 4 * a
    weights[1] = ((a + 2) * t - (a + 3)) * t * t + 1
    weights[2] = ((a + 2) * (1 - t) - (a + 3)) * (1 - t) * (1 - t) + 1
    weights[3] = 1 - weights[0] - weights[1] - weights[2]
    return first - 1, weights


def grain(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Noise of mean 0 and deviation 1, independent from texel to texel."""
    flat = np.frombuffer(rng.bytes(shape[0] * shape[1]), dtype=np.int8).reshape(shape)
    return flat.astype(np.float32) * np.float32(1 / _WEAVE_DEVIATION)


def wave(along: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """A gently wandering line over -1…1, deviation about 1."""
    phases = rng.uniform(0, 2 * np.pi, 2).astype(np.float32)
    slow, fast = np.float32(rng.uniform(1.0, 2.2)), np.float32(rng.uniform(2.8, 5.0))
    return np.sin(along * slow + phases[0]) + np.float32(0.4) * np.sin(along * fast + phases[1])


def lookup(profile: Profile, position: NDArray[np.float32]) -> NDArray[np.float32]:
    """Read a profile at positions 0–1, any shape; its ends go on outside."""
    return profile.take((position * np.float32(_TABLE - 1)).astype(np.int32), mode="clip")


def pleat_profiles(lines: list[float], overlap: float, lip: float) -> tuple[Profile, Profile]:
    """Relief and shadow of pleats that open downwards, each of height 1 over 0–1.

    Parameters
    ----------
    lines : list of float
        Where each folded edge lies, 0 top to 1 bottom.
    overlap : float
        Length of the shadow below an edge, as a share of the height.
    lip : float
        Length over which the cloth rises towards an edge, as a share of the height.
    """
    position = np.linspace(0, 1, _TABLE, dtype=np.float32)
    relief, shadow = np.zeros_like(position), np.zeros_like(position)
    for line in lines:
        below = position - np.float32(line)
        relief += np.where(below <= 0, np.exp(np.minimum(below, 0) / np.float32(lip)), 0)
        shadow += np.where(below > 0, np.exp(-np.maximum(below, 0) / np.float32(overlap)), 0)
    return relief, shadow


def fold_profile(
    rng: np.random.Generator, count: int, start: float, stop: float, width: float
) -> Profile:
    """Relief of soft folds at random distances, steeper below than above, height about 1."""
    position = np.linspace(0, 1, _TABLE, dtype=np.float32)
    centres = np.linspace(start, stop, count) + rng.normal(0, 0.18 * (stop - start) / count, count)
    relief = np.zeros_like(position)
    for centre, strength in zip(centres, rng.uniform(0.45, 1.0, count), strict=True):
        away = (position - np.float32(centre)) / np.float32(width * rng.uniform(0.7, 1.3))
        away = np.where(away > 0, away * np.float32(1.8), away)
        relief += np.float32(strength) * np.exp(-(away**2))
    return relief


def crumple(
    canvas: Canvas, rng: np.random.Generator, amount: float, cell_mm: float = 24.0
) -> NDArray[np.float32]:
    """Relief of handled cloth, millimetres: soft dents crossed by sharp creases."""
    cells = max(2.0, canvas.size_mm[0] / cell_mm)
    # Straps pull a garment sideways, so what it keeps of a crease lies across.
    dents = smooth_noise(canvas.shape, cells * 0.6, rng, stretch=1.8)
    creases = np.abs(smooth_noise(canvas.shape, cells * 0.5, rng, stretch=1.8))
    np.minimum(creases, 0.8, out=creases)
    return np.float32(amount) * (dents - np.float32(1.2) * creases)


def gathers(
    canvas: Canvas, rng: np.random.Generator, height: float, count: float
) -> NDArray[np.float32]:
    """Relief of cloth drawn together at its side edges, millimetres."""
    fading = np.exp((np.abs(canvas.u) - 1) / np.float32(rng.uniform(0.08, 0.2)))
    phase = np.float32(rng.uniform(0, 6))
    ripple = np.sin(canvas.v * np.float32(2 * np.pi * count) + phase)
    return np.float32(height) * ripple * fading


def tension(canvas: Canvas, rng: np.random.Generator, height: float) -> NDArray[np.float32]:
    """Relief of the slanting folds that straps pull into the cheeks, millimetres."""
    away = np.abs(canvas.u)
    slope = np.float32(rng.uniform(0.5, 1.1))
    across = canvas.v + slope * (away - 1) * np.where(canvas.v < 0.5, -1, 1).astype(np.float32)
    turns = np.float32(2 * np.pi * rng.uniform(2.5, 4.5))
    ripple = np.sin(across * turns + np.float32(rng.uniform(0, 6)))
    return np.float32(height) * ripple * np.clip(away * 2 - 0.9, 0, 1)


def sample_wear(rng: np.random.Generator, worn: float = 0.35) -> Params:
    """Choose how used a garment looks; most are nearly new.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the choices.
    worn : float
        Share that shows use.
    """
    used = rng.random() < worn
    return {
        "crumple": uniform(rng, 0.3, 0.9, 2) if used else uniform(rng, 0.1, 0.4, 2),
        "pilling": uniform(rng, 0.01, 0.035) if used else 0.006,
        "stain": uniform(rng, 0.03, 0.14) if used and rng.random() < 0.3 else 0.0,
    }


def finish(
    albedo: NDArray[np.float32],
    shade: NDArray[np.float32],
    relief: NDArray[np.float32],
    canvas: Canvas,
    rng: np.random.Generator,
    *,
    lining: Colour,
    wear: Params,
    sheen: float = 0.0,
    alpha: NDArray[np.float32] | None = None,
) -> Drawing:
    """Bring colour, shade and relief of a flat garment together, and wear it in.

    Folds of dark cloth are seen by what they reflect, not by what they absorb; so a sheen is
    added on the slopes that face upwards, on top of the shading the renderer derives.

    Parameters
    ----------
    albedo, lining : ndarray of shape (h, w, 3) or (1, 1, 3), float32, and sequence of float
        Encoded RGB of the outer and the inner side.
    shade, relief : ndarray of shape (h, w), float32
        Factor on the albedo (seams, pleats, printed lines), and millimetres.
    canvas, rng : Canvas and numpy.random.Generator
        What it was drawn on, and the source of crumples, pills and stains.
    wear : dict
        As of `sample_wear`.
    sheen : float
        Encoded brightness added on the steepest fold, 0–1.
    alpha : ndarray of shape (h, w), float32, optional
        1 cloth, 0 hole; all cloth if left out.
    """
    relief = np.broadcast_to(relief + crumple(canvas, rng, wear["crumple"]), canvas.shape)
    factor = shade + np.float32(wear["pilling"]) * grain(canvas.shape, rng)
    if wear["stain"]:
        blot = np.clip(smooth_noise(canvas.shape, 4, rng) - 0.7, 0, 1)
        factor -= np.float32(wear["stain"]) * blot
    np.clip(factor, _DARKEST, _BRIGHTEST, out=factor)
    gloss = np.float32(sheen) * _upward_slope(relief, canvas) if sheen else np.float32(0)
    lit = cv2.merge([plane * factor + gloss for plane in planes(albedo)])
    if alpha is None:
        alpha = np.ones(canvas.shape, dtype=np.float32)
    return Drawing(np.clip(lit, 0, 1, out=lit), alpha, np.ascontiguousarray(relief), rgb(lining))


def _upward_slope(relief: NDArray[np.float32], canvas: Canvas) -> NDArray[np.float32]:
    """How far a texel faces up, 0–1: cloth that comes forward on the way down."""
    step_mm = canvas.size_mm[1] / max(canvas.shape[0] - 1, 1)
    scale = _GLOSS_GAIN / (32 * step_mm)
    slope = cv2.Scharr(np.ascontiguousarray(relief), cv2.CV_32F, 0, 1, scale=scale)
    return np.clip(slope, 0, 1, out=slope)
