"""Rebuilding one composite from its record, and the contact sheet, through the command line."""

import hashlib
import shutil

import pytest
from click.testing import CliRunner
from PIL import Image

from ingest.records import read_records
from synth.cli import cli
from synth.preview import TILE

STATES = ("--incorrect", "nose", "--worn", "--include-bare")


@pytest.fixture(scope="module")
def made(tmp_path_factory, make_source, portrait_files):
    """Data root with a set of composites in every format a photo may have."""
    root = tmp_path_factory.mktemp("root")
    make_source(root, portrait_files)
    asked = ["masks", "--src", "faces", *STATES, "--root", str(root), "--out", "made"]
    result = CliRunner().invoke(cli, asked)
    assert result.exit_code == 0, result.output
    return root


@pytest.fixture
def records(made):
    return read_records(made / "made" / "records.parquet")


@pytest.fixture
def composites(records):
    return records[records["recipe"].notna()]


def test_every_composite_comes_back_to_the_byte(made, composites, synth, tmp_path):
    for _, row in composites.iterrows():
        out = tmp_path / "again"
        result = synth("rebuild", "made", row["image_id"], "--to", out, "--root", made)
        assert result.exit_code == 0, result.output
        assert "identical" in result.output
        assert hashlib.sha256(out.read_bytes()).hexdigest() == row["sha256"]


def test_rebuild_does_not_look_for_faces_again(made, composites, synth, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("faces were looked for")

    monkeypatch.setattr("ingest.faces.FaceMesher.find", refuse)
    key = composites["image_id"].iloc[0]
    assert synth("rebuild", "made", key, "--root", made).exit_code == 0


@pytest.fixture
def copied(made, tmp_path):
    shutil.copytree(made, tmp_path / "root")
    return tmp_path / "root"


def test_changed_photo_is_named(copied, composites, synth):
    for photo in (copied / "faces" / "images").iterdir():
        photo.write_bytes(photo.read_bytes() + b" ")
    result = synth("rebuild", "made", composites["image_id"].iloc[0], "--root", copied)
    assert result.exit_code in (1, 3)
    assert "is not the photo it was made from" in result.output


def test_missing_photo_is_named(copied, composites, synth):
    shutil.rmtree(copied / "faces" / "images")
    result = synth("rebuild", "made", composites["image_id"].iloc[0], "--root", copied)
    assert result.exit_code == 1
    assert "cannot be read" in result.output


def test_recorded_hash_that_differs_is_answered_with_no(copied, records, composites, synth):
    from ingest.records import write_records

    key = composites["image_id"].iloc[0]
    changed = records.copy()
    changed.loc[changed["image_id"] == key, "sha256"] = "0" * 64
    write_records(changed, copied / "made" / "records.parquet")
    result = synth("rebuild", "made", key, "--root", copied)
    assert result.exit_code == 3
    assert "differs" in result.output


@pytest.mark.parametrize("which", ["unknown", "bare"])
def test_image_that_is_no_composite_is_refused(which, made, records, synth):
    bare = records[records["recipe"].isna()]["image_id"].iloc[0]
    result = synth("rebuild", "made", bare if which == "bare" else "0" * 20, "--root", made)
    assert result.exit_code == 2
    assert "no composite" in result.output


def test_preview_shows_each_photo_beside_its_composites(made, tmp_path, synth):
    out = tmp_path / "sheet.png"
    result = synth("preview", "made", "--people", 2, "--to", out, "--root", made)
    assert result.exit_code == 0
    assert str(out) in result.output
    one, sheet = tmp_path / "one.png", Image.open(out)
    assert synth("preview", "made", "--people", 1, "--to", one, "--root", made).exit_code == 0
    narrower = Image.open(one)
    assert sheet.width == narrower.width >= 3 * TILE[0]
    assert TILE[1] < sheet.height - narrower.height < TILE[1] + 60
    assert len(set(sheet.convert("L").tobytes())) > 100, "the sheet is empty"


def test_preview_is_the_same_for_the_same_seed(made, tmp_path, synth):
    for name, seed in (("a.png", 1), ("b.png", 1)):
        arguments = ("--people", 3, "--seed", seed, "--to", tmp_path / name, "--root", made)
        assert synth("preview", "made", *arguments).exit_code == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_preview_of_a_set_without_composites_is_refused(made, synth):
    result = synth("preview", "faces", "--root", made)
    assert result.exit_code == 1
    assert "no composite to show" in result.output
    assert synth("preview", "nobody", "--root", made).exit_code == 2


def test_preview_survives_a_broken_image(copied, synth, tmp_path):
    for image in (copied / "made" / "images").rglob("*-worn.*"):
        image.write_bytes(b"broken")
    out = tmp_path / "sheet.png"
    assert synth("preview", "made", "--to", out, "--root", copied).exit_code == 0
    assert out.is_file()
