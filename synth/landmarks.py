"""Landmarks of faces and hands a set was made with: a rebuild need not detect again."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ingest.atomic import atomic_path
from ingest.faces import FaceMesh
from ingest.faces.hands import N_POINTS as N_HAND_POINTS
from ingest.faces.hands import Hand
from ingest.faces.topology import N_POINTS
from synth.errors import SynthError

FILE = "landmarks.parquet"
_SCHEMA = pa.schema(
    [
        ("photo", pa.string()),
        ("face", pa.int32()),
        ("points", pa.list_(pa.float32(), N_POINTS * 3)),
        ("hands", pa.list_(pa.list_(pa.float32(), N_HAND_POINTS * 3))),
    ]
)


def write_landmarks(
    found: Iterable[tuple[str, int, FaceMesh]],
    path: Path,
    hands: Mapping[str, Sequence[Hand]] | None = None,
) -> None:
    """Write landmarks atomically.

    Parameters
    ----------
    found : iterable of (str, int, FaceMesh)
        Photo's ``image_id``, number of the face, its mesh.
    path : Path
        File to write.
    hands : mapping of str to sequence of Hand, optional
        Hands of the photos in which they were looked for; kept with each of its faces.
    """
    rows = list(found)
    columns = [
        pa.array([photo for photo, _, _ in rows], pa.string()),
        pa.array([face for _, face, _ in rows], pa.int32()),
        pa.array([mesh.points.ravel() for _, _, mesh in rows], _SCHEMA.field("points").type),
        pa.array(
            [_flat((hands or {}).get(photo)) for photo, _, _ in rows], _SCHEMA.field("hands").type
        ),
    ]
    with atomic_path(path) as temporary:
        pq.write_table(pa.Table.from_arrays(columns, schema=_SCHEMA), temporary, compression="zstd")


def _flat(hands: Sequence[Hand] | None) -> list[list[float]] | None:
    return None if hands is None else [hand.points.ravel().tolist() for hand in hands]


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
    table = _rows(path, photo)
    points = [_points(row, N_POINTS) for row in table["points"].to_pylist()]
    return {
        face: FaceMesh(mesh) for face, mesh in zip(table["face"].to_pylist(), points, strict=True)
    }


def read_hands(path: Path, photo: str) -> list[Hand]:
    """Hands of one photo; none if they were not looked for. Errors as of `read_landmarks`."""
    hands = _rows(path, photo)["hands"].to_pylist()[0]
    return [Hand(_points(row, N_HAND_POINTS)) for row in hands or ()]


def _points(row: list[float], count: int) -> NDArray[np.float32]:
    return np.asarray(row, np.float32).reshape(count, 3)


def _rows(path: Path, photo: str) -> pa.Table:
    try:
        table = pq.read_table(path, schema=_SCHEMA, filters=pc.field("photo") == photo)
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        message = f"{path}: cannot be read as landmarks ({error}). Make the set again."
        raise SynthError(message) from error
    if not table.num_rows:
        message = f"{path}: no landmarks of photo {photo}. Make the set again."
        raise SynthError(message)
    return table
