"""A face made in code: a smooth bust and its mesh, to show and test garments on nobody.

The mesh has the topology of `ingest.faces.topology`. Oval, lips, eyes and midline are pinned
where an average adult has them; all other points follow from their neighbours by Tutte's
embedding ("How to draw a graph", 1963, doi:10.1112/plms/s3-13.1.743).
"""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.faces import FaceMesh, topology
from synth.drawing.render import render_surface
from synth.drawing.surface import NECK_HALF_DEPTH, NECK_HALF_WIDTH, grid_normals

_SKIN = np.array([0.76, 0.66, 0.58], dtype=np.float32)
_LIPS = (150, 104, 96)
_BROWS = (104, 90, 80)
_EYES = (214, 208, 202)
_IRIS = (80, 72, 66)
_GROUND = (206, 210, 212)
_HALF_WIDTH, _DEPTH = 72.5, 92.0
_CENTRE, _HALF_HEIGHT = -32.0, 122.0
_HEAD_LIGHT = np.array([-0.35, -0.35, -0.85])
_OVAL = (
    (0, -105), (14, -104), (30, -101), (46, -94), (60, -82), (70, -68), (78, -52), (85, -36),
    (90, -18), (90, 2), (88, 20), (80, 40), (68, 54), (56, 63), (46, 68), (36, 72), (26, 75),
    (13, 77), (0, 78),
)  # fmt: skip
"""(angle, height) of the left half of the face's oval, from forehead to chin."""
_MIDLINE = {
    151: -90, 9: -74, 8: -64, 168: -48, 6: -40, 197: -31, 195: -22, 5: -14, 4: -9, 1: -5,
    19: -2, 94: -1, 2: 0, 164: 7, 18: 38, 200: 48, 199: 60, 175: 70,
}  # fmt: skip
_NOSTRILS = {64: (-13, -4), 294: (13, -4), 98: (-9, 0), 327: (9, 0), 97: (-4, 1), 326: (4, 1)}


