"""One photo: its faces found, each composite drawn until its measured label is the asked one."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from ingest.faces import FaceFinder, FaceMesh
from ingest.faces.mesh import mesh_edges_inside
from ingest.taxonomy import WEAR_STATES
from synth.compose import Composite, Sitter, compose
from synth.garments import family_weights
from synth.planning.settings import Settings
from synth.recipe import Recipe, draw_recipe

ATTEMPTS = 14
"""Drawings of one composite before it is given up."""
SMALLEST_FACE = 24.0
"""Pixels between the ears below which no region can be measured."""
LEAST_INSIDE = 0.8
"""Share of a face's outline that must lie inside the photo."""
LEAST_VISIBLE = 0.1
"""Area a garment visibly changes, as a share of the face's box, below which nobody sees it."""
LEAST_CHANGE = 32
"""Levels of 0–255 by which a pixel must differ from the photo to count as changed."""


@dataclass(frozen=True)
class Dressed:
    """A composite that shows what was asked.

    Attributes
    ----------
    composite : Composite
        With every face dressed; matte of all, coverage of the largest face.
    recipes : tuple of Recipe
        One per face.
    """

    composite: Composite
    recipes: tuple[Recipe, ...]


def usable_faces(
    image: NDArray[np.uint8], finder: FaceFinder, faces: str
) -> tuple[list[FaceMesh], str]:
    """Faces of a photo that can be dressed, or why there is none.

    Parameters
    ----------
    image : ndarray of shape (H, W, 3), uint8
        RGB.
    finder : FaceFinder
        Finds them.
    faces : {"largest", "all"}
        Which to give; all must be usable.

    Returns
    -------
    (list of FaceMesh, str)
        Faces, largest first, and an empty reason; or no face and the reason.
    """
    found = finder.find(image)
    if not found:
        return [], "no face found"
    wanted = found if faces == "all" else found[:1]
    height, width = image.shape[:2]
    for face in wanted:
        if face.head.scale * 145 < SMALLEST_FACE:
            return [], f"face smaller than {SMALLEST_FACE:g} pixels"
        if mesh_edges_inside(face, width, height) < LEAST_INSIDE:
            return [], "face cut off by the border"
    return wanted, ""


def dress_photo(
    image: NDArray[np.uint8],
    faces: list[FaceMesh],
    photo: str,
    variant: int,
    state: str,
    settings: Settings,
    sitters: dict[int, Sitter],
) -> Dressed | None:
    """Put a garment on every given face, in the state asked for.

    Parameters
    ----------
    image : ndarray of shape (H, W, 3), uint8
        RGB photo.
    faces : list of FaceMesh
        Faces to dress.
    photo : str
        Its ``image_id``; seeds the recipes.
    variant : int
        Number of the composite.
    state : str
        Wear state asked for.
    settings : Settings
        Garments and seed.
    sitters : dict of int to Sitter
        Faces studied already, filled as needed; valid for one photo.

    Returns
    -------
    Dressed or None
        None if the state could not be reached within `ATTEMPTS`.
    """
    picture, recipes = image, []
    matte = np.zeros(image.shape[:2], dtype=np.float32)
    coverage: dict[str, float] = {}
    for number, face in enumerate(faces):
        if number not in sitters:
            sitters[number] = Sitter.study(image, face)
        found = _dress_face(sitters[number].on(picture), photo, number, variant, state, settings)
        if found is None:
            return None
        composite, recipe = found
        picture, coverage = composite.image, coverage or composite.coverage
        matte = np.maximum(matte, composite.matte)
        recipes.append(recipe)
    return Dressed(Composite(picture, matte, coverage), tuple(recipes))


def _dress_face(
    sitter: Sitter, photo: str, number: int, variant: int, state: str, settings: Settings
) -> tuple[Composite, Recipe] | None:
    families = family_weights(settings.garments, state)
    for attempt in range(ATTEMPTS):
        recipe = draw_recipe(
            sitter.field, families, seed=settings.seed, photo=photo, face=number,
            variant=variant, attempt=attempt, state=state, framing=settings.framing,
            occlusion=settings.occlusion,
        )  # fmt: skip
        composite = compose(sitter, recipe)
        seen = visible_area(sitter.image, composite) >= LEAST_VISIBLE * sitter.face.area
        agrees = WEAR_STATES[state].agrees
        if seen and all(agrees(c) for c in (composite.coverage, composite.laid) if c):
            return composite, recipe
    return None


def visible_area(photo: NDArray[np.uint8], composite: Composite) -> int:
    """Pixels a garment covers and visibly changes: black on a black coat is not seen.

    Parameters
    ----------
    photo : ndarray of shape (H, W, 3), uint8
        RGB photo the composite was made on.
    composite : Composite
        Made on it.
    """
    return _count_changed(photo, composite.image, composite.matte, LEAST_CHANGE)


@numba.njit(cache=True)
def _count_changed(photo, image, matte, least):  # pragma: no cover - compiled
    changed = 0
    for y in range(matte.shape[0]):
        for x in range(matte.shape[1]):
            if matte[y, x] > 0.5:
                for k in range(3):
                    if abs(int(image[y, x, k]) - int(photo[y, x, k])) > least:
                        changed += 1
                        break
    return changed
