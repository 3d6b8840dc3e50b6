"""How a garment sits: for every wear state, where its edges lie on this face."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ingest.faces import topology
from synth.drawing.surface import FaceField
from synth.garments.base import Cut

Placement = dict[str, Any]
"""Fields of `surface.Outline`, or of `hanging.Hang` for a mask off one ear."""
Placer = Callable[[FaceField, Cut, np.random.Generator], dict[str, float]]

_SIDE_ANGLE = 95.0
"""Degrees beyond which cloth at the neck would show behind it, since no neck hides it."""


def place(state: str, field: FaceField, cut: Cut, rng: np.random.Generator) -> Placement:
    """Choose where a garment sits.

    Each state is a range: the nose may be just out or fully out, the mask tucked under the lip
    or hanging at the neck. Heights follow this face's own landmarks.

    Parameters
    ----------
    state : str
        A name of `ingest.taxonomy.WEAR_STATES` that has a placer in `PLACERS`.
    field : FaceField
        The face.
    cut : Cut
        The garment's size.
    rng : numpy.random.Generator
        Source of the choices.

    Returns
    -------
    dict of str to float
        Keyword arguments of `Outline` or `Hang`, rounded so that their JSON is exact.
    """
    chosen = PLACERS[state](field, cut, rng)
    if state != "hanging":
        chosen = {
            "half_angle_top": cut.half_angle,
            "half_angle_bottom": cut.half_angle * _between(rng, 0.9, 1.02),
            "tilt": float(rng.normal(0, 2.4)),
            "shift": float(rng.normal(0, 1.6)),
            "top_arch": cut.top_arch * _between(rng, 0.85, 1.2),
            "bottom_arch": cut.bottom_arch * _between(rng, 0.85, 1.2),
            **chosen,
        }
    return {name: round(float(value), 3) for name, value in chosen.items()}


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.uniform(min(low, high), max(low, high)))


def _sides(
    rng: np.random.Generator, cut: Cut, middle: float, squeeze: float = 1.0
) -> dict[str, float]:
    """Side edges around a height; ear loops gather them to `squeeze` of their length."""
    half = cut.side_height * squeeze / 2
    centre = middle + float(rng.normal(0, 4))
    return {"top_side": centre - half, "bottom_side": centre + half}


def _edges(
    rng: np.random.Generator, cut: Cut, top: float, bottom: float, sides: dict[str, float]
) -> dict[str, float]:
    """Heights of both edges; what hangs below the chin ends lowest in front, on the chest."""
    if cut.drop:
        highest = bottom - _between(rng, 8, 28)
        sides = {**sides, "bottom_side": min(sides["bottom_side"], highest)}
    return {"top_centre": top, "bottom_centre": bottom, **sides}


def _correct(field: FaceField, cut: Cut, rng: np.random.Generator) -> dict[str, float]:
    """High to mid nose bridge, under the chin; some loose, tilted or short."""
    bridge, tip = field.height_of(topology.NOSE_BRIDGE), field.height_of(topology.NOSE_TIP)
    chin = field.height_of(topology.CHIN)
    top = bridge + (tip - bridge) * _between(rng, -0.05, 0.72)
    bottom = min(max(top + cut.height, chin + _between(rng, 2, 6)), chin + _between(rng, 8, 18))
    bottom += cut.drop * _between(rng, 0.75, 1.1)
    return _edges(rng, cut, top, bottom, _sides(rng, cut, cut.side_centre))


def _nose_out(field: FaceField, cut: Cut, rng: np.random.Generator) -> dict[str, float]:
    """From the nostrils just free to the upper lip only just covered."""
    lip, chin = field.height_of(topology.UPPER_LIP), field.height_of(topology.CHIN)
    top = _between(rng, -4, min(lip - 3, 9))
    bottom = max(top + cut.height * _between(rng, 0.7, 1), chin + 2)
    bottom = min(bottom, chin + _between(rng, 6, 24)) + cut.drop * _between(rng, 0.75, 1.1)
    sides = _sides(rng, cut, cut.side_centre + _between(rng, 4, 18), _between(rng, 0.75, 1))
    return _edges(rng, cut, top, bottom, sides)


def _chin(field: FaceField, cut: Cut, rng: np.random.Generator) -> dict[str, float]:
    """A band from under the lip to the neck, crushed unless the garment is stiff."""
    lip, chin = field.height_of(topology.LOWER_LIP), field.height_of(topology.CHIN)
    top = lip + 2 + (chin + 10 - lip) * float(rng.beta(1.1, 1.7))
    height = cut.height * (_between(rng, 0.5, 0.7) if cut.stiff else _between(rng, 0.24, 0.52))
    bottom = max(top + height, chin + 8) + 0.5 * cut.drop
    narrowing = 0.75 * (bottom - top) * (1 - cut.side_height / cut.height)
    sag = bottom - max(_between(rng, 22, 40), narrowing)
    gathered = cut.side_height * _between(rng, 0.3, 0.6)
    return {
        "top_centre": top,
        "bottom_centre": bottom,
        "top_side": min(sag - gathered, top - 6),
        "bottom_side": max(sag, top + 4),
        "half_angle_top": min(cut.half_angle * _between(rng, 1.05, 1.35), _SIDE_ANGLE),
        "half_angle_bottom": min(cut.half_angle * _between(rng, 1.0, 1.3), _SIDE_ANGLE),
        "top_arch": _between(rng, 1.7, 2.6),
        "bottom_arch": cut.bottom_arch if cut.drop else _between(rng, 2.0, 3.2),
    }


def _chin_out(field: FaceField, cut: Cut, rng: np.random.Generator) -> dict[str, float]:
    """A mask ridden up, or too short: the chin below it is bare."""
    bridge, tip = field.height_of(topology.NOSE_BRIDGE), field.height_of(topology.NOSE_TIP)
    lip, fold = field.height_of(topology.LOWER_LIP), field.height_of(topology.CHIN_FOLD)
    top = bridge + (tip - bridge) * _between(rng, -0.15, 0.6)
    bottom = _between(rng, lip + 2, fold + 3)
    return {
        "top_centre": top,
        "bottom_centre": bottom,
        "bottom_arch": _between(rng, 2.0, 3.4),
        **_sides(rng, cut, _between(rng, -2, 8), _between(rng, 0.6, 0.9)),
    }


def _nose_only(field: FaceField, cut: Cut, rng: np.random.Generator) -> dict[str, float]:
    """Pushed up over the nose, the mouth free."""
    bridge, lip = field.height_of(topology.NOSE_BRIDGE), field.height_of(topology.UPPER_LIP)
    top = bridge + _between(rng, -4, 14)
    bottom = _between(rng, 3, lip + 2)
    side = (top + bottom) / 2 + _between(rng, -4, 6)
    half = cut.side_height * _between(rng, 0.28, 0.45)
    return {
        "top_centre": top,
        "bottom_centre": bottom,
        "top_side": max(side - half, top + 2),
        "bottom_side": side + half * 0.8,
        "bottom_arch": _between(rng, 1.8, 3.0),
    }


def _eyes(field: FaceField, cut: Cut, rng: np.random.Generator) -> dict[str, float]:
    """Over the eyes like a sleeping mask, nose tip and mouth free."""
    brow, tip = field.height_of(topology.NASION), field.height_of(topology.NOSE_TIP)
    top = brow - _between(rng, 8, 34)
    bottom = max(_between(rng, tip - 14, tip + 12), top + 30)
    middle = (top + bottom) / 2
    half = min(cut.side_height / 2, (bottom - top) / 2) * _between(rng, 0.75, 1)
    return {
        "top_centre": top,
        "bottom_centre": bottom,
        "top_side": middle - half,
        "bottom_side": middle + half,
        "half_angle_top": cut.half_angle * _between(rng, 1.0, 1.25),
        "half_angle_bottom": cut.half_angle * _between(rng, 0.95, 1.15),
        "top_arch": _between(rng, 2.0, 3.0),
        "bottom_arch": _between(rng, 1.6, 3.0),
    }


def _hanging(field: FaceField, cut: Cut, rng: np.random.Generator) -> dict[str, float]:
    """Off one ear: the mask dangles from the other beside jaw and neck."""
    return {
        "side": float(rng.choice([-1, 1])),
        "start_angle": _between(rng, 58, 84),
        "start_height": _between(rng, 8, 40),
        "swing": _between(rng, -4, 34),
        "facing": _between(rng, 0, 52),
        "length": 2 * np.radians(cut.half_angle) * _between(rng, 62, 80),
        "gather": _between(rng, 0.45, 0.9),
        "curl": _between(rng, -14, 14),
        "turned": 1.0 if rng.random() < 0.75 else -1.0,
    }


PLACERS: dict[str, Placer] = {
    "correct": _correct,
    "nose_out": _nose_out,
    "chin": _chin,
    "chin_out": _chin_out,
    "nose_only": _nose_only,
    "eyes": _eyes,
    "hanging": _hanging,
}
