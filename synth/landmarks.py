"""The landmarks a synthetic set was made with, kept so that a rebuild need not detect again."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.atomic import atomic_path
from ingest.faces import FaceMesh
from ingest.faces.topology import N_POINTS
from synth.errors import SynthError

FILE = "landmarks.parquet"
_SCHEMA = pa.schema(
    [("photo", pa.string()), ("face", pa.int32()), ("points", pa.list_(pa.float32(), N_POINTS * 3))]
)


def write_landmarks(found: Iterable[tuple[str, int, FaceMesh]], path: Path) -> None:
    """Write (photo's ``image_id``, face number, mesh) atomically."""
    rows = list(found)
    columns = [
        pa.array([photo for photo, _, _ in rows], pa.string()),
        pa.array([face for _, face, _ in rows], pa.int32()),
        pa.array([mesh.points.ravel() for _, _, mesh in rows], _SCHEMA.field("points").type),
    ]
    with atomic_path(path) as temporary:
        pq.write_table(pa.Table.from_arrays(columns, schema=_SCHEMA), temporary, compression="zstd")


def join_landmarks(parts: Iterable[Path], path: Path) -> None:
    """Join files written by `write_landmarks` into one, atomically, a part at a time."""
    with (
        atomic_path(path) as temporary,
        pq.ParquetWriter(temporary, _SCHEMA, compression="zstd") as writer,
    ):
        for part in parts:
            writer.write_table(pq.read_table(part, schema=_SCHEMA))


def read_landmarks(path: Path, photo: str) -> dict[int, FaceMesh]:
    """Face number to mesh of one photo.

    Raises
    ------
    SynthError
        If the file is unreadable or does not hold the photo.
    """
    try:
        table = pq.read_table(path, filters=pc.field("photo") == photo)
        faces = table["face"].to_pylist()
        points = [
            np.asarray(row, np.float32).reshape(N_POINTS, 3) for row in table["points"].to_pylist()
        ]
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        message = f"{path}: cannot be read as landmarks ({error}). Make the set again."
        raise SynthError(message) from error
    if not faces:
        message = f"{path}: no landmarks of photo {photo}. Make the set again."
        raise SynthError(message)
    return {face: FaceMesh(mesh) for face, mesh in zip(faces, points, strict=True)}
