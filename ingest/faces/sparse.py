"""The dense face mesh that sparse landmarks of a face stand for."""

from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import RBFInterpolator
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from ingest.faces import topology
from ingest.faces.layouts import (
    EYE_CORNERS_NOSE,
    EYES_NOSE_MOUTH,
    IBUG_68,
    POINT_COUNTS,
    WHOLE_MESH,
    Layout,
    at_layout,
)
from ingest.faces.mesh import FaceMesh

_SPREAD_MM = 4.0
"""Standard deviation of one person's landmarks from the average head's."""
_TURN = np.radians(25.0)
"""Standard deviation of yaw and pitch in photos: decides what few points leave open."""
_SMOOTHING = 0.05
_THINNEST = 0.15
"""Least ratio of a face's two extents; 55 degrees of yaw leave 0.24."""
_UNLIKE = 0.65
"""Most misfit of the flat average face, as a share of the points' spread; 55° leave 0.55."""
_CORNERS_MISFIT = 0.25
"""Misfit that tells the two layouts of five points apart: at most 0.11, at least 0.46."""


@dataclass(frozen=True)
class FailedFit:
    """Landmarks that stand for no face.

    Attributes
    ----------
    reason : str
        What they are instead, such as ``landmarks on one line``.
    """

    reason: str


@cache
def average_head() -> NDArray[np.float64]:
    """Average face mesh in head millimetres (see `HeadFrame`), shape (468, 3).

    The mean over 506 of 520 public-domain portraits (those turned by less than 20°), made
    symmetric and rounded to 0.1 mm by ``benchmarks/average_head.py``: a shape of nobody.
    """
    file = resources.files("ingest.faces") / "average_head.csv"
    with file.open(encoding="utf-8") as lines:
        return np.loadtxt(lines, delimiter=",", skiprows=1)


def check_landmarks(points: ArrayLike) -> FailedFit | None:
    """Say why landmarks stand for no face, or None; far quicker than fitting them.

    Parameters
    ----------
    points : array_like of shape (N, 2)
        As of `fit_mesh`.

    Raises
    ------
    ValueError
        If there is no layout of so many points.
    """
    pixels = _pixels(points)
    if not np.isfinite(pixels).all():
        return FailedFit("landmarks that are not finite")
    spread = pixels - pixels.mean(axis=0)
    extents = np.linalg.svd(spread, compute_uv=False)
    if extents[0] < 1e-6 or extents[1] < 0.02 * extents[0]:
        return FailedFit("landmarks on one line")
    linear, misfit = _flat_fit(pixels, layout_of(pixels))
    if misfit > _UNLIKE:
        return FailedFit("landmarks that do not lie like a face's")
    narrow, wide = sorted(np.linalg.svd(linear, compute_uv=False))
    if narrow < _THINNEST * wide:
        return FailedFit("landmarks on one line")
    if np.linalg.det(linear) < 0:
        return FailedFit("mirrored landmarks (the subject's right side comes first)")
    return None


def layout_of(points: NDArray[np.float64]) -> Layout:
    """Layout that landmarks of shape (N, 2) are in, by their number and, of five, their form."""
    if len(points) == len(IBUG_68):
        return IBUG_68
    if len(points) > len(IBUG_68):
        return WHOLE_MESH
    corners = _flat_fit(points, EYE_CORNERS_NOSE)[1] < _CORNERS_MISFIT
    return EYE_CORNERS_NOSE if corners else EYES_NOSE_MOUTH


