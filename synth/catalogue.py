"""Every garment family with its weight, its wear states and a picture, drawn on nobody's face."""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ingest.atomic import atomic_path
from ingest.taxonomy import WEAR_STATES
from synth import garments, wear
from synth.compose import Sitter, compose
from synth.drawing.texture import lit_texture
from synth.garments.base import Canvas, Cut, Garment
from synth.mannequin import mannequin
from synth.photo.light import Light
from synth.recipe import derived_rng, draw_recipe

TILE = (224, 280)
_HEADING, _CAPTION, _GAP, _MARGIN = 40, 22, 6, 24
_INK, _PAPER, _FAINT = (28, 30, 34), (250, 249, 246), (120, 124, 130)
_ATTEMPTS = 10
_YAW = 32.0
_DRAWN = 3
"""Half tile widths at which a picture is composed, before it is scaled down to its tile."""
_TEXELS_PER_MM = 1.2
Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Entry:
    """One family.

    Attributes
    ----------
    name : str
        Word typed after ``--garments``.
    weight : float
        Share of composites drawn with it when all families are allowed, 0–1.
    states : tuple of str
        Wear states it takes, in the order of `WEAR_STATES`.
    purpose : str
        What it is, in a line.
    """

    name: str
    weight: float
    states: tuple[str, ...]
    purpose: str


def list_families() -> list[Entry]:
    """Every family, in the order of `synth.garments.FAMILIES`."""
    total = sum(family.weight for family in garments.FAMILIES.values())
    return [
        Entry(
            family.name,
            family.weight / total,
            tuple(state for state in WEAR_STATES if state in family.states),
            (type(family).__doc__ or "").strip().rstrip(".").lower(),
        )
        for family in garments.FAMILIES.values()
    ]


def write_catalogue(path: Path, seed: int = 0) -> Path:
    """Write a contact sheet of all families as a PNG: flat, worn, turned and in each state.

    Parameters
    ----------
    path : Path
        File to write.
    seed : int
        Which garments are drawn.

    Returns
    -------
    Path
        The file written.
    """
    sitters = [_sitter(yaw) for yaw in (0.0, _YAW)]
    rows = [_row(entry, sitters, seed) for entry in list_families()]
    with atomic_path(path) as temporary:
        _sheet(rows).save(temporary, format="PNG")
    return path


def flat_lay(family: Garment, light: Light, seed: int) -> Picture:
    """Picture of one garment as it is drawn, before it is bent over a face."""
    params = family.sample(derived_rng(seed, family.name, "flat"))
    cut = family.cut(params)
    columns, rows = (round(length * _TEXELS_PER_MM) for length in (cut.width, cut.height))
    canvas = Canvas.of_size(columns, rows, cut.width, cut.height)
    drawing = family.draw(params, canvas, derived_rng(seed, family.name, "texture"))
    cloth = _cut_to_shape(lit_texture(drawing, cut, light, np.eye(3)), canvas, cut)
    return np.round(cloth[..., :3] * cloth[..., 3:] + _PAPER * (1 - cloth[..., 3:])).astype(
        np.uint8
    )


def _cut_to_shape(rgba: NDArray[np.float32], canvas: Canvas, cut: Cut) -> NDArray[np.float32]:
    """Lay a drawing out between the edges of its cut; RGB 0–255, alpha 0 outside."""
    top, bottom = cut.edges(canvas.u)
    height = canvas.shape[0]
    rows = (canvas.v - top) / np.maximum(bottom - top, np.float32(0.02)) * np.float32(height - 1)
    columns = np.arange(canvas.shape[1], dtype=np.float32)[None]
    columns = np.ascontiguousarray(np.broadcast_to(columns, canvas.shape))
    laid = cv2.remap(rgba, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    laid[..., 3] *= np.clip(np.minimum(rows, height - 1 - rows) + 1, 0, 1)
    laid[..., :3] *= 255
    return laid


def worn(family: Garment, sitter: Sitter, state: str, variant: int, seed: int) -> Picture:
    """Picture of a sitter who wears a garment so; the last attempt if none measures as asked."""
    for attempt in range(_ATTEMPTS):
        recipe = draw_recipe(
            sitter.field, {family.name: 1.0}, seed=seed, photo=f"catalogue {family.name}", face=0,
            variant=variant, attempt=attempt, state=state,
        )  # fmt: skip
        composite = compose(sitter, recipe)
        if WEAR_STATES[state].agrees(composite.coverage):
            break
    return composite.image


def _sitter(yaw: float) -> Sitter:
    """The bust, seen by a sharp camera: its own smoothness is no blur of a lens."""
    sitter = Sitter.study(*mannequin(_DRAWN * TILE[0] // 2, yaw))
    return replace(sitter, camera=replace(sitter.camera, blur=0.5, noise=0.0))


def _row(entry: Entry, sitters: list[Sitter], seed: int) -> tuple[Entry, list[tuple[str, Picture]]]:
    family, (frontal, turned) = garments.FAMILIES[entry.name], sitters
    tiles = [("flat", flat_lay(family, frontal.light, seed))]
    tiles += [("correct", worn(family, frontal, "correct", k, seed)) for k in range(2)]
    tiles.append(("correct, turned", worn(family, turned, "correct", 2, seed)))
    for state in entry.states:
        if state != "correct" and state in wear.PLACERS:
            tiles.append((state, worn(family, frontal, state, 3, seed)))
    return entry, tiles


def _sheet(rows: list[tuple[Entry, list[tuple[str, Picture]]]]) -> Image.Image:
    columns = max(len(tiles) for _, tiles in rows)
    step_x, step_y = TILE[0] + _GAP, _HEADING + TILE[1] + _CAPTION + _GAP
    size = (2 * _MARGIN + columns * step_x - _GAP, 2 * _MARGIN + len(rows) * step_y)
    sheet = Image.new("RGB", size, _PAPER)
    draw = ImageDraw.Draw(sheet)
    for number, (entry, tiles) in enumerate(rows):
        top = _MARGIN + number * step_y
        draw.text((_MARGIN, top), entry.name, _INK, _font(22))
        end = _MARGIN + draw.textlength(entry.name, _font(22)) + 14
        draw.text((end, top + 7), f"{entry.weight:.1%}  {entry.purpose}", _FAINT, _font(15))
        for column, (caption, picture) in enumerate(tiles):
            left = _MARGIN + column * step_x
            sheet.paste(_tile(picture), (left, top + _HEADING))
            draw.text((left, top + _HEADING + TILE[1] + 2), caption, _FAINT, _font(13))
    return sheet


def _tile(picture: Picture) -> Image.Image:
    image = Image.fromarray(picture)
    share = min(TILE[0] / image.width, TILE[1] / image.height)
    size = (round(image.width * share), round(image.height * share))
    tile = Image.new("RGB", TILE, _PAPER)
    place = ((TILE[0] - size[0]) // 2, (TILE[1] - size[1]) // 2)
    tile.paste(image.resize(size, Image.Resampling.LANCZOS), place)
    return tile


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
