"""The label of a composite, measured: the covered share of each region of the face."""

import math

import numba
import numpy as np
from numpy.typing import NDArray

from ingest.taxonomy import REGIONS


def measure_coverage(
    matte: NDArray[np.float32], regions: dict[str, NDArray[np.uint8]]
) -> dict[str, float]:
    """Mean alpha of the garment inside each region.

    Parameters
    ----------
    matte : ndarray of shape (H, W), float32
        Alpha of everything that covers the face, 0–1.
    regions : dict of str to ndarray of shape (H, W), uint8
        As of `ingest.faces.rasterise_regions`, on the same pixels.

    Returns
    -------
    dict of str to float
        Region to share, 0–1; NaN for a region without a pixel.
    """
    shares = {}
    for region in REGIONS:
        covered, pixels = _sum_inside(matte, regions[region])
        share = covered / pixels if pixels else math.nan
        shares[region] = min(max(round(share, 6), 0.0), 1.0) if pixels else math.nan
    return shares


@numba.njit(cache=True)
def _sum_inside(matte, region):  # pragma: no cover - compiled
    """Sum and number of a region's pixels, one by one: a fixed order gives fixed bits."""
    covered, pixels = 0.0, 0
    for y in range(matte.shape[0]):
        for x in range(matte.shape[1]):
            if region[y, x]:
                covered += matte[y, x]
                pixels += 1
    return covered, pixels
