"""Cloth: colours and patterns drawn over millimetres, from sampled parameters."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from synth.garments.base import Canvas, Colour, Params, choose, uniform, vary

COLOURS: dict[str, Colour] = {
    "white": (0.93, 0.93, 0.92),
    "ivory": (0.90, 0.87, 0.80),
    "grey": (0.55, 0.56, 0.57),
    "charcoal": (0.24, 0.25, 0.27),
    "black": (0.11, 0.11, 0.12),
    "navy": (0.13, 0.17, 0.32),
    "blue": (0.25, 0.42, 0.70),
    "light_blue": (0.62, 0.79, 0.90),
    "teal": (0.15, 0.48, 0.50),
    "green": (0.28, 0.48, 0.30),
    "mint": (0.66, 0.85, 0.77),
    "olive": (0.40, 0.41, 0.25),
    "beige": (0.80, 0.70, 0.58),
    "brown": (0.42, 0.29, 0.21),
    "red": (0.70, 0.16, 0.18),
    "burgundy": (0.42, 0.12, 0.19),
    "pink": (0.93, 0.70, 0.76),
    "purple": (0.45, 0.32, 0.58),
    "yellow": (0.90, 0.77, 0.30),
    "orange": (0.89, 0.50, 0.22),
}
CLOTH_COLOURS = {
    "black": 0.30, "white": 0.12, "grey": 0.09, "charcoal": 0.08, "navy": 0.08, "blue": 0.05,
    "light_blue": 0.03, "teal": 0.02, "green": 0.03, "olive": 0.03, "beige": 0.04, "brown": 0.02,
    "red": 0.04, "burgundy": 0.02, "pink": 0.04, "purple": 0.02, "yellow": 0.01, "orange": 0.01,
    "mint": 0.01, "ivory": 0.02,
}  # fmt: skip
"""Weights of cloth colours: dark plain cloth leads street photographs of 2020–2022."""
PATTERNS = {
    "plain": 0.56, "melange": 0.09, "knit": 0.05, "denim": 0.03, "stripes": 0.05,
    "checks": 0.05, "dots": 0.04, "floral": 0.05, "camouflage": 0.03, "lettering": 0.05,
}  # fmt: skip


def sample_fabric(rng: np.random.Generator, patterns: dict[str, float] | None = None) -> Params:
    """Choose a cloth: pattern, two or three colours, scale and direction of the pattern."""
    ground = choose(rng, CLOTH_COLOURS)
    others = [choose(rng, CLOTH_COLOURS) for _ in range(2)]
    if others[0] == ground:
        others[0] = "white" if ground != "white" else "navy"
    return {
        "pattern": choose(rng, patterns or PATTERNS),
        "colours": [vary(rng, COLOURS[name]) for name in (ground, *others)],
        "period": uniform(rng, 4, 22, 1),
        "angle": uniform(rng, -0.2, 0.2) + float(rng.choice([0.0, 0.0, 0.785, 1.571])),
        "contrast": uniform(rng, 0.5, 1.0, 2),
    }


def draw_fabric(fabric: Params, canvas: Canvas, rng: np.random.Generator) -> NDArray[np.float32]:
    """Colour of the cloth over a canvas, shape (h, w, 3), encoded RGB 0–1."""
    ground = np.array(fabric["colours"][0], dtype=np.float32)
    base = np.broadcast_to(ground, (*canvas.shape, 3)).copy()
    return _DRAWERS[fabric["pattern"]](fabric, canvas, base, rng)


def smooth_noise(
    shape: tuple[int, int], cells: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Smooth random field with about this many bumps across, mean 0, deviation about 1."""
    rows = max(2, round(cells * shape[0] / shape[1])) + 2
    coarse = rng.standard_normal((rows, max(2, round(cells)) + 2), dtype=np.float32)
    return cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC) * 1.3


def _mix(
    base: NDArray[np.float32], colour: Colour, amount: NDArray[np.float32], contrast: float
) -> NDArray[np.float32]:
    share = (amount * np.float32(contrast))[..., None]
    return base + share * (np.array(colour, dtype=np.float32) - base)


def _turned(fabric: Params, canvas: Canvas) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    cos, sin = np.float32(np.cos(fabric["angle"])), np.float32(np.sin(fabric["angle"]))
    return canvas.x * cos + canvas.y * sin, canvas.y * cos - canvas.x * sin


def _plain(fabric, canvas, base, rng):
    return base


def _melange(fabric, canvas, base, rng):
    fibre = rng.standard_normal(canvas.shape, dtype=np.float32)
    fibre = cv2.GaussianBlur(fibre, (0, 0), sigmaX=1.4, sigmaY=0.5)
    return _mix(base, fabric["colours"][1], np.clip(0.25 + 0.45 * fibre, 0, 1), 0.6)


