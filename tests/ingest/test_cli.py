import errno
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from werkzeug import Response

FIXES = "subject,axis,old,new,by\nA000001,gender,female,male,me\nB000002,age,59,61,me\n"


@pytest.fixture
def pulled(run, data_root, congress):
    assert run("pull", "us_congress", "--from", congress).exit_code == 0
    return data_root / "us_congress"


def published(data_root):
    return [p.name for p in data_root.glob("[!.]*/records.parquet")] if data_root.exists() else []


def refused(result, code, *parts):
    """Assert one clear message with the exit code, and nothing on stdout."""
    assert result.exit_code == code, result.output
    assert result.stderr.strip().splitlines()[-1], result.output
    for part in parts:
        assert part in result.stderr, result.stderr
    assert "Traceback" not in result.output
    assert result.stdout == ""


def test_list_shows_manifests_and_what_is_here(run, pulled):
    assert "all_age_faces" in run("list").stdout
    rows = {row["name"]: row for row in json.loads(run("list", "--json").stdout)}
    assert rows["us_congress"]["images"] == 5
    assert rows["all_age_faces"]["pulled"] is False


def test_show_tells_the_sentence_and_what_lies_on_disk(run, pulled):
    text = run("show", "us_congress").stdout
    assert "has assured us that all photos are public domain" in text
    assert "5 of 5 people" in text
    assert "unverified-local" in text
    assert "no sentence is known" in run("show", "all_age_faces").stdout
    disputed = run("show", "medical_masks_p4").stdout
    assert "--choose type_order=correct-first or --choose type_order=bare-first" in disputed
    assert "made of      ffhq" in run("show", "maskedface_net").stdout


def test_pull_tells_what_it_did(run, data_root, congress):
    result = run("pull", "us_congress", "--from", congress)
    assert result.stdout.strip().startswith("us_congress: 5 images of 5 people in")


def test_an_unknown_data_set_is_refused(run, data_root):
    refused(run("pull", "us_congres"), 2, "Did you mean 'us_congress'")
    refused(run("show", "nothing"), 2, "There are adience, afad, ")
    refused(run("verify", "nothing"), 2, "no data set 'nothing'")


def test_an_unclear_licence_is_refused_until_accepted(run, data_root, faces_zip):
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


def test_a_refused_licence_cannot_be_accepted_away(run, data_root, mine):
    manifest, archive = mine("CC-BY-NC-4.0")
    for more in ((), ("--accept", "mine")):
        result = run("pull", manifest, "--from", archive, *more)
        refused(result, 3, "mine: CC-BY-NC-4.0 does not permit commercial use",
                'The owner says: "Only for research."', "--purpose research")  # fmt: skip
    assert not (data_root / "acceptances").exists()
    assert run("pull", manifest, "--from", archive, "--purpose", "research").exit_code == 0


def test_another_hash_is_a_warning_and_with_strict_an_error(run, data_root, mine):
    manifest, archive = mine(sha256="0" * 64)
    refused(run("pull", manifest, "--from", archive, "--strict"), 3, "the manifest says 0000")
    assert published(data_root) == []
    result = run("pull", manifest, "--from", archive)
    assert result.exit_code == 0
    assert "warning:" in result.stderr
    assert "unverified-local" in run("show", "mine").stdout


