"""Voters: a made ONNX model, and manifests that do not fit it."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ingest.licences.gate import LicenceRefused
from ingest.onnx_model import ModelInvalid
from synth.pseudo.voters import NO_VOTE, load_voters

MANIFEST = """
model = "{model}"
sha256 = "{sha256}"
axis = "gender"
classes = {classes}
size = [8, 8]
mean = [0, 0, 0]
std = [1, 1, 1]
margin = 0.5
training_data = "made"

[license]
id = "{license}"
quote = "All may use it."
url = "https://example.org"
stated_by = "owner"
"""


@pytest.fixture
def manifest(tmp_path):
    """Writes a manifest of a model whose scores are the mean of red and the mean of green."""
    onnx = pytest.importorskip("onnx", reason="onnx is not installed")

    def write(classes='["female", "male"]', license="CC0-1.0", sha256=None, content=None) -> Path:
        helper, kind = onnx.helper, onnx.TensorProto.FLOAT
        nodes = [
            helper.make_node("ReduceMean", ["x"], ["m"], axes=[2, 3], keepdims=0),
            helper.make_node("Slice", ["m", "start", "end", "axis"], ["y"]),
        ]
        numbers = [helper.make_tensor(name, onnx.TensorProto.INT64, [1], [value])
                   for name, value in (("start", 0), ("end", 2), ("axis", 1))]  # fmt: skip
        graph = helper.make_graph(
            nodes, "voter", [helper.make_tensor_value_info("x", kind, ["n", 3, 8, 8])],
            [helper.make_tensor_value_info("y", kind, ["n", 2])], numbers,
        )  # fmt: skip
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        (tmp_path / "v.onnx").write_bytes(content or model.SerializeToString())
        digest = sha256 or hashlib.sha256((tmp_path / "v.onnx").read_bytes()).hexdigest()
        text = MANIFEST.format(model="v.onnx", sha256=digest, classes=classes, license=license)
        (tmp_path / "v.toml").write_text(text)
        return tmp_path / "v.toml"

    return write


def picture(path, colour, inside=None):
    image = Image.new("RGB", (40, 40), colour)
    if inside:
        image.paste(inside, (20, 20, 40, 40))
    image.save(path)
    return str(path)


def test_it_votes_by_the_words_of_its_manifest_and_looks_at_the_face(manifest, tmp_path):
    (voter,) = load_voters([manifest()], "gender", ["commercial"])
    (tmp_path / "broken.png").write_bytes(b"no picture")
    files = [
        picture(tmp_path / "red.png", "red"),
        picture(tmp_path / "green.png", (0, 255, 0)),
        picture(tmp_path / "corner.png", "red", inside=(0, 255, 0)),
        str(tmp_path / "broken.png"),
    ]
    boxes = np.full((4, 4), np.nan)
    boxes[2] = (26, 26, 34, 34)
    assert voter.vote(files, boxes).tolist() == [1, 0, 0, NO_VOTE]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"classes": '["female", "person"]'}, "Expected male, female"),
        ({"sha256": "0" * 64}, "not 0000"),
        ({"sha256": "short"}, "64 hex digits"),
        ({"content": b"not a model"}, "is no ONNX model"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(manifest, changes, says):
    with pytest.raises(ModelInvalid, match=says):
        load_voters([manifest(**changes)], "gender", ["commercial"])


def test_a_voter_of_another_axis_is_refused(manifest):
    with pytest.raises(ModelInvalid, match="axis is 'gender'"):
        load_voters([manifest()], "mask", ["commercial"])


def test_its_licence_goes_through_the_gate(manifest):
    path = manifest(license="CC-BY-NC-4.0")
    with pytest.raises(LicenceRefused, match=r"CC-BY-NC-4\.0"):
        load_voters([path], "gender", ["commercial"])
    assert load_voters([path], "gender", ["research"])
    with pytest.raises(LicenceRefused):
        load_voters([manifest(license="NOASSERTION")], "gender", ["research"])


def test_a_voter_can_turn_labels_down_and_gives_none(synth, unlabelled, manifest):
    assert synth("--src", "faces").exit_code == 0
    alone = unlabelled.records()["gender"].astype(object)
    result = synth("--src", "faces", "--voter", manifest())  # skin and hair are red: all 'female'
    assert result.exit_code == 0, result.output
    together = unlabelled.records()["gender"].astype(object)
    assert set(together.dropna()) == {"female"}
    assert (together.dropna() == alone[together.notna()]).all()
    assert "v.onnx" in unlabelled.card_path.read_text()
