"""Faults planted among the real portraits are found, and few that are none."""

import hashlib
import json

import numpy as np
import pytest
from PIL import Image

from ingest.audit.files import read_files
from ingest.audit.measures import measure_mix
from ingest.audit.mix import open_mix
from ingest.audit.near import find_alike, near_table
from ingest.records import image_id, records_frame, write_records

CHANGES = ("scaled", "mirrored", "cropped", "compressed", "all of it")


def unwatched(items, _total, _label):
    return items


def changed(image, how):
    everything = how == "all of it"
    if how == "scaled" or everything:
        image = image.resize((round(0.8 * image.width), round(0.8 * image.height)))
    if how == "mirrored" or everything:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if how == "cropped" or everything:
        image = image.crop((6, 6, image.width - 6, image.height - 6))
    return image, 70 if how == "compressed" or everything else 95


def write_set(root, name, paths):
    rows = []
    for path in paths:
        with Image.open(path) as image:
            size = {"width": image.width, "height": image.height}
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        rows.append({"image_id": image_id(name, path.name), "path": path.name, "source": name,
                     "subject_id": f"{name}:{path.stem}", "license": "CC0-1.0", "sha256": digest,
                     **size})  # fmt: skip
    folder = root / name
    folder.mkdir(exist_ok=True)
    write_records(records_frame(rows), folder / "records.parquet")
    (folder / "dataset.json").write_text(json.dumps({"maskcls": {"purpose": "research"}}))


@pytest.mark.portraits
def test_thirty_near_duplicates_among_the_portraits(portraits, tmp_path):
    photos = sorted((portraits / "congress").rglob("*.jpg"))
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "images").symlink_to(photos[0].parent)
    write_set(tmp_path, "real", photos)
    images = tmp_path / "planted" / "images"
    images.mkdir(parents=True)
    chosen = np.random.default_rng(7).choice(len(photos), 30, replace=False)
    expected = set()
    for number, index in enumerate(chosen):
        with Image.open(photos[index]) as image:
            picture, quality = changed(image.convert("RGB"), CHANGES[number % len(CHANGES)])
        picture.save(images / f"{number}.jpg", quality=quality)
        expected.add(frozenset({photos[index].name, f"{number}.jpg"}))
    write_set(tmp_path, "planted", sorted(images.iterdir()))
    mix = open_mix(tmp_path, ["real", "planted"])
    measures = measure_mix(mix, read_files(mix, unwatched), unwatched)
    table = near_table(mix, find_alike(mix, measures, unwatched).pairs)
    pairs = {frozenset(pair) for pair in zip(table["path"], table["other_path"], strict=True)}
    assert len(pairs & expected) >= 28
    assert len(pairs - expected) <= 5
