import pandas as pd

from ingest.audit.leakage import check_leakage


def check(seen):
    return check_leakage(seen.mix, seen.alike)


def ids(result):
    return {finding.id: finding for finding in result.findings}


def test_without_splits_nothing_leaks(sets, looked):
    sets.write("a", [sets.row("a", "1.png", subject="x"), sets.row("a", "2.png", subject="x")])
    result = check(looked(sets, "a"))
    assert result.findings == ()
    assert "No source declares a split" in result.sentence


def test_people_in_two_splits_are_found_across_data_sets(sets, looked):
    rows = [sets.row("a", f"{i}.png", subject=f"p{i}", split="train") for i in range(20)]
    sets.write("a", rows)
    leaking = [sets.row("b", f"{i}.png", subject=f"p{i}", split="test") for i in range(10)]
    fresh = [sets.row("b", f"n{i}.png", subject=f"n{i}", split="test") for i in range(5)]
    sets.write("b", leaking + fresh)
    result = check(looked(sets, "a", "b"))
    expected = {row["subject_id"] for row in leaking}
    assert set(result.table("subjects")["subject_id"]) == expected
    assert ids(result)["leakage.subject-across-splits"].count == 10
    assert len(result.pictures) == 8
    assert check(looked(sets, "b")).findings == ()


def test_a_composite_in_another_split_than_its_photo_is_found(sets, looked):
    photos = sets.write("a", [sets.row("a", f"{i}.png", split="train") for i in range(2)])
    made = [
        sets.composite("s", "0.png", photos[0], split="train"),
        sets.composite("s", "1.png", photos[1], split="test"),
    ]
    sets.write("s", made)
    result = check(looked(sets, "s"))
    strays = result.table("composites")
    assert strays[["path", "split", "photo_split"]].values.tolist() == [["1.png", "test", "train"]]


def test_people_that_sets_share_are_counted(sets, looked):
    photos = sets.write("a", [sets.row("a", f"{i}.png") for i in range(3)])
    sets.write("s", [sets.composite("s", "0.png", photos[0])])
    shared = check(looked(sets, "a", "s")).table("shared")
    assert shared.values.tolist() == [["a, s", 1]]


def test_a_changed_copy_in_another_split_leaks(sets, looked, scene):
    sets.write("a", [sets.row("a", "1.png", picture=scene(1), split="train", subject="x"),
                     sets.row("a", "2.png", picture=scene(2), split="train")])  # fmt: skip
    copy = scene(1).resize((96, 120))
    sets.write("b", [sets.row("b", "z.png", picture=copy, split="test", subject="y")])
    result = check(looked(sets, "a", "b"))
    assert result.table("photos")["paths"].tolist() == ["1.png, z.png"]
    assert set(ids(result)) == {"leakage.photo-across-splits"}


def test_sets_made_from_the_same_pictures_are_named(sets, looked):
    sets.write("ffhq", [sets.row("ffhq", "1.png", subject="x")])
    sets.write("masked", [sets.row("masked", "1.png", subject="x")], derived_from=["ffhq"])
    sets.write("other", [sets.row("other", "1.png", subject="y")], derived_from=["ffhq"])
    found = ids(check(looked(sets, "ffhq", "masked", "other")))
    assert found["leakage.derived-sets"].items == ("ffhq and masked",)
    assert found["leakage.derived-strangers"].items == ("ffhq and other", "masked and other")


def test_people_and_copies_in_two_folds_of_the_predictions_leak(sets, looked, scene):
    rows = [sets.row("a", f"{i}.png", subject=f"p{i // 2}") for i in range(6)]
    rows += [sets.row("a", "x.png", picture=scene(1), subject="x"),
             sets.row("a", "y.png", picture=scene(1).resize((96, 120)), subject="y")]  # fmt: skip
    sets.write("a", rows)
    seen = looked(sets, "a")
    folds = pd.DataFrame({"fold": [0, 0, 1, 1, 0, 1, 0, 1]}, [row["image_id"] for row in rows])
    result = check_leakage(seen.mix, seen.alike, predictions=folds)
    assert result.table("folds")["subject_id"].tolist() == ["people:p2"]
    assert result.table("fold_photos")["paths"].tolist() == ["x.png, y.png"]
    found = ids(result)
    assert {name for name in found if "folds" in name} == {
        "leakage.subject-across-folds", "leakage.photo-across-folds"
    }  # fmt: skip
    kept = folds.assign(fold=[0, 0, 1, 1, 0, 0, 1, 1])
    assert "leakage.subject-across-folds" not in ids(
        check_leakage(seen.mix, seen.alike, predictions=kept)
    )
    assert check(seen).table("folds").empty


def test_the_sentence_names_what_leaks_and_nothing_else(sets, looked):
    sets.write("a", [sets.row("a", "1.png", subject="x", split="train"),
                     sets.row("a", "2.png", subject="x", split="test")])  # fmt: skip
    said = check(looked(sets, "a")).sentence
    assert said == "1 person on both sides of a split: a score measured there is too good."
