"""Whether two pictures are the same one, told by laying one over the other and comparing detail."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ingest.audit.pictures import VIEWS
from ingest.image_check import ImageRejected
from ingest.images import open_image, upright_rgb

SAME = 0.85
"""Similarity from which two pictures count as one; look-alike portraits stay below 0.75."""
SIDE = 96
_DETAIL_SIGMA = 4.0
"""Pixels: slower changes, which all portraits of one studio share, do not count."""
_EDGE = 9
_SMALLEST_OVERLAP = 0.5
_STEPS = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 40, 1e-4)


def thumbnail(path: Path) -> NDArray[np.float32]:
    """Grey picture squeezed into a square, shape (96, 96), 0–255.

    Raises
    ------
    ImageRejected
        If it cannot be decoded.
    """
    image = open_image(path)
    grey = Image.fromarray(upright_rgb(image)).convert("L")
    return np.asarray(grey.resize((SIDE, SIDE), Image.Resampling.LANCZOS), np.float32)


def seen_as(picture: NDArray[np.float32], view: int) -> NDArray[np.float32]:
    """A square picture turned as a view of `ingest.audit.pictures.VIEWS`; its crop is left out."""
    turn = VIEWS[view][0]
    turned = Image.fromarray(picture) if turn is None else Image.fromarray(picture).transpose(turn)
    return np.ascontiguousarray(turned, dtype=np.float32)


def similarity(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Correlation of the fine detail of two pictures after laying one over the other.

    The affine map between them is found by maximising their enhanced correlation coefficient
    (Evangelidis & Psarakis, 2008, doi:10.1109/TPAMI.2008.113).

    Parameters
    ----------
    one, other : ndarray of shape (96, 96), float32
        As of `thumbnail`.

    Returns
    -------
    float
        -1 to 1; 0 where they cannot be laid over each other.

    Examples
    --------
    >>> picture = np.random.default_rng(0).uniform(0, 255, (96, 96)).astype(np.float32)
    >>> round(similarity(picture, picture), 3)
    1.0
    """
    start = np.eye(2, 3, dtype=np.float32)
    try:
        _, warp = cv2.findTransformECC(one, other, start, cv2.MOTION_AFFINE, _STEPS, None, 5)
    except cv2.error:
        return 0.0
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(other, warp, (SIDE, SIDE), flags=flags)
    inside = cv2.warpAffine(np.ones_like(other), warp, (SIDE, SIDE), flags=flags) > 0.99
    inner = cv2.erode(inside.astype(np.uint8), np.ones((_EDGE, _EDGE)), borderValue=0) > 0
    if inner.mean() < _SMALLEST_OVERLAP:
        return 0.0
    return _correlation(_detail(one)[inner], _detail(laid)[inner])


def _detail(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    return picture - cv2.GaussianBlur(picture, (0, 0), _DETAIL_SIGMA)


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    one, other = one - one.mean(), other - other.mean()
    norm = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / norm if norm > 0 else 0.0


def try_thumbnail(path: Path) -> NDArray[np.float32] | None:
    """Picture as of `thumbnail`, None if the file cannot be read any more."""
    try:
        return thumbnail(path)
    except (ImageRejected, OSError):
        return None
