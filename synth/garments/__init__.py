"""Garment families by name: each is drawn from parameters in a module of its own."""

from ingest.errors import WrongUsage
from synth.garments.bandana import Bandana
from synth.garments.base import Garment
from synth.garments.cloth import Cloth
from synth.garments.gaiter import Gaiter
from synth.garments.kf94 import Kf94
from synth.garments.kn95 import Kn95
from synth.garments.n95 import N95
from synth.garments.polyurethane import Polyurethane
from synth.garments.scarf import Scarf
from synth.garments.surgical import Surgical

_WRAPS = (Gaiter(), Bandana(), Scarf())
_MASKS = (Surgical(), Cloth(), Polyurethane(), Kf94(), Kn95(), N95())
FAMILIES: dict[str, Garment] = {family.name: family for family in (*_MASKS, *_WRAPS)}
"""Every family, in the order it is listed; docs/garments.md says where the weights come from."""


def family_weights(names: tuple[str, ...] = (), state: str | None = None) -> dict[str, float]:
    """Weight of each family to draw from; all of them if no names are given.

    Parameters
    ----------
    names : tuple of str
        Families wanted.
    state : str, optional
        Wear state to take; families that cannot are left out.

    Raises
    ------
    WrongUsage
        If a name is unknown, or none of them can take the state; the message lists those
        that would do.
    """
    if unknown := sorted(set(names) - set(FAMILIES)):
        message = f"--garments: unknown {', '.join(unknown)}. There are: {', '.join(FAMILIES)}."
        raise WrongUsage(message)
    able = [name for name in FAMILIES if state is None or state in FAMILIES[name].states]
    chosen = {name: FAMILIES[name].weight for name in names or FAMILIES if name in able}
    if not chosen:
        message = (
            f"--garments: {', '.join(names)} cannot be worn '{state}'. "
            f"Those that can: {', '.join(able)}."
        )
        raise WrongUsage(message)
    return chosen
