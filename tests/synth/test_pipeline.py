"""A synthetic set through the real command line: the same bytes however it was made."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from ingest.dataset import Dataset
from ingest.records import read_records
from ingest.taxonomy import WEAR_STATES
from synth.cli import cli

ASKED = ("masks", "--src", "faces", "--incorrect", "chin,nose", "--worn", "--include-bare",
         "--seed", "3")  # fmt: skip
ONE_PHOTO_A_CHUNK = (
    "import synth.pipeline; synth.pipeline.CHUNK = 1\nfrom synth.cli import cli\ncli()"
)


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr("synth.pipeline.CHUNK", 1)


@pytest.fixture(scope="module")
def finished(tmp_path_factory, make_source, portrait_files) -> Path:
    """Data root with a finished set ``made``, by one worker and without interruption."""
    root = tmp_path_factory.mktemp("data root")
    make_source(root, portrait_files)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("synth.pipeline.CHUNK", 1)
        result = CliRunner().invoke(cli, [*ASKED, "--root", str(root), "--out", "made"])
    assert result.exit_code == 0, result.output
    return root


@pytest.fixture
def fresh(tmp_path, make_source, portrait_files) -> Path:
    make_source(tmp_path, portrait_files)
    return tmp_path


def digests(folder: Path) -> dict[str, str]:
    """Every file of a data set, by hash."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def assert_same_set(root: Path, finished: Path) -> None:
    made, expected = digests(root / "made"), digests(finished / "made")
    assert sorted(made) == sorted(expected)
    assert [name for name in made if made[name] != expected[name]] == []


def start(root: Path, *more: str) -> subprocess.Popen:
    command = [sys.executable, "-c", ONE_PHOTO_A_CHUNK, *ASKED, "--root", str(root),
               "--out", "made", *more]  # fmt: skip
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def wait_for_chunks(root: Path, process: subprocess.Popen, number: int) -> None:
    deadline = time.monotonic() + 60
    while len(list((root / "made" / ".progress").glob("*.json"))) < number:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "the run makes no progress"
        time.sleep(0.01)


