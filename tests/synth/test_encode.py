"""Files: a composite is compressed as its photo was, upright, and a grey one stays grey."""

import io

import numpy as np
import pytest
from PIL import Image, JpegImagePlugin

from ingest.images import open_image, upright_rgb
from synth.encode import Encoding


def opened(image: np.ndarray, kind: str, **how) -> Image.Image:
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, kind, **how)
    stream.seek(0)
    return open_image(stream)


def colourful() -> np.ndarray:
    rng = np.random.default_rng(0)
    blocks = rng.integers(0, 256, (12, 10, 3), dtype=np.uint8)
    return np.kron(blocks, np.ones((8, 8, 1), np.uint8))


@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("quality", [40, 75, 92, 100])
def test_jpeg_keeps_its_tables_and_subsampling(quality, subsampling):
    photo = opened(colourful(), "JPEG", quality=quality, subsampling=subsampling)
    again = Image.open(io.BytesIO(Encoding.of(photo).encode(colourful())))
    assert again.format == "JPEG"
    assert again.quantization == photo.quantization
    assert JpegImagePlugin.get_sampling(again) == subsampling


def test_unchanged_jpeg_pixels_come_back_nearly_unchanged():
    photo = opened(colourful(), "JPEG", quality=90, subsampling=0)
    pixels = upright_rgb(photo)
    again = upright_rgb(open_image(io.BytesIO(Encoding.of(photo).encode(pixels))))
    assert np.abs(again.astype(int) - pixels).mean() < 1.0


def test_grey_jpeg_stays_a_grey_jpeg():
    photo = opened(colourful()[..., 0], "JPEG", quality=80)
    encoding = Encoding.of(photo)
    again = Image.open(io.BytesIO(encoding.encode(upright_rgb(photo))))
    assert again.mode == "L"
    assert again.quantization[0] == photo.quantization[0]


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF"])
def test_lossless_photo_becomes_a_lossless_png(kind):
    photo = opened(colourful(), kind)
    encoding = Encoding.of(photo)
    assert encoding.suffix == ".png"
    again = Image.open(io.BytesIO(encoding.encode(colourful())))
    assert again.format == "PNG"
    np.testing.assert_array_equal(np.asarray(again), colourful())


def test_grey_png_stays_grey():
    photo = opened(colourful()[..., 1], "PNG")
    again = Image.open(io.BytesIO(Encoding.of(photo).encode(upright_rgb(photo))))
    assert again.mode == "L"


def test_cmyk_jpeg_is_written_as_rgb():
    stream = io.BytesIO()
    Image.fromarray(colourful()).convert("CMYK").save(stream, "JPEG")
    stream.seek(0)
    photo = open_image(stream)
    again = Image.open(io.BytesIO(Encoding.of(photo).encode(upright_rgb(photo))))
    assert (again.format, again.mode) == ("JPEG", "RGB")


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_orientation_is_turned_upright_and_not_written_again(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    tall = colourful()
    photo = opened(tall, "JPEG", quality=95, subsampling=0, exif=exif)
    upright = upright_rgb(photo)
    assert (upright.shape[:2] == tall.shape[:2]) == (orientation in (1, 3))
    again = Image.open(io.BytesIO(Encoding.of(photo).encode(upright)))
    assert again.getexif().get(0x0112, 1) == 1
    assert again.size == upright.shape[1::-1]


def test_same_pixels_give_the_same_bytes():
    encoding = Encoding.of(opened(colourful(), "JPEG", quality=77))
    assert encoding.encode(colourful()) == encoding.encode(colourful().copy())
