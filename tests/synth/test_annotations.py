import json

import cv2
import numpy as np

from synth.annotations import KEYPOINTS, annotate, join_annotations, write_annotations, write_matte


def disc(radius: float) -> np.ndarray:
    y, x = np.mgrid[:275, :225]
    return (np.hypot(x - 112, y - 150) <= radius).astype(np.float32)


def row(name: str, state: str | None = "correct") -> dict:
    return {
        "path": f"{name}.jpg",
        "width": 225,
        "height": 275,
        "image_id": name,
        "wear_state": state,
    }


def test_garment_outline_and_box_are_those_of_the_matte(make_face):
    entry = annotate(row("a"), [make_face()], disc(30))
    garment = entry["annotations"][1]
    assert garment["bbox"] == [82, 120, 61, 61]
    assert garment["area"] == int(disc(30).sum())
    filled = np.zeros((275, 225), np.uint8)
    for outline in garment["segmentation"]:
        cv2.fillPoly(filled, [np.array(outline, np.int32).reshape(-1, 2)], 1)
    assert (filled != disc(30)).mean() < 0.002


def test_keypoints_lie_in_the_face_box_with_the_subjects_right_first(make_face):
    face = make_face()
    entry = annotate(row("a"), [face], None)["annotations"][0]
    points = np.array(entry["keypoints"]).reshape(-1, 3)[:, :2]
    x0, y0, x1, y1 = face.box
    assert len(points) == len(KEYPOINTS)
    assert ((points > (x0, y0)) & (points < (x1, y1))).all()
    assert points[0, 0] < points[1, 0], "the subject's right eye is on the picture's left"


def test_bare_picture_has_a_face_and_no_garment(make_face):
    entry = annotate(row("a", None), [make_face()], None)
    assert [a["category_id"] for a in entry["annotations"]] == [1]
    assert entry["image"]["mask"] == "not_worn"


def test_joined_parts_are_one_coco_file_with_running_ids(make_face, tmp_path):
    parts = []
    for number, names in enumerate((["a", "b"], [], ["c"])):
        parts.append(tmp_path / f"{number}.json")
        write_annotations([annotate(row(n), [make_face()], disc(20)) for n in names], parts[-1])
    join_annotations(parts, tmp_path / "coco.json")
    coco = json.loads((tmp_path / "coco.json").read_text())
    assert [image["id"] for image in coco["images"]] == [1, 2, 3]
    assert [image["file_name"] for image in coco["images"]] == ["a.jpg", "b.jpg", "c.jpg"]
    assert [a["id"] for a in coco["annotations"]] == [1, 2, 3, 4, 5, 6]
    assert [a["image_id"] for a in coco["annotations"]] == [1, 1, 2, 2, 3, 3]
    assert {c["name"] for c in coco["categories"]} == {"face", "face_mask"}


def test_matte_is_written_in_256_levels(tmp_path):
    matte = np.linspace(0, 1, 256, dtype=np.float32).reshape(16, 16)
    write_matte(matte, tmp_path / "deep" / "m.png")
    read = cv2.imread(str(tmp_path / "deep" / "m.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(read, np.arange(256).reshape(16, 16))


def test_mattes_come_with_the_set(synth, make_source, portrait_files, tmp_path):
    make_source(tmp_path, {"eileen.jpg": portrait_files["eileen.jpg"]})
    result = synth("masks", "--src", "faces", "--worn", "--include-bare", "--mattes", "--out", "m",
                   "--root", tmp_path)  # fmt: skip
    assert result.exit_code == 0
    mattes = list((tmp_path / "m" / "mattes").rglob("*.png"))
    coco = json.loads((tmp_path / "m" / "coco.json").read_text())
    assert len(mattes) == 1
    assert len(coco["images"]) == 2
    assert len(coco["annotations"]) == 3
