"""The light on a face, read from its skin, and the shade a garment throws in it."""

from dataclasses import dataclass

import cv2
import numba
import numpy as np
from numpy.typing import NDArray

from ingest.faces import FaceMesh, topology

GAMMA = 2.2
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_TYPICAL_SKIN = 0.33
"""Linear reflectance assumed where the picture holds no white to compare skin with."""
_TYPICAL_SKIN_CHROMA = np.array([1.22, 0.96, 0.80])
_RIDGE, _ROUNDS = 2.0, 3
_VIEW = np.array([0.0, 0.0, 1.0])
"""From the camera into the picture."""
_GLOSS, _GLOSS_NARROWNESS = 0.22, 4


@dataclass(frozen=True)
class Light:
    """Light read from visible skin.

    Irradiance on a unit normal n (image frame) is ``ambient + n · direction``, about 1 on skin
    that faces the camera.

    Attributes
    ----------
    ambient : float
        Part that reaches every side.
    direction : ndarray of shape (3,)
        Image frame (x, y, depth), pointing towards the light; its length is its strength.
    white : float
        Linear value, 0–1, of a white cloth facing the camera.
    cast : ndarray of shape (3,)
        Factor on the RGB of a neutral cloth.
    """

    ambient: float
    direction: NDArray[np.float64]
    white: float
    cast: NDArray[np.float64]

    def shade(self, normals: NDArray[np.float64]) -> NDArray[np.float32]:
        """Factor on encoded RGB for surfaces with these unit normals.

        Parameters
        ----------
        normals : ndarray of shape (..., 3)
            Unit normals in the image frame.

        Returns
        -------
        ndarray of shape (..., 3), float32
        """
        irradiance = np.minimum(np.maximum(self.ambient + normals @ self.direction, 0.15), 1.9)
        encoded = (self.white * irradiance) ** (1 / GAMMA)
        return (encoded[..., None] * self.cast).astype(np.float32)

    def gloss(self, normals: NDArray[np.float64]) -> NDArray[np.float32]:
        """Light that fibres throw back before the dye takes its share, encoded, on black cloth.

        Blinn's lobe about the half-way vector of light and camera ("Models of light reflection
        for computer synthesized pictures", 1977, doi:10.1145/563858.563893).

        Parameters
        ----------
        normals : ndarray of shape (..., 3)
            Unit normals in the image frame.

        Returns
        -------
        ndarray of shape (...), float32
            0 where light has no direction.
        """
        strength = float(np.linalg.norm(self.direction))
        half = self.direction / max(strength, 1e-9) - _VIEW
        half = half / max(float(np.linalg.norm(half)), 1e-9)
        lobe = np.maximum(normals @ half, 0) ** _GLOSS_NARROWNESS
        return (_GLOSS * min(strength, 1.0) * lobe).astype(np.float32)


def estimate_light(image: NDArray[np.uint8], face: FaceMesh) -> Light:
    """Fit ambient and directional light to the brightness of skin over its normals.

    First-order model of Lambertian shading (Basri and Jacobs, "Lambertian Reflectance and
    Linear Subspaces", 2003, doi:10.1109/TPAMI.2003.1177153), robust against beard, hair and
    highlights by iterative reweighting.

    Parameters
    ----------
    image : ndarray of shape (H, W, 3), uint8
        RGB.
    face : FaceMesh
        Landmarks in the image.
    """
    height, width = image.shape[:2]
    skin = np.array(topology.SKIN)
    normals = mesh_normals(face)[skin]
    x, y = np.round(face.points[skin, :2]).astype(int).T
    usable = (x >= 1) & (y >= 1) & (x < width - 1) & (y < height - 1) & (normals[:, 2] < -0.15)
    if usable.sum() < 12:
        usable = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    if usable.sum() < 4:
        return Light(0.8, np.array([0.0, -0.1, -0.2]), 0.7, np.ones(3))
    linear = (image[y[usable], x[usable]] / 255.0) ** GAMMA
    luminance = linear @ LUMA
    ambient, direction, keep = _fit_irradiance(luminance, normals[usable])
    facing = max(float(ambient - direction[2]), 0.01)
    chroma = np.median(linear[keep], axis=0)
    chroma = chroma / max(float(chroma @ LUMA), 1e-3)
    cast = np.clip((chroma / _TYPICAL_SKIN_CHROMA) ** (0.35 / GAMMA), 0.88, 1.12)
    return Light(
        ambient / facing, direction / facing, _white_level(image, facing), cast / (cast @ LUMA)
    )


