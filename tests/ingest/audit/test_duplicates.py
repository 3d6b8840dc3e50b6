import shutil

from ingest.audit.duplicates import check_duplicates
from ingest.audit.mix import open_mix


def copy_of(sets, name, row, path, **values):
    """A row whose file has the bytes of `row`."""
    target = sets.root / name / "images" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(sets.root / row["source"] / "images" / row["path"], target)
    return sets.row(name, path, **values) | {"sha256": row["sha256"]}


def ids(result):
    return {finding.id: finding for finding in result.findings}


def test_no_repeated_bytes_no_finding(sets):
    sets.write("a", [sets.row("a", f"{i}.png") for i in range(3)])
    assert check_duplicates(open_mix(sets.root, ["a"])).findings == ()


def test_the_same_bytes_in_two_sets_are_one_group(sets):
    first = sets.write("a", [sets.row("a", f"{i}.png", subject="x") for i in range(3)])
    sets.write("b", [copy_of(sets, "b", first[1], "z.png", subject="x")])
    result = check_duplicates(open_mix(sets.root, ["a", "b"]))
    group = result.table("exact").iloc[0]
    assert (group["images"], group["datasets"], group["labels"]) == (2, "a, b", 1)
    assert ids(result)["duplicates.exact"].count == 1
    assert "duplicates.conflicting-labels" not in ids(result)


def test_other_labels_or_another_person_on_the_same_bytes_are_problems(sets):
    first = sets.write("a", [sets.row("a", "1.png", subject="x")])
    sets.write("b", [copy_of(sets, "b", first[0], "1.png", subject="y", gender="female")])
    found = ids(check_duplicates(open_mix(sets.root, ["a", "b"])))
    assert found["duplicates.conflicting-labels"].severity == "problem"
    assert found["duplicates.two-subjects"].rule == "leakage"


def test_a_bare_photo_carried_along_is_only_noted(sets):
    first = sets.write("a", [sets.row("a", "1.png")])
    bare = copy_of(sets, "s", first[0], "1-bare.png", subject="1")
    sets.write("s", [bare | {"parent_id": first[0]["image_id"]}])
    found = ids(check_duplicates(open_mix(sets.root, ["a", "s"])))
    assert list(found) == ["duplicates.bare-copies"]
    assert found["duplicates.bare-copies"].severity == "note"
