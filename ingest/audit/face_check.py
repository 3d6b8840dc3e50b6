"""How many faces each picture shows, how far they turn, and whether the edge cuts them off."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ingest.audit.cache import Entry, open_cache
from ingest.audit.files import SOUND, Watch
from ingest.audit.measures import Task, file_tasks
from ingest.audit.mix import REAL, Mix
from ingest.faces import FaceMesh, FaceMesher
from ingest.image_check import ImageRejected
from ingest.images import open_image, upright_rgb

_NAME = "faces-2"
_COLUMNS = ["faces", "face_side", "face_inside", "turn"]
_SMALLEST = 0.25
"""A second face counts if its sides are at least so long as those of the largest."""


def find_faces(mix: Mix, files: pd.DataFrame, watch: Watch) -> pd.DataFrame:
    """Look for the faces of every sound real picture that was not looked at before.

    Composites are left out: their face was found in the photo, and a garment hides it.

    Parameters
    ----------
    mix : Mix
        What is audited.
    files : DataFrame
        As of `ingest.audit.files.read_files`.
    watch : callable
        Shows progress.

    Returns
    -------
    DataFrame
        Per sound real picture ``faces`` (how many), and of the largest ``face_side`` (pixels),
        ``face_inside`` (share, 0–1, of its landmarks inside the picture) and ``turn`` (the
        larger of yaw and pitch, degrees); indexed like ``mix.records``.
    """
    sound = mix.records[(files["state"] == SOUND) & (mix.records["kind"] == REAL)]
    with open_cache(mix.root, _NAME) as cache:
        missing = sound[~sound["sha256"].isin(cache.known(sound["sha256"]))]
        tasks = file_tasks(mix, missing.drop_duplicates("sha256"))
        if tasks:
            cache.add(watch(_look(tasks), len(tasks), "looking for faces"))
        found = {key: facts for key, facts, _ in cache.read(sound["sha256"])}
    rows = [[facts[name] for name in _COLUMNS] for facts in found.values()]
    table = pd.DataFrame(rows, columns=_COLUMNS, index=list(found), dtype=float)
    return table.reindex(sound["sha256"]).set_axis(sound.index)


def _look(tasks: list[Task]) -> Iterator[Entry]:
    with FaceMesher() as mesher:
        for key, path in tasks:
            try:
                picture = upright_rgb(open_image(path))
            except (ImageRejected, OSError):
                continue
            yield key, face_facts(mesher.find(picture), *picture.shape[1::-1]), b""


def face_facts(faces: list[FaceMesh], width: int, height: int) -> dict[str, float | None]:
    """What a picture of `width` × `height` pixels with these faces, largest first, is like."""
    if not faces:
        return {"faces": 0.0, "face_side": None, "face_inside": None, "turn": None}
    sides = [min(x1 - x0, y1 - y0) for x0, y0, x1, y1 in (face.box for face in faces)]
    points, head = faces[0].points[:, :2], faces[0].head
    inside = ((points >= 0) & (points < (width, height))).all(axis=1)
    return {
        "faces": float(np.sum(np.array(sides) >= _SMALLEST * sides[0])),
        "face_side": float(sides[0]),
        "face_inside": float(inside.mean()),
        "turn": float(max(abs(head.yaw), abs(head.pitch))),
    }
