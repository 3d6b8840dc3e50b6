"""Dense face landmarks of every face in a photo, in pixels, by MediaPipe's face mesh.

Models: the face detector and the 468-point face mesh inside the mediapipe 0.10.21 wheel
(Apache-2.0), described in ``external_manifests/models``. No other module imports mediapipe,
so that another back-end only has to fill `FaceMesh`.
"""

import os
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.faces import topology
from ingest.faces.pose import HeadFrame

MAX_FACES = 6
STRONG_ROLL = 9.0
"""Degrees of roll above which the mesh is found again on the upright head: one pass drifts."""
_UPRIGHT_CROPS = (1.6, 2.0, 2.4)
"""Sizes of these crops in faces: what one alone gives differs by its size, their mean hardly."""


@dataclass(frozen=True)
class FaceMesh:
    """Landmarks of one face.

    Attributes
    ----------
    points : ndarray of shape (468, 3), float32
        (x, y) in pixels, origin at the centre of the top-left pixel; z in the same scale,
        growing away from the camera.
    """

    points: NDArray[np.float32]

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """(x0, y0, x1, y1) in pixels around all landmarks."""
        (x0, y0), (x1, y1) = self.points[:, :2].min(axis=0), self.points[:, :2].max(axis=0)
        return float(x0), float(y0), float(x1), float(y1)

    @property
    def area(self) -> float:
        """Area of the box in square pixels."""
        x0, y0, x1, y1 = self.box
        return (x1 - x0) * (y1 - y0)

    @cached_property
    def head(self) -> HeadFrame:
        """Head frame (pose and scale) fitted to the landmarks."""
        return HeadFrame.from_points(self.points)


class FaceMesher:
    """Finds face meshes; a context manager, since the back-end holds native resources.

    Parameters
    ----------
    max_faces : int
        Faces looked for in one photo.
    min_confidence : float
        Lowest detector score, 0–1.

    Examples
    --------
    >>> with FaceMesher() as mesher:
    ...     mesher.find(np.full((64, 64, 3), 128, np.uint8))
    []
    """

    def __init__(self, max_faces: int = MAX_FACES, min_confidence: float = 0.5) -> None:
        os.environ.setdefault("GLOG_minloglevel", "2")
        from mediapipe.python.solutions.face_mesh import FaceMesh as MediaPipeFaceMesh

        self._backend = MediaPipeFaceMesh(
            static_image_mode=True,
            max_num_faces=max_faces,
            refine_landmarks=False,
            min_detection_confidence=min_confidence,
        )

    def __enter__(self) -> "FaceMesher":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the back-end."""
        self._backend.close()

    def find(self, image: NDArray[np.uint8]) -> list[FaceMesh]:
        """Every face found, largest first.

        A strongly rolled head is turned upright around its face and found again, and a photo
        without a finding is tried once more with a margin: close crops leave the detector none.

        Parameters
        ----------
        image : ndarray of shape (H, W, 3), uint8
            RGB.

        Returns
        -------
        list of FaceMesh
            Empty if there is no face.
        """
        found = self._run(image) or self._find_with_margin(image)
        refined = [self._refine_rolled(image, face) for face in found]
        return sorted(refined, key=lambda face: -face.area)

    def _run(self, image: NDArray[np.uint8]) -> list[FaceMesh]:
        height, width = image.shape[:2]
        result = self._backend.process(np.ascontiguousarray(image)).multi_face_landmarks
        # The back-end's 0..1 spans the pixel edges; half a pixel puts it on pixel centres.
        scale = np.array([width, height, width], dtype=np.float32)
        shift = np.array([0.5, 0.5, 0.0], dtype=np.float32)
        return [
            FaceMesh(np.array([(p.x, p.y, p.z) for p in face.landmark], np.float32) * scale - shift)
            for face in result or ()
        ]

    def _find_with_margin(self, image: NDArray[np.uint8]) -> list[FaceMesh]:
        height, width = image.shape[:2]
        pad_x, pad_y = width // 3, height // 3
        padded = cv2.copyMakeBorder(
            image, pad_y, pad_y, pad_x, pad_x, cv2.BORDER_CONSTANT, value=(128, 128, 128)
        )
        shift = np.array([pad_x, pad_y, 0.0], dtype=np.float32)
        return [FaceMesh(face.points - shift) for face in self._run(padded)]

    def _refine_rolled(self, image: NDArray[np.uint8], face: FaceMesh) -> FaceMesh:
        if abs(face.head.roll) < STRONG_ROLL:
            return face
        found = [self._found_upright(image, face, size) for size in _UPRIGHT_CROPS]
        points = [points for points in found if points is not None]
        return FaceMesh(np.mean(points, axis=0)) if points else face

    def _found_upright(
        self, image: NDArray[np.uint8], face: FaceMesh, size: float
    ) -> NDArray[np.float32] | None:
        """Points of a face, found again in a crop that holds it upright; None if lost."""
        x0, y0, x1, y1 = face.box
        centre, side = ((x0 + x1) / 2, (y0 + y1) / 2), int(size * max(x1 - x0, y1 - y0))
        turn = cv2.getRotationMatrix2D(centre, face.head.roll, 1.0)
        turn[:, 2] += side / 2 - np.array(centre)
        upright = cv2.warpAffine(image, turn, (side, side), borderMode=cv2.BORDER_REPLICATE)
        again = self._run(upright)
        if not again:
            return None
        back = cv2.invertAffineTransform(turn)
        points = max(again, key=lambda f: f.area).points.copy()
        points[:, :2] = points[:, :2] @ back[:, :2].T + back[:, 2]
        return points.astype(np.float32)


def mesh_edges_inside(face: FaceMesh, width: int, height: int) -> float:
    """Share (0–1) of a face's outline that lies inside the picture."""
    outline = face.points[list(topology.FACE_OVAL), :2]
    inside = (outline >= 0).all(axis=1) & (outline < (width, height)).all(axis=1)
    return float(inside.mean())
