"""A chunk of photos made into composites, record rows and landmarks, by one worker."""

import contextlib
import hashlib
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import cv2

from ingest.atomic import atomic_path, write_json
from ingest.dataset import Dataset
from ingest.faces import FaceMesh, FaceMesher
from ingest.image_check import ImageRejected
from ingest.images import open_image, upright_rgb
from ingest.records import image_id, records_frame, to_json, write_records
from ingest.taxonomy import REGIONS, WEAR_STATES
from synth.compose import Sitter
from synth.dresser import Dressed, dress_photo, usable_faces
from synth.encode import Encoding
from synth.framing import frame_photo
from synth.landmarks import write_landmarks
from synth.plan import Photo
from synth.settings import Settings

_mesher: FaceMesher | None = None
_INHERITED = (
    "subject_id", "gender", "age", "age_low", "age_high", "gender_origin", "age_origin",
    "gender_confidence", "age_confidence", "license", "attribution", "url", "split",
)  # fmt: skip


@dataclass(frozen=True)
class Chunk:
    """Photos one worker makes in one go.

    Attributes
    ----------
    number : int
        Position in the plan; names the files.
    photos : list of Photo
        To dress.
    settings : Settings
        Of the run.
    root : Path
        Data root, to find the photos.
    target : Path
        Folder of the set being made.
    """

    number: int
    photos: list[Photo]
    settings: Settings
    root: Path
    target: Path

    @property
    def parts(self) -> "Parts":
        """Files the chunk leaves behind."""
        return Parts(self.target, self.number)


@dataclass(frozen=True)
class Parts:
    """Files of a finished chunk; ``done`` is written last.

    Attributes
    ----------
    target : Path
        Folder of the set being made.
    number : int
        Of the chunk.
    """

    target: Path
    number: int

    def _file(self, kind: str) -> Path:
        return self.target / ".progress" / f"{self.number:06d}.{kind}"

    @property
    def records(self) -> Path:
        """Record rows."""
        return self._file("records.parquet")

    @property
    def landmarks(self) -> Path:
        """Landmarks."""
        return self._file("landmarks.parquet")

    @property
    def done(self) -> Path:
        """What was made and skipped, as JSON."""
        return self._file("json")


@dataclass
class _Harvest:
    rows: list[dict[str, Any]] = field(default_factory=list)
    landmarks: list[tuple[str, int, FaceMesh]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def start_worker() -> None:
    """Prepare a worker process: one thread, quiet models, no life beyond its parent's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the models' native log chatter
    cv2.setNumThreads(1)


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def make_chunk(chunk: Chunk) -> Path:
    """Make a chunk's files, the marker last; a chunk cut off leaves no marker.

    Returns
    -------
    Path
        The marker, as of `Parts.done`.
    """
    global _mesher
    if _mesher is None:
        _mesher = FaceMesher()
    harvest = _Harvest()
    for photo in chunk.photos:
        _make_photo(photo, chunk, _mesher, harvest)
    parts = chunk.parts
    write_records(records_frame(harvest.rows), parts.records)
    write_landmarks(harvest.landmarks, parts.landmarks)
    write_json(parts.done, {"made": len(harvest.rows), "skipped": harvest.skipped})
    return parts.done


def _make_photo(photo: Photo, chunk: Chunk, mesher: FaceMesher, harvest: _Harvest) -> None:
    name = f"{photo.dataset}/{photo.record['path']}"
    path = Dataset(chunk.root / photo.dataset).image_path(photo.record["path"])
    try:
        opened = open_image(path)
        image = upright_rgb(opened)
    except ImageRejected as error:
        harvest.skipped.append((name, f"image {error}"))
        return
    faces, reason = usable_faces(image, mesher, chunk.settings.faces)
    if not faces:
        harvest.skipped.append((name, reason))
        return
    settings, identity = chunk.settings, photo.record["image_id"]
    found = [(identity, number, face) for number, face in enumerate(faces)]
    image, faces, reason = frame_photo(image, faces, settings.framing, settings.seed, identity)
    if reason:
        harvest.skipped.append((name, reason))
        return
    harvest.landmarks += found
    target = Dataset(chunk.target)
    encoding, sitters = Encoding.of(opened), dict[int, Sitter]()
    if "none" in photo.states:
        framed = settings.framing != "original"
        content = encoding.encode(image) if framed else path.read_bytes()
        suffix = encoding.suffix if framed else path.suffix.lower()
        harvest.rows.append(_keep_bare(target, photo, content, suffix, image.shape, faces[0]))
    worn = [state for state in photo.states if state != "none"]
    for variant, state in enumerate(worn):
        dressed = dress_photo(image, faces, identity, variant, state, settings, sitters)
        if dressed is None:
            harvest.skipped.append((name, f"{state} not reached on this face"))
            continue
        token = WEAR_STATES[state].token
        relative = f"{identity[:2]}/{identity}-{variant}-{token}{encoding.suffix}"
        content = encoding.encode(dressed.composite.image)
        _write(target.images / relative, content)
        row = _row(target, photo, relative, content, image.shape, faces[0])
        harvest.rows.append({**row, **_composite_fields(state, dressed)})


def _keep_bare(
    target: Dataset,
    photo: Photo,
    content: bytes,
    suffix: str,
    shape: tuple[int, ...],
    face: FaceMesh,
) -> dict[str, Any]:
    """Put the photo itself into the set: a real picture with its own labels."""
    identity = photo.record["image_id"]
    relative = f"{identity[:2]}/{identity}-bare{suffix}"
    _write(target.images / relative, content)
    labels = {name: photo.record[name] for name in ("mask", "wear_state", "mask_origin")}
    return {**_row(target, photo, relative, content, shape, face), **labels}


def _write(path: Path, content: bytes) -> None:
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def _row(
    target: Dataset,
    photo: Photo,
    relative: str,
    content: bytes,
    shape: tuple[int, ...],
    face: FaceMesh,
) -> dict[str, Any]:
    parent = {
        "dataset": photo.dataset,
        "path": photo.record["path"],
        "sha256": photo.record["sha256"],
    }
    return {
        **{name: photo.record[name] for name in _INHERITED},
        "image_id": image_id(target.name, relative),
        "sha256": hashlib.sha256(content).hexdigest(),
        "path": relative,
        "width": shape[1],
        "height": shape[0],
        "source": target.name,
        "source_fields": to_json({"photo": parent}),
        "parent_id": photo.record["image_id"],
        **dict(zip(("face_x0", "face_y0", "face_x1", "face_y1"), face.box, strict=True)),
    }


def _composite_fields(state: str, dressed: Dressed) -> dict[str, Any]:
    coverage = {f"coverage_{region}": dressed.composite.coverage[region] for region in REGIONS}
    recipes = to_json([asdict(recipe) for recipe in dressed.recipes])
    return {
        "mask": WEAR_STATES[state].mask,
        "wear_state": state,
        "mask_origin": "synthetic",
        "recipe": recipes,
        **coverage,
    }


def read_marker(path: Path) -> tuple[int, list[tuple[str, str]]]:
    """Rows made and (photo, reason) skipped of a finished chunk."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return content["made"], [(photo, reason) for photo, reason in content["skipped"]]


@contextlib.contextmanager
def only_run_on(target: Path) -> Iterator[None]:
    """Hold a set for one run at a time; a second run waits for nothing and is refused.

    Raises
    ------
    BlockingIOError
        If another process is making the same set.
    """
    import fcntl

    lock = target / ".progress" / "lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
