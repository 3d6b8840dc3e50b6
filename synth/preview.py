"""Contact sheet of a synthetic set: each person's photo beside their composites."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageFont, ImageOps

from ingest.atomic import atomic_path
from ingest.dataset import Dataset, open_dataset
from ingest.image_check import ImageRejected
from ingest.images import open_image, upright_rgb
from synth.errors import NothingComposed
from synth.recipe import derived_rng

TILE = (300, 366)
_CAPTION, _GAP, _MARGIN, _HEADER = 34, 10, 28, 74
_INK, _PAPER, _FAINT = (28, 30, 34), (250, 249, 246), (120, 124, 130)
_SMALLER = 13


def make_preview(root: Path, name: str, people: int, out: Path | None, seed: int = 0) -> Path:
    """Write a contact sheet as a PNG.

    Parameters
    ----------
    root : Path
        Data root.
    name : str
        The synthetic set.
    people : int
        Photos to show, drawn by `seed`.
    out : Path, optional
        File to write; default ``preview.png`` in the set's folder.
    seed : int
        Which photos.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    NothingComposed
        If the set holds no composite.
    """
    dataset = open_dataset(root, name)
    records = dataset.records()
    composites = records[records["recipe"].notna()]
    if composites.empty:
        message = f"{dataset.folder}: holds no composite to show. Make some with `synth masks`."
        raise NothingComposed(message)
    parents = composites["parent_id"].drop_duplicates().to_numpy()
    rng = derived_rng(seed, "preview")
    shown = parents[np.sort(rng.choice(len(parents), min(people, len(parents)), replace=False))]
    rows = [_row_of(root, dataset, composites[composites["parent_id"] == p]) for p in shown]
    path = out or dataset.folder / "preview.png"
    with atomic_path(path) as temporary:
        _sheet(rows, f"{name}: {len(composites)} composites of {len(parents)} photos").save(
            temporary
        )
    return path


def _row_of(root: Path, dataset: Dataset, composites: pd.DataFrame) -> list[Image.Image]:
    first = composites.iloc[0]
    parent = json.loads(first["source_fields"])["photo"]
    photo = Dataset(root / parent["dataset"]).image_path(parent["path"])
    tiles = [_tile(photo, first, "photo", parent["dataset"])]
    for _, row in composites.iterrows():
        recipe = json.loads(row["recipe"])[0]
        tiles.append(
            _tile(dataset.image_path(row["path"]), row, row["wear_state"], recipe["family"])
        )
    return tiles


def _tile(path: Path, row: pd.Series, title: str, detail: str) -> Image.Image:
    tile = Image.new("RGB", (TILE[0], TILE[1] + _CAPTION), _PAPER)
    try:
        picture = Image.fromarray(upright_rgb(open_image(path)))
        picture = picture.crop(_around_face(row, picture.size))
        picture = ImageOps.fit(picture, TILE, Image.Resampling.LANCZOS)
        tile.paste(picture, (0, 0))
    except ImageRejected as error:
        title, detail = "not readable", str(error)
    draw = ImageDraw.Draw(tile)
    draw.text((2, TILE[1] + 7), title, _INK, _font(17))
    width = draw.textlength(title, _font(17))
    draw.text((12 + width, TILE[1] + 11), detail, _FAINT, _font(_SMALLER))
    return tile


def _around_face(row: pd.Series, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Head and shoulders, in the tile's shape, as far as the picture goes."""
    centre = ((row["face_x0"] + row["face_x1"]) / 2, (row["face_y0"] + row["face_y1"]) / 2)
    height = min(2.1 * (row["face_y1"] - row["face_y0"]), size[1], size[0] * TILE[1] / TILE[0])
    width = height * TILE[0] / TILE[1]
    left = float(np.clip(centre[0] - width / 2, 0, size[0] - width))
    top = float(np.clip(centre[1] - height / 2, 0, size[1] - height))
    return round(left), round(top), round(left + width), round(top + height)


def _sheet(rows: list[list[Image.Image]], title: str) -> Image.Image:
    columns = max(len(row) for row in rows)
    step_x, step_y = TILE[0] + _GAP, TILE[1] + _CAPTION + _GAP
    size = (2 * _MARGIN + columns * step_x - _GAP, _HEADER + len(rows) * step_y + _MARGIN)
    sheet = Image.new("RGB", size, _PAPER)
    ImageDraw.Draw(sheet).text((_MARGIN, 24), title, _INK, _font(26))
    for i, row in enumerate(rows):
        for j, tile in enumerate(row):
            sheet.paste(tile, (_MARGIN + j * step_x, _HEADER + i * step_y))
    return sheet


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
