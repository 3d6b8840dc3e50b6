"""The four regions of a face whose covered share decides the wear state."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.faces import topology
from ingest.taxonomy import REGIONS

_SUBPIXEL_BITS = 4
_CONTOURS = {
    "nostrils": (topology.NOSTRILS,),
    "mouth": (topology.LIPS,),
    "chin": (topology.CHIN_PATCH,),
    "eyes": (topology.RIGHT_EYE, topology.LEFT_EYE),
}


def region_polygons(points: NDArray[np.floating]) -> dict[str, list[NDArray[np.float32]]]:
    """Outlines of the regions.

    Parameters
    ----------
    points : ndarray of shape (468, 2 or 3)
        Mesh points, (x, y) in pixels.

    Returns
    -------
    dict of str to list of ndarray of shape (N, 2), float32
        Region of `ingest.taxonomy.REGIONS` to its polygons, (x, y) in pixels.
    """
    return {
        region: [points[list(contour), :2].astype(np.float32) for contour in _CONTOURS[region]]
        for region in REGIONS
    }


def rasterise_regions(
    points: NDArray[np.floating], width: int, height: int
) -> dict[str, NDArray[np.uint8]]:
    """Regions as pixels, 1 inside and 0 outside.

    Parameters
    ----------
    points : ndarray of shape (468, 2 or 3)
        Mesh points, (x, y) in pixels of the raster.
    width, height : int
        Size of the raster.

    Returns
    -------
    dict of str to ndarray of shape (height, width), uint8
        A region outside the raster is all 0.
    """
    regions = {}
    for region, polygons in region_polygons(points).items():
        raster = np.zeros((height, width), np.uint8)
        fixed = [np.round(p * (1 << _SUBPIXEL_BITS)).astype(np.int32) for p in polygons]
        for polygon in fixed:
            cv2.fillPoly(raster, [polygon], 1, shift=_SUBPIXEL_BITS)
        regions[region] = raster
    return regions
