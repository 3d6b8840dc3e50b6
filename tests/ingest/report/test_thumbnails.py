import base64
import io

import pytest
from PIL import Image

from ingest.report.thumbnails import data_uri


def decoded(uri: str) -> Image.Image:
    head, _, body = uri.partition(",")
    assert head == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(body)))


def test_a_picture_is_small_upright_and_jpeg(tmp_path):
    image = Image.new("RGB", (800, 400), "blue")
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.jpg", exif=exif)
    assert decoded(data_uri(tmp_path / "a.jpg", longest=100)).size == (50, 100)


def test_the_face_fills_the_frame(tmp_path):
    image = Image.new("RGB", (1000, 1000), "blue")
    image.paste("red", (500, 500, 600, 600))
    image.save(tmp_path / "a.png")
    shown = decoded(data_uri(tmp_path / "a.png", face=(500, 500, 600, 600)))
    assert shown.size == (240, 240)
    red, _, blue = shown.getpixel((120, 120))
    assert red > 200 > 60 > blue


@pytest.mark.parametrize("content", [b"", b"text", b"\x89PNG\r\n\x1a\n broken"])
def test_what_cannot_be_decoded_gives_nothing(tmp_path, content):
    path = tmp_path / "a.png"
    path.write_bytes(content)
    assert data_uri(path) == ""
    assert data_uri(tmp_path / "missing.png") == ""


def test_transparency_is_laid_over_white(tmp_path):
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(tmp_path / "a.png")
    assert min(decoded(data_uri(tmp_path / "a.png")).getpixel((10, 10))) > 240
