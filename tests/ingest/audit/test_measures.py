import io
import sqlite3

import numpy as np
import pytest
from PIL import Image

from ingest.audit import measures as measuring
from ingest.audit.files import read_files
from ingest.audit.measures import measure_mix
from ingest.audit.mix import open_mix
from ingest.audit.pictures import (
    jpeg_quality,
    lower_noise,
    measure_picture,
    sharpness,
    view_hashes,
)


def unwatched(items, _total, _label):
    return items


class Counter:
    """Watches, and tells how much was measured."""

    def __init__(self):
        self.measured = 0

    def __call__(self, items, total, label):
        for item in items:
            self.measured += label == "measuring pictures"
            yield item


def measure(sets, watch=unwatched):
    mix = open_mix(sets.root, ["a"])
    return measure_mix(mix, read_files(mix, unwatched), watch)


def test_what_was_measured_is_not_measured_again(sets, scene):
    sets.write("a", [sets.row("a", f"{i}.png", picture=scene(i)) for i in range(5)])
    first, again = Counter(), Counter()
    one, two = measure(sets, first), measure(sets, again)
    assert (first.measured, again.measured) == (5, 0)
    assert one.facts.drop(columns="picture").equals(two.facts.drop(columns="picture"))
    assert np.array_equal(one.hashes[one.facts["picture"]], two.hashes[two.facts["picture"]])


def test_an_interrupted_run_goes_on_where_it_stood(sets, scene, monkeypatch):
    class Interrupted(KeyboardInterrupt):
        pass

    def stopping(items, _total, label):
        for count, item in enumerate(items):
            if label == "measuring pictures" and count == 3:
                raise Interrupted
            yield item

    sets.write("a", [sets.row("a", f"{i}.png", picture=scene(i)) for i in range(5)])
    with pytest.raises(Interrupted):
        measure(sets, stopping)
    rest = Counter()
    assert len(measure(sets, rest).facts) == 5
    assert rest.measured == 2


def test_a_damaged_cache_is_begun_anew(sets, scene):
    sets.write("a", [sets.row("a", "1.png", picture=scene(1))])
    measure(sets)
    cache = sets.root / ".audit" / f"{measuring._NAME}.sqlite"
    with sqlite3.connect(cache) as connection:
        assert connection.execute("select count(*) from measured").fetchone() == (1,)
    cache.write_bytes(b"no database at all" * 99)
    assert len(measure(sets).facts) == 1


def test_a_changed_file_is_not_taken_for_the_recorded_one(sets, scene):
    rows = sets.write("a", [sets.row("a", f"{i}.png", picture=scene(i)) for i in range(2)])
    measure(sets)
    scene(9).save(sets.root / "a" / "images" / rows[0]["path"], "PNG")
    assert measure(sets).facts.index.tolist() == [1]


@pytest.mark.parametrize("quality", [30, 50, 75, 90, 95])
def test_quality_is_read_from_the_quantisation_table(scene, quality):
    buffer = io.BytesIO()
    scene(1).save(buffer, "JPEG", quality=quality)
    assert jpeg_quality(Image.open(buffer)) == pytest.approx(quality, abs=1)


def test_a_picture_without_a_table_has_no_quality(scene):
    assert np.isnan(jpeg_quality(scene(1)))


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (2000, 7)])
@pytest.mark.parametrize("mode", ["RGB", "P", "RGBA", "1"])
def test_pictures_of_any_shape_and_mode_are_measured(tmp_path, size, mode):
    path = tmp_path / "x.png"
    Image.new("RGB", size, "orange").convert(mode).save(path)
    facts, hashes = measure_picture(path)
    assert hashes.shape == (10, 4)
    assert np.isfinite([facts.brightness, facts.sharpness, facts.lower_noise]).all()


def test_blur_lowers_sharpness_and_noise_below_raises_lower_noise():
    rng = np.random.default_rng(0)
    luma = rng.integers(0, 255, (200, 160)).astype(np.uint8)
    smooth = np.repeat(np.repeat(luma[::10, ::10], 10, 0), 10, 1)
    assert sharpness(smooth) < sharpness(luma) / 5
    assert abs(lower_noise(luma)) < 0.1
    smooth[100:] = luma[100:]
    assert lower_noise(smooth) > 2


def test_the_hashes_of_a_turned_picture_are_those_of_the_turned_view(scene):
    square = scene(1, 64, 64).convert("L")
    views = view_hashes(square)
    mirrored = view_hashes(square.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    assert views.shape == (10, 4)
    assert np.array_equal(mirrored[0], views[1])
    assert np.array_equal(mirrored[1], views[0])
