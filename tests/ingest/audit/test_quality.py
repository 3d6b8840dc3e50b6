import numpy as np
import pytest
from PIL import Image, ImageFilter
from skimage import data

from ingest.audit.face_check import find_faces
from ingest.audit.quality import check_quality


def unwatched(items, _total, _label):
    return items


def poor_ones(scene):
    """One picture for each limit that needs no face, by its word."""
    glaring = scene(20)
    glaring.paste("white", (0, 0, 120, 80))
    return {
        "blurred": scene(21).filter(ImageFilter.GaussianBlur(5)),
        "dark": scene(22).point(lambda value: value // 8),
        "bright": scene(23).point(lambda value: 225 + value // 9),
        "glare": glaring,
        "flat": scene(24).point(lambda value: 100 + value // 12),
        "small": scene(25, 40, 50),
        "aspect": scene(26, 300, 100),
    }


def named(result):
    poor = result.table("poor")
    return {limit: set(part["path"]) for limit, part in poor.groupby("limit")}


def test_sound_pictures_break_no_limit(sets, looked, scene):
    sets.write("a", [sets.row("a", f"{i}.png", picture=scene(i)) for i in range(5)])
    seen = looked(sets, "a")
    assert check_quality(seen.mix, seen.measures).findings == ()


def test_every_way_to_be_poor_is_found(sets, looked, scene):
    poor = poor_ones(scene)
    rows = [sets.row("a", f"{i}.png", picture=scene(i)) for i in range(3)]
    rows += [sets.row("a", f"{word}.png", picture=picture) for word, picture in poor.items()]
    sets.write("a", rows)
    seen = looked(sets, "a")
    result = check_quality(seen.mix, seen.measures)
    found = named(result)
    for word in poor:
        assert f"{word}.png" in found[word], word
    assert not {f"{i}.png" for i in range(3)} & set().union(*found.values())
    assert {finding.rule for finding in result.findings} == {"quality"}
    assert all(row.pictures for row in result.pictures)


def test_a_recorded_face_that_is_tiny_is_found(sets, looked, scene):
    box = {"face_x0": 10, "face_y0": 10, "face_x1": 40, "face_y1": 45}
    sets.write("a", [sets.row("a", "1.png", picture=scene(1), **box)])
    seen = looked(sets, "a")
    assert named(check_quality(seen.mix, seen.measures)) == {"small-face": {"1.png"}}


@pytest.fixture
def astronaut():
    return Image.fromarray(data.astronaut()[0:300, 80:380])


def test_faces_are_counted_and_cut_off_ones_found(sets, looked, scene, astronaut):
    two = Image.new("RGB", (600, 300))
    two.paste(astronaut, (0, 0))
    two.paste(astronaut, (300, 0))
    pictures = {
        "one": astronaut,
        "two": two,
        "none": scene(1, 300, 300),
        "cut": astronaut.crop((0, 0, 155, 300)),
    }
    sets.write("a", [sets.row("a", f"{name}.png", picture=picture)
                     for name, picture in pictures.items()])  # fmt: skip
    seen = looked(sets, "a")
    faces = find_faces(seen.mix, seen.files, unwatched)
    again = find_faces(seen.mix, seen.files, unwatched)
    assert faces.equals(again)
    assert faces["faces"].tolist()[:3] == [1, 2, 0]
    found = named(check_quality(seen.mix, seen.measures, faces))
    assert found["several-faces"] == {"two.png"}
    assert found["no-face"] == {"none.png"}
    assert found["cut-off"] == {"cut.png"}
    assert "one.png" not in set().union(*found.values())
    assert np.isnan(faces["turn"].iloc[2])


def test_faces_behind_composed_masks_are_not_looked_for(sets, looked, scene):
    photos = sets.write("a", [sets.row("a", "1.png", picture=scene(1))])
    sets.write("s", [sets.composite("s", "1.png", photos[0], picture=scene(2))])
    seen = looked(sets, "a", "s")
    faces = find_faces(seen.mix, seen.files, unwatched)
    assert seen.mix.records.loc[faces.index, "dataset"].tolist() == ["a"]
    assert named(check_quality(seen.mix, seen.measures, faces))["no-face"] == {"1.png"}
