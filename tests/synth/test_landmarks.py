"""Stored landmarks: read back to the bit, joined in order, refused with a reason."""

import numpy as np
import pytest

from ingest.faces import FaceMesh
from synth.errors import SynthError
from synth.landmarks import join_landmarks, read_landmarks, write_landmarks


def mesh(seed: int) -> FaceMesh:
    points = np.random.default_rng(seed).normal(100, 30, (468, 3))
    return FaceMesh(points.astype(np.float32))


def test_landmarks_come_back_to_the_bit(tmp_path):
    path = tmp_path / "landmarks.parquet"
    write_landmarks([("p", 0, mesh(0)), ("p", 1, mesh(1)), ("q", 0, mesh(2))], path)
    faces = read_landmarks(path, "p")
    assert list(faces) == [0, 1]
    assert faces[1].points.tobytes() == mesh(1).points.tobytes()


def test_joined_file_holds_every_part(tmp_path):
    for number in range(3):
        write_landmarks([(f"p{number}", 0, mesh(number))], tmp_path / f"{number}.parquet")
    write_landmarks([], tmp_path / "3.parquet")
    joined = tmp_path / "all.parquet"
    join_landmarks([tmp_path / f"{number}.parquet" for number in range(4)], joined)
    for number in range(3):
        assert (
            read_landmarks(joined, f"p{number}")[0].points.tobytes()
            == mesh(number).points.tobytes()
        )


def test_photo_without_landmarks_is_named(tmp_path):
    path = tmp_path / "landmarks.parquet"
    write_landmarks([("p", 0, mesh(0))], path)
    with pytest.raises(SynthError, match="no landmarks of photo q"):
        read_landmarks(path, "q")


@pytest.mark.parametrize("content", [b"", b"this is no table", None])
def test_broken_file_is_refused(content, tmp_path):
    path = tmp_path / "landmarks.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SynthError, match="cannot be read as landmarks"):
        read_landmarks(path, "p")
