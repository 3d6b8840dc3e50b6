import zipfile

import pytest

from ingest.adapters import ADAPTERS
from ingest.adapters.base import Box, Entry, LayoutMismatch, Skipped, SourceFiles

XML = """<annotation><folder>images</folder><filename>{name}</filename>
<size><width>200</width><height>100</height></size>{faces}</annotation>"""
FACE = ("<object><name>{name}</name><pose>Frontal</pose><bndbox><xmin>{0}</xmin><ymin>{1}</ymin>"
        "<xmax>{2}</xmax><ymax>{3}</ymax></bndbox></object>")  # fmt: skip
OPTIONS = {"annotations": "annotations", "images": "images", "margin": 0.25}
MANIFEST = """
name = "face_mask_detection"
title = "Faces boxed in pictures"
description = "Made."
homepage = "https://example.org"
subject_namespace = "boxed"
[license]
id = "CC0-1.0"
quote = "CC0"
url = "https://example.org"
read_on = 2025-01-31
stated_by = "owner"
[[distribution]]
name = "boxed.zip"
hash_note = "made"
instructions = "Make it."
[layout]
adapter = "voc"
annotations = "annotations"
images = "images"
margin = 0.25
[labels.mask]
field = "name"
values = { with_mask = "worn", mask_weared_incorrect = "incorrect", without_mask = "not_worn" }
[labels.subject]
field = "picture"
"""


@pytest.fixture
def source(tmp_path, draw):
    for folder in ("annotations", "images"):
        (tmp_path / "voc" / folder).mkdir(parents=True)
    (tmp_path / "voc" / "images" / "a.png").write_bytes(draw((200, 100), kind="PNG"))
    faces = (FACE.format(20, 20, 60, 60, name="with_mask")
             + FACE.format(100, 10, 180, 90, name="mask_weared_incorrect")
             + FACE.format(50, 50, 40, 90, name="without_mask"))  # fmt: skip
    (tmp_path / "voc/annotations/a.xml").write_text(XML.format(name="a.png", faces=faces))
    return tmp_path / "voc"


def read(source):
    return list(ADAPTERS["voc"].read(SourceFiles([source]), OPTIONS))


def test_every_box_is_a_face_of_its_own(source):
    one, two, wrong = read(source)
    assert isinstance(one, Entry)
    assert (one.path, one.box) == ("images/a_face0.jpg", Box(20, 20, 60, 60, False, True, 0.25))
    assert two.fields == {"name": "mask_weared_incorrect", "pose": "Frontal",
                          "picture": "images/a.png"}  # fmt: skip
    assert wrong == Skipped("images/a_face2.jpg", "its box is no box")


BOMB = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><annotation>&c;</annotation>'


@pytest.mark.parametrize("content", ["<annotation>", BOMB, "", "\x00",
                                     XML.format(name="../../etc/passwd", faces="")])  # fmt: skip
def test_an_annotation_that_cannot_be_used_is_skipped(source, content):
    (source / "annotations" / "b.xml").write_text(content)
    found = read(source)[-1]
    assert isinstance(found, Skipped)
    assert found.path == "annotations/b.xml"


def test_a_source_without_annotations_is_told(tmp_path):
    with pytest.raises(LayoutMismatch, match=r"no \.xml in a folder 'annotations'"):
        read(tmp_path)


def test_faces_are_cut_out_with_their_margin_and_labelled(run, data_root, source, tmp_path):
    (tmp_path / "boxed.toml").write_text(MANIFEST)
    archive = tmp_path / "boxed.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for path in sorted(source.rglob("*.*")):
            opened.write(path, path.relative_to(source))
    done = run("pull", tmp_path / "boxed.toml", "--from", archive)
    assert done.exit_code == 0, done.output
    from ingest.dataset import open_dataset
    from ingest.images import open_image

    dataset = open_dataset(data_root, "face_mask_detection")
    records = dataset.records().set_index("path")
    assert records["mask"].to_dict() == {"images/a_face0.jpg": "worn",
                                         "images/a_face1.jpg": "incorrect"}  # fmt: skip
    assert records.loc["images/a_face0.jpg", ["width", "height"]].tolist() == [60, 60]
    assert records.loc["images/a_face1.jpg", ["width", "height"]].tolist() == [120, 100 - 0]
    assert open_image(dataset.images / "images/a_face0.jpg").size == (60, 60)
    assert records["subject_id"].nunique() == 1
