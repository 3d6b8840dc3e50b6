"""Small pictures inside the page: decoded carefully, since the files are anybody's."""

import base64
import io
from pathlib import Path

from PIL import Image

from ingest.image_check import ImageRejected
from ingest.images import open_image, upright_rgb

LONGEST = 288
"""Pixels of the longer side; the page shows it smaller and opens it at this size."""


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
        picture = Image.fromarray(upright_rgb(open_image(path)))
    except (ImageRejected, OSError):
        return ""
    picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
