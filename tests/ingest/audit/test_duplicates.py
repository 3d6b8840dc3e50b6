import shutil

import pytest
from PIL import Image

from ingest.audit.duplicates import check_duplicates


def copy_of(sets, name, row, path, **values):
    """A row whose file has the bytes of `row`."""
    target = sets.root / name / "images" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(sets.root / row["source"] / "images" / row["path"], target)
    return sets.row(name, path, **values) | {"sha256": row["sha256"]}


def check(seen):
    return check_duplicates(seen.mix, seen.alike)


def ids(result):
    return {finding.id: finding for finding in result.findings}


def test_no_repeated_bytes_no_finding(sets, looked):
    sets.write("a", [sets.row("a", f"{i}.png") for i in range(3)])
    assert check(looked(sets, "a")).findings == ()


def test_the_same_bytes_in_two_sets_are_one_group(sets, looked):
    first = sets.write("a", [sets.row("a", f"{i}.png", subject="x") for i in range(3)])
    sets.write("b", [copy_of(sets, "b", first[1], "z.png", subject="x")])
    result = check(looked(sets, "a", "b"))
    group = result.table("exact").iloc[0]
    assert (group["images"], group["datasets"], group["labels"]) == (2, "a, b", 1)
    assert ids(result)["duplicates.exact"].count == 1
    assert "duplicates.conflicting-labels" not in ids(result)


def test_other_labels_or_another_person_on_the_same_bytes_are_problems(sets, looked):
    first = sets.write("a", [sets.row("a", "1.png", subject="x")])
    sets.write("b", [copy_of(sets, "b", first[0], "1.png", subject="y", gender="female")])
    found = ids(check(looked(sets, "a", "b")))
    assert found["duplicates.conflicting-labels"].severity == "problem"
    assert found["duplicates.two-subjects"].rule == "leakage"


def test_a_bare_photo_carried_along_is_only_noted(sets, looked):
    first = sets.write("a", [sets.row("a", "1.png")])
    bare = copy_of(sets, "s", first[0], "1-bare.png", subject="1")
    sets.write("s", [bare | {"parent_id": first[0]["image_id"]}])
    found = ids(check(looked(sets, "a", "s")))
    assert list(found) == ["duplicates.bare-copies"]
    assert found["duplicates.bare-copies"].severity == "note"


def test_the_same_pixels_in_another_file_are_found(sets, looked, scene):
    plain, packed = scene(1), {"optimize": True}
    sets.write("a", [sets.row("a", "1.png", picture=plain, subject="x"),
                     sets.row("a", "2.png", picture=plain, save=packed, subject="x"),
                     sets.row("a", "3.png", picture=scene(2))])  # fmt: skip
    result = check(looked(sets, "a"))
    assert result.table("exact").empty
    assert result.table("pixels")["paths"].tolist() == ["a/1.png, a/2.png"]
    assert set(ids(result)) == {"duplicates.pixels"}


def changed(picture, how):
    width, height = picture.size
    return {
        "scaled": lambda: picture.resize((int(0.8 * width), int(0.8 * height))),
        "mirrored": lambda: picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        "turned": lambda: picture.transpose(Image.Transpose.ROTATE_90),
        "cropped": lambda: picture.crop((3, 3, width - 3, height - 3)),
    }[how]()


@pytest.mark.parametrize("how", ["scaled", "mirrored", "turned", "cropped"])
def test_a_changed_copy_is_a_near_duplicate_with_its_label_conflict(sets, looked, scene, how):
    sets.write("a", [sets.row("a", f"{i}.png", picture=scene(i)) for i in range(4)])
    again = sets.row("b", "z.jpg", picture=changed(scene(2), how), gender="female", subject="2")
    sets.write("b", [again | {"save": {"quality": 80}}])
    result = check(looked(sets, "a", "b"))
    near = result.table("near")
    assert near[["path", "other_path"]].to_numpy().tolist() == [["2.png", "z.jpg"]]
    assert near["similarity"].item() > 0.85
    assert set(ids(result)) == {"duplicates.near", "duplicates.conflicting-labels"}


def test_a_composite_is_no_duplicate_of_its_photo_or_its_siblings(sets, looked, scene):
    def patched(colour):
        picture = scene(1)
        picture.paste(colour, (40, 90, 60, 110))
        return picture

    photo = sets.write("a", [sets.row("a", "1.png", picture=scene(1))])[0]
    sets.write("s", [sets.composite("s", f"{colour}.png", photo, picture=patched(colour))
                     for colour in ("red", "blue")])  # fmt: skip
    assert check(looked(sets, "a", "s")).table("near").empty
    stranger = sets.row("b", "1.png", picture=patched("green"), subject="1")
    sets.write("b", [stranger])
    assert len(check(looked(sets, "a", "b")).table("near")) == 1


def test_what_was_made_of_two_photos_that_are_alike_does_not_repeat_it(sets, looked, scene):
    def patched(seed):
        picture = scene(1)
        picture.paste(scene(seed, 16, 14), (40, 90))
        return picture

    photos = sets.write("a", [sets.row("a", "1.png", picture=scene(1)),
                              sets.row("a", "2.jpg", picture=scene(1), subject="1")])  # fmt: skip
    sets.write("s", [sets.composite("s", f"{i}.png", photo, picture=patched(i))
                     for i, photo in enumerate(photos)])  # fmt: skip
    result = check(looked(sets, "a", "s"))
    near = result.table("near")
    assert near[["path", "other_path"]].to_numpy().tolist() == [["1.png", "2.jpg"]]
    assert "duplicates.conflicting-labels" not in ids(result)


def test_a_crowd_of_one_picture_is_one_group_without_comparing_all(sets, looked, scene):
    crowd = [sets.row("a", f"{i}.jpg", picture=scene(1), subject="x", save={"quality": 60 + i})
             for i in range(35)]  # fmt: skip
    sets.write("a", [*crowd, sets.row("a", "other.png", picture=scene(2))])
    seen = looked(sets, "a")
    assert seen.alike.group.nunique() == 2
    assert 34 <= len(seen.alike.pairs) < 35 * 34 / 2


def test_composites_that_others_made_are_no_duplicates_of_their_persons_photo(sets, looked, scene):
    def masked(number, colour):
        picture = scene(number)
        picture.paste(colour, (40, 90, 60, 110))
        return picture

    sets.write("a", [sets.row("a", f"{i}.png", picture=scene(i), subject=f"p{i}")
                     for i in (1, 2)])  # fmt: skip
    made = [
        sets.row("net", f"{kind}{i}.png", picture=masked(i, colour), subject=f"p{i}",
                 mask="worn", mask_origin="synthetic")
        for i in (1, 2)
        for kind, colour in (("x", "white"), ("y", "grey"))
    ]  # fmt: skip
    made[-1]["subject_id"] = "people:stranger"
    sets.write("net", made)
    near = check(looked(sets, "a", "net")).table("near")
    assert set(near["path"]) | set(near["other_path"]) <= {"2.png", "x2.png", "y2.png"}
    assert len(near) >= 1