def mannequin(size: int = 360, yaw: float = 0.0) -> tuple[NDArray[np.uint8], FaceMesh]:
    """Picture and mesh of the bust.

    Parameters
    ----------
    size : int
        Width of the picture, pixels; it is a quarter higher.
    yaw : float
        Degrees; positive turns the head to its own left.

    Returns
    -------
    image : ndarray of shape (5 size / 4, size, 3), uint8
        RGB.
    face : FaceMesh
        Its landmarks.
    """
    shape = (size * 5 // 4, size)
    place = _Camera(shape, yaw)
    face = FaceMesh(place.project(_mesh_points()).astype(np.float32))
    image = np.full((*shape, 3), _GROUND, np.uint8)
    for points in (_neck(), *_ears(), _head()):
        image = _paint(image, place, points)
    return _features(image, face), face


class _Camera:
    """Weak perspective of a turned head, in the frame of `ingest.faces.HeadFrame`."""

    def __init__(self, shape: tuple[int, int], yaw: float) -> None:
        turn = np.radians(yaw)
        cos, sin = np.cos(turn), np.sin(turn)
        self.axes = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
        self.scale = shape[1] / 250
        self.origin = np.array([shape[1] / 2, 0.53 * shape[0], 0])

    def project(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        return points * self.scale @ self.axes + self.origin


def _radius(angle: NDArray[np.float64], height: NDArray[np.float64]) -> NDArray[np.float64]:
    """Millimetres from the ears' axis to the skin: an ellipsoid with nose, lips and chin."""
    turn = np.radians(angle)
    round_ = 1 / np.hypot(np.sin(turn) / _HALF_WIDTH, np.cos(turn) / _DEPTH)
    away = np.clip(np.abs(height - _CENTRE) / _HALF_HEIGHT, 0, 1)
    shrink = (1 - away**2.6) ** (1 / 2.6)
    nose = np.interp(height, [-66, -46, -8, 0, 6], [0, 3, 25, 14, 0]) * np.exp(-((angle / 10) ** 2))
    lips = 4 * np.exp(-((angle / 18) ** 2) - ((height - 24) / 9) ** 2)
    chin = 16 * np.exp(-((angle / 26) ** 2) - ((height - 66) / 16) ** 2)
    sockets = -7 * np.exp(-(((np.abs(angle) - 22) / 11) ** 2) - ((height + 42) / 12) ** 2)
    return round_ * shrink + nose + lips + chin + sockets


def _in_space(
    angle: NDArray[np.float64], height: NDArray[np.float64], radius: NDArray[np.float64]
) -> NDArray[np.float64]:
    turn = np.radians(angle)
    return np.stack([radius * np.sin(turn), height, -radius * np.cos(turn)], axis=-1)


def _head() -> NDArray[np.float64]:
    angle, height = np.meshgrid(np.linspace(-120, 120, 97), np.linspace(-154, 86, 97))
    return _in_space(angle, height, _radius(angle, height))


def _neck() -> NDArray[np.float64]:
    angle, height = np.meshgrid(np.linspace(-120, 120, 49), np.linspace(20, 260, 49))
    turn = np.radians(angle)
    radius = 1 / np.hypot(np.sin(turn) / NECK_HALF_WIDTH, np.cos(turn) / NECK_HALF_DEPTH)
    return _in_space(angle, height, radius + 90 * np.clip((height - 150) / 90, 0, 1) ** 2)


def _ears() -> list[NDArray[np.float64]]:
    """Two flat ellipsoids beside the head."""
    angle, height = np.meshgrid(np.linspace(-120, 120, 25), np.linspace(-1, 1, 25))
    shape = _in_space(angle, height, np.sqrt(np.clip(1 - height**2, 0, 1)))
    turns = (np.radians(-18), np.radians(18))
    ears = []
    for side, turn in zip((-1, 1), turns, strict=True):
        lean = np.array([[1, 0, 0], [0, np.cos(turn), 0], [side * 0.4, 0, 1]])
        ears.append(shape * (11, 30, 9) @ lean + (side * 72, -18, 12))
    return ears


def _pins() -> dict[int, tuple[float, float]]:
    """(angle, height) of the points whose place is known."""
    half = len(_OVAL) - 1
    pins: dict[int, tuple[float, float]] = {}
    pins |= dict(zip(topology.FACE_OVAL[: half + 1], _OVAL, strict=True))
    mirrored = [(-angle, height) for angle, height in _OVAL[-2:0:-1]]
    pins |= dict(zip(topology.FACE_OVAL[half + 1 :], mirrored, strict=True))
    pins |= {point: (0, height) for point, height in _MIDLINE.items()} | _NOSTRILS
    pins |= _ellipse(topology.LIPS, (0, 24), (16, 10), np.pi)
    pins |= _ellipse(topology.RIGHT_EYE, (-22, -42), (9, 5), np.pi)
    return pins | _ellipse(topology.LEFT_EYE, (22, -42), (-9, 5), np.pi)


def _ellipse(
    points: tuple[int, ...], centre: tuple[float, float], radii: tuple[float, float], start: float
) -> dict[int, tuple[float, float]]:
    """Points spread over an ellipse, from its outer corner through the lower half."""
    around = start - np.linspace(0, 2 * np.pi, len(points), endpoint=False)
    angle, height = centre[0] + radii[0] * np.cos(around), centre[1] + radii[1] * np.sin(around)
    return {p: (float(a), float(h)) for p, a, h in zip(points, angle, height, strict=True)}


@cache
def _mesh_points() -> NDArray[np.float64]:
    """The 468 points in head millimetres: pinned, or the mean of their neighbours."""
    triangles, pins = topology.triangles(), _pins()
    weights = np.zeros((topology.N_POINTS, topology.N_POINTS))
    for a, b in ((0, 1), (1, 2), (2, 0)):
        weights[triangles[:, a], triangles[:, b]] = weights[triangles[:, b], triangles[:, a]] = -1
    np.fill_diagonal(weights, -weights.sum(axis=1))
    target = np.zeros((topology.N_POINTS, 2))
    for point, place in pins.items():
        weights[point] = 0
        weights[point, point] = 1
        target[point] = place
    angle, height = np.linalg.solve(weights, target).T
    return _in_space(angle, height, _radius(angle, height))


def _paint(
    image: NDArray[np.uint8], place: _Camera, points: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Lay a lit grid of skin over a picture."""
    height, width = image.shape[:2]
    facing = grid_normals(points) @ place.axes @ _HEAD_LIGHT
    skin = (_SKIN * (0.62 + 0.42 * np.clip(facing, -0.5, 1))[..., None]).astype(np.float32)
    texture = np.dstack([np.minimum(skin, 1), np.ones_like(skin[..., 0])])
    nothing = np.full((height, width), np.inf, dtype=np.float32)
    layer = render_surface(
        place.project(points), texture, skin, (0, 0, width, height), nothing, 0.0
    )  # fmt: skip
    left = 1 - layer.matte[..., None]
    return np.round(image * left + 255 * layer.colour).clip(0, 255).astype(np.uint8)


def _features(image: NDArray[np.uint8], face: FaceMesh) -> NDArray[np.uint8]:
    """Paint lips, eyes and brows, so that a viewer sees what a garment covers."""
    painted = image.copy()
    for contour, colour in (
        (topology.LIPS, _LIPS),
        (topology.RIGHT_EYE, _EYES),
        (topology.LEFT_EYE, _EYES),
    ):
        corners = np.round(face.points[list(contour), :2] * 16).astype(np.int32)
        cv2.fillPoly(painted, [corners], colour, cv2.LINE_AA, 4)
    for eye in (topology.RIGHT_EYE, topology.LEFT_EYE):
        points = face.points[list(eye), :2]
        centre, radius = points.mean(axis=0), 0.16 * np.ptp(points[:, 0])
        pixel = tuple(int(v) for v in np.round(centre * 16))
        cv2.circle(painted, pixel, round(float(radius) * 16), _IRIS, -1, cv2.LINE_AA, 4)
        brow = np.round((points[8:] - [0, 1.6 * np.ptp(points[:, 1])]) * 16).astype(np.int32)
        thick = max(1, round(0.12 * float(np.ptp(points[:, 0]))))
        cv2.polylines(painted, [brow], False, _BROWS, thick, cv2.LINE_AA, 4)
    return cv2.GaussianBlur(painted, (0, 0), 0.6)
