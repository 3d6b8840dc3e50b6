"""Mattes and COCO annotations of a synthetic set, for those who train detectors or segmenters."""

import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.atomic import atomic_path, write_json
from ingest.faces import FaceMesh, topology
from ingest.taxonomy import WEAR_STATES

FOLDER, COCO = "mattes", "coco.json"
KEYPOINTS = {
    "right_eye": (33, 133),
    "left_eye": (263, 362),
    "nose": (topology.NOSE_TIP,),
    "right_mouth_corner": (61,),
    "left_mouth_corner": (291,),
}
"""COCO keypoints, each the mean of these mesh points; left and right are the subject's."""
_FACE, _GARMENT = 1, 2
_LEAST_AREA = 4.0


def write_matte(matte: NDArray[np.float32], path: Path) -> None:
    """Write an alpha matte, 0–1, as an 8-bit grey PNG: 255 is fully covered."""
    levels = np.round(np.clip(matte, 0, 1) * 255).astype(np.uint8)
    written, content = cv2.imencode(".png", levels)
    if not written:
        message = f"{path}: the matte could not be encoded"
        raise OSError(message)
    with atomic_path(path) as temporary:
        temporary.write_bytes(content.tobytes())


def annotate(
    row: dict[str, Any], faces: Sequence[FaceMesh], matte: NDArray[np.float32] | None
) -> dict[str, Any]:
    """COCO image and annotations of one picture, ids left open.

    Parameters
    ----------
    row : dict
        Its record.
    faces : sequence of FaceMesh
        Faces in the picture.
    matte : ndarray of shape (H, W), float32, or None
        Alpha of the garments; None for a bare picture.

    Returns
    -------
    dict
        ``image`` and ``annotations``, as COCO names their fields.
    """
    state = row.get("wear_state") or "none"
    found = [_face(face) for face in faces]
    if matte is not None and (matte >= 0.5).any():
        found.append(_garment(matte))
    return {
        "image": {
            "file_name": row["path"],
            "width": row["width"],
            "height": row["height"],
            "image_id": row["image_id"],
            "wear_state": state,
            "mask": WEAR_STATES[state].mask,
        },
        "annotations": found,
    }


def _face(face: FaceMesh) -> dict[str, Any]:
    x0, y0, x1, y1 = face.box
    points = [face.points[list(mesh), :2].mean(axis=0) for mesh in KEYPOINTS.values()]
    return {
        "category_id": _FACE,
        "bbox": [round(v, 2) for v in (x0, y0, x1 - x0, y1 - y0)],
        "area": round((x1 - x0) * (y1 - y0), 2),
        "iscrowd": 0,
        "keypoints": [v for x, y in points for v in (round(float(x), 2), round(float(y), 2), 2)],
        "num_keypoints": len(points),
    }


def _garment(matte: NDArray[np.float32]) -> dict[str, Any]:
    solid = (matte >= 0.5).astype(np.uint8)
    contours, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    large = [c for c in contours if len(c) >= 3 and cv2.contourArea(c) >= _LEAST_AREA]
    x, y, width, height = cv2.boundingRect(solid)
    return {
        "category_id": _GARMENT,
        "bbox": [x, y, width, height],
        "area": int(solid.sum()),
        "iscrowd": 0,
        "segmentation": [contour.ravel().tolist() for contour in large],
    }


def write_annotations(found: Sequence[dict[str, Any]], path: Path) -> None:
    """Write what `annotate` gave for the pictures of one chunk."""
    write_json(path, list(found))


def join_annotations(parts: Iterable[Path], path: Path) -> None:
    """Number and join the chunks' annotations into one COCO file, a part at a time."""
    with (
        atomic_path(path) as temporary,
        temporary.open("w", encoding="utf-8") as out,
        tempfile.TemporaryFile("w+", encoding="utf-8") as later,
    ):
        images = annotations = 0
        out.write('{"info": {"description": "composites of maskcls"},\n "images": [')
        for part in parts:
            for entry in json.loads(part.read_text(encoding="utf-8")):
                images += 1
                out.write(",\n" if images > 1 else "\n")
                json.dump({"id": images, **entry["image"]}, out)
                for annotation in entry["annotations"]:
                    annotations += 1
                    later.write(",\n" if annotations > 1 else "\n")
                    json.dump({"id": annotations, "image_id": images, **annotation}, later)
        later.seek(0)
        out.write('],\n "annotations": [')
        out.writelines(later)
        out.write(f'],\n "categories": {json.dumps(_categories())}}}\n')


def _categories() -> list[dict[str, Any]]:
    return [
        {"id": _FACE, "name": "face", "keypoints": list(KEYPOINTS), "skeleton": []},
        {"id": _GARMENT, "name": "face_mask"},
    ]
