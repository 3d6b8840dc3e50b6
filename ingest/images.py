"""Decode an image file, upright and in RGB, without trusting it."""

import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from ingest.image_check import FORMATS, MAX_PIXELS, ImageRejected

_BROKEN = (OSError, ValueError, SyntaxError, struct.error, zlib.error, EOFError, IndexError,
           KeyError, TypeError, OverflowError, MemoryError)  # fmt: skip


def open_image(path: Path | str) -> Image.Image:
    """Open an image file and decode it to its last pixel, as it is stored.

    Raises
    ------
    ImageRejected
        If it is missing, no image of a known format, too large or damaged; the text says which.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(path, formats=FORMATS)
            if image.width * image.height > MAX_PIXELS:
                image.close()
                message = f"has {image.width}×{image.height} pixels, more than {MAX_PIXELS}"
                raise ImageRejected(message)
            image.load()
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
    except _BROKEN as error:
        message = f"is damaged ({' '.join(str(error).split())[:100] or type(error).__name__})"
        raise ImageRejected(message) from error
    return image


def upright_rgb(image: Image.Image) -> NDArray[np.uint8]:
    """Pixels of an opened image after EXIF orientation, shape (H, W, 3), RGB uint8.

    Transparent pixels are laid over white; 16-bit grey is scaled to 8 bits.
    """
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I;16"):
        return np.repeat((np.asarray(upright) >> 8).astype(np.uint8)[..., None], 3, axis=2)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        rgba = upright.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        upright = Image.alpha_composite(white, rgba)
    return np.array(upright.convert("RGB"))
