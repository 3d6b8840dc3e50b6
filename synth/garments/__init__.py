"""Garment families by name: each is drawn from parameters in a module of its own."""

from ingest.errors import WrongUsage
from synth.garments.base import Garment
from synth.garments.cloth import Cloth
from synth.garments.surgical import Surgical

FAMILIES: dict[str, Garment] = {family.name: family for family in (Surgical(), Cloth())}


def family_weights(names: tuple[str, ...] = ()) -> dict[str, float]:
    """Weight of each family to draw from; all of them if no names are given.

    Raises
    ------
    WrongUsage
        If a name is unknown; the message lists those there are.
    """
    if unknown := sorted(set(names) - set(FAMILIES)):
        message = f"--garments: unknown {', '.join(unknown)}. There are: {', '.join(FAMILIES)}."
        raise WrongUsage(message)
    return {name: FAMILIES[name].weight for name in names or FAMILIES}
