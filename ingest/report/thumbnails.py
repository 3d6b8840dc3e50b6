"""Small pictures inside the page: decoded carefully, since the files are anybody's."""

import base64
import io
import warnings
from pathlib import Path

from PIL import Image, ImageOps

LONGEST = 288
"""Pixels of the longer side; the page shows it at half the size and opens it at this one."""
_MOST_PIXELS = 80_000_000


def data_uri(path: Path, longest: int = LONGEST, quality: int = 78) -> str:
    """JPEG of an image as a data URI; empty if it cannot be decoded.

    Parameters
    ----------
    path : Path
        Any image file.
    longest : int
        Pixels of the longer side, at most.
    quality : int
        JPEG quality, 1–95.
    """
    try:
        picture = _small(path, longest)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return ""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def _small(path: Path, longest: int) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(path) as image:
            if image.width * image.height > _MOST_PIXELS:
                message = f"{image.width}×{image.height} pixels"
                raise ValueError(message)
            image.draft("RGB", (longest, longest))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    upright.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return upright
