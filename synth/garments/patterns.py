"""Patterns of cloth: each draws one, flat and straight, over millimetres."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from synth.garments import stamps
from synth.garments.base import Canvas, Params, band, mix, planes
from synth.garments.folds import grain, smooth_noise
from synth.garments.palette import COLOURS

PatternDrawer = Callable[
    [Params, Canvas, NDArray[np.float32], np.random.Generator], NDArray[np.float32]
]
"""From fabric, canvas, ground (1, 1, 3) and chance to the printed sheet (h, w, 3)."""


def _shaded(base: NDArray[np.float32], factor: NDArray[np.float32]) -> NDArray[np.float32]:
    return cv2.merge([plane * factor for plane in planes(base)])


def _tile(canvas: Canvas, side_mm: float) -> Canvas:
    """A square piece of a print that repeats, on the canvas's texels."""
    rows, columns = (
        max(4, round(side_mm * texels / length))
        for texels, length in zip(canvas.shape, canvas.size_mm[::-1], strict=True)
    )
    return Canvas.of_size(columns, rows, side_mm, side_mm)


def _repeated(tile: NDArray[np.float32], canvas: Canvas) -> NDArray[np.float32]:
    height, width = canvas.shape
    copies = (-(-height // tile.shape[0]), -(-width // tile.shape[1]), 1)
    return np.ascontiguousarray(np.tile(tile, copies)[:height, :width])


def _turned(fabric: Params, canvas: Canvas) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    cos, sin = np.float32(np.cos(fabric["angle"])), np.float32(np.sin(fabric["angle"]))
    return canvas.x * cos + canvas.y * sin, canvas.y * cos - canvas.x * sin


def _bars(position: NDArray[np.float32], period: float, share: float) -> NDArray[np.float32]:
    """Lines with edges a millimetre soft, that fill this share of their period."""
    distance = np.abs(np.mod(position, np.float32(period)) - np.float32(period / 2))
    return np.clip(np.float32(share * period / 2) - distance + np.float32(0.5), 0, 1)


def _melange(fabric, canvas, base, rng):
    fibre = cv2.blur(grain(canvas.shape, rng), (5, 1))
    return mix(base, fabric["colours"][1], 0.55 * np.clip(0.2 + 0.75 * fibre, 0, 1))


def _knit(fabric, canvas, base, rng):
    width = np.float32(2.4 + fabric["period"] / 10)
    across = np.abs(np.sin(canvas.x * np.pi / width))
    rows = np.sin(canvas.y * np.float32(2 * np.pi) / (width * np.float32(0.8)) + 2 * across)
    return _shaded(base, 0.74 + across * (0.26 + 0.08 * rows))


def _denim(fabric, canvas, base, rng):
    twill = np.sin((canvas.x + canvas.y) * np.float32(2 * np.pi / 2.4))
    fade = smooth_noise(canvas.shape, 6, rng) + 0.6 * grain(canvas.shape, rng)
    return _shaded(base, 1 + 0.06 * twill + 0.08 * fade)


def _stripes(fabric, canvas, base, rng):
    across, _ = _turned(fabric, canvas)
    across, contrast = np.broadcast_to(across, canvas.shape), np.float32(fabric["contrast"])
    base = mix(base, fabric["colours"][1], contrast * _bars(across, fabric["period"], 0.45))
    if fabric["period"] < 12:
        return base
    return mix(base, fabric["colours"][2], contrast * _bars(across, fabric["period"], 0.08))


def _checks(fabric, canvas, base, rng):
    across, along = _turned(fabric, canvas)
    period, contrast = fabric["period"], np.float32(fabric["contrast"])
    both = (_bars(across, period, 0.5) + _bars(along, period, 0.5)) * (contrast / 2)
    base = mix(base, fabric["colours"][1], both)
    if period < 9:
        return base
    lines = np.maximum(_bars(across, period, 0.1), _bars(along, period, 0.1))
    return mix(base, fabric["colours"][2], 0.7 * contrast * lines)


def _dots(fabric, canvas, base, rng):
    period = fabric["period"]
    tile = _tile(canvas, 2 * period)
    places = np.array([(x, y) for x in (0, 2) for y in (0, 2)] + [(1, 1)]) * period
    size = np.full(len(places), 0.4 * period)
    dots = stamps.Stamp(tile)
    corner = places - (tile.size_mm[0] / 2, 0)
    dots.fill(stamps.scattered(stamps.CIRCLE, corner, size, np.zeros(len(size))))
    return _repeated(dots.on(base, fabric["colours"][1], fabric["contrast"]), canvas)


def _floral(fabric, canvas, base, rng):
    period, cells = 5 + fabric["period"], 3
    tile = _tile(canvas, cells * period)
    places, number = stamps.repeat_places(cells, period, rng)
    places -= (tile.size_mm[0] / 2, 0)
    sizes = (rng.uniform(0.26, 0.46, cells**2) * period)[number]
    turns = rng.uniform(0, 6, cells**2)[number]
    leaves, petals, hearts = (stamps.Stamp(tile) for _ in range(3))
    beside = places + np.stack([sizes, 0.4 * sizes], axis=1)
    leaves.fill(stamps.scattered(stamps.LEAF, beside, sizes, turns))
    outline = stamps.FLOWERS[int(rng.integers(len(stamps.FLOWERS)))]
    petals.fill(stamps.scattered(outline, places, sizes, turns))
    hearts.fill(stamps.scattered(stamps.CIRCLE, places, 0.22 * sizes, turns))
    base = leaves.on(base, COLOURS["green"], 0.75)
    base = petals.on(base, fabric["colours"][1], fabric["contrast"])
    return _repeated(hearts.on(base, fabric["colours"][2], 0.9), canvas)


def _paisley(fabric, canvas, base, rng):
    period, cells = 12 + fabric["period"], 2
    tile = _tile(canvas, cells * period)
    places, number = stamps.repeat_places(cells, period, rng)
    places -= (tile.size_mm[0] / 2, 0)
    sizes, turns = 0.4 * period * np.ones(len(number)), rng.uniform(0, 6, cells**2)[number]
    ink = stamps.Stamp(tile)
    drops = [
        stamps.scattered(stamps.TEARDROP, places, share * sizes, turns) for share in (1.0, 0.68)
    ]
    ink.fill(drops[0] + drops[1])
    ink.fill(stamps.scattered(stamps.FLOWERS[1], places, 0.3 * sizes, turns))
    for bead in np.arange(8) * (np.pi / 4):
        around = np.stack([np.cos(bead + turns), np.sin(bead + turns)], axis=1)
        beads = places + 1.25 * sizes[:, None] * around
        ink.fill(stamps.scattered(stamps.CIRCLE, beads, 0.05 * sizes, turns))
    print_ = _repeated(ink.on(base, fabric["colours"][1], fabric["contrast"]), canvas)
    border = np.maximum(band(canvas.v, 0.93, 0.006), band(canvas.v, 0.96, 0.006))
    return mix(print_, fabric["colours"][1], np.broadcast_to(0.8 * border, canvas.shape))


def _camouflage(fabric, canvas, base, rng):
    for colour in fabric["colours"][1:]:
        patch = smooth_noise(canvas.shape, 200 / fabric["period"], rng)
        base = mix(base, colour, np.clip((patch - 0.4) * 8, 0, 0.95))
    return base


def _lettering(fabric, canvas, base, rng):
    return stamps.lettering(canvas, rng).on(base, fabric["colours"][1], fabric["contrast"])


def _emblem(fabric, canvas, base, rng):
    return stamps.emblem(canvas, rng).on(base, fabric["colours"][1], fabric["contrast"])


def _smile(fabric, canvas, base, rng):
    teeth, lines = stamps.smile(canvas, rng)
    lips = "red" if rng.random() < 0.5 else "black"
    return lines.on(teeth.on(base, COLOURS["white"], 0.95), COLOURS[lips], 0.9)


def _snout(fabric, canvas, base, rng):
    pale, dark = stamps.snout(canvas, rng)
    return dark.on(pale.on(base, COLOURS["ivory"], 0.8), COLOURS["black"], 0.95)


DRAWERS: dict[str, PatternDrawer] = {
    "melange": _melange,
    "knit": _knit,
    "denim": _denim,
    "stripes": _stripes,
    "checks": _checks,
    "dots": _dots,
    "floral": _floral,
    "paisley": _paisley,
    "camouflage": _camouflage,
    "lettering": _lettering,
    "emblem": _emblem,
    "smile": _smile,
    "snout": _snout,
}
