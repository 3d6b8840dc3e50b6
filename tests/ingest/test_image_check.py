import hashlib
import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ingest.image_check import ImageRejected, check_image


def test_a_sound_image_gives_its_facts(tmp_path, draw):
    path = tmp_path / "x.jpg"
    path.write_bytes(draw((40, 48)))
    facts = check_image(path)
    assert (facts.width, facts.height) == (40, 48)
    assert facts.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("orientation, expected", [(1, (40, 48)), (3, (40, 48)), (6, (48, 40)),
                                                   (8, (48, 40))])  # fmt: skip
def test_the_size_is_that_after_exif_orientation(tmp_path, draw, orientation, expected):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "x.jpg"
    path.write_bytes(draw((40, 48), exif=exif))
    facts = check_image(path)
    assert (facts.width, facts.height) == expected


def test_dates_of_exposure_and_of_editing_are_told_apart(tmp_path, draw):
    exif = Image.Exif()
    exif[0x0132] = "2009:02:06 12:30:04"
    exif.get_ifd(0x8769)[0x9003] = "2008:11:18 01:08:43\x00"
    path = tmp_path / "x.jpg"
    path.write_bytes(draw(exif=exif))
    assert check_image(path).fields == {
        "exif_taken": "2008:11:18 01:08:43", "exif_edited": "2009:02:06 12:30:04",
    }  # fmt: skip


def test_each_bad_file_is_rejected_with_its_reason(tmp_path, bad_images):
    for name, (content, reason) in bad_images.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(ImageRejected) as caught:
            check_image(path)
        assert reason in str(caught.value), name


def test_a_bomb_is_rejected_without_being_decoded(tmp_path, bad_images):
    path = tmp_path / "huge.png"
    path.write_bytes(bad_images["huge.png"][0])
    tracemalloc.start()
    with pytest.raises(ImageRejected):
        check_image(path)
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


KINDS = [("CMYK", "JPEG"), ("L", "JPEG"), ("P", "PNG"), ("I;16", "PNG"), ("RGBA", "PNG"),
         ("1", "PNG"), ("P", "GIF"), ("RGB", "WEBP"), ("RGB", "BMP"), ("RGB", "TIFF")]  # fmt: skip


@pytest.mark.parametrize("mode, kind", KINDS)
def test_images_of_every_kind_are_taken(tmp_path, mode, kind):
    path = tmp_path / "x"
    Image.new(mode, (9, 7)).save(path, kind)
    facts = check_image(path)
    assert (facts.width, facts.height) == (9, 7)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "TIFF", "BMP", "WEBP"])
@settings(max_examples=40)
@given(data=st.data())
def test_a_damaged_file_is_taken_or_rejected_but_never_breaks(tmp_path_factory, kind, data):
    stream = io.BytesIO()
    Image.linear_gradient("L").resize((24, 24)).convert("RGB").save(stream, kind)
    content = bytearray(stream.getvalue())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("fuzz") / "x"
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        facts = check_image(path)
    except ImageRejected:
        return
    assert facts.width > 0
