"""Bad photos are skipped and listed; bad states and disks are refused in one line."""

import errno
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ingest.records import read_records

WORN = ("masks", "--src", "faces", "--worn")


def huge_png(png: bytes, size: int = 30_000) -> bytes:
    """The same PNG with a header that claims `size` squared pixels."""
    import struct
    import zlib

    header = struct.pack(">II", size, size) + png[24:29]
    return png[:16] + header + struct.pack(">I", zlib.crc32(b"IHDR" + header)) + png[33:]


def bad_photos(png: bytes, jpeg: bytes) -> dict[str, bytes]:
    return {
        "text.jpg": b"this is no picture\n" * 50,
        "empty.jpg": b"",
        "huge.png": huge_png(png),
        "cut.jpg": jpeg[: len(jpeg) // 3],
    }


REASONS = {
    "text.jpg": "image is no image of a known format",
    "empty.jpg": "image is no image of a known format",
    "huge.png": "pixels",
    "cut.jpg": "image is damaged",
    "blank.png": "no face found",
}


@pytest.fixture
def blank(portrait_files) -> bytes:
    import io

    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(np.full((160, 160, 3), 130, np.uint8)).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def mixed(tmp_path, make_source, portrait_files, blank) -> Path:
    bad = bad_photos(portrait_files["eileen mirrored.png"], portrait_files["grace.jpg"])
    make_source(tmp_path, {**bad, "blank.png": blank, "eileen.jpg": portrait_files["eileen.jpg"]})
    (tmp_path / "faces" / "images" / "blank.png").write_bytes(blank)
    return tmp_path


def test_bad_photos_are_skipped_counted_and_listed(mixed, synth):
    result = synth(*WORN, "--root", mixed, "--out", "made")
    assert result.exit_code == 0, result.output
    assert "skipped: 5" in result.output
    listed = {
        Path(entry["path"]).name: entry["reason"]
        for entry in json.loads((mixed / "made" / "dataset.json").read_text())["maskcls"]["skipped"]
    }
    assert sorted(listed) == sorted(REASONS)
    for name, reason in REASONS.items():
        assert reason in listed[name]
        assert f"faces/{name}: {listed[name]}" in result.output
    assert len(read_records(mixed / "made" / "records.parquet")) == 1


def test_missing_photo_is_skipped(tmp_path, make_source, portrait_files, synth):
    source = make_source(tmp_path, dict(list(portrait_files.items())[:2]))
    (source.images / "eileen.jpg").unlink()
    result = synth(*WORN, "--root", tmp_path)
    assert result.exit_code == 0
    assert "faces/eileen.jpg: image no such file" in result.output


def test_only_bad_photos_is_an_error_that_lists_them(tmp_path, make_source, blank, synth):
    make_source(tmp_path, {"blank.png": blank, "text.jpg": b"no picture"})
    result = synth(*WORN, "--root", tmp_path, "--out", "made")
    assert result.exit_code == 1
    assert "no photo could be used; 2 skipped" in result.output
    assert "faces/blank.png: no face found" in result.output
    assert not (tmp_path / "made" / "records.parquet").exists()
    assert synth(*WORN, "--root", tmp_path, "--out", "made").exit_code == 1


@pytest.mark.parametrize(
    "arguments, code, text",
    [
        (("--src", "nobody", "--worn"), 2, "no data set 'nobody'"),
        (("--src", "faces", "--incorrect", "beard"), 2, "unknown 'beard'"),
        (("--src", "faces", "--incorrect", ""), 2, "nothing named"),
        (("--src", "faces", "--garments", "toga"), 2, "unknown toga"),
        (("--src", "faces", "--limit", "0"), 2, "--limit: 0"),
        (("--src", "faces", "--limit", "-1", "--per-image", "-1"), 2, "--per-image: -1"),
        (("--src", "faces", "--seed", "-1"), 2, "--seed: -1"),
        (("--src", "faces", "--workers", "0"), 2, "--workers"),
        (("--src", "faces", "--faces", "some"), 2, "--faces"),
        (("--src", "faces", "--framing", "wide"), 2, "--framing"),
        (("--src", "faces", "--min-age", "old"), 2, "--min-age"),
        (("--src", "faces", "--min-age", "70", "--max-age", "60"), 2, "--max-age: 60"),
        (("--src", "faces", "--purpose", "fun"), 2, "--purpose"),
        (("--src", "faces", "--out", "../away"), 2, "cannot be used"),
        (("--src", "faces", "--out", "faces"), 2, "other settings"),
        (("--src", "../faces",), 2, "cannot be used"),
        (("--src", "faces", "--like", "nobody"), 2, "no data set 'nobody'"),
        (("--src", "faces", "--target-counts", "missing.csv"), 2, "cannot be read"),
        (("--src", "faces", "--ratio", "-1"), 2, "No such option"),
        ((), 2, "--src"),
        (("--src", "faces", "--min-age", "99"), 1, "no photo to put a mask on"),
    ],
)  # fmt: skip
def test_wrong_argument_is_refused_before_work(
    arguments, code, text, tmp_path, make_source, portrait_files, synth
):
    make_source(tmp_path, {"grace.jpg": portrait_files["grace.jpg"]})
    result = synth("masks", *arguments, "--root", tmp_path)
    assert result.exit_code == code
    assert text in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["faces"]


@pytest.mark.parametrize(
    "licence, text",
    [("NOASSERTION", "derivatives"), ("CC-BY-ND-4.0", "derivatives"), ("CC-BY-NC-4.0", "NC")],
)
def test_licence_that_does_not_allow_composites_is_refused(
    licence, text, tmp_path, make_source, portrait_files, synth
):
    rows = {"grace.jpg": {"license": licence}}
    make_source(tmp_path, {"grace.jpg": portrait_files["grace.jpg"]}, rows=rows)
    result = synth(*WORN, "--root", tmp_path)
    assert result.exit_code == 3
    assert licence in result.output
    assert text in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["faces"]


def test_sharing_terms_of_the_photo_travel_with_its_composite(
    tmp_path, make_source, portrait_files, synth
):
    rows = {"grace.jpg": {"license": "CC-BY-SA-4.0", "attribution": "someone"}}
    make_source(tmp_path, {"grace.jpg": portrait_files["grace.jpg"]}, rows=rows)
    assert synth(*WORN, "--root", tmp_path, "--out", "made").exit_code == 0
    records = read_records(tmp_path / "made" / "records.parquet")
    assert set(records["license"]) == {"CC-BY-SA-4.0"}
    assert set(records["attribution"]) == {"someone"}


def one_line(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.startswith("Error")]
    return len(lines) == 1 and "Traceback" not in text


def test_target_that_is_a_file_is_refused_in_one_line(mixed, synth):
    (mixed / "made").write_text("a file")
    result = synth(*WORN, "--root", mixed, "--out", "made")
    assert result.exit_code in (1, 2)
    assert one_line(result.output)
    assert (mixed / "made").read_text() == "a file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_root_is_refused_in_one_line(mixed, synth):
    mixed.chmod(0o555)
    try:
        result = synth(*WORN, "--root", mixed, "--out", "made")
    finally:
        mixed.chmod(0o755)
    assert result.exit_code == 1
    assert one_line(result.output)


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_folder_that_cannot_be_written_is_refused_in_one_line(code, mixed, synth, monkeypatch):
    def refuse(*_, dir=None, **__):
        raise OSError(code, os.strerror(code), str(dir))

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    result = synth(*WORN, "--root", mixed, "--out", "made")
    assert result.exit_code == 1
    assert one_line(result.output)
    assert os.strerror(code) in result.output


def test_disk_that_fills_up_ends_in_one_line_and_a_later_run_continues(
    tmp_path, make_source, portrait_files, synth
):
    """No file may grow beyond 4 kB: what a full disk does to every write of a worker."""
    make_source(tmp_path, {"eileen.jpg": portrait_files["eileen.jpg"]})
    command = [sys.executable, "-m", "synth", *WORN, "--root", str(tmp_path), "--out", "made"]
    full = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )
    assert full.returncode == 1
    assert one_line(full.stderr), full.stderr
    assert not (tmp_path / "made" / "records.parquet").exists()
    assert synth(*WORN, "--root", tmp_path, "--out", "made").exit_code == 0
