"""Faces by dlib: its frontal detector, and a shape predictor that the user brings.

dlib is an extra of the package; no other module imports it.
"""

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.errors import IngestError, WrongUsage
from ingest.faces.mesh import FaceMesh
from ingest.faces.sparse import FailedFit, fit_mesh

UPSAMPLING = 1
"""Doublings of the picture before detection: one finds faces of 40 pixels."""


class DlibMissing(WrongUsage, IngestError):
    """The extra is not installed."""


class PredictorUnreadable(WrongUsage, IngestError):
    """The file is no shape predictor."""


class DlibFinder:
    """Finds faces with dlib and fits the face mesh to their landmarks.

    Parameters
    ----------
    predictor : Path
        Shape predictor of 5, 68 or 468 points.

    Raises
    ------
    DlibMissing, PredictorUnreadable
        If it cannot be used.
    """

    def __init__(self, predictor: Path) -> None:
        dlib = _dlib()
        self._detect = dlib.get_frontal_face_detector()
        self._predict = _load(dlib, predictor)

    def find(self, image: NDArray[np.uint8]) -> list[FaceMesh]:
        """Every face found whose landmarks form one, largest first.

        Parameters
        ----------
        image : ndarray of shape (H, W, 3), uint8
            RGB.
        """
        picture = np.ascontiguousarray(image)
        shapes = (self._predict(picture, box) for box in self._detect(picture, UPSAMPLING))
        fits = [fit_mesh([(part.x, part.y) for part in shape.parts()]) for shape in shapes]
        faces = [fit for fit in fits if not isinstance(fit, FailedFit)]
        return sorted(faces, key=lambda face: -face.area)


def count_parts(predictor: Path) -> int:
    """Points a shape predictor gives; errors as of `DlibFinder`."""
    dlib = _dlib()
    blank = np.zeros((64, 64, 3), np.uint8)
    return _load(dlib, predictor)(blank, dlib.rectangle(8, 8, 55, 55)).num_parts


def _dlib() -> ModuleType:
    try:
        import dlib
    except ImportError as error:
        message = "--backend dlib: dlib is not installed. Run: pip install 'maskcls[dlib]'"
        raise DlibMissing(message) from error
    return dlib


def _load(dlib: ModuleType, predictor: Path) -> Any:
    try:
        return dlib.shape_predictor(str(predictor))
    except RuntimeError as error:
        message = (
            f"{predictor}: cannot be read as a shape predictor ({error}). "
            "Expected a .dat file of dlib, unpacked."
        )
        raise PredictorUnreadable(message) from error