def _fit_irradiance(
    luminance: NDArray[np.float64], normals: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64], NDArray[np.bool_]]:
    design = np.column_stack([np.ones(len(normals)), normals])
    weights = np.ones(len(normals))
    penalty = np.diag([0.0, _RIDGE, _RIDGE, _RIDGE])
    solution = np.zeros(4)
    for _ in range(_ROUNDS):
        weighted = design * weights[:, None]
        solution = np.linalg.solve(
            weighted.T @ design + penalty + 1e-6 * np.eye(4), weighted.T @ luminance
        )
        residual = np.abs(luminance - design @ solution)
        middle = len(residual) // 2
        spread = 1.5 * np.partition(residual, middle)[middle] + 1e-4
        weights = np.minimum(1.0, spread / np.maximum(residual, 1e-6))
    return float(solution[0]), solution[1:], weights > 0.5


def _white_level(image: NDArray[np.uint8], skin: float) -> float:
    """Linear value of white, between what skin suggests and what the picture shows."""
    step = max(1, int(np.sqrt(image.shape[0] * image.shape[1] / 4000)))
    luma = image[::step, ::step].reshape(-1, 3) @ LUMA
    rank = int(0.99 * luma.size)
    brightest = (float(np.partition(luma, rank)[rank]) / 255) ** GAMMA
    guess = np.sqrt(skin / _TYPICAL_SKIN * max(brightest, skin))
    return float(np.clip(guess, min(1.3 * skin, 1.0), min(6 * skin, 1.0)))


def mesh_normals(face: FaceMesh) -> NDArray[np.float64]:
    """Outward unit normals of a face mesh in the image frame, shape (468, 3)."""
    return _vertex_normals(face.points.astype(np.float64), topology.triangles())


@numba.njit(cache=True)
def _vertex_normals(points, triangles):  # pragma: no cover - compiled
    """Sum of the triangles' normals at each point, weighted by area, towards the camera."""
    total = np.zeros_like(points)
    for t in range(len(triangles)):
        a, b, c = points[triangles[t, 0]], points[triangles[t, 1]], points[triangles[t, 2]]
        ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
        vx, vy, vz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        if nz > 0:
            nx, ny, nz = -nx, -ny, -nz
        for k in range(3):
            total[triangles[t, k], 0] += nx
            total[triangles[t, k], 1] += ny
            total[triangles[t, k], 2] += nz
    for i in range(len(total)):
        total[i] /= max(np.sqrt((total[i] ** 2).sum()), 1e-9)
    return total


def contact_shadow(
    matte: NDArray[np.float32], light: Light, pixels_per_mm: float
) -> NDArray[np.uint8]:
    """Shade a garment casts on what lies close behind it, on the far side of the light.

    Parameters
    ----------
    matte : ndarray of shape (h, w), float32
        The garment's alpha.
    light : Light
        Its direction moves the shadow.
    pixels_per_mm : float
        Scale of the face.

    Returns
    -------
    ndarray of shape (h, w), uint8
        0 in the open, 255 where the garment takes all that it can take.
    """
    reach = 5.0 * pixels_per_mm
    towards_x, towards_y = (min(max(2.5 * float(d), -1.0), 1.0) for d in light.direction[:2])
    levels = cv2.convertScaleAbs(matte, alpha=255.0)
    moved = _moved(levels, round(-towards_x * reach), round((0.25 - towards_y) * reach))
    return _soften(moved, 2.2 * pixels_per_mm)


def _moved(levels: NDArray[np.uint8], dx: int, dy: int) -> NDArray[np.uint8]:
    """Picture moved by whole pixels, 0 where nothing comes from."""
    height, width = levels.shape
    moved = np.zeros_like(levels)
    moved[max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)] = levels[
        max(-dy, 0) : height - max(dy, 0), max(-dx, 0) : width - max(dx, 0)
    ]
    return moved


def _soften(levels: NDArray[np.uint8], sigma: float) -> NDArray[np.uint8]:
    """Two box blurs that come closest to a Gaussian of this sigma; far cheaper than one."""
    # Boxes of odd sides m and n have the variance (m² + n² - 2) / 12.
    first = max(1, 2 * int((np.sqrt(6 * sigma**2 + 1) - 1) // 2) + 1)
    rest = 12 * sigma**2 + 2 - first**2
    second = max(1, 2 * round((np.sqrt(max(rest, 1)) - 1) / 2) + 1)
    return cv2.blur(cv2.blur(levels, (first, first)), (second, second))