def workers_of(process: subprocess.Popen) -> list[int]:
    """Processes of a run's session that still live."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == process.pid and fields[0] != "Z":
            found.append(int(entry.name))
    return found


def wait_for_end_of(process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 20
    while workers_of(process):
        assert time.monotonic() < deadline, "a worker outlives its run"
        time.sleep(0.05)


def test_records_tell_photo_label_and_recipe(finished, portrait_files):
    records = read_records(finished / "made" / "records.parquet")
    parents = read_records(finished / "faces" / "records.parquet").set_index("image_id")
    assert len(records) == 4 * len(portrait_files)
    assert records["wear_state"].value_counts().to_dict() == dict.fromkeys(
        ("none", "correct", "nose_out", "chin"), len(portrait_files)
    )
    for _, row in records.iterrows():
        parent = parents.loc[row["parent_id"]]
        assert row["mask"] == WEAR_STATES[row["wear_state"]].mask
        for inherited in ("subject_id", "gender", "age", "license", "gender_origin"):
            assert row[inherited] == parent[inherited]
        content = Dataset(finished / "made").image_path(row["path"]).read_bytes()
        assert row["sha256"] == hashlib.sha256(content).hexdigest()
    composed = records[records["recipe"].notna()]
    assert set(composed["mask_origin"]) == {"synthetic"}
    for _, row in composed.iterrows():
        coverage = {region: row[f"coverage_{region}"] for region in ("nostrils", "mouth", "chin")}
        assert WEAR_STATES[row["wear_state"]].agrees({**coverage, "eyes": row["coverage_eyes"]})


def test_bare_photo_is_kept_to_the_byte_under_its_own_key(finished, portrait_files):
    records = read_records(finished / "made" / "records.parquet")
    bare = records[records["wear_state"] == "none"]
    kept = {
        Dataset(finished / "made").image_path(path).read_bytes() for path in bare["path"].tolist()
    }
    assert kept == set(portrait_files.values())
    assert set(bare["mask_origin"]) == {"assumed"}
    assert not set(bare["image_id"]) & set(bare["parent_id"])


def test_nothing_is_left_but_the_data_set(finished):
    names = {path.name for path in (finished / "made").iterdir()}
    assert names == {"images", "records.parquet", "dataset.json", "landmarks.parquet",
                     "settings.json"}  # fmt: skip
    assert not [p for p in (finished / "made").rglob("*") if p.name.startswith(".")]


def test_card_names_source_settings_and_licence(finished):
    card = json.loads((finished / "made" / "dataset.json").read_text())
    about = card["maskcls"]
    assert about["parents"] == ["faces"]
    assert about["skipped"] == []
    assert about["settings"]["seed"] == 3
    assert "synth masks" in about["made_by"]
    assert "CC0" in json.dumps(card["license"])


def test_two_workers_make_the_same_bytes(fresh, finished, small_chunks, synth):
    result = synth(*ASKED, "--root", fresh, "--out", "made", "--workers", 2)
    assert result.exit_code == 0, result.output
    assert_same_set(fresh, finished)


def test_second_run_changes_nothing(finished, synth, small_chunks):
    before = {p: p.stat().st_mtime_ns for p in (finished / "made").rglob("*")}
    result = synth(*ASKED, "--root", finished, "--out", "made")
    assert result.exit_code == 0
    assert "nothing to do" in result.output
    assert {p: p.stat().st_mtime_ns for p in (finished / "made").rglob("*")} == before


def test_killed_run_continues_to_the_same_bytes(fresh, finished, small_chunks, synth):
    process = start(fresh)
    wait_for_chunks(fresh, process, 1)
    beside = synth(*ASKED, "--root", fresh, "--out", "made")
    assert beside.exit_code == 1
    assert "another run is making this set" in beside.output
    process.kill()
    process.communicate()
    wait_for_end_of(process)
    assert not (fresh / "made" / "records.parquet").exists()
    # What a worker killed in the middle of a file leaves behind.
    (next((fresh / "made" / "images").iterdir()) / ".part-left.jpg").write_bytes(b"half")
    result = synth(*ASKED, "--root", fresh, "--out", "made")
    assert result.exit_code == 0, result.output
    assert_same_set(fresh, finished)


def test_run_killed_while_it_tidied_up_leaves_nothing_behind(finished, tmp_path, synth):
    shutil.copytree(finished, tmp_path / "root")
    (tmp_path / "root" / "made" / ".progress").mkdir()
    (tmp_path / "root" / "made" / ".progress" / "000000.json").write_text("{}")
    assert synth(*ASKED, "--root", tmp_path / "root", "--out", "made").exit_code == 0
    assert_same_set(tmp_path / "root", finished)


def test_interrupted_run_stops_cleanly_and_says_how_to_continue(fresh):
    process = start(fresh, "--workers", "2")
    wait_for_chunks(fresh, process, 1)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "run the same command again" in errors
    assert "Traceback" not in errors
    wait_for_end_of(process)


def test_one_photo_alone_gives_what_it_gave_among_others(
    finished, tmp_path, make_source, portrait_files, synth
):
    make_source(tmp_path, {"grace.jpg": portrait_files["grace.jpg"]})
    first, again = (synth(*ASKED, "--root", tmp_path) for _ in range(2))
    assert first.exit_code == again.exit_code == 0
    assert "synth_v1: 4 images" in first.output
    assert "maskcls train --extra synth_v1" in first.output
    assert "nothing to do" in again.output
    assert not (tmp_path / "synth_v2").exists()
    alone = read_records(tmp_path / "synth_v1" / "records.parquet").set_index("path")
    whole = read_records(finished / "made" / "records.parquet").set_index("path")
    pd.testing.assert_series_equal(alone["sha256"], whole.loc[alone.index, "sha256"])


def test_set_made_with_other_settings_is_refused_and_kept(finished, synth):
    before = digests(finished / "made")
    result = synth("masks", "--src", "faces", "--worn", "--root", finished, "--out", "made")
    assert result.exit_code == 2
    assert "other settings" in result.output
    assert digests(finished / "made") == before


def test_folder_of_something_else_is_not_touched(fresh, synth):
    (fresh / "mine").mkdir()
    (fresh / "mine" / "notes.txt").write_text("keep me")
    result = synth(*ASKED, "--root", fresh, "--out", "mine")
    assert result.exit_code == 2
    assert [p.name for p in (fresh / "mine").iterdir()] == ["notes.txt"]
