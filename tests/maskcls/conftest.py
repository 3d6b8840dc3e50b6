"""Drawn people: small record sets whose faces and masks are ellipses and rectangles."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ingest.card import write_card
from ingest.dataset import Dataset
from ingest.records import image_id, records_frame, write_records

SIZE = (48, 60)
MASK_BOX = {"worn": (12, 30, 36, 50), "incorrect": (12, 46, 36, 58)}
AGES = (20.0, 45.0, 70.0)


def draw_person(number: int, mask: str = "not_worn", seed: int = 0) -> Image.Image:
    """Draw a face: gender by hair colour, age by skin, the mask as a blue rectangle."""
    rng = np.random.default_rng([number, seed])
    grey = int(rng.integers(150, 230))
    image = Image.new("RGB", SIZE, (grey, grey, grey))
    pen = ImageDraw.Draw(image)
    pen.rectangle((8, 4, 40, 24), fill=(30, 20, 10) if number % 2 else (220, 190, 60))
    tone = 230 - 50 * (number // 2 % 3)
    pen.ellipse((10, 8, 38, 54), fill=(tone, tone - 40, tone - 60))
    pen.ellipse((16, 24, 20, 28), fill="black")
    pen.ellipse((28, 24, 32, 28), fill="black")
    if mask in MASK_BOX:
        jitter = rng.integers(-1, 2, size=4)
        box = tuple(int(edge + j) for edge, j in zip(MASK_BOX[mask], jitter, strict=True))
        pen.rectangle(box, fill=(40, 90, 200))
    return image


class People:
    """Make record sets of drawn people below a data root."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name, rows, license="CC0-1.0", **details):
        """Write rows ({number, mask, ...}); each draws one image."""
        dataset = Dataset(self.root / name)
        dataset.images.mkdir(parents=True, exist_ok=True)
        table = [self._record(dataset, dict(row), license) for row in rows]
        frame = records_frame(table)
        write_records(frame, dataset.records_path)
        details = {"purpose": "commercial", **details}
        write_card(dataset, frame, title=name, description="Drawn.", details=details)
        return dataset

    def _record(self, dataset, row, license):
        number, seed = row.pop("number"), row.pop("seed", 0)
        mask = row.pop("drawn", row.get("mask") or "not_worn")
        path = row.setdefault("path", f"{number:04d}_{mask}_{seed}.png")
        file = dataset.images / path
        draw_person(number, mask, seed).save(file)
        return {
            "image_id": image_id(dataset.name, path),
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "width": SIZE[0],
            "height": SIZE[1],
            "source": dataset.name,
            "subject_id": f"drawn:{number}",
            "mask_origin": "label",
            "gender": ("male", "female")[number % 2],
            "gender_origin": "label",
            "age": AGES[number // 2 % 3],
            "age_origin": "label",
            "license": license,
            **row,
        }

    def bare(self, name="real", people=range(12), **options):
        """A real set: one bare photo per person."""
        return self.write(name, [{"number": n, "mask": "not_worn"} for n in people], **options)

    def every_mask(self, name="real", people=range(12), **options):
        """A real set: every person bare, worn and incorrect."""
        masks = ("not_worn", "worn", "incorrect")
        rows = [{"number": n, "mask": m} for n in people for m in masks]
        return self.write(name, rows, **options)

    def composites(self, name="synth_v1", of="real", people=range(12), bare=False, **options):
        """Composites of the people of a real set, worn and incorrect."""
        rows = []
        for number in people:
            about = {
                "number": number,
                "seed": 1,
                "parent_id": image_id(of, f"{number:04d}_not_worn_0.png"),
            }
            for mask in ("worn", "incorrect"):
                rows.append({**about, "mask": mask, "mask_origin": "synthetic"})
            if bare:
                rows.append({**about, "seed": 0, "mask": "not_worn", "mask_origin": "assumed"})
        return self.write(name, rows, **options)


@pytest.fixture(scope="session")
def drawn_people():
    """The class that writes sets of drawn people, for fixtures that outlive a test."""
    return People


@pytest.fixture
def people(tmp_path):
    return People(tmp_path / "data")


@pytest.fixture
def runs(tmp_path):
    return tmp_path / "runs"


@pytest.fixture
def maskcls(people, runs):
    """Run the command line in this process; give its result."""
    from click.testing import CliRunner

    from maskcls.cli import cli

    def invoke(*arguments):
        places = ["--root", str(people.root), "--runs", str(runs)]
        extra = places if arguments[0] in ("train", "predict", "evaluate") else []
        return CliRunner().invoke(cli, [*map(str, arguments), *extra])

    return invoke


TINY = (
    "--no-pretrained", "--set", "model.backbone=test_resnet", "--set", "data.size=32",
    "--set", "train.batch_size=8",
)  # fmt: skip


@pytest.fixture
def tiny():
    """Options that make training small."""
    return TINY


class PowerCut(BaseException):
    """Nothing is saved after it, as after SIGKILL."""


@pytest.fixture
def cut_at(monkeypatch):
    """Stop training at a batch of an epoch, once; give the epochs of all batches trained."""
    from maskcls.training.learner import Learner

    plain, epochs = Learner.training_step, []

    def cut(epoch, batch):
        waiting = [True]

        def step(self, images, batch_index):
            if waiting and (self.current_epoch, batch_index) == (epoch, batch):
                waiting.clear()
                raise PowerCut
            epochs.append(self.current_epoch)
            return plain(self, images, batch_index)

        monkeypatch.setattr(Learner, "training_step", step)
        return epochs

    cut.error = PowerCut
    return cut
