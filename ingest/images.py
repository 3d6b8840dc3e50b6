"""The one door through which image files are opened: decoded without trusting them."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

MAX_PIXELS = 64_000_000
"""Largest width × height that is decoded; a photo of 8000×8000 just fits."""
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")
BROKEN = (OSError, ValueError, SyntaxError, struct.error, zlib.error, EOFError, IndexError,
          KeyError, TypeError, OverflowError, MemoryError)  # fmt: skip
"""What Pillow's decoders raise on damaged files."""


class ImageRejected(ValueError):
    """A file that is no usable image; its text is the reason."""


@contextmanager
def decoding(source: Path | str | IO[bytes]) -> Iterator[Image.Image]:
    """Give an opened image whose header was checked; its pixels are not decoded yet.

    Whatever decoding raises inside the block becomes an `ImageRejected`. The image is not
    closed, since it may be what the caller wants.

    Raises
    ------
    ImageRejected
        If it is missing, no image of a known format, too large or damaged; the text says which.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(source, formats=FORMATS)
            _refuse_large(image)
            yield image
    except ImageRejected:
        raise
    except FileNotFoundError as error:
        message = "no such file"
        raise ImageRejected(message) from error
    except Image.DecompressionBombError as error:
        message = f"has more than {MAX_PIXELS} pixels; it was not decoded"
        raise ImageRejected(message) from error
    except Image.UnidentifiedImageError as error:
        message = "is no image of a known format"
        raise ImageRejected(message) from error
    except BROKEN as error:
        reason = " ".join(str(error).split())[:100] or type(error).__name__
        message = f"is damaged ({reason})"
        raise ImageRejected(message) from error


def _refuse_large(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        size = f"{image.width}×{image.height}"
        image.close()
        message = f"has {size} pixels, more than {MAX_PIXELS}; it was not decoded"
        raise ImageRejected(message)


def open_image(source: Path | str | IO[bytes]) -> Image.Image:
    """Open an image file and decode it to its last pixel, as it is stored.

    Raises
    ------
    ImageRejected
        As of `decoding`.
    """
    with decoding(source) as image:
        image.load()
        return image


def upright_rgb(image: Image.Image) -> NDArray[np.uint8]:
    """Pixels of `upright`, shape (H, W, 3), RGB uint8."""
    return np.array(upright(image))


def upright(image: Image.Image) -> Image.Image:
    """An opened image after EXIF orientation, in mode RGB; it may be turned in place.

    Transparent pixels are laid over white; 16-bit grey is scaled to 8 bits.
    """
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return image.convert("RGB")
