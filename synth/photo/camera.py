"""What a camera and its file did to a photo, and the same done to a garment's layer."""

from dataclasses import dataclass

import cv2
import numba
import numpy as np
from numpy.typing import NDArray

from ingest.faces import FaceMesh
from synth.drawing.render import Layer
from synth.photo.light import LUMA

_GRADIENT_VARIANCE = 0.65
"""Variance in square pixels that sampling by area and the Sobel kernel add to an edge's blur."""
_LEAST_BLUR = 0.6
"""Sigma in pixels that lens, colour filter and resampling leave in the sharpest of photos.

The estimate reads fine lines such as lashes as harder edges than there are.
"""
_GRAIN_GAIN = 1.7 / 255 / 73.9
"""From grey levels of noise to encoded light per unit of `_grain`, smoothing made good."""
_MONOCHROME_SPREAD = 2.5
_CHROMA = np.array([0.713, 0.564])
"""Cr and Cb per level of red and blue over luma."""


@dataclass(frozen=True)
class Camera:
    """What the camera and its file did to the picture.

    Attributes
    ----------
    blur : float
        Sigma in pixels of a Gaussian that makes an edge sampled by area as soft as the photo's.
    noise : float
        Standard deviation in grey levels of 0–255.
    tint : ndarray of shape (2,) or None
        Red and blue difference to luma of a picture without colours of its own, levels of
        0–255; None for a colour photo.
    """

    blur: float
    noise: float
    tint: NDArray[np.float64] | None


def estimate_camera(image: NDArray[np.uint8], face: FaceMesh) -> Camera:
    """Measure blur and noise in the face's box, and whether the photo has colours.

    Blur: the gradient ratio of the picture and its re-blurred self on its strongest edges
    (Zhuo and Sim, "Defocus map estimation from a single image", 2011,
    doi:10.1016/j.patcog.2011.03.009). Noise: the median response of a filter blind to planes
    and edges (Immerkær, "Fast noise variance estimation", 1996, doi:10.1006/cviu.1996.0060).
    """
    x0, y0, x1, y1 = (round(v) for v in face.box)
    crop = image[max(y0, 0) : max(y1, 1), max(x0, 0) : max(x1, 1)]
    if min(crop.shape[:2]) < 8:
        return Camera(0.6, 1.0, None)
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    return Camera(_blur_sigma(grey.astype(np.float32)), _noise_sigma(grey), _tint(crop))


def _blur_sigma(grey: NDArray[np.float32]) -> float:
    again = 1.0
    sharp, soft = (_gradient(g) for g in (grey, cv2.GaussianBlur(grey, (0, 0), again)))
    strong = sharp >= np.partition(sharp, rank := int(0.95 * sharp.size), axis=None)[rank]
    ratio = float(np.median(sharp[strong] / np.maximum(soft[strong], 1e-3)))
    variance = again**2 / max(ratio**2 - 1, 0.04) - _GRADIENT_VARIANCE
    return float(np.sqrt(np.clip(variance, 0.0, 16.0)))


def _gradient(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    return cv2.magnitude(
        cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=3)
    )


def _noise_sigma(grey: NDArray[np.uint8]) -> float:
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
    response = cv2.filter2D(grey, cv2.CV_16S, kernel)[1:-1, 1:-1]
    counts = np.bincount(np.abs(response).ravel())
    median = int(np.searchsorted(np.cumsum(counts), (response.size + 1) // 2))
    return float(np.clip(median / 0.6745 / 6.0, 0.0, 12.0))


def _tint(crop: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """Mean of red and blue over luma, from the crop's Cr and Cb (ITU-R BT.601)."""
    mean, spread = cv2.meanStdDev(cv2.cvtColor(crop, cv2.COLOR_RGB2YCrCb))
    if (spread[1:, 0] / _CHROMA > _MONOCHROME_SPREAD).any():
        return None
    return (mean[1:, 0] - 128) / _CHROMA


def as_photographed(layer: Layer, camera: Camera, rng: np.random.Generator) -> Layer:
    """Give a layer the photo's blur, grain and greyness.

    Parameters
    ----------
    layer : Layer
        Sharp, clean and in colour.
    camera : Camera
        Of the photo it goes on.
    rng : numpy.random.Generator
        For the grain.
    """
    colour, matte = layer.colour, layer.matte
    if camera.tint is not None:
        colour = _monochrome(colour, matte, camera.tint)
    sigma = max(camera.blur, _LEAST_BLUR)
    colour = cv2.GaussianBlur(colour, (0, 0), sigma)
    matte = cv2.GaussianBlur(matte, (0, 0), sigma)
    strength = np.float32(camera.noise * _GRAIN_GAIN if camera.noise > 0.3 else 0.0)
    _add_grain(colour, matte, _grain(matte.shape, rng), strength)
    return Layer(layer.x0, layer.y0, colour, matte)


def _grain(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """Bytes of chance, smoothed over their neighbours: nearly normal, a photo's grain."""
    flat = np.frombuffer(rng.bytes(shape[0] * shape[1]), dtype=np.int8).reshape(shape)
    return cv2.GaussianBlur(flat.astype(np.float32), (0, 0), 0.6)


@numba.njit(cache=True)
def _add_grain(colour, matte, grain, strength):  # pragma: no cover - compiled
    """Add grain where there is cloth, and keep premultiplied colour within 0 and alpha."""
    for y in range(matte.shape[0]):
        for x in range(matte.shape[1]):
            alpha = matte[y, x]
            noise = grain[y, x] * strength * alpha
            for k in range(3):
                colour[y, x, k] = min(max(colour[y, x, k] + noise, np.float32(0.0)), alpha)


def _monochrome(
    colour: NDArray[np.float32], matte: NDArray[np.float32], tint: NDArray[np.float64]
) -> NDArray[np.float32]:
    luma = colour @ LUMA
    red, blue = (np.float32(t / 255) * matte for t in tint)
    green = -(LUMA[0] * red + LUMA[2] * blue) / LUMA[1]
    return np.stack([luma + red, luma + green, luma + blue], axis=-1).astype(np.float32)
