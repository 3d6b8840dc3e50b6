"""Which back-end finds the faces of a photo, and which models' licences that involves."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.errors import IngestError, WrongUsage
from ingest.faces.dlib_finder import DlibFinder, count_parts
from ingest.faces.given import GivenLandmarks
from ingest.faces.layouts import POINT_COUNTS
from ingest.faces.mesh import FaceMesh, FaceMesher

PREDICTORS = {5: "dlib_shape_predictor_5", 68: "dlib_shape_predictor_68"}
"""Manifest of dlib's own shape predictors by their number of points."""
OWN_PREDICTOR = "own_shape_predictor"


class BackendUnusable(WrongUsage, IngestError):
    """A way of finding faces that cannot be meant, or cannot be had."""


class FaceFinder(Protocol):
    """Finds the faces of a photo."""

    def find(self, image: NDArray[np.uint8]) -> list[FaceMesh]:
        """Every face of an image of shape (H, W, 3), RGB uint8, largest first."""
        ...


@dataclass(frozen=True)
class Model:
    """A model in use.

    Attributes
    ----------
    name : str
        Of its manifest; ``family/file`` for one file of a family.
    license : str or None
        Licence id on record, for a family whose files each have their own.
    """

    name: str
    license: str | None = None


@dataclass(frozen=True)
class Backend:
    """Where the landmarks of faces come from.

    Attributes
    ----------
    name : {"mediapipe", "dlib", "given"}
        MediaPipe's face mesh, dlib's detector with a shape predictor, or a table of landmarks.
    file : str or None
        Shape predictor or table.
    sha256 : str or None
        Of the file.
    models : tuple of Model
        Models that take part, to be asked of the licence gate.
    """

    name: str = "mediapipe"
    file: str | None = None
    sha256: str | None = None
    models: tuple[Model, ...] = (Model("mediapipe_face_detection"), Model("mediapipe_face_mesh"))

    def as_json(self) -> dict[str, object]:
        """What decides the landmarks: the file by name and content, not by its place."""
        return {**asdict(self), "file": Path(self.file).name if self.file else None,
                "models": [model.name for model in self.models]}  # fmt: skip


MEDIAPIPE = Backend()


def choose_backend(
    name: str = "mediapipe",
    landmarks: Path | None = None,
    predictor: Path | None = None,
    predictor_license: str | None = None,
) -> Backend:
    """Back-end that is asked for on a command line.

    Parameters
    ----------
    name : {"mediapipe", "dlib"}
        Library.
    landmarks : Path, optional
        Table of landmarks (see `GivenLandmarks`), instead of a library.
    predictor : Path, optional
        Shape predictor of 5, 68 or 468 points, for dlib.
    predictor_license : str, optional
        Licence id of a predictor that is not dlib's own.

    Raises
    ------
    BackendUnusable
        If the options contradict each other, the predictor cannot be read, or nothing says
        which licence it has.
    LandmarksInvalid
        With every problem of the table.
    """
    _refuse_contradictions(name, landmarks, predictor, predictor_license)
    if landmarks:
        given = Backend("given", str(landmarks), _hash(landmarks), ())
        read_given(given)
        return given
    if predictor:
        own = _predictor_model(predictor, predictor_license)
        models = (Model("dlib_face_detector"), own)
        return Backend("dlib", str(predictor), _hash(predictor), models)
    return MEDIAPIPE


def finder_for(backend: Backend, names: Sequence[str]) -> FaceFinder:
    """Finder for one photo; detectors are opened once in a process and kept.

    Parameters
    ----------
    backend : Backend
        As of `choose_backend`.
    names : sequence of str
        Names the photo goes by in a table of landmarks, the most exact first.
    """
    if backend.name == "given":
        return read_given(backend).of(names)
    return _detector(backend)


def _hash(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        message = f"{file}: cannot be read ({error.strerror}). Expected a file."
        raise BackendUnusable(message) from error


@cache
def read_given(backend: Backend) -> GivenLandmarks:
    """Table of landmarks of a back-end named ``given``, read once in a process."""
    return GivenLandmarks.read(Path(backend.file or ""))


@cache
def _detector(backend: Backend) -> FaceFinder:
    if backend.name == "dlib" and backend.file:
        return DlibFinder(Path(backend.file))
    return FaceMesher()


def _refuse_contradictions(
    name: str, landmarks: Path | None, predictor: Path | None, predictor_license: str | None
) -> None:
    problems = []
    if landmarks and (name != "mediapipe" or predictor):
        problems.append("--landmarks and --backend dlib: both given. Expected one of them.")
    if name == "dlib" and not predictor:
        problems.append("--backend dlib: no shape predictor. Expected --predictor FILE.")
    if name != "dlib" and predictor:
        problems.append(f"--predictor: given for {name}. Expected --backend dlib beside it.")
    if predictor_license and not predictor:
        problems.append("--predictor-license: no predictor. Expected --predictor FILE beside it.")
    if problems:
        raise BackendUnusable("\n".join(problems))


def _predictor_model(predictor: Path, license_id: str | None) -> Model:
    parts = count_parts(predictor)
    if parts not in POINT_COUNTS:
        counts = ", ".join(map(str, POINT_COUNTS))
        message = f"{predictor}: predicts {parts} points. Expected a predictor of {counts}."
        raise BackendUnusable(message)
    if license_id:
        return Model(f"{OWN_PREDICTOR}/{predictor.name}", license_id)
    if parts not in PREDICTORS:
        message = (
            f"{predictor}: predicts {parts} points, so it is none of dlib's own, and its licence "
            "is not known. Say under which one it is with --predictor-license ID."
        )
        raise BackendUnusable(message)
    return Model(PREDICTORS[parts])
