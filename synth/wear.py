"""How a garment sits: for every wear state, where its edges lie on this face."""

from collections.abc import Callable

import numpy as np

from ingest.faces import topology
from synth.garments.base import Cut, uniform
from synth.surface import FaceField, Outline

Placer = Callable[[FaceField, Cut, np.random.Generator], dict[str, float]]


def place(state: str, field: FaceField, cut: Cut, rng: np.random.Generator) -> dict[str, float]:
    """Choose where a garment sits, as the fields of `Outline`.

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
        Keyword arguments of `Outline`.
    """
    chosen = PLACERS[state](field, cut, rng)
    chosen.setdefault("half_angle_top", cut.half_angle)
    chosen.setdefault("half_angle_bottom", cut.half_angle * uniform(rng, 0.9, 1.02))
    chosen["tilt"] = float(rng.normal(0, 2.2))
    chosen["shift"] = float(rng.normal(0, 1.5))
    chosen["top_arch"] = cut.top_arch * uniform(rng, 0.85, 1.2)
    chosen["bottom_arch"] = cut.bottom_arch * uniform(rng, 0.85, 1.2)
    return {name: round(value, 3) for name, value in chosen.items()}


def outline(placement: dict[str, float]) -> Outline:
    """Outline of a placement chosen by `place`."""
    return Outline(**placement)


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.uniform(min(low, high), max(low, high)))


def _sides(
    rng: np.random.Generator, cut: Cut, middle: float, squeeze: float = 1.0
) -> dict[str, float]:
    """Side edges around a height; ear loops gather them to `squeeze` of their length."""
    half = cut.side_height * squeeze / 2
    centre = middle + float(rng.normal(0, 4))
    return {"top_side": centre - half, "bottom_side": centre + half}


def _correct(field: FaceField, cut: Cut, rng: np.random.Generator) -> dict[str, float]:
    bridge, tip = field.height_of(topology.NOSE_BRIDGE), field.height_of(topology.NOSE_TIP)
    chin = field.height_of(topology.CHIN)
    top = bridge + (tip - bridge) * _between(rng, -0.05, 0.72)
    bottom = min(max(top + cut.height, chin + _between(rng, 2, 6)), chin + _between(rng, 8, 18))
    return {"top_centre": top, "bottom_centre": bottom, **_sides(rng, cut, 12)}


def _nose_out(field: FaceField, cut: Cut, rng: np.random.Generator) -> dict[str, float]:
    lip, chin = field.height_of(topology.UPPER_LIP), field.height_of(topology.CHIN)
    top = _between(rng, -4, min(lip - 3, 9))
    bottom = min(
        max(top + cut.height * _between(rng, 0.7, 1), chin + 2), chin + _between(rng, 6, 24)
    )
    return {
        "top_centre": top,
        "bottom_centre": bottom,
        **_sides(rng, cut, _between(rng, 16, 30), _between(rng, 0.75, 1)),
    }


def _chin(field: FaceField, cut: Cut, rng: np.random.Generator) -> dict[str, float]:
    lip, chin = field.height_of(topology.LOWER_LIP), field.height_of(topology.CHIN)
    top = lip + 2 + (chin + 6 - lip) * float(rng.beta(1.1, 1.5))
    height = cut.height * (_between(rng, 0.55, 0.8) if cut.stiff else _between(rng, 0.25, 0.65))
    bottom = max(top + height, chin + 6)
    middle = _between(rng, 34, 50)
    return {
        "top_centre": top,
        "bottom_centre": bottom,
        **_sides(rng, cut, middle, _between(rng, 0.4, 0.8)),
        "half_angle_top": cut.half_angle * _between(rng, 1.0, 1.25),
        "half_angle_bottom": cut.half_angle * _between(rng, 0.95, 1.2),
    }


PLACERS: dict[str, Placer] = {"correct": _correct, "nose_out": _nose_out, "chin": _chin}
