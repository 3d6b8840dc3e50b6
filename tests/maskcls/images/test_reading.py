from dataclasses import replace

import numpy as np
import pytest
import skimage
from PIL import Image

from ingest.image_check import ImageRejected
from maskcls.config.read import build_config
from maskcls.config.recipes import load_recipe
from maskcls.config.sections import DataConfig
from maskcls.data.samplers import Draw
from maskcls.images.loading import TrainingImages
from maskcls.images.reading import ImageStore, read_image, read_many

SQUARE = DataConfig(size=(40, 40))
NO_BOX = np.full((3, 4), np.nan)


@pytest.fixture
def halves(tmp_path):
    """Left half red, right half blue; stored turned, with the EXIF tag that turns it back."""
    pixels = np.zeros((60, 80, 3), dtype=np.uint8)
    pixels[:, :40, 0] = pixels[:, 40:, 2] = 255
    exif = Image.Exif()
    exif[0x0112] = 8
    turned = Image.fromarray(pixels).transpose(Image.Transpose.ROTATE_270)
    turned.save(tmp_path / "halves.png", exif=exif)
    return tmp_path / "halves.png"


def test_exif_orientation_is_honoured(halves):
    image = read_image(halves, SQUARE)
    assert image.shape == (40, 40, 3)
    assert image[20, 5].tolist() == [255, 0, 0]
    assert image[20, 35].tolist() == [0, 0, 255]


def test_face_crop_takes_the_box_with_its_margin(halves):
    config = DataConfig(size=(40, 40), crop="face", margin=0.0)
    image = read_image(halves, config, (50, 20, 70, 40))
    assert (image == [0, 0, 255]).all()


def bad_files(folder):
    (folder / "text.jpg").write_text("I am no image")
    (folder / "empty.jpg").write_bytes(b"")
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (30_000).to_bytes(4, "big") * 2 + b"\x08\2\0\0\0"
    (folder / "huge.png").write_bytes(header + b"\0" * 16)
    return [folder / name for name in ("text.jpg", "empty.jpg", "huge.png", "missing.jpg")]


def test_bad_files_are_refused_with_a_reason(tmp_path):
    for path in bad_files(tmp_path):
        with pytest.raises(ImageRejected, match=r"\w"):
            read_image(path, SQUARE)


@pytest.mark.parametrize("cache_mb", [0, 64])
def test_store_lists_what_it_cannot_read_and_gives_the_rest(tmp_path, halves, cache_mb):
    config = DataConfig(size=(40, 40), cache_mb=cache_mb)
    files = [str(halves), *map(str, bad_files(tmp_path)[:1]), str(halves)]
    store = ImageStore(files, NO_BOX, config)
    assert list(store.read_all()) == [1]
    kept = store.only(np.array([0, 2]))
    assert (kept.kept is None) == (cache_mb == 0)
    np.testing.assert_array_equal(kept[1], read_image(halves, config))


def test_reading_many_keeps_positions(tmp_path, halves):
    files = [str(tmp_path / "none.png"), str(halves), str(halves)]
    images, positions, reasons = read_many(files, NO_BOX, SQUARE)
    assert positions == [1, 2]
    assert len(images) == 2
    assert list(reasons) == [0]


def test_augmentation_follows_from_the_seed_and_does_not_touch_the_cache(halves):
    config = build_config(load_recipe("default").settings, "default")
    store = ImageStore([str(halves)], NO_BOX[:1], config.data)
    store.read_all()
    before = store[0].copy()
    images = TrainingImages(store, config)
    first, again, other = (images[Draw(0, seed)][0] for seed in (1, 1, 2))
    assert first.shape == (3, *config.data.size)
    assert (first == again).all()
    assert (first != other).any()
    np.testing.assert_array_equal(store[0], before)


def test_background_is_removed_before_the_crop(tmp_path):
    path = tmp_path / "photo.png"
    Image.fromarray(skimage.data.astronaut()).save(path)
    kept = DataConfig(size=(64, 64), crop="rectangle", rectangle=(0, 256, 256, 512))
    removed = replace(kept, background="removed")
    corner = read_image(path, removed)[:10, 40:]
    assert np.abs(corner.astype(int) - 127).max() <= 3
    assert np.abs(read_image(path, kept)[:10, 40:].astype(int) - 127).max() > 20
