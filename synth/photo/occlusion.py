"""What lies before and behind a garment: hair over its straps, skin under its shadow."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.faces import FaceMesh, topology

_DARKEST = 12.0
_FARTHEST = 9.0
"""Squared Mahalanobis distance beyond which a colour is not this person's skin."""
_NECK_INSET, _NECK_LENGTH = 8.0, 75.0
"""Millimetres from jaw angle to the side of the neck, and of neck below it."""
_BESIDE_FACE = 62.0
"""Degrees from the middle beyond which hair falls over straps."""
_BEARD_LINE = 8.0
"""Millimetres below the base of the nose from which hair may be a beard."""
_SHORT_BREAK = 5
"""Steps of a strap's path up to which what is no skin is no hair either."""


@dataclass(frozen=True)
class SkinModel:
    """Colours of one person's skin in one photo, a Gaussian in YCrCb.

    Attributes
    ----------
    mean : ndarray of shape (3,)
        Levels of 0–255.
    precision : ndarray of shape (3, 3)
        Inverse covariance; brightness counts less than hue.
    picture : ndarray of shape (H, W, 3), uint8
        The photo in YCrCb, lightly smoothed.
    """

    mean: NDArray[np.float64]
    precision: NDArray[np.float64]
    picture: NDArray[np.uint8]

    @classmethod
    def learn(cls, image: NDArray[np.uint8], face: FaceMesh) -> "SkinModel":
        """Learn the colours at the face's skin points.

        Parameters
        ----------
        image : ndarray of shape (H, W, 3), uint8
            RGB.
        face : FaceMesh
            Landmarks in the image.
        """
        picture = cv2.blur(cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb), (3, 3))
        samples = _at(picture, face.points[list(topology.SKIN)]).astype(np.float64)
        half, most = len(samples) // 2, 3 * len(samples) // 4
        near = np.abs(samples - np.partition(samples, half, axis=0)[half]).sum(axis=1)
        core = samples[near <= np.partition(near, most)[most]]
        # Shade moves brightness far more than hue: allow for it beyond what was sampled.
        covariance = np.cov(core.T) + np.diag([900.0, 12.0, 12.0])
        return cls(core.mean(axis=0), np.linalg.inv(covariance), picture)

    def shows_skin(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether the photo shows skin at points of shape (..., 2 or 3), pixels."""
        colours = _at(self.picture, points).astype(np.float64)
        away = colours - self.mean
        distance = ((away @ self.precision) * away).sum(axis=-1)
        return (distance < _FARTHEST) & (colours[..., 0] > _DARKEST)


def _at(picture: NDArray[np.uint8], points: NDArray[np.floating]) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    x = np.rint(np.minimum(np.maximum(points[..., 0], 0), width - 1)).astype(int)
    y = np.rint(np.minimum(np.maximum(points[..., 1], 0), height - 1)).astype(int)
    return picture[y, x]


def under_hair(
    skin: SkinModel, paths: NDArray[np.float64], points: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which points of straps lie under hair: near the ear, where the photo shows no skin.

    Over cheek and jaw a strap lies on top, beard or not. Where it has gone under hair it stays
    there up to the ear; a short break is the temple of glasses, or shade.

    Parameters
    ----------
    skin : SkinModel
        Of the person.
    paths : ndarray of shape (M, N, 3)
        The straps in head millimetres, from the garment to the ear.
    points : ndarray of shape (M, N, 3)
        The same in image pixels.

    Returns
    -------
    ndarray of shape (M, N), bool
    """
    angle = np.abs(np.degrees(np.arctan2(paths[..., 0], -paths[..., 2])))
    near_ear = (angle > _BESIDE_FACE) & (paths[..., 1] < _BEARD_LINE)
    hidden = near_ear & ~skin.shows_skin(points)
    for strap in hidden:
        shown = np.flatnonzero(~strap)
        if len(shown):
            breaks = np.flatnonzero(np.diff(shown) > _SHORT_BREAK)
            last = shown[breaks[0]] if len(breaks) else shown[-1]
            strap[shown[0] : last + 1], strap[last + 1 :] = False, True
    return hidden


def shadow_receiver(face: FaceMesh, width: int, height: int) -> NDArray[np.uint8]:
    """Face and neck of a person: surfaces close enough behind a garment to take its shadow.

    Returns
    -------
    ndarray of shape (height, width), uint8
        255 inside, soft at the border, 0 on everything farther behind.
    """
    head = face.head
    jaw = head.to_head(face.points[[topology.RIGHT_JAW_ANGLE, topology.LEFT_JAW_ANGLE]])
    inwards = np.array([[_NECK_INSET, 0, 0], [-_NECK_INSET, 0, 0]])
    top, bottom = jaw + inwards, jaw + inwards + np.array([0.0, _NECK_LENGTH, 0.0])
    neck = head.to_image(np.concatenate([top, bottom[::-1]]))
    raster = np.zeros((height, width), np.uint8)
    for outline in (face.points[list(topology.FACE_OVAL)], neck):
        cv2.fillPoly(raster, [np.round(outline[:, :2]).astype(np.int32)], 255)
    return cv2.blur(raster, (_soft := 2 * max(1, round(2 * head.scale)) + 1, _soft))
