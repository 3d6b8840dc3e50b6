"""Whether a file is an image that can be used, decided without trusting it."""

import hashlib
import io
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from ingest.images import BROKEN, ImageRejected, decoding

MAX_BYTES = 256 * 2**20
_ORIENTATION, _DATE_TIME, _EXIF_BLOCK = 0x0112, 0x0132, 0x8769
_TAKEN = (0x9003, 0x9004)
_ROTATED = (5, 6, 7, 8)


@dataclass(frozen=True)
class ImageFacts:
    """What is known of a sound image.

    Attributes
    ----------
    sha256 : str
        Of the file's bytes.
    width, height : int
        Pixels, after EXIF orientation.
    fields : dict of str to str
        ``exif_taken`` (date of exposure) and ``exif_edited`` (date of last editing), if there.
    """

    sha256: str
    width: int
    height: int
    fields: dict[str, str] = field(default_factory=dict)


def check_image(path: Path) -> ImageFacts:
    """Read a file as an image, to its last pixel.

    Raises
    ------
    ImageRejected
        If it is empty, no image of a known format, too large, damaged or cut off.
    """
    size = path.stat().st_size
    if size == 0:
        message = "is empty (0 bytes)"
        raise ImageRejected(message)
    if size > MAX_BYTES:
        message = f"has {size} bytes, more than {MAX_BYTES}"
        raise ImageRejected(message)
    content = path.read_bytes()
    width, height, fields = _decode(content)
    return ImageFacts(hashlib.sha256(content).hexdigest(), width, height, fields)


def _decode(content: bytes) -> tuple[int, int, dict[str, str]]:
    with decoding(io.BytesIO(content)) as image:
        fields, rotated = _exif(image)
        width, height = image.size
        image.draft(None, (max(1, width // 8), max(1, height // 8)))
        image.load()
    return (height, width, fields) if rotated else (width, height, fields)


def _exif(image: Image.Image) -> tuple[dict[str, str], bool]:
    """Dates of the EXIF header, and whether it says to turn the image on its side."""
    try:
        exif = image.getexif()
        block = exif.get_ifd(_EXIF_BLOCK)
        taken = next((str(block[tag]) for tag in _TAKEN if block.get(tag)), "")
        edited = str(exif.get(_DATE_TIME, ""))
        rotated = exif.get(_ORIENTATION) in _ROTATED
    except BROKEN:
        return {}, False
    dates = {"exif_taken": taken, "exif_edited": edited}
    return {name: date.replace("\x00", "").strip() for name, date in dates.items() if date}, rotated
