"""Data sets made for the audit: drawn pictures, records, and a card."""

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from ingest.audit.files import read_files
from ingest.audit.measures import measure_mix
from ingest.audit.mix import open_mix
from ingest.audit.near import find_alike
from ingest.records import image_id, records_frame, write_records


class Sets:
    """Writes data sets below one root; every row gets a small picture of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._drawn = 0

    def row(self, source: str, path: str, **values) -> dict:
        """A row of a bare photo of a man of 40, unless `values` say otherwise."""
        subject = values.pop("subject", Path(path).stem)
        row = {
            "image_id": image_id(source, path),
            "path": path,
            "width": 24,
            "height": 30,
            "source": source,
            "subject_id": f"people:{subject}",
            "mask": "not_worn",
            "wear_state": "none",
            "gender": "male",
            "age": 40.0,
            "mask_origin": "label",
            "gender_origin": "label",
            "age_origin": "label",
            "license": "CC-BY-4.0",
            "attribution": "A. Photographer",
        }
        return row | values

    def composite(self, source: str, path: str, parent: dict, **values) -> dict:
        """A correctly worn composite of `parent`, its coverage within the limits."""
        made = {
            "mask": "worn",
            "wear_state": "correct",
            "mask_origin": "synthetic",
            "coverage_nostrils": 1.0,
            "coverage_mouth": 1.0,
            "coverage_chin": 0.95,
            "coverage_eyes": 0.0,
            "parent_id": parent["image_id"],
            "recipe": "{}",
        }
        kept = {key: parent[key] for key in ("subject_id", "gender", "age", "license")}
        return self.row(source, path, **{**kept, **made, **values})

    def write(self, name: str, rows: list[dict], **card) -> list[dict]:
        """Write the data set; a row that has a ``sha256`` keeps it and gets no picture.

        The picture of a row is its ``picture`` (an RGB image) or noise of its own.
        """
        folder = self.root / name
        written = [row if "sha256" in row else self._with_picture(folder, row) for row in rows]
        write_records(records_frame(written), folder / "records.parquet")
        details = {"purpose": "research", "verification": "verified"} | card
        (folder / "dataset.json").write_text(json.dumps({"maskcls": details}))
        return written

    def _with_picture(self, folder: Path, row: dict) -> dict:
        self._drawn += 1
        path = folder / "images" / row["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(self._drawn).integers(0, 255, (30, 24, 3), np.uint8)
        if picture := row.pop("picture", None):
            row = row | {"width": picture.width, "height": picture.height}
        picture = picture or Image.fromarray(pixels)
        kind = "JPEG" if path.suffix == ".jpg" else "PNG"
        picture.save(path, kind, **row.pop("save", {}))
        return row | {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def draw_scene(seed: int, width: int = 120, height: int = 150) -> Image.Image:
    """A picture with coarse and fine structure, unlike that of any other seed."""
    rng = np.random.default_rng(seed)
    layers = [
        np.asarray(Image.fromarray(rng.integers(0, 255, (n, n, 3), np.uint8)).resize(
            (width, height), Image.Resampling.BICUBIC), float)
        for n in (4, 9, 20, 50)
    ]  # fmt: skip
    return Image.fromarray(np.clip(np.mean(layers, axis=0), 0, 255).astype(np.uint8))


@pytest.fixture
def scene():
    return draw_scene


@pytest.fixture
def looked():
    """Opens data sets as a mix, reads and measures their files, and finds what is alike."""

    def look(sets: Sets, *names: str) -> SimpleNamespace:
        mix = open_mix(sets.root, names)
        files = read_files(mix, unwatched)
        measures = measure_mix(mix, files, unwatched)
        return SimpleNamespace(mix=mix, files=files, measures=measures,
                               alike=find_alike(mix, measures, unwatched))  # fmt: skip

    return look


def unwatched(items, _total, _label):
    return items


@pytest.fixture(scope="session")
def make_sets(tmp_path_factory):
    """Gives data sets that outlive a test, for what is slow to audit."""
    return lambda name: Sets(tmp_path_factory.mktemp(name) / "data root")


@pytest.fixture
def sets(tmp_path: Path) -> Sets:
    return Sets(tmp_path / "data root")


RECOGNISER = """
model = "face.onnx"
sha256 = "{sha256}"
size = [{size}, {size}]
mean = [0, 0, 0]
std = [1, 1, 1]
{margin}
same_person = {threshold}
training_data = "none: it compares small grey pictures"

[license]
id = "{license}"
quote = "All may use it."
url = "https://example.org"
stated_by = "owner"
"""
POINTS = "points = [[9, 12], [23, 12], [16, 19], [11, 24], [21, 24]]"


@pytest.fixture
def recogniser(tmp_path: Path):
    """Writes a face recognition model, whose vector is the contrast of 32×32 grey pixels."""
    onnx = pytest.importorskip("onnx", reason="onnx is not installed")
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

    def write(
        threshold=0.9, license="CC0-1.0", margin=POINTS, size=32, sha256=None, content=None
    ) -> Path:
        helper, kind = onnx.helper, onnx.TensorProto.FLOAT
        nodes = [
            helper.make_node("ReduceMean", ["x"], ["grey"], axes=[1], keepdims=1),
            helper.make_node("ReduceMean", ["grey"], ["mean"], axes=[2, 3], keepdims=1),
            helper.make_node("Sub", ["grey", "mean"], ["contrast"]),
            helper.make_node("Flatten", ["contrast"], ["y"]),
        ]
        graph = helper.make_graph(
            nodes, "face", [helper.make_tensor_value_info("x", kind, ["n", 3, 32, 32])],
            [helper.make_tensor_value_info("y", kind, ["n", 1024])],
        )  # fmt: skip
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        (tmp_path / "face.onnx").write_bytes(content or model.SerializeToString())
        digest = hashlib.sha256((tmp_path / "face.onnx").read_bytes()).hexdigest()
        text = RECOGNISER.format(sha256=sha256 or digest, size=size, margin=margin,
                                 threshold=threshold, license=license)  # fmt: skip
        (tmp_path / "face.toml").write_text(text)
        return tmp_path / "face.toml"

    return write
