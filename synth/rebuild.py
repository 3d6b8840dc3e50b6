"""Make one image of a synthetic set again, byte for byte, from its record and landmarks."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.dataset import Dataset, open_dataset
from ingest.image_check import ImageRejected
from ingest.images import open_image, upright_rgb
from synth.compose import Sitter, compose
from synth.encode import Encoding
from synth.errors import NotAComposite, SynthError
from synth.landmarks import FILE, read_hands, read_landmarks
from synth.photo.framing import frame_photo, moved_hands
from synth.recipe import Recipe


@dataclass(frozen=True)
class Rebuilt:
    """A composite made again.

    Attributes
    ----------
    content : bytes
        Of the file.
    path : str
        Of the image in its set.
    identical : bool
        Whether its hash is the recorded one.
    """

    content: bytes
    path: str
    identical: bool


def rebuild(root: Path, name: str, image_id: str) -> Rebuilt:
    """Make an image of a synthetic set again, without detecting faces.

    Parameters
    ----------
    root : Path
        Data root; the photo's data set must be there.
    name : str
        The synthetic set.
    image_id : str
        Key of the composite.

    Raises
    ------
    NotAComposite
        If the set has no such image, or it has no recipe.
    SynthError
        If the photo is missing or not the one the composite was made from.
    """
    dataset = open_dataset(root, name)
    row = _row(dataset, image_id)
    parent = json.loads(row["source_fields"])["photo"]
    photo = open_dataset(root, parent["dataset"]).image_path(parent["path"])
    try:
        content = photo.read_bytes()
        opened = open_image(photo)
    except (OSError, ImageRejected) as error:
        message = f"{photo}: the photo it was made from cannot be read ({error}). Pull it again."
        raise SynthError(message) from error
    if hashlib.sha256(content).hexdigest() != parent["sha256"]:
        message = f"{photo}: is not the photo it was made from. Pull {parent['dataset']} again."
        raise SynthError(message)
    landmarks = read_landmarks(dataset.folder / FILE, row["parent_id"])
    recipes = read_recipes(row["recipe"])
    first, found = recipes[0], [landmarks[number] for number in sorted(landmarks)]
    framed = (first.framing, first.seed, first.photo)
    image, faces, _ = frame_photo(upright_rgb(opened), found, *framed)
    hands = moved_hands(read_hands(dataset.folder / FILE, row["parent_id"]), found[0], *framed)
    picture = image
    for recipe in recipes:
        sitter = Sitter.study(image, faces[recipe.face], hands)
        picture = compose(sitter.on(picture), recipe).image
    made = Encoding.of(opened).encode(picture)
    return Rebuilt(made, row["path"], hashlib.sha256(made).hexdigest() == row["sha256"])


def read_recipes(text: str) -> list[Recipe]:
    """Recipes of a record, one per dressed face.

    Raises
    ------
    SynthError
        If the text is none of ours.
    """
    try:
        return [Recipe.from_json(json.dumps(fields)) for fields in json.loads(text)]
    except ValueError as error:
        message = f"recipe: {error}. The set was made by another version; make it again."
        raise SynthError(message) from error


def _row(dataset: Dataset, image_id: str) -> dict[str, Any]:
    records = dataset.records()
    rows = records[(records["image_id"] == image_id).to_numpy()]
    if rows.empty or rows["recipe"].isna().iloc[0]:
        have = records[records["recipe"].notna()]["image_id"].head(3).tolist()
        message = (
            f"{dataset.name}: no composite {image_id!r}. Expected an image_id of its records, "
            f"such as {', '.join(have) or '(the set holds none)'}."
        )
        raise NotAComposite(message)
    return {str(k): v for k, v in rows.iloc[0].to_dict().items()}