def test_a_manifest_with_mistakes_is_listed_by_line(run, data_root, tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text('name = "bad"\ntitel = "x"\n')
    result = run("check", path)
    refused(result, 3, f"{path}:2: titel is not a known key. Did you mean 'title'?")
    refused(run("pull", path), 3, "license is missing")
    refused(run("check", tmp_path / "none.toml"), 2, "does not exist")


def test_no_network_is_told_with_the_way_out(run, data_root, monkeypatch):
    import requests

    def no_way(*args, **kwargs):
        raise requests.ConnectionError

    monkeypatch.setattr(requests, "get", no_way)
    refused(run("pull", "us_congress"), 1, "cannot be reached (no connection)", "--from PATH")
    assert published(data_root) == []


def test_a_set_that_must_be_fetched_by_hand_says_how(run, data_root):
    result = run("pull", "all_age_faces", "--accept", "all_age_faces")
    refused(result, 1, "Download the zip by hand", "dropbox.com")


def test_a_source_that_is_not_there_is_refused(run, data_root):
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
def test_a_bad_archive_is_refused_with_one_line(run, data_root, faces_zip, damage, code, part):
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
def test_a_read_only_folder_is_told(run, tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    refused(run("pull", "public_portraits", "--root", folder), 1, "Permission denied")


def test_a_root_that_is_a_file_is_told(run, tmp_path):
    (tmp_path / "file").touch()
    refused(run("pull", "public_portraits", "--root", tmp_path / "file"), 2, "is a file")
    refused(
        run("pull", "public_portraits", "--root", tmp_path / "file" / "x"), 1, "Not a directory"
    )


@pytest.mark.parametrize(
    "code, said", [(errno.ENOSPC, "No space left"), (errno.EROFS, "Read-only")]
)
def test_a_disk_that_takes_nothing_is_told(run, data_root, congress, monkeypatch, code, said):
    def full(*args):
        raise OSError(code, os.strerror(code), "images")

    monkeypatch.setattr(shutil, "copyfile", full)
    refused(run("pull", "us_congress", "--from", congress), 1, said)
    assert published(data_root) == []


def test_too_little_room_is_told_before_the_download(run, data_root, monkeypatch):
    usage = shutil.disk_usage(".")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    refused(run("pull", "public_portraits"), 1, "1000 are free", "Make room")


def test_verify_finds_what_changed(run, pulled):
    assert "all 5 files" in run("verify", "us_congress").stdout
    images = pulled / "images" / "congress" / "225x275"
    (images / "A000001.jpg").write_bytes(b"other")
    (images / "B000002.jpg").unlink()
    (images / "new.jpg").touch()
    refused(run("verify", "us_congress"), 3, "A000001.jpg has other bytes",
            "B000002.jpg is missing", "new.jpg is in no record")  # fmt: skip


def test_licences_answers_for_a_mix(run, data_root):
    text = run("licences", "us_congress", "all_age_faces").stdout
    assert "together: LicenseRef-US-government-work AND NOASSERTION" in text
    assert "credit for us_congress: Government Printing Office" in text
    mix = json.loads(run("licences", "us_congress", "--json").stdout)
    assert mix["terms"]["commercial"] == "yes"
    assert "CC-BY-NC-4.0" in run("licences").stdout
    refused(run("licences", "nothing"), 2, "no manifest")


def test_correct_lays_an_overlay_that_can_be_laid_again(run, pulled, tmp_path):
    fixes = tmp_path / "FIXES.csv"
    fixes.write_text(FIXES)
    for _ in range(2):
        result = run("correct", "us_congress", fixes)
        assert result.exit_code == 0, result.output
        assert "2 fixes changed 2 labels" in result.stdout
    assert [p.name for p in (pulled / "labels").iterdir()] == ["correct-FIXES.parquet"]


def test_corrections_come_off_one_by_one_or_together(run, pulled, tmp_path):
    before = {path: path.read_bytes() for path in pulled.rglob("*.*")}
    row = "subject,axis,old,new,by\nA000001,gender,female,male,me\n"
    tables = [tmp_path / name for name in ("first.csv", "second.csv")]
    lay_both = [["correct", "us_congress", table] for table in tables]
    tables[0].write_text(row)
    tables[1].write_text(row.replace("female,male", "male,female"))
    assert [run(*one).exit_code for one in lay_both] == [0, 0]
    one = run("correct", "us_congress", tables[1], "--undo")
    assert one.stdout == "us_congress: correct-second removed\n"
    refused(run("correct", "us_congress", tables[1], "--undo"), 3, "(there are: correct-first)")
    assert run("correct", "us_congress", tables[1]).exit_code == 0
    assert run("correct", "us_congress", "--undo").exit_code == 0
    assert {path: path.read_bytes() for path in pulled.rglob("*.*")} == before
    refused(run("correct", "us_congress", "--undo"), 3, "(there are: none)")


def test_correct_refuses_every_row_that_does_not_fit(run, pulled, tmp_path):
    fixes = tmp_path / "FIXES.csv"
    fixes.write_text(
        "subject,path,axis,old,new,by\n"
        "A000001,,gender,male,female,me\n"
        "Q000009,,gender,male,female,me\n"
        ",no/such.jpg,mask,worn,incorrect,me\n"
        "B000002,,hair,red,grey,me\n"
        "B000002,,gender,male,man,me\n"
        "B000002,,age,59,old,\n"
        "B000002,x.jpg,age,59,60,me\n"
        "C000003,,gender,female,male,me\n"
    )
    result = run("correct", "us_congress", fixes)
    refused(result, 3, "line 2: gender of congress/225x275/A000001.jpg is female, not 'male'",
            "line 3: no image has subject 'Q000009'", "line 4: no image has path 'no/such.jpg'",
            "line 5: axis is 'hair'", "line 6: new gender is 'man'", "line 7: new age is 'old'",
            "line 7: 'by' is empty", "line 8: needs exactly one of")  # fmt: skip
    assert not (pulled / "labels").exists()


@pytest.mark.parametrize("content, part", [
    ("a,b\n1,2\n", "column 'axis' is missing"),
    ("subject,axis,old,new,by\n", "holds no fixes"),
    ("subject,axis,old,new,by\nA000001,gender,female,male,me,more\n", "more cells than columns"),
    ("subject,axis,old,new,by\n" + "A000001,gender,female,male,me\n" * 2, "are fixed twice"),
])  # fmt: skip
def test_a_table_that_is_none_is_refused(run, pulled, tmp_path, content, part):
    fixes = tmp_path / "x.csv"
    fixes.write_text(content)
    refused(run("correct", "us_congress", fixes), 3, part)


def test_help_ends_with_an_example_and_is_light():
    code = (
        "import sys; from click.testing import CliRunner; from ingest.cli import cli\n"
        "for name in ['', *cli.commands]:\n"
        "    result = CliRunner().invoke(cli, [*([name] if name else []), '--help'])\n"
        "    assert result.exit_code == 0 and 'Example: ingest' in result.output, name\n"
        "heavy = {'torch', 'pandas', 'numpy', 'cv2', 'mediapipe', 'PIL'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=os.getcwd(),
                   env={**os.environ, "PYTHONPATH": os.getcwd()})  # fmt: skip