def _knit(fabric, canvas, base, rng):
    width = np.float32(2.2 + fabric["period"] / 10)
    stitch = np.abs(np.sin(canvas.x * np.pi / width)) * (
        0.75 + 0.25 * np.sin(canvas.y * 2 * np.pi / (width * 0.8) + np.abs(canvas.x) * 2)
    )
    return base * (0.78 + 0.3 * stitch)[..., None]


def _denim(fabric, canvas, base, rng):
    base[:] = np.array([0.24, 0.33, 0.48], dtype=np.float32)
    twill = np.sin((canvas.x + canvas.y) * np.float32(2 * np.pi / 1.6))
    fade = smooth_noise(canvas.shape, 6, rng)
    return np.clip(base * (1 + 0.08 * twill + 0.1 * fade)[..., None] + 0.02, 0, 1)


def _stripes(fabric, canvas, base, rng):
    across, _ = _turned(fabric, canvas)
    wave = np.sin(across * np.float32(2 * np.pi / fabric["period"]))
    return _mix(base, fabric["colours"][1], np.clip(wave * 4 + 0.5, 0, 1), fabric["contrast"])


def _checks(fabric, canvas, base, rng):
    across, along = _turned(fabric, canvas)
    turn = np.float32(2 * np.pi / fabric["period"])
    one = np.clip(np.sin(across * turn) * 4 + 0.5, 0, 1)
    two = np.clip(np.sin(along * turn) * 4 + 0.5, 0, 1)
    return _mix(base, fabric["colours"][1], (one + two) / 2, fabric["contrast"])


def _dots(fabric, canvas, base, rng):
    across, along = _turned(fabric, canvas)
    period = np.float32(fabric["period"])
    row = np.floor(along / period)
    dx = np.mod(across + row * period / 2, period) - period / 2
    dy = np.mod(along, period) - period / 2
    inside = np.clip((0.28 * period - np.hypot(dx, dy)) / 0.6 + 0.5, 0, 1)
    return _mix(base, fabric["colours"][1], inside, fabric["contrast"])


def _floral(fabric, canvas, base, rng):
    for k in range(1, 3):
        colour = fabric["colours"][k]
        for _ in range(int(900 / fabric["period"] ** 1.3) + 4):
            cx, cy = rng.uniform(canvas.x[0, 0], canvas.x[0, -1]), rng.uniform(0, canvas.y[-1, 0])
            size, turn, petals = rng.uniform(0.25, 0.55) * fabric["period"], rng.uniform(0, 6), 5
            x, y = canvas.x - np.float32(cx), canvas.y - np.float32(cy)
            edge = size * (0.65 + 0.35 * np.cos(petals * (np.arctan2(y, x) + turn)))
            base = _mix(base, colour, np.clip((edge - np.hypot(x, y)) / 0.8, 0, 1), 0.9)
    return base


def _camouflage(fabric, canvas, base, rng):
    for colour in fabric["colours"][1:]:
        patch = smooth_noise(canvas.shape, 160 / fabric["period"], rng)
        base = _mix(base, colour, np.clip((patch - 0.5) * 6, 0, 1), 0.9)
    return base


def _lettering(fabric, canvas, base, rng):
    """A word of drawn strokes or a small emblem, somewhere on one half."""
    height, width = canvas.shape
    word = "".join(rng.choice(list("AEHKLMNORSTVXZ0358"), size=int(rng.integers(2, 9))))
    scale = height / 60 * float(rng.uniform(0.35, 1.0))
    (wide, tall), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_DUPLEX, scale, 1)
    stamp = np.zeros((height, width), np.uint8)
    left = int(rng.uniform(0.1, 0.6) * width - wide * 0.3)
    top = int(rng.uniform(0.35, 0.7) * height + tall / 2)
    thick = max(1, int(scale * 2))
    cv2.putText(stamp, word, (left, top), cv2.FONT_HERSHEY_DUPLEX, scale, 255, thick, cv2.LINE_AA)
    ink = cv2.GaussianBlur(stamp.astype(np.float32) / 255, (0, 0), 0.6)
    return _mix(base, fabric["colours"][1], ink, fabric["contrast"])


_DRAWERS: dict[str, Callable[..., NDArray[np.float32]]] = {
    "plain": _plain,
    "melange": _melange,
    "knit": _knit,
    "denim": _denim,
    "stripes": _stripes,
    "checks": _checks,
    "dots": _dots,
    "floral": _floral,
    "camouflage": _camouflage,
    "lettering": _lettering,
}
