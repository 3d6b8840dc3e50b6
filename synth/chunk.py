"""A chunk of photos made into composites, record rows and landmarks, by one worker."""

import contextlib
import hashlib
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.atomic import write_json
from ingest.dataset import Dataset
from ingest.faces import FaceMesh, finder_for
from ingest.faces.hands import Hand, hand_finder
from ingest.image_check import ImageRejected
from ingest.images import open_image, upright_rgb
from ingest.records import image_id, records_frame, to_json, write_records
from ingest.taxonomy import REGIONS, WEAR_STATES
from synth.annotations import FOLDER as MATTES
from synth.annotations import annotate, write_annotations, write_matte
from synth.compose import Sitter
from synth.dresser import Dressed, dress_photo, usable_faces
from synth.encode import Encoding
from synth.landmarks import write_landmarks
from synth.photo.framing import frame_photo, moved_hands
from synth.planning.plan import Photo
from synth.planning.settings import Settings

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
    def annotations(self) -> Path:
        """COCO annotations, if mattes are written."""
        return self._file("coco.json")

    @property
    def done(self) -> Path:
        """What was made and skipped, as JSON."""
        return self._file("json")


@dataclass
class _Harvest:
    rows: list[dict[str, Any]] = field(default_factory=list)
    landmarks: list[tuple[str, int, FaceMesh]] = field(default_factory=list)
    hands: dict[str, list[Hand]] = field(default_factory=dict)
    annotations: list[dict[str, Any]] = field(default_factory=list)
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
    harvest = _Harvest()
    for photo in chunk.photos:
        _make_photo(photo, chunk, harvest)
    parts = chunk.parts
    write_records(records_frame(harvest.rows), parts.records)
    write_landmarks(harvest.landmarks, parts.landmarks, harvest.hands)
    if chunk.settings.mattes:
        write_annotations(harvest.annotations, parts.annotations)
    write_json(parts.done, {"made": len(harvest.rows), "skipped": harvest.skipped})
    return parts.done


def _make_photo(photo: Photo, chunk: Chunk, harvest: _Harvest) -> None:
    name = f"{photo.dataset}/{photo.record['path']}"
    path = Dataset(chunk.root / photo.dataset).image_path(photo.record["path"])
    try:
        opened = open_image(path)
        image = upright_rgb(opened)
    except ImageRejected as error:
        harvest.skipped.append((name, f"image {error}"))
        return
    finder = finder_for(chunk.settings.backend, photo.names)
    faces, reason = usable_faces(image, finder, chunk.settings.faces)
    if not faces:
        harvest.skipped.append((name, reason))
        return
    settings, identity = chunk.settings, photo.record["image_id"]
    found = [(identity, number, face) for number, face in enumerate(faces)]
    upright = image
    image, faces, reason = frame_photo(upright, faces, settings.framing, settings.seed, identity)
    if reason:
        harvest.skipped.append((name, reason))
        return
    harvest.landmarks += found
    sitters = dict[int, Sitter]()
    if settings.occlusion == "hands":
        harvest.hands[identity] = hands = hand_finder().find(upright)
        here = moved_hands(hands, found[0][2], settings.framing, settings.seed, identity)
        sitters = {n: Sitter.study(image, face, here) for n, face in enumerate(faces)}
    easel = _Easel(Dataset(chunk.target), photo, Encoding.of(opened), faces, harvest, settings)
    if "none" in photo.states:
        if settings.framing == "original":
            easel.keep_bare(image, path.read_bytes(), path.suffix.lower())
        else:
            easel.keep_bare(image, easel.encoding.encode(image), easel.encoding.suffix)
    for variant, state in enumerate(s for s in photo.states if s != "none"):
        dressed = dress_photo(image, faces, identity, variant, state, settings, sitters)
        if dressed is None:
            harvest.skipped.append((name, f"{state} not reached on this face"))
        else:
            easel.keep_composite(dressed, variant, state)


@dataclass(frozen=True)
class _Easel:
    """Where the pictures of one photo are stored and recorded."""

    target: Dataset
    photo: Photo
    encoding: Encoding
    faces: list[FaceMesh]
    harvest: _Harvest
    settings: Settings

    def keep_bare(self, image: NDArray[np.uint8], content: bytes, suffix: str) -> None:
        """Put the photo itself into the set: a real picture with its own labels."""
        labels = {name: self.photo.record[name] for name in ("mask", "wear_state", "mask_origin")}
        self._store(f"bare{suffix}", content, image, labels, None)

    def keep_composite(self, dressed: Dressed, variant: int, state: str) -> None:
        """Put a composite into the set, labelled by what was measured."""
        composite = dressed.composite
        labels = {
            "mask": WEAR_STATES[state].mask,
            "wear_state": state,
            "mask_origin": "synthetic",
            "recipe": to_json([vars(recipe) for recipe in dressed.recipes]),
            **{f"coverage_{region}": composite.coverage[region] for region in REGIONS},
        }
        name = f"{variant}-{WEAR_STATES[state].token}{self.encoding.suffix}"
        content = self.encoding.encode(composite.image)
        self._store(name, content, composite.image, labels, composite.matte)

    def _store(
        self,
        name: str,
        content: bytes,
        image: NDArray[np.uint8],
        labels: dict[str, Any],
        matte: NDArray[np.float32] | None,
    ) -> None:
        identity = self.photo.record["image_id"]
        relative = f"{identity[:2]}/{identity}-{name}"
        _write_image(self.target.images / relative, content)
        row = {**self._inherited(relative), **labels, "sha256": hashlib.sha256(content).hexdigest(),
               "width": image.shape[1], "height": image.shape[0]}  # fmt: skip
        self.harvest.rows.append(row)
        if self.settings.mattes:
            self.harvest.annotations.append(annotate(row, self.faces, matte))
            if matte is not None:
                write_matte(matte, (self.target.folder / MATTES / relative).with_suffix(".png"))

    def _inherited(self, relative: str) -> dict[str, Any]:
        record, dataset = self.photo.record, self.photo.dataset
        parent = {"dataset": dataset, "path": record["path"], "sha256": record["sha256"]}
        box = zip(("face_x0", "face_y0", "face_x1", "face_y1"), self.faces[0].box, strict=True)
        return {
            **{name: record[name] for name in _INHERITED},
            "image_id": image_id(self.target.name, relative),
            "path": relative,
            "source": self.target.name,
            "source_fields": to_json({"photo": parent}),
            "parent_id": record["image_id"],
            **dict(box),
        }


def _write_image(path: Path, content: bytes) -> None:
    """Write a file that a chunk without its marker would write again: it need not be atomic."""
    try:
        path.write_bytes(content)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


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
