"""Small pictures inside the page: decoded carefully, since the files are anybody's."""

import base64
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ingest.images import ImageRejected, open_image, upright_rgb

LONGEST = 288
"""Pixels of the longer side; the page shows it smaller and opens it at this size."""


FRAME = 2.4
"""Width and height shown around a face, as a multiple of the face's larger side."""


def data_uri(
    path: Path,
    face: tuple[float, float, float, float] | None = None,
    longest: int = LONGEST,
    quality: int = 78,
) -> str:
    """JPEG of an image as a data URI; empty if it cannot be decoded.

    Parameters
    ----------
    path : Path
        Any image file.
    face : (float, float, float, float), optional
        Face box x0, y0, x1, y1 in pixels of the upright image, to show it and its surroundings.
    longest : int
        Pixels of the longer side, at most.
    quality : int
        JPEG quality, 1–95.
    """
    try:
        picture = Image.fromarray(upright_rgb(open_image(path)))
    except (ImageRejected, OSError):
        return ""
    if face:
        picture = picture.crop(around_face(face, picture.width, picture.height))
    picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return _encoded(picture, quality)


def array_uri(image: NDArray[np.uint8], longest: int = LONGEST, quality: int = 78) -> str:
    """JPEG of an array of shape (H, W, 3), RGB, as a data URI, its longer side brought to size."""
    picture, scale = Image.fromarray(image), longest / max(image.shape[:2])
    size = round(picture.width * scale), round(picture.height * scale)
    return _encoded(picture.resize(size, Image.Resampling.BICUBIC), quality)


def _encoded(picture: Image.Image, quality: int) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def around_face(
    face: tuple[float, float, float, float], width: int, height: int
) -> tuple[int, int, int, int]:
    """Square around a face, moved and cut to fit into an image of `width` × `height` pixels.

    Examples
    --------
    >>> around_face((40, 40, 60, 60), 100, 200)
    (26, 26, 74, 74)
    >>> around_face((0, 0, 90, 90), 100, 80)
    (0, 0, 100, 80)
    """
    x0, y0, x1, y1 = face
    side = FRAME * max(x1 - x0, y1 - y0)
    left, right = _span((x0 + x1) / 2, side, width)
    top, bottom = _span((y0 + y1) / 2, side, height)
    return left, top, right, bottom


def _span(centre: float, side: float, limit: int) -> tuple[int, int]:
    low = max(0.0, min(centre - side / 2, limit - side))
    return round(low), round(min(low + side, limit))
