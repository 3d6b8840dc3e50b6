"""Make the pictures of docs/compositor.md from the two packaged public-domain photographs."""

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ingest.faces import FaceMesher
from ingest.images import open_image, upright_rgb
from ingest.pull import pull
from ingest.taxonomy import WEAR_STATES
from synth.compose import Sitter
from synth.dresser import dress_photo
from synth.garments import FAMILIES
from synth.settings import Settings

PICTURES = Path(__file__).parent / "pictures"
TILE, CAPTION = (216, 264), 24
QUALITY = 86


def main() -> None:
    """Write ``states.jpg`` and ``families.jpg``."""
    sitters = portraits()
    states = [name for name in WEAR_STATES if name != "none"]
    save("states.jpg", [[tile(s, state, (), v) for state in states] for v, s in enumerate(sitters)])
    names = list(FAMILIES)
    save(
        "families.jpg",
        [[tile(sitters[k % 2], "correct", (name,), k) for k, name in enumerate(names)]],
        columns=5,
    )


def portraits() -> list[Sitter]:
    """Both packaged people, studied."""
    with tempfile.TemporaryDirectory() as root, FaceMesher() as mesher:
        dataset = pull("public_portraits", Path(root)).dataset
        paths = [dataset.image_path(path) for path in dataset.records()["path"]]
        images = [upright_rgb(open_image(path)) for path in paths]
        return [Sitter.study(image, mesher.find(image)[0]) for image in images]


def tile(sitter: Sitter, state: str, families: tuple[str, ...], variant: int) -> Image.Image:
    """One composite, cut to the head, with its caption."""
    settings = Settings(sources=(), states=(state,), garments=families, seed=20)
    dressed = dress_photo(
        sitter.image, [sitter.face], "docs", variant, state, settings, {0: sitter}
    )
    if dressed is None:
        message = f"{state} {families}: not reached"
        raise SystemExit(message)
    picture = Image.fromarray(_around(sitter, dressed.composite.image)).resize(TILE)
    card = Image.new("RGB", (TILE[0], TILE[1] + CAPTION), "white")
    card.paste(picture, (0, 0))
    text = families[0] if families else state
    ImageDraw.Draw(card).text((2, TILE[1] + 4), text, "black", ImageFont.load_default(15))
    return card


def _around(sitter: Sitter, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    x0, y0, x1, y1 = sitter.face.box
    height = min(2.0 * (y1 - y0), image.shape[0])
    width = height * TILE[0] / TILE[1]
    left = int(np.clip((x0 + x1 - width) / 2, 0, image.shape[1] - width))
    top = int(np.clip((y0 + y1) / 2 - 0.46 * height, 0, image.shape[0] - height))
    return image[top : top + int(height), left : left + int(width)]


def save(name: str, rows: list[list[Image.Image]], columns: int | None = None) -> None:
    """Lay tiles out in rows and write them as a JPEG."""
    tiles = [one for row in rows for one in row]
    columns = columns or len(rows[0])
    lines = -(-len(tiles) // columns)
    wide, tall = TILE[0] + 6, TILE[1] + CAPTION + 6
    sheet = Image.new("RGB", (columns * wide - 6, lines * tall - 6), "white")
    for k, one in enumerate(tiles):
        sheet.paste(one, (k % columns * wide, k // columns * tall))
    PICTURES.mkdir(exist_ok=True)
    sheet.save(PICTURES / name, quality=QUALITY, optimize=True)


if __name__ == "__main__":
    main()
