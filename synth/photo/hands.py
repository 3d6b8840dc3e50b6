"""Hands in front of a face: their matte, from landmarks and the photo's own colours and edges.

What a hand hides counts as not covered by the garment: coverage says what the picture shows. A
hand can therefore hide that a garment is there, never that it is missing; so a composite is kept
only if its state holds both with the hand and with the garment as it was laid underneath.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.faces import FaceMesh
from ingest.faces.hands import FINGERS, PALM, THUMB, WRIST, Hand
from synth.drawing.render import Layer

OCCLUSIONS = ("off", "hands")
_NEAR = 0.25
"""Share of the face's width within which a hand may reach the garment."""
_FINGER_RADII, _THUMB_RADII = (0.105, 0.095, 0.085, 0.075), (0.14, 0.125, 0.105, 0.09)
"""From the knuckle to the tip, as shares of the palm's length (about 95 mm)."""
_PALM_EDGE, _WRIST_RADIUS, _FOREARM = 0.09, 0.30, 0.7
_SURE, _UNSURE = 0.05, 0.05
"""Shares of the palm's length inside and outside the drawn outline where the photo decides."""
_LARGEST = 192
"""Pixels of the longer side a hand is looked at with."""
_ROUNDS = 3
_LEAST_AGREEMENT = 0.6


def hands_in_front(
    image: NDArray[np.uint8], hands: Sequence[Hand], face: FaceMesh, blur: float
) -> NDArray[np.float32] | None:
    """Matte of the hands at a face.

    Parameters
    ----------
    image : ndarray of shape (H, W, 3), uint8
        RGB photo.
    hands : sequence of Hand
        Landmarks in the photo.
    face : FaceMesh
        Hands farther from it than a quarter of its width are passed over.
    blur : float
        Sigma of the photo's blur in pixels; the matte's edge is as soft.

    Returns
    -------
    ndarray of shape (H, W), float32, or None
        Alpha of the hands, 0–1; None if none is near.
    """
    near = [hand for hand in hands if _is_near(hand, face)]
    if not near:
        return None
    matte = np.zeros(image.shape[:2], np.uint8)
    for hand in near:
        _add_hand(matte, image, hand)
    return cv2.GaussianBlur(matte, (0, 0), max(blur, 0.6)).astype(np.float32) / 255


def behind(layer: Layer, front: NDArray[np.float32]) -> Layer:
    """What is left of a layer behind something of alpha `front`, shape (h, w), 0–1."""
    seen = 1 - front
    return Layer(layer.x0, layer.y0, layer.colour * seen[..., None], layer.matte * seen)


def _is_near(hand: Hand, face: FaceMesh) -> bool:
    x0, y0, x1, y1 = face.box
    margin = _NEAR * (x1 - x0)
    left, top, right, bottom = hand.box
    across = left < x1 + margin and right > x0 - margin
    return across and top < y1 + margin and bottom > y0 - margin


def _add_hand(matte: NDArray[np.uint8], image: NDArray[np.uint8], hand: Hand) -> None:
    """Draw one hand into a matte of 0 and 255, working on its part of the photo only."""
    height, width = matte.shape
    reach = 0.5 * hand.palm_length + 4
    x0, y0, x1, y1 = hand.box
    left, top = max(int(x0 - reach), 0), max(int(y0 - reach), 0)
    right, bottom = min(int(x1 + reach) + 1, width), min(int(y1 + reach) + 1, height)
    if right - left < 4 or bottom - top < 4:
        return
    shrink = min(1.0, _LARGEST / max(right - left, bottom - top))
    size = max(round((right - left) * shrink), 2), max(round((bottom - top) * shrink), 2)
    part = cv2.resize(image[top:bottom, left:right], size, interpolation=cv2.INTER_AREA)
    points = (hand.points[:, :2] - (left, top) + 0.5) * shrink - 0.5
    shape = refine(part, points, hand.palm_length * shrink)
    whole = cv2.resize(shape, (right - left, bottom - top), interpolation=cv2.INTER_CUBIC)
    np.maximum(matte[top:bottom, left:right], whole, out=matte[top:bottom, left:right])


