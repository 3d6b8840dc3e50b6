"""Faces cut out of pictures that show several people."""

import io
from pathlib import Path

from PIL import Image

from ingest.adapters.base import Box
from ingest.images import ImageRejected, open_image, upright_rgb

QUALITY = 95
"""JPEG quality of a crop: high enough not to add a trace of its own that a model could learn."""
MIN_SIDE = 16
"""Shortest side of a crop in pixels that is still kept."""
_COLUMNS = ("face_x0", "face_y0", "face_x1", "face_y1")


def crop_face(file: Path, box: Box) -> bytes:
    """JPEG of a face with its margin, cut out of the upright picture.

    Raises
    ------
    ImageRejected
        If the picture cannot be read, or too little of the box lies inside it.
    """
    image = Image.fromarray(upright_rgb(open_image(file)))
    x0, y0, x1, y1 = _pixels(box, image.width, image.height)
    along, down = (x1 - x0) * box.margin, (y1 - y0) * box.margin
    area = (max(0, round(x0 - along)), max(0, round(y0 - down)),
            min(image.width, round(x1 + along)), min(image.height, round(y1 + down)))  # fmt: skip
    if area[2] - area[0] < MIN_SIDE or area[3] - area[1] < MIN_SIDE:
        message = f"its face box leaves fewer than {MIN_SIDE} pixels of the picture"
        raise ImageRejected(message)
    stream = io.BytesIO()
    image.crop(area).save(stream, "JPEG", quality=QUALITY, subsampling=0)
    return stream.getvalue()


def face_columns(box: Box | None, width: int, height: int) -> dict[str, float]:
    """Record columns of a face box in a picture that was kept whole.

    Parameters
    ----------
    box : Box, optional
        A crop has none: its margin may have been cut by the picture's border.
    width, height : int
        Size of the upright picture in pixels.
    """
    if box is None or box.crop:
        return {}
    return dict(zip(_COLUMNS, _pixels(box, width, height), strict=True))


def _pixels(box: Box, width: int, height: int) -> tuple[float, float, float, float]:
    across, down = (width, height) if box.relative else (1, 1)
    return box.x0 * across, box.y0 * down, box.x1 * across, box.y1 * down