def fit_mesh(points: ArrayLike) -> FaceMesh | FailedFit:
    """Fit the average head to landmarks of one face.

    A weak-perspective pose first; then the picture plane is bent so that the landmarks match
    (radial basis functions, smoothed). Depth is the posed average head's. A whole mesh keeps
    the points it gives.

    Parameters
    ----------
    points : array_like of shape (N, 2)
        (x, y) in pixels, upright photo, the subject's right side first; N is 5 (eye centres,
        nose tip, mouth corners, or dlib's five), 68 (iBUG 300-W), or 468 or 478 (face mesh).

    Returns
    -------
    FaceMesh or FailedFit
        `FailedFit` if the points collapse, are mirrored or do not form a face.

    Raises
    ------
    ValueError
        If there is no layout of so many points.
    """
    pixels = _pixels(points)
    if failed := check_landmarks(pixels):
        return failed
    layout = layout_of(pixels)
    mesh = _posed(pixels, layout)
    if layout is WHOLE_MESH:
        mesh[:, :2] = pixels
    else:
        mesh[:, :2] += _bend(mesh, pixels, layout)
    return FaceMesh(mesh.astype(np.float32))


def _pixels(points: ArrayLike) -> NDArray[np.float64]:
    pixels = np.asarray(points, dtype=np.float64)
    if pixels.ndim != 2 or pixels.shape[1] != 2 or len(pixels) not in POINT_COUNTS:
        counts = ", ".join(map(str, POINT_COUNTS))
        message = f"landmarks of shape {pixels.shape}. Expected (N, 2), N one of {counts}"
        raise ValueError(message)
    return pixels[: topology.N_POINTS]


def _flat_fit(pixels: NDArray[np.float64], layout: Layout) -> tuple[NDArray[np.float64], float]:
    """Linear part of the affine map from the frontal average face, and what it leaves.

    The rest is the root mean square error as a share of the points' spread.
    """
    flat = at_layout(average_head(), layout)[:, :2]
    flat = flat - flat.mean(axis=0)
    spread = pixels - pixels.mean(axis=0)
    linear, *_ = np.linalg.lstsq(flat, spread, rcond=None)
    return linear, float(np.linalg.norm(flat @ linear - spread) / np.linalg.norm(spread))


def _posed(pixels: NDArray[np.float64], layout: Layout) -> NDArray[np.float64]:
    """The average head in the pose and size that suit landmarks best, in pixels."""
    head = average_head()
    model = at_layout(head, layout)
    scale, roll = _in_plane(model[:, :2], pixels)
    goal = pixels / scale

    def posed(pose: NDArray[np.float64], of: NDArray[np.float64]) -> NDArray[np.float64]:
        turned = pose[3] * Rotation.from_euler("xyz", pose[:3]).apply(of)
        return turned + np.array([pose[4], pose[5], 0.0])

    def misfit(pose: NDArray[np.float64]) -> NDArray[np.float64]:
        away = (posed(pose, model)[:, :2] - goal) / _SPREAD_MM
        return np.concatenate([away.ravel(), pose[:2] / _TURN])

    start = np.array([0.0, 0.0, roll, 1.0, 0.0, 0.0])
    start[4:] = (goal - posed(start, model)[:, :2]).mean(axis=0)
    return posed(least_squares(misfit, start).x, head) * scale


def _in_plane(model: NDArray[np.float64], pixels: NDArray[np.float64]) -> tuple[float, float]:
    """Pixels per millimetre and roll in radians of a head that faces the camera."""
    a, b = (points - points.mean(axis=0) for points in (model, pixels))
    along = (a * b).sum()
    across = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()
    return float(np.hypot(along, across) / (a**2).sum()), float(np.arctan2(across, along))


def _bend(
    mesh: NDArray[np.float64], pixels: NDArray[np.float64], layout: Layout
) -> NDArray[np.float64]:
    """Shift of every mesh point in the picture, shape (468, 2), by what the landmarks lack.

    The linear kernel stays close to the landmarks' own shifts where a thin-plate spline, which
    continues their slope, drifts: beyond the hull of few points.
    """
    flat = mesh[:, :2]
    control = at_layout(flat, layout)
    size = float(np.ptp(flat[:, 0]))
    shift = RBFInterpolator(
        control / size, (pixels - control) / size, kernel="linear", smoothing=_SMOOTHING, degree=0
    )
    return size * shift(flat / size)
