import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from ingest.errors import NothingUsable, WrongUsage
from ingest.pulling.pull import pull


def files_below(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_the_two_packaged_portraits_need_no_network(data_root):
    pulled = pull("public_portraits", data_root)
    assert (pulled.n_records, pulled.verification, pulled.skipped) == (2, "verified", [])
    records = pulled.dataset.records().set_index("path")
    assert records["age"].to_dict() == {"astronaut.png": 41, "grace_hopper.jpg": 77}
    assert records["age_origin"].to_dict() == {"astronaut.png": "estimated",
                                               "grace_hopper.jpg": "label"}  # fmt: skip
    assert set(records["gender"]) == {"female"}
    assert set(records["mask_origin"]) == {"assumed"}
    assert records["subject_id"].is_unique
    assert "NASA" in records.loc["astronaut.png", "attribution"]


def test_the_files_are_stored_byte_for_byte(data_root, congress):
    pulled = pull("us_congress", data_root, source=str(congress))
    for path in pulled.dataset.records()["path"]:
        assert (pulled.dataset.images / path).read_bytes() == (congress / path).read_bytes()
    assert files_below(congress)[-1] == "legislators.csv"


def test_a_folder_gives_records_with_ages_and_genders(data_root, congress):
    pulled = pull("us_congress", data_root, source=str(congress))
    assert pulled.n_records == pulled.n_subjects == 5
    assert pulled.verification == "unverified-local"
    records = pulled.dataset.records().set_index("subject_id")
    ages = {name.partition(":")[2]: age for name, age in records["age"].items()}
    # On 1 July 2013, the portrait of Eve on 30 December 2008, a day before her birthday.
    assert ages == {"A000001": 63, "B000002": 59, "C000003": 23, "D000004": 73, "E000005": 47}
    assert records["age_origin"].value_counts().to_dict() == {"estimated": 4, "label": 1}
    assert records["gender"].astype(str).str[0].tolist() == ["f", "m", "f", "m", "f"]


def test_image_ids_do_not_depend_on_where_the_files_came_from(data_root, congress, tmp_path):
    ids = set(pull("us_congress", data_root, source=str(congress)).dataset.records()["image_id"])
    wrapped = tmp_path / "wrapped" / "images-gh-pages"
    shutil.copytree(congress, wrapped)
    archive = shutil.make_archive(str(tmp_path / "c"), "zip", wrapped.parent)
    again = pull("us_congress", data_root, source=archive)
    assert set(again.dataset.records()["image_id"]) == ids


YAML = """- id: {bioguide: A000001}
  name: {first: Ann, last: Alpha}
  bio: {birthday: '1950-06-30', gender: F}
"""


@pytest.mark.parametrize("name, content", [
    ("legislators-current.yaml", YAML),
    ("legislators-historical.json",
     '[{"id": {"bioguide": "A000001"}, "bio": {"birthday": "1950-06-30", "gender": "F"}}]'),
    ("legislators-current.csv", "bioguide_id,birthday,gender\nA000001,1950-06-30,F\n"),
])  # fmt: skip
def test_the_upstream_tables_are_read_too(data_root, congress, name, content):
    (congress / "legislators.csv").unlink()
    (congress / name).write_text(content)
    pulled = pull("us_congress", data_root, source=str(congress))
    records = pulled.dataset.records()
    assert records["age"].tolist() == [63]
    assert len(pulled.skipped) == 4
    assert all(item["reason"] == "no row of the tables names it" for item in pulled.skipped)


def test_bad_files_are_skipped_counted_and_listed(data_root, congress, bad_images):
    table = congress / "legislators.csv"
    for number, (name, (content, _)) in enumerate(bad_images.items()):
        path = congress / "congress" / "225x275" / f"X00000{number}.jpg"
        path.write_bytes(content)
        with table.open("a") as stream:
            stream.write(f"X00000{number},X,{name},1950-01-01,M,rep,NY\n")
    os.symlink("/etc/passwd", congress / "congress" / "225x275" / "L000001.jpg")
    pulled = pull("us_congress", data_root, source=str(congress))
    assert pulled.n_records == 5
    reasons = " | ".join(item["reason"] for item in pulled.skipped)
    for _, reason in bad_images.values():
        assert reason in reasons
    assert "links are not followed" in reasons
    details = pulled.dataset.card()["maskcls"]
    assert details["skipped"] == pulled.skipped
    assert details["found"]["skipped"] == len(bad_images) + 1
    assert len(files_below(pulled.dataset.images)) == 5


def test_all_age_faces_with_its_traps(data_root, faces_zip):
    extra = {"aglined faces/12000A99.jpg": b"not looked at",
             "original images/00005A30.jpg": b"", "original images/Thumbs.db": b"x"}  # fmt: skip
    pulled = pull("all_age_faces", data_root, source=str(faces_zip(extra=extra)),
                  purpose="research", accepted="all_age_faces")  # fmt: skip
    records = pulled.dataset.records()
    assert records["path"].tolist()[0] == "original images/00000A02.jpg"
    assert records["age"].tolist() == [2, 25, 61, 30, 80]
    assert records["gender"].tolist() == ["female", "female", "female", "male", "male"]
    assert records["split"].tolist() == ["train", "train", "val", "train", "val"]
    assert records["subject_id"].is_unique
    assert {item["path"].rpartition("/")[2] for item in pulled.skipped} == {
        "badname.jpg", "00005A30.jpg", "Thumbs.db",
    }  # fmt: skip
    assert any("13322 declared" in warning for warning in pulled.warnings)
    assert any("c02186d20f46f234e777e8e80edb3267" in warning for warning in pulled.warnings)
    assert pulled.verification == "unverified-local"


def test_the_misspelt_folder_is_read_where_the_originals_are_missing(data_root, tmp_path, draw):
    folder = tmp_path / "All-Age-Faces Dataset" / "aglined faces"
    folder.mkdir(parents=True)
    (folder / "00000A02.jpg").write_bytes(draw())
    pulled = pull("all_age_faces", data_root, source=str(tmp_path / "All-Age-Faces Dataset"),
                  accepted="all_age_faces")  # fmt: skip
    assert pulled.dataset.records()["gender"].tolist() == ["female"]


def test_a_list_that_contradicts_the_serial_leaves_the_gender_empty(data_root, faces_zip):
    source = faces_zip(extra={"image sets/x": b""})
    unpacked = source.parent / "unpacked"
    shutil.unpack_archive(source, unpacked)
    base = unpacked / "All-Age-Faces Dataset"
    (base / "image sets" / "val.txt").write_text("07380A61.jpg 1\n")
    pulled = pull("all_age_faces", data_root, source=str(unpacked), accepted="all_age_faces")
    records = pulled.dataset.records().set_index("path")
    assert records["gender"].isna().sum() == 1
    assert "contradicts itself" in pulled.label_problems[0]["reason"]


def test_pulling_again_keeps_corrections(data_root, congress, tmp_path):
    from ingest.correct import correct

    dataset = pull("us_congress", data_root, source=str(congress)).dataset
    fixes = tmp_path / "FIXES.csv"
    fixes.write_text("subject,axis,old,new,by\nA000001,gender,female,male,test\n")
    correct(dataset, fixes)
    (congress / "congress" / "225x275" / "D000004.jpg").unlink()
    again = pull("us_congress", data_root, source=str(congress))
    assert again.n_records == 4
    records = again.dataset.records().set_index("subject_id")
    assert records.loc["us_congress:A000001", "gender_origin"] == "correction"


def test_a_set_that_was_not_pulled_is_never_replaced(make_dataset):
    dataset = make_dataset("public_portraits", details={"parents": ["photos"]})
    before = dataset.records_path.read_bytes()
    with pytest.raises(WrongUsage, match="made from photos"):
        pull("public_portraits", dataset.folder.parent)
    assert dataset.records_path.read_bytes() == before


def test_nothing_usable_publishes_nothing(data_root, congress):
    for path in (congress / "congress" / "225x275").iterdir():
        path.write_bytes(b"text")
    with pytest.raises(NothingUsable, match="is no image of a known format: 5"):
        pull("us_congress", data_root, source=str(congress))
    assert files_below(data_root) == []


def test_a_failed_pull_leaves_the_earlier_set(data_root, congress, monkeypatch):
    dataset = pull("us_congress", data_root, source=str(congress)).dataset
    before = {name: (dataset.folder / name).read_bytes() for name in files_below(dataset.folder)}

    def full(*args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "somewhere")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(OSError, match="No space left"):
        pull("us_congress", data_root, source=str(congress))
    assert {n: (dataset.folder / n).read_bytes() for n in files_below(dataset.folder)} == before
    assert [p.name for p in data_root.iterdir() if p.name.startswith(".part")] == []


def test_the_same_source_gives_the_same_bytes(data_root, congress):
    one = pull("us_congress", data_root / "one", source=str(congress)).dataset
    two = pull("us_congress", data_root / "two", source=str(congress)).dataset
    assert files_below(one.folder) == files_below(two.folder)
    for name in files_below(one.folder):
        assert (one.folder / name).read_bytes() == (two.folder / name).read_bytes(), name


KILLED = """
import sys, time
import ingest.pulling.collect, ingest.pulling.pull
from pathlib import Path
check = ingest.pulling.collect.check_image
def slow(path):
    print("looking", flush=True)
    time.sleep(5)
    return check(path)
ingest.pulling.collect.check_image = slow
ingest.pulling.pull.pull("us_congress", Path(sys.argv[1]), source=sys.argv[2])
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_pull_leaves_nothing_and_the_next_one_works(data_root, congress, how):
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(data_root), str(congress)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=os.getcwd(),
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )  # fmt: skip
    assert process.stdout.readline() == b"looking\n"
    time.sleep(0.05)
    process.send_signal(how)
    process.wait(timeout=20)
    process.stdout.close()
    assert not (data_root / "us_congress").exists()
    assert pull("us_congress", data_root, source=str(congress)).n_records == 5
    assert [p.name for p in data_root.iterdir() if p.name.startswith((".part", ".old"))] == []


def test_the_card_is_sound_croissant_and_its_records_can_be_read(data_root, congress):
    mlcroissant = pytest.importorskip("mlcroissant")
    dataset = pull("us_congress", data_root, source=str(congress)).dataset
    read = mlcroissant.Dataset(jsonld=dataset.card_path)
    assert not read.metadata.ctx.issues.errors
    rows = list(read.records("records"))
    assert len(rows) == 5
    assert {row["records/path"].decode() for row in rows} == set(dataset.records()["path"])
    card = json.loads(dataset.card_path.read_text())
    assert "http://mlcommons.org/croissant/1.1" in card["conformsTo"]
    assert card["maskcls"]["statements"][0]["quote"].startswith("The photos of members")


@pytest.mark.portraits
def test_the_real_portraits(data_root, portraits):
    pulled = pull("us_congress", data_root, source=str(portraits))
    assert (pulled.n_records, pulled.n_subjects, pulled.skipped) == (520, 520, [])
    assert pulled.label_problems == []
    records = pulled.dataset.records().set_index("subject_id")
    assert records["gender"].value_counts().to_dict() == {"male": 430, "female": 90}
    by_hand = {
        "A000014": (66, "estimated"),  # born 1938-06-26, edited 2005-06-23
        "A000022": (70, "estimated"),  # born 1942-11-19, no date: 2013-07-01
        "A000069": (84, "estimated"),  # born 1924-09-11, edited 2009-02-06
        "C000714": (84, "estimated"),  # born 1929-05-16, no date: 2013-07-01
        "D000608": (50, "label"),  # born 1957-12-10, taken 2008-11-18
        "O000107": (71, "label"),  # born 1937-06-03, taken 2008-11-18
    }
    for name, (age, origin) in by_hand.items():
        found = records.loc[f"us_congress:{name}"]
        assert (found["age"], found["age_origin"]) == (age, origin), name
    assert records["age_origin"].value_counts().to_dict() == {"estimated": 462, "label": 58}
    assert records["age"].between(25, 100).all()
