import pytest
from PIL import Image

from ingest.audit.files import read_files
from ingest.audit.integrity import check_integrity
from ingest.audit.mix import open_mix


def audit(sets, *names):
    mix = open_mix(sets.root, list(names))
    return check_integrity(mix, read_files(mix, lambda items, _total, _label: items))


def ids(result):
    return {finding.id: finding for finding in result.findings}


def test_a_sound_set_has_no_finding(sets):
    sets.write("a", [sets.row("a", f"{i}.png") for i in range(3)])
    result = audit(sets, "a")
    assert result.findings == ()
    assert result.table("datasets").loc[0, "sound"] == 3


def test_each_kind_of_damage_is_told_apart(sets):
    sets.write("a", [sets.row("a", f"{i}.png") for i in range(6)])
    images = sets.root / "a" / "images"
    (images / "0.png").unlink()
    (images / "1.png").write_bytes(b"")
    (images / "2.png").write_text("not a picture")
    (images / "3.png").write_bytes((images / "3.png").read_bytes()[:-40])
    Image.new("RGB", (24, 30)).save(images / "4.png")
    broken = audit(sets, "a").table("broken").set_index("path")
    assert broken["state"].to_dict() == {
        "0.png": "missing",
        "1.png": "unreadable",
        "2.png": "unreadable",
        "3.png": "unreadable",
        "4.png": "changed",
    }
    found = ids(audit(sets, "a"))
    assert found["integrity.missing"].count == 1
    assert found["integrity.unreadable"].count == 3
    assert found["integrity.unreadable"].severity == "problem"


def test_a_recorded_size_that_is_wrong_is_found(sets):
    sets.write("a", [sets.row("a", "1.png", width=25)])
    assert "24×30" in audit(sets, "a").table("broken").loc[0, "reason"]


def test_a_link_out_of_the_data_set_is_not_followed(sets, tmp_path):
    sets.write("a", [sets.row("a", "1.png")])
    outside = tmp_path / "outside.png"
    image = sets.root / "a" / "images" / "1.png"
    image.rename(outside)
    image.symlink_to(outside)
    assert "leaves the data set" in audit(sets, "a").table("broken").loc[0, "reason"]


def test_skipped_files_are_listed_and_counted_by_reason(sets):
    skipped = [{"path": f"x{i}.jpg", "reason": "no face"} for i in range(3)]
    skipped.append({"path": "y.jpg", "reason": "is empty (0 bytes)"})
    sets.write("a", [sets.row("a", "1.png")], skipped=skipped)
    result = audit(sets, "a")
    assert result.table("skipped_reasons")["files"].tolist() == [3, 1]
    assert result.table("datasets").loc[0, "skipped"] == 4
    assert ids(result)["integrity.skipped"].severity == "warning"


@pytest.mark.parametrize("declared", [5, {"images": 5, "subjects": 5}])
def test_another_count_than_declared_is_found(sets, declared):
    sets.write("a", [sets.row("a", "1.png")], declared=declared, found={"images": 1})
    assert ids(audit(sets, "a"))["integrity.declared-count"].items == ("a",)


def test_a_set_made_here_needs_no_publisher(sets):
    photos = sets.write("a", [sets.row("a", "1.png")], verification="unverified-local")
    sets.write("s", [sets.composite("s", "1.png", photos[0])], verification="made-here",
               declared=1, found=3)  # fmt: skip
    found = ids(audit(sets, "a", "s"))
    assert found["integrity.unverified"].items == ("a",)
    assert "integrity.declared-count" not in found


def test_files_without_a_record_are_counted(sets):
    sets.write("a", [sets.row("a", "1.png")])
    (sets.root / "a" / "images" / "stray.png").write_bytes(b"x")
    assert audit(sets, "a").table("datasets").loc[0, "unlisted"] == 1


def test_names_that_fall_together_on_other_disks_are_found(sets, looked):
    names = ["a/Anna.png", "a/anna.png", "b/anna.png", "café.png", "cafe\u0301.png"]
    sets.write("a", [sets.row("a", name) for name in names])
    sets.write("b", [sets.row("b", "a/ANNA.png")])
    seen = looked(sets, "a", "b")
    result = check_integrity(seen.mix, seen.files)
    assert result.table("names")["files"].tolist() == [2, 2]
    (finding,) = [f for f in result.findings if f.id == "integrity.names"]
    assert set(finding.items) == {"a/Anna.png, a/anna.png", "café.png, cafe\u0301.png"}
