"""Make the pictures of the documents from the two packaged public-domain photographs."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ingest.faces import FaceMesher
from ingest.images import open_image, upright_rgb
from ingest.pulling.pull import pull
from ingest.taxonomy import WEAR_STATES
from synth.compose import Sitter
from synth.dresser import dress_photo
from synth.garments import FAMILIES
from synth.planning.settings import Settings

PICTURES = Path(__file__).parent / "pictures"
TILE, CAPTION = (216, 264), 24
QUALITY = 86


def main() -> None:
    """Write ``states.jpg``, ``families.jpg`` and ``audit.jpg``."""
    sitters = portraits()
    states = [name for name in WEAR_STATES if name != "none"]
    save("states.jpg", [[tile(s, state, (), v) for state in states] for v, s in enumerate(sitters)])
    names = list(FAMILIES)
    save(
        "families.jpg",
        [[tile(sitters[k % 2], "correct", (name,), k) for k, name in enumerate(names)]],
        columns=5,
    )
    picture_audit()


def picture_audit() -> None:
    """Picture the audit of both people and their composites, as a browser shows the page."""
    with tempfile.TemporaryDirectory() as root:
        report = Path(root) / "audit.html"
        for words in (
            ["ingest", "pull", "public_portraits"],
            ["synth", "masks", "--src", "public_portraits", "--out", "masked"],
            ["ingest", "audit", "public_portraits", "masked", "--html", str(report)],
        ):
            subprocess.run([sys.executable, "-m", *words, "--root", root], check=True)
        photograph(report, PICTURES / "audit.jpg")


def photograph(report: Path, picture: Path) -> None:
    """The head of a report and, below it, its class grid, as Debian's Chromium shows them."""
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("MASKCLS_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1240, "height": 800}, color_scheme="light")
        page.goto(report.as_uri())
        whole = Path(folder) / "whole.png"
        page.screenshot(path=whole, full_page=True)
        title = page.locator("#balance-title").bounding_box()
        grid = page.locator("#balance table.grid").bounding_box()
        browser.close()
        shot = Image.open(whole).convert("RGB")
    top, bottom = int(title["y"]) - 4, int(grid["y"] + grid["height"]) + 16
    sheet = Image.new("RGB", (shot.width, 800 + bottom - top))
    sheet.paste(shot.crop((0, 0, shot.width, 800)), (0, 0))
    sheet.paste(shot.crop((0, top, shot.width, bottom)), (0, 800))
    sheet.thumbnail((1000, 2000), Image.Resampling.LANCZOS)
    sheet.save(picture, quality=QUALITY, optimize=True)


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
