"""How a photo is cut before it is dressed: as it is, like the target set, or close to the face."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.faces import FaceMesh, topology
from ingest.faces.hands import Hand
from synth.recipe import derived_rng

FRAMINGS = ("original", "target", "face")
MOST_EXTENDED = 0.7
"""Share of the new picture that may lie outside the photo; its border is drawn on."""
_SUBMERGED = 0.9
"""Share of the face's outline that must come from the photo itself."""


@dataclass(frozen=True)
class Frame:
    """A way to cut a picture around a face.

    Attributes
    ----------
    width, height : int
        Pixels.
    face_width : float
        Pixels between the ear points.
    nose_x, nose_y : float
        Where the base of the nose lies, as shares of width and height.
    jitter : float
        Relative variation of scale; a third of it moves the face.
    """

    width: int
    height: int
    face_width: float
    nose_x: float
    nose_y: float
    jitter: float


FRAMES = {
    # Upright phone portraits, head and shoulders: published crops of the target set keep rows
    # 56–456 and columns 92–292 of 512 × 384, which hold the head with a little room.
    "target": Frame(384, 512, 138.0, 0.50, 0.52, 0.10),
    "face": Frame(256, 256, 158.0, 0.50, 0.56, 0.06),
}


def frame_photo(
    image: NDArray[np.uint8],
    faces: list[FaceMesh],
    framing: str,
    seed: int,
    photo: str,
) -> tuple[NDArray[np.uint8], list[FaceMesh], str]:
    """Cut a photo around its largest face, upright, extending its border where it ends.

    Parameters
    ----------
    image : ndarray of shape (H, W, 3), uint8
        RGB.
    faces : list of FaceMesh
        Largest first.
    framing : str
        A name of `FRAMINGS`.
    seed : int
        Of the run.
    photo : str
        ``image_id``; with the seed it decides the variation.

    Returns
    -------
    (ndarray of shape (H', W', 3), list of FaceMesh, str)
        The new picture, the faces moved along, and an empty reason; or the photo unchanged and
        the reason why it cannot be cut so.
    """
    if framing == "original":
        return image, faces, ""
    frame = FRAMES[framing]
    matrix = framing_matrix(faces[0], framing, seed, photo)
    moved = [FaceMesh(move(face.points, matrix)) for face in faces]
    outside = _outside(matrix, image.shape, frame)
    if outside.mean() > MOST_EXTENDED:
        return image, faces, f"too little photo around the face for --framing {framing}"
    outline = moved[0].points[list(topology.FACE_OVAL), :2].round().astype(int)
    column, row = np.clip(outline, 0, (frame.width - 1, frame.height - 1)).T
    if (outside[row, column] == 0).mean() < _SUBMERGED:
        return image, faces, f"face too near the border for --framing {framing}"
    return _warp(image, matrix, frame, outside), moved, ""


def framing_matrix(face: FaceMesh, framing: str, seed: int, photo: str) -> NDArray[np.float64]:
    """Affine map of shape (2, 3) from the photo to its cut; arguments as of `frame_photo`."""
    if framing == "original":
        return np.eye(2, 3)
    return _matrix(face, FRAMES[framing], derived_rng(seed, photo, framing))


def moved_hands(
    hands: Sequence[Hand], face: FaceMesh, framing: str, seed: int, photo: str
) -> list[Hand]:
    """Hands of a photo where they are after its cut; arguments as of `framing_matrix`."""
    matrix = framing_matrix(face, framing, seed, photo)
    return [Hand(move(hand.points, matrix)) for hand in hands]


def move(landmarks: NDArray[np.float32], matrix: NDArray[np.float64]) -> NDArray[np.float32]:
    """Landmarks of shape (N, 3) after an affine map of the picture; depth follows its scale."""
    points = landmarks.astype(np.float64)
    scale = np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    flat = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    return np.column_stack([flat, points[:, 2] * scale]).astype(np.float32)


def _matrix(face: FaceMesh, frame: Frame, rng: np.random.Generator) -> NDArray[np.float64]:
    head = face.head
    ears = face.points[[topology.RIGHT_EAR, topology.LEFT_EAR]]
    scale = frame.face_width / max(float(np.linalg.norm(ears[1] - ears[0])), 1e-6)
    scale *= float(np.exp(rng.normal(0, frame.jitter)))
    turn = head.roll + float(rng.normal(0, 2.0))
    nose = face.points[topology.SUBNASALE, :2].astype(np.float64)
    matrix = cv2.getRotationMatrix2D((float(nose[0]), float(nose[1])), turn, scale)
    goal = np.array([frame.nose_x * frame.width, frame.nose_y * frame.height])
    goal += rng.normal(0, frame.jitter / 3, 2) * (frame.width, frame.height)
    matrix[:, 2] += goal - nose
    return matrix


def _outside(
    matrix: NDArray[np.float64], shape: tuple[int, ...], frame: Frame
) -> NDArray[np.uint8]:
    """1 where the new picture lies beyond the photo."""
    inside = np.ones(shape[:2], np.uint8)
    size = (frame.width, frame.height)
    return 1 - cv2.warpAffine(inside, matrix, size, flags=cv2.INTER_NEAREST)


def _warp(
    image: NDArray[np.uint8],
    matrix: NDArray[np.float64],
    frame: Frame,
    outside: NDArray[np.uint8],
) -> NDArray[np.uint8]:
    shrink = 1 / np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    if shrink > 1.3:  # smooth what the smaller picture cannot hold
        image = cv2.GaussianBlur(image, (0, 0), 0.45 * shrink)
    size = (frame.width, frame.height)
    picture = cv2.warpAffine(
        image, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    if not outside.any():
        return picture
    # A stretched border shows streaks; blurred the more the farther out, it reads as backdrop.
    away = cv2.distanceTransform(outside, cv2.DIST_L2, 3)
    share = np.clip(away / 24.0, 0, 1)[..., None].astype(np.float32)
    soft = cv2.GaussianBlur(picture, (0, 0), 9).astype(np.float32)
    return np.round(picture * (1 - share) + soft * share).astype(np.uint8)
