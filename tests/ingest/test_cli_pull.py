"""`ingest pull` as a user runs it: what it says, and what it refuses with which exit code."""

import errno
import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest
from werkzeug import Response


def published(data_root):
    return [p.name for p in data_root.glob("[!.]*/records.parquet")] if data_root.exists() else []


def test_pull_tells_what_it_did(run, data_root, congress):
    result = run("pull", "us_congress", "--from", congress)
    assert result.stdout.strip().startswith("us_congress: 5 images of 5 people in")


def test_an_unclear_licence_is_refused_until_accepted(refused, run, data_root, faces_zip):
    source = faces_zip()
    refused(run("pull", "all_age_faces", "--from", source), 3,
            "all_age_faces: NOASSERTION does not say", "--accept all_age_faces")  # fmt: skip
    refused(run("pull", "all_age_faces", "--from", source, "--accept", "us_congress"), 2,
            "is not the data set pulled")  # fmt: skip
    assert published(data_root) == []
    assert not (data_root / "acceptances").exists()
    done = run("pull", "all_age_faces", "--from", source, "--accept", "all_age_faces",
               "--purpose", "research")  # fmt: skip
    assert done.exit_code == 0, done.output
    written = json.loads((data_root / "acceptances" / "all_age_faces.json").read_text())
    assert [(one["purpose"], one["accepted"]) for one in written] == [
        ("research", ["gated", "derivatives"])
    ]
    assert {"quote", "date", "user", "license", "url"} <= written[0].keys()
    assert run("pull", "all_age_faces", "--from", source, "--purpose", "research").exit_code == 0
    refused(run("pull", "all_age_faces", "--from", source), 3, "does not say whether commercial")


MANIFEST = """
name = "mine"
title = "Mine"
description = "A made set."
homepage = "https://example.org"
citation = "Me."
subject_namespace = "mine"
[license]
id = "{license}"
quote = "Only for research."
url = "https://example.org/licence"
read_on = 2025-01-31
stated_by = "owner"
[[distribution]]
name = "mine.zip"
sha256 = "{sha256}"
instructions = "Ask me."
[layout]
adapter = "filename_pattern"
folders = ["faces"]
pattern = '(?P<id>\\d+)_(?P<age>\\d+)_(?P<g>[01])\\.jpg'
[labels]
mask = {{ assume = "not_worn" }}
gender = {{ field = "g", values = {{ 0 = "male", 1 = "female" }} }}
age = {{ field = "age" }}
subject = {{ field = "id" }}
[declared]
images = 2
"""


@pytest.fixture
def mine(tmp_path, draw):
    """Makes a manifest of the user's own and its archive."""

    def make(license="CC-BY-4.0", sha256=None):
        archive = tmp_path / "mine.zip"
        with zipfile.ZipFile(archive, "w") as opened:
            opened.writestr("faces/1_30_0.jpg", draw())
            opened.writestr("faces/2_61_1.jpg", draw(shade=9))
        from ingest.fetch import file_hash

        text = MANIFEST.format(license=license, sha256=sha256 or file_hash(archive))
        manifest = tmp_path / "mine.toml"
        manifest.write_text(text)
        return manifest, archive

    return make


def test_a_manifest_of_ones_own_needs_no_code(run, data_root, mine):
    manifest, archive = mine()
    assert "sound (mine, CC-BY-4.0)" in run("check", manifest).stdout
    result = run("pull", manifest, "--from", archive, "--strict")
    assert result.exit_code == 0, result.output
    assert "2 images of 2 people" in result.stdout
    assert result.stdout.strip().endswith("verified")


def test_a_refused_licence_cannot_be_accepted_away(refused, run, data_root, mine):
    manifest, archive = mine("CC-BY-NC-4.0")
    for more in ((), ("--accept", "mine")):
        result = run("pull", manifest, "--from", archive, *more)
        refused(result, 3, "mine: CC-BY-NC-4.0 does not permit commercial use",
                'The owner says: "Only for research."', "--purpose research")  # fmt: skip
    assert not (data_root / "acceptances").exists()
    assert run("pull", manifest, "--from", archive, "--purpose", "research").exit_code == 0


def test_another_hash_is_a_warning_and_with_strict_an_error(refused, run, data_root, mine):
    manifest, archive = mine(sha256="0" * 64)
    refused(run("pull", manifest, "--from", archive, "--strict"), 3, "the manifest says 0000")
    assert published(data_root) == []
    result = run("pull", manifest, "--from", archive)
    assert result.exit_code == 0
    assert "warning:" in result.stderr
    assert "unverified-local" in run("show", "mine").stdout


