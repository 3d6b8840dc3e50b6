import pytest

from ingest.adapters import ADAPTERS
from ingest.manifests.read import load_manifest
from ingest.manifests.skeleton import SkeletonRefused, write_skeleton


@pytest.mark.parametrize("layout", sorted(ADAPTERS))
def test_the_beginning_of_every_layout_is_sound(run, tmp_path, monkeypatch, layout):
    monkeypatch.chdir(tmp_path)
    result = run("new", "my_faces", "--layout", layout)
    assert result.exit_code == 0, result.output
    assert "ingest check my_faces.toml" in result.stdout
    checked = run("check", "my_faces.toml")
    assert checked.exit_code == 0, checked.output
    assert load_manifest("my_faces.toml").layout["adapter"] == layout


def test_one_like_the_target_set_reads_it_alike(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("new", "my_faces", "--layout", "boostcamp")
    mine, shipped = load_manifest("my_faces.toml").labels, load_manifest("boostcamp_mask").labels
    for name in ("mask", "age", "subject", "split"):
        assert mine[name] == shipped[name]


def test_a_begun_manifest_pulls_once_it_is_accepted(run, data_root, draw, tmp_path):
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces" / "7_61_1.jpg").write_bytes(draw())
    manifest = tmp_path / "mine.toml"
    run("new", "mine", "--out", manifest)
    arguments = ("pull", manifest, "--from", tmp_path)
    assert run(*arguments).exit_code == 3
    assert "1 images of 1 people" in run(*arguments, "--accept", "mine").stdout


@pytest.mark.parametrize("name", ["My Faces", "../x", ""])
def test_a_name_that_cannot_be_one_is_refused(tmp_path, name):
    with pytest.raises(SkeletonRefused, match="cannot be used"):
        write_skeleton(name, "table", tmp_path / "x.toml")


def test_nothing_is_written_over(run, tmp_path):
    path = tmp_path / "x.toml"
    path.write_text("mine")
    result = run("new", "x", "--out", path)
    assert result.exit_code == 2
    assert "is there already" in result.stderr
    assert path.read_text() == "mine"


def test_the_command_offers_every_layout(run):
    assert all(layout in run("new", "--help").output for layout in ADAPTERS)
    with pytest.raises(SkeletonRefused, match="Expected one of boostcamp"):
        write_skeleton("x", "nothing", "nowhere")
