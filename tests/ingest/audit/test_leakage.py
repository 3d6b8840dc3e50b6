from ingest.audit.leakage import check_leakage
from ingest.audit.mix import open_mix


def ids(result):
    return {finding.id: finding for finding in result.findings}


def test_without_splits_nothing_leaks(sets):
    sets.write("a", [sets.row("a", "1.png", subject="x"), sets.row("a", "2.png", subject="x")])
    result = check_leakage(open_mix(sets.root, ["a"]))
    assert result.findings == ()
    assert "No source declares a split" in result.sentence


def test_people_in_two_splits_are_found_across_data_sets(sets):
    rows = [sets.row("a", f"{i}.png", subject=f"p{i}", split="train") for i in range(20)]
    sets.write("a", rows)
    leaking = [sets.row("b", f"{i}.png", subject=f"p{i}", split="test") for i in range(10)]
    fresh = [sets.row("b", f"n{i}.png", subject=f"n{i}", split="test") for i in range(5)]
    sets.write("b", leaking + fresh)
    result = check_leakage(open_mix(sets.root, ["a", "b"]))
    expected = {row["subject_id"] for row in leaking}
    assert set(result.table("subjects")["subject_id"]) == expected
    assert ids(result)["leakage.subject-across-splits"].count == 10
    assert len(result.pictures) == 8
    assert check_leakage(open_mix(sets.root, ["b"])).findings == ()


def test_a_composite_in_another_split_than_its_photo_is_found(sets):
    photos = sets.write("a", [sets.row("a", f"{i}.png", split="train") for i in range(2)])
    made = [
        sets.composite("s", "0.png", photos[0], split="train"),
        sets.composite("s", "1.png", photos[1], split="test"),
    ]
    sets.write("s", made)
    result = check_leakage(open_mix(sets.root, ["s"]))
    strays = result.table("composites")
    assert strays[["path", "split", "photo_split"]].values.tolist() == [["1.png", "test", "train"]]


def test_people_that_sets_share_are_counted(sets):
    photos = sets.write("a", [sets.row("a", f"{i}.png") for i in range(3)])
    sets.write("s", [sets.composite("s", "0.png", photos[0])])
    shared = check_leakage(open_mix(sets.root, ["a", "s"])).table("shared")
    assert shared.values.tolist() == [["a, s", 1]]
