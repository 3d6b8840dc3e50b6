"""What is measured in one picture: hashes of its content, its encoding, light and sharpness."""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ingest.images import open_image, upright_rgb

TURNS: tuple[Image.Transpose | None, ...] = (None, *Image.Transpose)
"""The eight ways to turn and mirror a square."""
UPRIGHT, MIRRORED = TURNS.index(None), TURNS.index(Image.Transpose.FLIP_LEFT_RIGHT)
CROP = 0.03
"""Margin cut off every side for the views that meet pictures cropped a little."""
VIEWS = (*((turn, 0.0) for turn in TURNS), (TURNS[UPRIGHT], CROP), (TURNS[MIRRORED], CROP))
"""Turn and margin of every hashed view; the first is the picture as it is."""
HASH_SIDE, COARSE_SIDE = 16, 8
"""Side of the square of frequencies that are hashed, and of its lowest ones in the first word."""
_WORK_SIDE = 64
_LUMA_TABLE = np.array(
    [16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
     14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
     18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
     49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99]
)  # fmt: skip
"""Quantisation of luminance at quality 50, ITU-T T.81 (1992), table K.1."""
_SHARP_SIDE = 256


@dataclass(frozen=True)
class PictureFacts:
    """What one decoded picture shows, whatever its labels say.

    Attributes
    ----------
    pixels : str
        Digest of the upright pixels: equal for the same picture in two files.
    format : str
        Of the file, as Pillow names it.
    jpeg_quality : float
        1–100 from the quantisation table, NaN if it is no JPEG.
    brightness, contrast : float
        Mean and standard deviation of the luma, 0–255.
    glare : float
        Share (0–1) of pixels at 250 or above in every channel.
    sharpness : float
        Variance of the Laplacian of the luma at 256 pixels of the longer side.
    lower_noise : float
        Fine detail of the lower half over that of the upper one, log2: what a pasted part changes.
    """

    pixels: str
    format: str
    jpeg_quality: float
    brightness: float
    contrast: float
    glare: float
    sharpness: float
    lower_noise: float


def measure_picture(path: Path) -> tuple[PictureFacts, NDArray[np.uint64]]:
    """Facts of a picture, and its hashes as of `view_hashes`.

    Raises
    ------
    ImageRejected
        If it cannot be decoded.
    """
    image = open_image(path)
    rgb = upright_rgb(image)
    luma = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    brightness, contrast = _mean_and_deviation(luma)
    facts = PictureFacts(
        pixels=_digest(rgb),
        format=str(image.format),
        jpeg_quality=jpeg_quality(image),
        brightness=brightness,
        contrast=contrast,
        glare=cv2.mean(cv2.inRange(rgb, (250, 250, 250), (255, 255, 255)))[0] / 255,
        sharpness=sharpness(luma),
        lower_noise=lower_noise(luma),
    )
    return facts, view_hashes(Image.fromarray(luma))


def _digest(rgb: NDArray[np.uint8]) -> str:
    digest = hashlib.sha256(repr(rgb.shape).encode())
    digest.update(np.ascontiguousarray(rgb).data)
    return digest.hexdigest()[:32]


def _mean_and_deviation(values: NDArray) -> tuple[float, float]:
    mean, deviation = cv2.meanStdDev(values)
    return float(mean[0, 0]), float(deviation[0, 0])


def facts_dict(facts: PictureFacts) -> dict[str, str | float]:
    """Facts as plain values."""
    return asdict(facts)


def view_hashes(grey: Image.Image) -> NDArray[np.uint64]:
    """Perceptual hashes of every view of a picture.

    Each is the 256-bit DCT hash of `imagehash`, its bits reordered: the 8×8 lowest frequencies
    fill the first word, so that one hash serves a coarse and a fine comparison.

    Parameters
    ----------
    grey : Image
        Upright, mode L.

    Returns
    -------
    ndarray of shape (10, 4), uint64
        In the order of `VIEWS`.
    """
    small = {margin: _squared(grey, margin) for margin in (0.0, CROP)}
    bits = [
        imagehash.phash(_turned(small[margin], turn), HASH_SIDE).hash.ravel()[_COARSE_FIRST]
        for turn, margin in VIEWS
    ]
    return np.packbits(np.array(bits), axis=1).view(">u8").astype(np.uint64)


def _coarse_first() -> NDArray[np.int64]:
    rows, columns = np.indices((HASH_SIDE, HASH_SIDE))
    fine = (rows >= COARSE_SIDE) | (columns >= COARSE_SIDE)
    return np.argsort(fine.ravel(), kind="stable")


_COARSE_FIRST = _coarse_first()


def _squared(grey: Image.Image, margin: float) -> Image.Image:
    dx, dy = grey.width * margin, grey.height * margin
    box = (dx, dy, grey.width - dx, grey.height - dy)
    size = (_WORK_SIDE, _WORK_SIDE)
    return grey.resize(size, Image.Resampling.BILINEAR, box=box, reducing_gap=2.0)


def _turned(image: Image.Image, turn: Image.Transpose | None) -> Image.Image:
    return image if turn is None else image.transpose(turn)


def jpeg_quality(image: Image.Image) -> float:
    """Quality (1–100) whose quantisation table comes nearest, NaN if the file has none.

    Other encoders than the Independent JPEG Group's get the quality of like strength.
    """
    table = getattr(image, "quantization", {}).get(0)
    if table is None or len(table) != len(_LUMA_TABLE):
        return float("nan")
    # Pillow hands the table out in reading order; means do not mind values clipped at 1.
    scale = 100.0 * float(np.mean(table)) / float(_LUMA_TABLE.mean())
    quality = 100 - scale / 2 if scale <= 100 else 5000 / scale
    return float(np.clip(round(quality), 1, 100))


def sharpness(luma: NDArray[np.uint8]) -> float:
    """Variance of the Laplacian at a common size, so that pictures of all sizes compare.

    Source: Pech-Pacheco et al., 2000, doi:10.1109/ICPR.2000.903548.
    """
    shrink = min(1.0, _SHARP_SIDE / max(luma.shape))
    height, width = (max(1, round(side * shrink)) for side in luma.shape)
    small = cv2.resize(luma, (width, height), interpolation=cv2.INTER_AREA)
    return _mean_and_deviation(cv2.Laplacian(small, cv2.CV_32F))[1] ** 2


def lower_noise(luma: NDArray[np.uint8]) -> float:
    """Mean absolute residual of a median filter, lower half over upper half, as log2."""
    residual = cv2.absdiff(luma, cv2.medianBlur(luma, 3))
    half = max(1, len(residual) // 2)
    upper, lower = (cv2.mean(part)[0] + 0.1 for part in (residual[:half], residual[-half:]))
    return float(np.log2(lower / upper))
