"""Landmarks that come with the photos: a table read, checked and looked up by photo."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ingest.errors import IngestError, ProblemsFound, WrongUsage
from ingest.faces.layouts import POINT_COUNTS
from ingest.faces.mesh import FaceMesh
from ingest.faces.sparse import FailedFit, check_landmarks, fit_mesh
from ingest.faces.topology import N_POINTS

Points = NDArray[np.float32]
_MESH = N_POINTS * 3


class LandmarksInvalid(ProblemsFound, WrongUsage, IngestError):
    """A table of landmarks that cannot be read."""


@dataclass(frozen=True)
class GivenFinder:
    """The faces a table holds for one photo.

    Attributes
    ----------
    faces : tuple of ndarray
        Landmarks of each, as of `GivenLandmarks`.
    """

    faces: tuple[Points, ...]

    def find(self, image: NDArray[np.uint8]) -> list[FaceMesh]:
        """Meshes of the faces, largest first; the image is not looked at."""
        fits = [_mesh(points) for points in self.faces]
        faces = [fit for fit in fits if not isinstance(fit, FailedFit)]
        return sorted(faces, key=lambda face: -face.area)


@dataclass
class GivenLandmarks:
    """Landmarks of photos by their names.

    Attributes
    ----------
    faces : dict of str to list of ndarray
        Per photo the landmarks of each face that form one: shape (N, 2) in a layout that
        `ingest.faces.sparse.fit_mesh` knows, or (468, 3) of a whole mesh; pixels, upright.
    failed : dict of str to str
        Why the landmarks of the other photos form no face.
    """

    faces: dict[str, list[Points]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "GivenLandmarks":
        """Read a table of landmarks.

        CSV with the header ``path,x0,y0,x1,y1,…`` and one row per face, 5, 68, 468 or 478
        points each; or the ``landmarks.parquet`` of a synthetic set.

        Raises
        ------
        LandmarksInvalid
            With every problem and its line.
        """
        table, problems = cls(), list[str]()
        read = _read_parquet if path.suffix == ".parquet" else _read_csv
        try:
            for name, points in read(path, problems):
                table._add(name, points)
        except (OSError, UnicodeDecodeError, csv.Error, pa.ArrowException) as error:
            raise LandmarksInvalid(path, [f"cannot be read ({error})"]) from error
        if not problems and not table.faces and not table.failed:
            problems.append("holds no landmarks. Expected one row per face")
        if problems:
            raise LandmarksInvalid(path, problems)
        return table

    def _add(self, name: str, points: Points) -> None:
        if failed := check_landmarks(points[:, :2]):
            self.failed[name] = failed.reason
        else:
            self.faces.setdefault(name, []).append(points)

    def of(self, names: Sequence[str]) -> GivenFinder:
        """Faces of a photo under the first of its names that the table holds."""
        known = (tuple(self.faces[name]) for name in names if name in self.faces)
        return GivenFinder(next(known, ()))

    def why_none(self, names: Sequence[str]) -> str:
        """What a photo has instead of landmarks that form a face; empty if it has such."""
        if any(name in self.faces for name in names):
            return ""
        return next((self.failed[n] for n in names if n in self.failed), "no landmarks in the file")


def _mesh(points: Points) -> FaceMesh | FailedFit:
    return FaceMesh(points) if points.shape[1] == 3 else fit_mesh(points)


def _read_csv(path: Path, problems: list[str]) -> Iterator[tuple[str, Points]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream)
        header = [name.strip() for name in next(rows, [])]
        count = (len(header) - 1) // 2
        wanted = ["path", *(f"{axis}{k}" for k in range(count) for axis in "xy")]
        if count not in POINT_COUNTS or header != wanted:
            counts = ", ".join(map(str, POINT_COUNTS))
            problems.append(
                f"line 1: header {','.join(header[:5])!r}… of {len(header)} columns. "
                f"Expected path,x0,y0,x1,y1,… for {counts} points"
            )
            return
        for row in rows:
            if not row:
                continue
            points = _numbers(row, header, f"line {rows.line_num}", problems)
            if points is not None:
                yield row[0].strip(), points


def _numbers(
    row: list[str], header: list[str], at: str, problems: list[str]
) -> NDArray[np.float32] | None:
    if len(row) != len(header):
        problems.append(f"{at}: {len(row)} columns. Expected {len(header)}")
        return None
    if not row[0].strip():
        problems.append(f"{at}: no path")
    try:
        values = np.array(row[1:], dtype=np.float64)
    except ValueError:
        values = np.array([_number(cell) for cell in row[1:]])
    wrong = np.flatnonzero(~np.isfinite(values))
    problems += [f"{at}: {header[k + 1]} is {row[k + 1]!r}. Expected pixels" for k in wrong]
    return None if wrong.size else values.reshape(-1, 2).astype(np.float32)


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return np.nan


def _read_parquet(path: Path, problems: list[str]) -> Iterator[tuple[str, Points]]:
    file = pq.ParquetFile(path)
    if missing := {"photo", "points"} - set(file.schema_arrow.names):
        columns = ", ".join(sorted(missing))
        problems.append(f"no column {columns}. Expected the landmarks.parquet of a synthetic set")
        return
    number = 0
    for batch in file.iter_batches(1024, columns=["photo", "points"]):
        for row in batch.to_pylist():
            number += 1
            points = np.array(row["points"] or [], dtype=np.float32)
            if not row["photo"] or points.size != _MESH or not np.isfinite(points).all():
                problems.append(f"row {number}: {points.size} numbers. Expected {_MESH}, finite")
            else:
                yield str(row["photo"]), points.reshape(N_POINTS, 3)
