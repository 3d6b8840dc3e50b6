"""Models that users bring: manifests of any content are read or refused, models run or refused."""

import contextlib
import hashlib
import tomllib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.licences.gate import LicenceRefused
from ingest.manifests.schema import Field
from ingest.onnx_model import ModelInvalid, open_model, pass_licence, read_about

SOUND = {
    "model": '"m.onnx"',
    "sha256": f'"{"0" * 64}"',
    "size": "[2, 3]",
    "mean": "[0, 0, 0]",
    "std": "[1, 1, 1]",
    "margin": "0.5",
    "training_data": '"made"',
    "license": '{ id = "CC0-1.0", quote = "Take it.", url = "https://x.org", stated_by = "owner" }',
}
ODD = st.sampled_from(["1", "-1", "0.5", "true", '""', '"x"', "[]", '["a"]', "[1]", "[-1, 2, 3]",
                       "[0, 0]", "{}", "{ id = 3 }", "2020-01-01", "nan", "[[1]]",
                       "[nan, nan, nan]", "[1, inf, 1]"])  # fmt: skip


def write(folder, **changes):
    path = folder / "m.toml"
    lines = [f"{key} = {value}" for key, value in (SOUND | changes).items() if value]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def model(tmp_path):
    """Writes a model that gives the mean of each channel of a 2×3 image, and its manifest."""
    onnx = pytest.importorskip("onnx", reason="onnx is not installed")
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

    def make(nodes=None, height=2, **changes):
        helper, kind = onnx.helper, onnx.TensorProto.FLOAT
        nodes = nodes or [helper.make_node("ReduceMean", ["x"], ["y"], axes=[2, 3], keepdims=0)]
        graph = helper.make_graph(
            nodes, "m", [helper.make_tensor_value_info("x", kind, ["n", 3, height, 3])],
            [helper.make_tensor_value_info("y", kind, None)],
        )  # fmt: skip
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        content = made.SerializeToString()
        (tmp_path / "m.onnx").write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        return write(tmp_path, sha256=f'"{digest}"', **changes)

    return make


def test_a_model_sees_the_image_as_its_manifest_scales_it(model):
    path = model(mean="[0.5, 0, 0]", std="[0.5, 1, 2]")
    image = np.zeros((2, 3, 3), np.uint8)
    image[..., 0], image[..., 1] = 255, 51
    found = open_model(path, read_about(path, ()), "--model").run(image)
    np.testing.assert_allclose(found, [1.0, 0.2, 0.0], atol=1e-6)


def test_a_model_that_takes_other_images_is_refused(model):
    path = model(height=4)
    with pytest.raises(ModelInvalid, match=r"takes \[3, 4, 3\]. Expected \[3, 2, 3\]"):
        open_model(path, read_about(path, ()), "--model")


def test_a_model_that_fails_when_run_is_told_without_a_traceback(model):
    from onnx import helper

    nodes = [helper.make_node("Concat", ["x", "c"], ["y"], axis=1),
             helper.make_node("Transpose", ["x"], ["c"], perm=[0, 1, 3, 2])]  # fmt: skip
    path = model(nodes=nodes[::-1], height="h")
    opened = open_model(path, read_about(path, ()), "--model")
    with pytest.raises(ModelInvalid, match=r"m.onnx: cannot be run on \[2, 3\]"):
        opened.run(np.zeros((2, 3, 3), np.uint8))


def test_every_problem_of_a_manifest_is_named(tmp_path):
    path = write(tmp_path, size='["a"]', margin="-1", own=None, colour='"red"', license="")
    with pytest.raises(ModelInvalid) as caught:
        read_about(path, (Field("own", required=True),))
    assert {problem.split()[0] for problem in caught.value.problems} == {
        "size", "margin", "own", "colour", "license"
    }  # fmt: skip
    assert caught.value.exit_code == 2


def test_a_licence_is_asked_for_every_purpose(tmp_path):
    license = SOUND["license"].replace("CC0-1.0", "CC-BY-NC-4.0")
    path = write(tmp_path, license=license)
    about = read_about(path, ())
    pass_licence(path, about, "run", ["research"])
    with pytest.raises(LicenceRefused):
        pass_licence(path, about, "run", ["research", "commercial"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(st.dictionaries(st.sampled_from([*SOUND, "own"]), ODD, max_size=3))
def test_a_manifest_of_any_content_is_read_or_refused(tmp_path, changes):
    path = write(tmp_path, **changes)
    with contextlib.suppress(ModelInvalid):
        about = read_about(path, (Field("own", float),))
        assert np.isfinite([*about["mean"], *about["std"]]).all()
        assert about.keys() == tomllib.loads(path.read_text()).keys()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.binary(max_size=60))
def test_bytes_that_are_no_manifest_are_refused(tmp_path, content):
    path = tmp_path / "any.toml"
    path.write_bytes(content)
    with pytest.raises(ModelInvalid):
        read_about(path, ())