def refine(part: NDArray[np.uint8], points: NDArray[np.floating], palm: float) -> NDArray[np.uint8]:
    """Hand in a picture, its outline moved to where the photo's colours part (GrabCut).

    Rother, Kolmogorov and Blake, "GrabCut", 2004, doi:10.1145/1015706.1015720. Only a narrow
    band around the drawn outline is open; where the result departs from it, the drawing stays.

    Parameters
    ----------
    part : ndarray of shape (h, w, 3), uint8
        Part of the photo.
    points : ndarray of shape (21, 2)
        Landmarks in the part, pixels.
    palm : float
        Length of the palm, pixels.

    Returns
    -------
    ndarray of shape (h, w), uint8
        255 on the hand.
    """
    drawn = outline(points, palm, part.shape[:2])
    inner = cv2.erode(drawn, _disc(_SURE * palm))
    outer = cv2.dilate(drawn, _disc(_UNSURE * palm))
    labels = np.select(
        [inner > 0, drawn > 0, outer > 0, _forearm(points, palm, part.shape[:2]) > 0],
        [cv2.GC_FGD, cv2.GC_PR_FGD, cv2.GC_PR_BGD, cv2.GC_PR_BGD],
        cv2.GC_BGD,
    ).astype(np.uint8)
    if not (labels == cv2.GC_FGD).any() or not (labels == cv2.GC_BGD).any():
        return drawn
    cv2.setRNGSeed(0)  # GrabCut starts from random clusters
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(part, labels, None, *models, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    found = np.where((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD), 255, 0).astype(np.uint8)
    found = cv2.medianBlur(found, 3)
    common, either = (found & drawn).astype(bool).sum(), (found | drawn).astype(bool).sum()
    return found if common >= _LEAST_AGREEMENT * either else drawn


def outline(points: NDArray[np.floating], palm: float, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Hand drawn from its landmarks: palm, and fingers as tapered capsules.

    Parameters
    ----------
    points : ndarray of shape (21, 2)
        Landmarks, pixels.
    palm : float
        Length of the palm, pixels.
    shape : (int, int)
        Height and width of the raster.

    Returns
    -------
    ndarray of shape (height, width), uint8
        255 inside.
    """
    raster = np.zeros(shape[:2], np.uint8)
    corners = points[list(PALM)]
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        _capsule(raster, a, b, _PALM_EDGE * palm, _PALM_EDGE * palm)
    cv2.fillPoly(raster, [np.round(corners).astype(np.int32)], 255)
    digits = [(THUMB, _THUMB_RADII), *((finger, _FINGER_RADII) for finger in FINGERS)]
    for joints, radii in digits:
        for k in range(3):
            ends = points[joints[k]], points[joints[k + 1]]
            _capsule(raster, *ends, radii[k] * palm, radii[k + 1] * palm)
    return raster


def _forearm(
    points: NDArray[np.floating], palm: float, shape: tuple[int, ...]
) -> NDArray[np.uint8]:
    """Where the arm may go on beyond the wrist; the landmarks do not say."""
    raster = np.zeros(shape[:2], np.uint8)
    along = points[WRIST] - points[9]
    end = points[WRIST] + _FOREARM * palm * along / max(float(np.linalg.norm(along)), 1e-6)
    _capsule(raster, points[WRIST], end, _WRIST_RADIUS * palm, _WRIST_RADIUS * palm)
    return raster


def _capsule(
    raster: NDArray[np.uint8],
    a: NDArray[np.floating],
    b: NDArray[np.floating],
    radius_a: float,
    radius_b: float,
) -> None:
    """Fill the convex hull of two discs."""
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    rim = np.concatenate([a + radius_a * circle, b + radius_b * circle])
    hull = cv2.convexHull(np.round(rim * 16).astype(np.int32))
    cv2.fillConvexPoly(raster, hull, 255, cv2.LINE_8, 4)


def _disc(radius: float) -> NDArray[np.uint8]:
    side = 2 * max(1, round(radius)) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
