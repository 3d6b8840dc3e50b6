"""The recipe of a composite: every choice that makes it, as JSON, and how it is drawn by lot."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from ingest.records import to_json
from synth import garments, wear
from synth.drawing.surface import FaceField
from synth.garments.base import Params, choose, uniform

RECIPE_VERSION = 2


@dataclass(frozen=True)
class Recipe:
    """All choices of one composite; with the photo and its landmarks it gives the same bytes.

    Attributes
    ----------
    seed : int
        The run's seed.
    photo : str
        ``image_id`` of the photo.
    face : int
        Which face of the photo, counted from the largest.
    variant : int
        Which composite of that face.
    attempt : int
        How often the garment was drawn again because the measurement disagreed.
    state : str
        Wear state asked for.
    family : str
        Garment family.
    garment : dict
        The family's parameters.
    placement : dict of str to float
        Fields of `synth.drawing.surface.Outline`.
    look : dict of str to float
        Strength of shadow, brightness of the cloth and slack of the straps.
    framing : str
        How the photo was cut first, a name of `synth.photo.framing.FRAMINGS`.
    occlusion : {"off", "hands"}
        What was looked for in front of the face.
    version : int
        Version of the drawing code the recipe belongs to.
    """

    seed: int
    photo: str
    face: int
    variant: int
    attempt: int
    state: str
    family: str
    garment: Params
    placement: dict[str, float]
    look: dict[str, float]
    framing: str = "original"
    occlusion: str = "off"
    version: int = RECIPE_VERSION

    def to_json(self) -> str:
        """Compact JSON, keys sorted."""
        return to_json(vars(self))

    @classmethod
    def from_json(cls, text: str) -> "Recipe":
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError
            If the text is no recipe or of another version.
        """
        fields: dict[str, Any] = json.loads(text)
        if not isinstance(fields, dict) or fields.get("version") != RECIPE_VERSION:
            message = f"not a recipe of version {RECIPE_VERSION}"
            raise ValueError(message)
        try:
            return cls(**fields)
        except TypeError as error:
            message = f"not a recipe: {error}"
            raise ValueError(message) from error

    def rng(self, purpose: str) -> np.random.Generator:
        """Generator for one purpose (``texture``, ``grain`` …), independent of all others."""
        return derived_rng(self.seed, self.photo, self.face, self.variant, self.attempt, purpose)


def derived_rng(seed: int, *names: object) -> np.random.Generator:
    """Generator derived from a seed and names: the same whatever was drawn elsewhere.

    Examples
    --------
    >>> derived_rng(0, "a").integers(1000) == derived_rng(0, "a").integers(1000)
    True
    """
    digest = hashlib.sha256(repr((seed, *map(str, names))).encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


def draw_recipe(
    field: FaceField,
    families: dict[str, float],
    *,
    seed: int,
    photo: str,
    face: int,
    variant: int,
    attempt: int,
    state: str,
    framing: str = "original",
    occlusion: str = "off",
) -> Recipe:
    """Draw one recipe by lot.

    A redraw keeps the garment and changes how it sits, until half the attempts are spent;
    then it changes both, since some cuts cannot sit so on some faces.

    Parameters
    ----------
    field : FaceField
        The face it is for.
    families : dict of str to float
        Garment families to draw from and their weights.
    seed, photo, face, variant, attempt, state, framing, occlusion
        As in `Recipe`.
    """
    garment_draw = 0 if attempt < 6 else attempt
    of_garment = derived_rng(seed, photo, face, variant, garment_draw, "garment")
    of_wear = derived_rng(seed, photo, face, variant, attempt, "wear")
    family = choose(of_garment, families)
    params = garments.FAMILIES[family].sample(of_garment)
    cut = garments.FAMILIES[family].cut(params)
    return Recipe(
        seed=seed,
        photo=photo,
        face=face,
        variant=variant,
        attempt=attempt,
        state=state,
        family=family,
        garment=params,
        placement=wear.place(state, field, cut, of_wear),
        look={
            "brightness": round(float(np.exp(of_wear.normal(0, 0.08))), 3),
            "shadow": uniform(of_wear, 0.12, 0.42),
            "slack": uniform(of_wear, -1.0, 4.0),
            "strap_jitter": round(float(of_wear.normal(0, 4)), 2),
        },
        framing=framing,
        occlusion=occlusion,
    )
