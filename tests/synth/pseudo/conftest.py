"""Drawn people whose gender is the colour of their hair, and one run that has learnt it."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageDraw

from ingest.card import write_card
from ingest.dataset import Dataset
from ingest.records import image_id, records_frame, write_records

GENDERS = ("male", "female")
TRAINED = 200


def draw(number: int) -> Image.Image:
    """A face with dark (male) or fair hair (female)."""
    rng = np.random.default_rng(number)
    image = Image.new("RGB", (40, 48), (int(rng.integers(140, 200)),) * 3)
    pen = ImageDraw.Draw(image)
    shift = int(rng.integers(-2, 3))
    pen.point([(int(x), 47) for x in rng.integers(0, 40, 12)], fill="black")  # no two files alike
    pen.rectangle((6 + shift, 2, 34, 22), fill=(230, 190, 60) if number % 2 else (30, 20, 60))
    pen.ellipse((9, 8 + shift, 31, 46), fill=(220, 180, 160))
    return image


def write_people(
    root: Path, name: str, numbers, license="CC0-1.0", purpose="commercial", **columns
):
    """Write a set of drawn people; columns given replace those of the record."""
    dataset = Dataset(root / name)
    dataset.images.mkdir(parents=True)
    rows = []
    for number in numbers:
        path = f"{number}.png"
        draw(number).save(dataset.images / path)
        digest = hashlib.sha256((dataset.images / path).read_bytes()).hexdigest()
        rows.append({
            "image_id": image_id(name, path), "sha256": digest, "path": path, "width": 40,
            "height": 48, "source": name, "subject_id": f"{name}:{number}", "mask": "not_worn",
            "mask_origin": "assumed", "gender": GENDERS[number % 2], "gender_origin": "label",
            "age": 45.0, "age_origin": "label", "license": license,
            **{key: value(number) if callable(value) else value for key, value in columns.items()},
        })  # fmt: skip
    frame = records_frame(rows)
    write_records(frame, dataset.records_path)
    write_card(dataset, frame, title=name, description="Drawn.", details={"purpose": purpose})
    return dataset


@pytest.fixture(name="write_people")
def fixture_write_people(place):
    """`write_people` below the data root of `place`."""

    def write(name, numbers, **options):
        return write_people(place / "data", name, numbers, **options)

    return write


@pytest.fixture
def unlabelled(write_people):
    """A set of other drawn people, without gender."""
    numbers = range(TRAINED, TRAINED + 60)
    return write_people("faces", numbers, gender=None, gender_origin=None)


@pytest.fixture(scope="session")
def trained(tmp_path_factory) -> Path:
    """Folder with ``data`` and ``runs``: a run of two folds that tells hair colours apart."""
    import torch

    from maskcls.cli import cli

    torch.set_num_threads(1)  # more only get in each other's way on pictures this small
    folder = tmp_path_factory.mktemp("trained")
    write_people(folder / "data", "taught", range(TRAINED))
    options = (
        "--target", "gender", "--data", "taught", "--folds", "2", "--no-pretrained", "--name", "g",
        "--set", "model.backbone=test_resnet", "--set", "data.size=32", "--set", "train.epochs=4",
        "--set", "transforms.train=[]",
        "--root", str(folder / "data"), "--runs", str(folder / "runs"),
    )  # fmt: skip
    result = CliRunner().invoke(cli, ["train", *options])
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def place(trained, tmp_path) -> Path:
    """A copy of what `trained` made, to change at will."""
    return Path(shutil.copytree(trained, tmp_path / "place"))


@pytest.fixture
def synth(place):
    """Run the command line on `place`; give its result."""
    from synth.cli import cli

    def invoke(*arguments):
        places = ["--root", str(place / "data"), "--runs", str(place / "runs")]
        return CliRunner().invoke(cli, ["pseudo-gender", *map(str, arguments), *places])

    return invoke
