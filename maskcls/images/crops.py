"""Which part of an image is looked at: by name, by the face box, or by fixed pixels."""

from collections.abc import Sequence

import numpy as np

from maskcls.config.sections import DataConfig

Area = tuple[float, float, float, float]

PARTS = {
    "forehead": (0.1, -0.15, 0.9, 0.3),
    "nose_chin": (0.0, 0.35, 1.0, 1.1),
    "chin_neck": (-0.1, 0.75, 1.1, 1.5),
    "upper_body": (-0.75, -0.5, 1.75, 2.5),
}
"""x0, y0, x1, y1 of each part in units of the face box: (0, 0) its corner, (1, 1) the other."""

NEEDS_BOX = ("face", *PARTS)


def crop_area(
    box: Sequence[float] | None, size: tuple[int, int], config: DataConfig
) -> Area | None:
    """Part of an image to take.

    Parameters
    ----------
    box : sequence of 4 floats or None
        Face box x0, y0, x1, y1 in pixels, NaN where unknown.
    size : (int, int)
        Width and height of the image.
    config : DataConfig
        The crop, its sizes and margins.

    Returns
    -------
    (float, float, float, float) or None
        x0, y0, x1, y1 within the image; None for the whole image.
    """
    if config.crop == "image":
        return None
    if config.crop == "centre":
        return _centre(size, config.crop_size)
    if config.crop == "rectangle":
        return _rectangle(size, config)
    if not has_box(box):
        return _rectangle(size, config)
    if config.crop == "face":
        return face_area(box, size, config)
    return _inside(_part(np.asarray(box, dtype=float), PARTS[config.crop]), size)


def has_box(box: Sequence[float] | None) -> bool:
    """Whether a face box is known and has an area."""
    return box is not None and bool(np.isfinite(box).all()) and box[2] > box[0] and box[3] > box[1]


def face_area(
    box: Sequence[float] | None, size: tuple[int, int], config: DataConfig
) -> Area | None:
    """Part of the image around a face, with its margin and the aspect of the input.

    None, for the whole image, without a usable box.
    """
    if box is None or not has_box(box):
        return None
    centre = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
    extent = np.array([box[2] - box[0], box[3] - box[1]]) * (1 + 2 * config.margin)
    extent = extent + 2 * config.margin_pixels
    aspect = config.size[1] / config.size[0]
    extent = np.maximum(extent, [extent[1] * aspect, extent[0] / aspect])
    low, high = centre - extent / 2, centre + extent / 2
    return _inside((low[0], low[1], high[0], high[1]), size)


def _part(box: np.ndarray, part: Area) -> Area:
    corner, extent = box[:2], box[2:] - box[:2]
    low, high = corner + extent * part[:2], corner + extent * part[2:]
    return low[0], low[1], high[0], high[1]


def _centre(size: tuple[int, int], wanted: tuple[int, int]) -> Area | None:
    width, height = min(wanted[1], size[0]), min(wanted[0], size[1])
    x, y = (size[0] - width) // 2, (size[1] - height) // 2
    return _inside((x, y, x + width, y + height), size)


def _rectangle(size: tuple[int, int], config: DataConfig) -> Area | None:
    top, bottom, left, right = config.rectangle
    return _inside((left, top, right, bottom), size) if right > left and bottom > top else None


def _inside(area: Area, size: tuple[int, int]) -> Area | None:
    low, high = np.clip(area[:2], 0, size), np.clip(area[2:], 0, size)
    if (high - low).min() < 1:
        return None
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
