"""What a face looks like to a model that the user brings: one vector per picture, remembered."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.audit.cache import Entry, open_cache
from ingest.audit.files import SOUND, Watch
from ingest.audit.measures import Task, file_tasks
from ingest.audit.mix import REAL, Mix
from ingest.faces import FaceMesh, FaceMesher
from ingest.faces.layouts import EYES_NOSE_MOUTH, at_layout
from ingest.image_check import ImageRejected
from ingest.images import open_image, upright_rgb
from ingest.licences.terms import Purpose
from ingest.manifests.schema import Field, one_of
from ingest.onnx_model import ModelInvalid, OnnxModel, numbers, open_model, pass_licence, read_about
from ingest.records import to_json

_VERSION = "identity-2"
_N_POINTS = len(EYES_NOSE_MOUTH)


def _is_share(value: float) -> str | None:
    return None if 0 < value < 1 else f"is {value!r}. Expected a number above 0 and below 1"


def _are_points(value: Any) -> str | None:
    if len(value) != _N_POINTS or any(not isinstance(one, list) or len(one) != 2 for one in value):
        return (f"is {value!r}. Expected five [x, y] in pixels: the eyes' centres, the nose tip "
                "and the corners of the mouth, left in the picture before right")  # fmt: skip
    return next((text for one in value if (text := numbers(one))), None)


_FIELDS = (
    Field("same_person", float, required=True, check=_is_share),
    Field("channels", check=one_of("rgb", "bgr")),
    Field("points", list, check=_are_points),
)


@dataclass(frozen=True)
class Embedder:
    """A face recognition model that the licence gate let through.

    Attributes
    ----------
    model : OnnxModel
        Its manifest has ``same_person`` (least cosine of two pictures of one person) besides,
        and may have ``channels`` (rgb or bgr) and ``points``, where in its input the eyes, the
        nose tip and the corners of the mouth belong.
    """

    model: OnnxModel

    @property
    def threshold(self) -> float:
        """Cosine from which two pictures are taken for one person."""
        return float(self.model.about["same_person"])

    @property
    def key(self) -> str:
        """Digest of all that decides a vector: the model and how faces are cut for it."""
        deciding = ("sha256", "size", "mean", "std", "margin", "points", "channels")
        said = to_json({name: self.model.about.get(name) for name in deciding})
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def embed(self, face: NDArray[np.uint8]) -> NDArray[np.float32] | None:
        """Vector of length 1 for an aligned face of the model's size; None if it has none."""
        reverse = self.model.about.get("channels") == "bgr"
        vector = self.model.run(face[..., ::-1] if reverse else face)
        length = float(np.linalg.norm(vector))
        return vector / length if np.isfinite(length) and length > 0 else None

    def aligned(self, image: NDArray[np.uint8], face: FaceMesh) -> NDArray[np.uint8]:
        """Face of an image as the model takes it, shape (height, width, 3).

        With ``points`` by the similarity that brings the landmarks closest to them, else the
        square around the face with its margin.
        """
        about = self.model.about
        height, width = about["size"]
        if points := about.get("points"):
            here = at_layout(face.points[:, :2], EYES_NOSE_MOUTH)
            move = similarity(here, np.array(points, dtype=float))
        else:
            x0, y0, x1, y1 = face.box
            side = max(x1 - x0, y1 - y0) * (1 + 2 * about.get("margin", 0.0))
            corner = np.array([(x0 + x1 - side) / 2, (y0 + y1 - side) / 2])
            scale = np.diag([width / side, height / side])
            move = np.column_stack([scale, -scale @ corner])
        return cv2.warpAffine(image, move, (width, height), flags=cv2.INTER_LINEAR)


def load_embedder(path: Path, purpose: Purpose) -> Embedder:
    """Model of a manifest, let through the licence gate to be run for a purpose.

    Raises
    ------
    ModelInvalid, RuntimeMissing
        As of `ingest.onnx_model.open_model`.
    LicenceRefused
        If its licence stands in the way.
    """
    about = read_about(path, _FIELDS)
    if not about.get("points") and "margin" not in about:
        raise ModelInvalid(path, ["has neither points nor margin. Expected one, to cut faces by"])
    pass_licence(path, about, "run", [purpose])
    return Embedder(open_model(path, about, "--identity"))


def similarity(
    source_points: NDArray[np.float64], target_points: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Least-squares similarity (turn, scale, shift) between points, as a matrix of shape (2, 3).

    Parameters
    ----------
    source_points, target_points : ndarray of shape (N, 2)
        (x, y) in pixels, in the same order.
    """
    source, target = (points @ [1, 1j] for points in (source_points, target_points))
    spread = source - source.mean()
    turn = np.vdot(spread, target) / np.vdot(spread, spread)
    shift = target.mean() - turn * source.mean()
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def embed_mix(
    mix: Mix, files: pd.DataFrame, embedder: Embedder, watch: Watch
) -> tuple[pd.Index, NDArray[np.float32]]:
    """Vectors of the real pictures of a mix in which a face is found; copies count once.

    Composites are left out: their face is their photo's, half hidden.

    Parameters
    ----------
    mix : Mix
        What is audited.
    files : DataFrame
        As of `ingest.audit.files.read_files`.
    embedder : Embedder
        As of `load_embedder`.
    watch : callable
        Shows progress.

    Returns
    -------
    Index
        Rows of ``mix.records``.
    ndarray of shape (N, K), float32
        Their vectors, of length 1.
    """
    sound = mix.records[(files["state"] == SOUND) & (mix.records["kind"] == REAL)]
    shown = sound.drop_duplicates(["sha256", "subject_id", "split"])
    with open_cache(mix.root, f"{_VERSION}-{embedder.key}") as cache:
        missing = shown[~shown["sha256"].isin(cache.known(shown["sha256"]))]
        tasks = file_tasks(mix, missing.drop_duplicates("sha256"))
        if tasks:
            cache.add(watch(_vectors(tasks, embedder), len(tasks), "comparing faces"))
        kept = {key: np.frombuffer(data, np.float32)
                for key, _, data in cache.read(shown["sha256"]) if data}  # fmt: skip
    rows = shown.index[shown["sha256"].isin(kept)]
    vectors = [kept[key] for key in shown.loc[rows, "sha256"]]
    return rows, np.stack(vectors) if vectors else np.empty((0, 1), np.float32)


def _vectors(tasks: list[Task], embedder: Embedder) -> Iterator[Entry]:
    with FaceMesher() as mesher:
        for key, path in tasks:
            try:
                image = upright_rgb(open_image(path))
            except (ImageRejected, OSError):
                continue
            faces = mesher.find(image)
            vector = embedder.embed(embedder.aligned(image, faces[0])) if faces else None
            yield key, {}, b"" if vector is None else vector.tobytes()
