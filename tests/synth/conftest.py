"""Heads of known pose and light, drawn from a mesh, and small data sets of packaged photos."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import matplotlib.cbook
import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from ingest.card import write_card
from ingest.dataset import Dataset
from ingest.faces import FaceMesh, FaceMesher, topology
from ingest.records import image_id, records_frame, write_records
from synth.compose import Sitter
from synth.photo.camera import Camera
from synth.photo.light import GAMMA, Light, mesh_normals
from synth.recipe import Recipe, draw_recipe

SIZE = (275, 225)
SKIN = (200, 160, 140)
FACE_WIDTH_PX = 104.0


@pytest.fixture(scope="session")
def astronaut() -> NDArray[np.uint8]:
    """The photo of Eileen Collins that comes with scikit-image, (H, W, 3)."""
    return np.array(data.astronaut()[:300, 70:370])


@pytest.fixture(scope="session")
def hopper() -> NDArray[np.uint8]:
    """The photo of Grace Hopper that comes with matplotlib, (H, W, 3)."""
    path = matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    return np.array(Image.open(path).convert("RGB"))


@pytest.fixture(scope="session")
def mesher() -> Any:
    """The face mesher all tests share."""
    with FaceMesher() as shared:
        yield shared


@pytest.fixture(scope="session")
def head_points(astronaut: NDArray[np.uint8], mesher: FaceMesher) -> NDArray[np.float64]:
    """A real head's mesh in its own millimetres, free of pose, shape (468, 3)."""
    face = mesher.find(astronaut)[0]
    return face.head.to_head(face.points)


def turned(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> NDArray[np.float64]:
    """Rows are the axes of a head turned by degrees, signs as of `HeadFrame`."""
    y, p, r = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(r), np.sin(r), 0], [-np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return about_y @ about_x @ about_z


@pytest.fixture
def make_face(head_points: NDArray[np.float64]) -> Callable[..., FaceMesh]:
    """Makes a face of chosen pose and size in a picture of `SIZE`."""

    def make(scale: float = 1.0, **pose: float) -> FaceMesh:
        pixels = head_points * (scale * FACE_WIDTH_PX / 145) @ turned(**pose)
        middle = (pixels[:, :2].min(axis=0) + pixels[:, :2].max(axis=0)) / 2
        centre = np.array([SIZE[1], SIZE[0] - 40]) / 2
        pixels[:, :2] += centre - middle
        return FaceMesh(pixels.astype(np.float32))

    return make


def flat_photo(colour: tuple[int, int, int] = SKIN) -> NDArray[np.uint8]:
    """A picture of one colour, of `SIZE`."""
    return np.full((*SIZE, 3), colour, np.uint8)


def lambert(
    face: FaceMesh, ambient: float, towards: tuple[float, ...], albedo: float = 0.5
) -> NDArray[np.uint8]:
    """Draw a matt head lit by ambient and directional light on a dark ground."""
    triangles = topology.triangles()
    normals = mesh_normals(face)[triangles].mean(axis=1)
    irradiance = np.clip(ambient + normals @ np.array(towards), 0, None)
    levels = np.round(255 * np.clip(albedo * irradiance, 0, 1) ** (1 / GAMMA))
    image = np.full((*SIZE, 3), 30, np.uint8)
    far_first = np.argsort(-face.points[triangles, 2].mean(axis=1))
    for triangle in far_first:
        corners = np.round(face.points[triangles[triangle], :2] * 16).astype(np.int32)
        cv2.fillConvexPoly(image, corners, [int(levels[triangle])] * 3, cv2.LINE_8, 4)
    return image


@pytest.fixture
def make_lambert() -> Callable[..., NDArray[np.uint8]]:
    """Draws a lit head; see `lambert`."""
    return lambert


PLAIN_LIGHT = Light(1.0, np.zeros(3), 1.0, np.ones(3))
SHARP_CAMERA = Camera(0.0, 0.0, None)


@pytest.fixture
def make_sitter(make_face: Callable[..., FaceMesh]) -> Callable[..., Sitter]:
    """Makes a sitter before a photo of one colour, by default in shadeless light."""

    def make(
        image: NDArray[np.uint8] | None = None,
        light: Light = PLAIN_LIGHT,
        camera: Camera = SHARP_CAMERA,
        **pose: float,
    ) -> Sitter:
        sitter = Sitter.study(flat_photo() if image is None else image, make_face(**pose))
        return replace(sitter, light=light, camera=camera)

    return make


@pytest.fixture
def make_recipe() -> Callable[..., Recipe]:
    """Draws a recipe for a sitter."""

    def make(sitter: Sitter, family: str, state: str, seed: int = 0, **other: Any) -> Recipe:
        named = {"photo": "p", "face": 0, "variant": 0, "attempt": 0} | other
        return draw_recipe(sitter.field, {family: 1.0}, seed=seed, state=state, **named)

    return make


def encoded(image: NDArray[np.uint8], kind: str = "JPEG", **how: Any) -> bytes:
    """Bytes of a picture's file."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, kind, **how)
    return stream.getvalue()


@pytest.fixture(scope="session")
def portrait_files(astronaut: NDArray[np.uint8], hopper: NDArray[np.uint8]) -> dict[str, bytes]:
    """Five small photos of the two packaged people, as files of different kinds."""
    eileen = cv2.resize(astronaut, (150, 150), interpolation=cv2.INTER_AREA)
    grace = cv2.resize(hopper, (192, 226), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(grace, cv2.COLOR_RGB2GRAY)
    return {
        "eileen.jpg": encoded(eileen, quality=90),
        "eileen mirrored.png": encoded(np.ascontiguousarray(eileen[:, ::-1]), "PNG"),
        "grace.jpg": encoded(grace, quality=80, subsampling=0),
        "grace mirrored.jpg": encoded(np.ascontiguousarray(grace[:, ::-1])),
        "grace grey.jpg": encoded(grey),
    }


def _make_source(
    root: Path,
    files: dict[str, bytes],
    name: str = "faces",
    rows: dict[str, dict[str, Any]] | None = None,
    details: dict[str, Any] | None = None,
) -> Dataset:
    dataset = Dataset(root / name)
    dataset.images.mkdir(parents=True)
    records = []
    for number, (path, content) in enumerate(files.items()):
        (dataset.images / path).write_bytes(content)
        records.append(_row(name, number, path, content) | (rows or {}).get(path, {}))
    frame = records_frame(records)
    write_records(frame, dataset.records_path)
    given = {"purpose": "commercial", **(details or {})}
    write_card(dataset, frame, title=name, description="made", details=given)
    return dataset


@pytest.fixture(scope="session")
def make_source() -> Callable[..., Dataset]:
    """Makes a pulled data set of bare faces below a data root, from the bytes of its files."""
    return _make_source


def _row(name: str, number: int, path: str, content: bytes) -> dict[str, Any]:
    return {
        "image_id": image_id(name, path),
        "sha256": hashlib.sha256(content).hexdigest(),
        "path": path,
        "width": 150,
        "height": 150,
        "source": name,
        "subject_id": f"{name}:{number}",
        "mask": "not_worn",
        "wear_state": "none",
        "mask_origin": "assumed",
        "gender": "female",
        "gender_origin": "label",
        "age": 30.0 + 10 * number,
        "age_origin": "label",
        "license": "CC0-1.0",
    }


@pytest.fixture
def synth() -> Callable[..., Result]:
    """The command line `synth`, as a user calls it."""
    from synth.cli import cli

    def call(*arguments: object) -> Result:
        result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            f"a traceback reached the user: {result.exception!r}"
        )
        return result

    return call