def test_a_manifest_with_mistakes_is_listed_by_line(refused, run, data_root, tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text('name = "bad"\ntitel = "x"\n')
    result = run("check", path)
    refused(result, 3, f"{path}:2: titel is not a known key. Did you mean 'title'?")
    refused(run("pull", path), 3, "license is missing")
    refused(run("check", tmp_path / "none.toml"), 2, "does not exist")


def test_no_network_is_told_with_the_way_out(refused, run, data_root, monkeypatch):
    import requests

    def no_way(*args, **kwargs):
        raise requests.ConnectionError

    monkeypatch.setattr(requests, "get", no_way)
    refused(run("pull", "us_congress"), 1, "cannot be reached (no connection)", "--from PATH")
    assert published(data_root) == []


def test_a_set_that_must_be_fetched_by_hand_says_how(refused, run, data_root):
    result = run("pull", "all_age_faces", "--accept", "all_age_faces")
    refused(result, 1, "Download the zip by hand", "dropbox.com")


def test_a_source_that_is_not_there_is_refused(refused, run, data_root):
    refused(run("pull", "us_congress", "--from", "/no/such/place"), 2, "no such file or folder")


def test_a_source_can_be_a_web_address(run, data_root, congress, httpserver):
    content = Path(shutil.make_archive(str(congress), "zip", congress)).read_bytes()
    httpserver.expect_request("/c.zip").respond_with_handler(lambda request: Response(content))
    result = run("pull", "us_congress", "--from", httpserver.url_for("/c.zip"))
    assert result.exit_code == 0, result.output
    assert "5 images" in result.stdout


@pytest.mark.parametrize("damage, code, part", [
    ("cut", 1, "is cut off, damaged or encrypted"),
    ("outside", 1, "would be written outside the folder"),
    ("link", 1, "is a link or a device"),
    ("other", 1, "no file in a folder 'original images'"),
])  # fmt: skip
def test_a_bad_archive_is_refused_with_one_line(
    refused, run, data_root, faces_zip, damage, code, part
):
    source = faces_zip()
    if damage == "cut":
        source.write_bytes(source.read_bytes()[:-200])
    elif damage == "outside":
        with zipfile.ZipFile(source, "a") as archive:
            archive.writestr("../../evil.txt", "x")
    elif damage == "link":
        with zipfile.ZipFile(source, "a") as archive:
            info = zipfile.ZipInfo("evil")
            info.external_attr = 0o120777 << 16
            archive.writestr(info, "/etc/passwd")
    else:
        with zipfile.ZipFile(source, "w") as archive:
            archive.writestr("readme.txt", "x")
    result = run("pull", "all_age_faces", "--from", source, "--accept", "all_age_faces")
    refused(result, code, part)
    assert published(data_root) == []
    assert not list(source.parent.rglob("evil*"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_told(refused, run, tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    refused(run("pull", "public_portraits", "--root", folder), 1, "Permission denied")


def test_a_root_that_is_a_file_is_told(refused, run, tmp_path):
    (tmp_path / "file").touch()
    refused(run("pull", "public_portraits", "--root", tmp_path / "file"), 2, "is a file")
    refused(
        run("pull", "public_portraits", "--root", tmp_path / "file" / "x"), 1, "Not a directory"
    )


@pytest.mark.parametrize(
    "code, said", [(errno.ENOSPC, "No space left"), (errno.EROFS, "Read-only")]
)
def test_a_disk_that_takes_nothing_is_told(
    refused, run, data_root, congress, monkeypatch, code, said
):
    def full(*args):
        raise OSError(code, os.strerror(code), "images")

    monkeypatch.setattr(shutil, "copyfile", full)
    refused(run("pull", "us_congress", "--from", congress), 1, said)
    assert published(data_root) == []


def test_too_little_room_is_told_before_the_download(refused, run, data_root, monkeypatch):
    usage = shutil.disk_usage(".")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    refused(run("pull", "public_portraits"), 1, "1000 are free", "Make room")


def test_a_file_that_changed_since_the_last_pull_is_told(refused, run, data_root, mine):
    manifest, archive = mine()
    assert run("pull", manifest, "--from", archive).exit_code == 0
    assert "at the last pull" not in run("pull", manifest, "--from", archive).stderr
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr("new.txt", "more")
    again = run("pull", manifest, "--from", archive)
    assert again.exit_code == 0
    assert "at the last pull it was" in again.stderr
