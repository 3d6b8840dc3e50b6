"""From faces without gender to a classifier taught by them, by the commands a user types."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image
from skimage import data

from ingest.dataset import Dataset

HAIR = {"male": (30, 20, 60), "female": (230, 190, 60)}
"""Colours that the run of `trained` tells apart."""
MIXED = range(32, 36)


def picture(number: int) -> Image.Image:
    """A real face below hair of one of the two colours, or of something between."""
    rng = np.random.default_rng(number)
    face = Image.fromarray(np.array(data.astronaut()[20:250, 110:300]))
    image = face.resize((178, 218))
    colours = [np.array(colour) for colour in HAIR.values()]
    share = 0.35 + 0.1 * (number - 32) if number in MIXED else number % 2
    hair = (1 - share) * colours[0] + share * colours[1]
    image.paste(tuple(hair.astype(int)), (0, 0, 178, 62 + int(rng.integers(-3, 4))))
    image.paste(tuple(int(x) for x in rng.integers(90, 200, 3)), (0, 200, 178, 218))
    return image


@pytest.fixture
def download(tmp_path):
    """A miniature in the layout of MegaAge-Asian."""
    base = tmp_path / "download" / "megaage_asian"
    for part, numbers in (("train", range(28)), ("test", range(28, 36))):
        (base / part).mkdir(parents=True)
        for number in numbers:
            picture(number).save(base / part / f"{number}.jpg", quality=95)
        (base / "list").mkdir(exist_ok=True)
        names = "".join(f"{number}.jpg\n" for number in numbers)
        (base / "list" / f"{part}_name.txt").write_text(names)
        (base / "list" / f"{part}_age.txt").write_text("44\n" * len(numbers))
    return tmp_path / "download"


@pytest.fixture
def typed(place, monkeypatch):
    """Run a command as typed, in the places that the environment names."""
    from ingest.cli import cli as ingest
    from maskcls.cli import cli as maskcls
    from synth.cli import cli as synth

    monkeypatch.setenv("MASKCLS_DATA", str(place / "data"))
    monkeypatch.setenv("MASKCLS_RUNS", str(place / "runs"))
    commands = {"ingest": ingest, "synth": synth, "maskcls": maskcls}

    def run(line: str, *more: str):
        command, *arguments = line.split()
        result = CliRunner().invoke(commands[command], [*arguments, *more])
        assert result.exit_code == 0, result.output
        return result

    return run


def test_faces_without_gender_teach_it_where_a_model_was_sure(typed, place, download):
    typed("ingest pull megaage_asian --purpose research --accept megaage_asian --from",
          str(download))  # fmt: skip
    typed("synth pseudo-gender --src megaage_asian")
    typed("synth masks --src megaage_asian --incorrect chin,nose --per-image 1")
    faces = Dataset(place / "data" / "megaage_asian").records().set_index("image_id")
    made = Dataset(place / "data" / "synth_v1").records()
    assert set(made["gender_origin"].dropna()) == {"pseudo"}
    assert made["gender"].isna().sum() == faces["gender"].isna().sum()
    limit = float(faces["gender_confidence"].median())
    sure = faces.index[faces["gender_confidence"].fillna(0) >= limit]
    assert 0 < len(sure) < len(faces)
    tiny = ("--set", "model.backbone=test_resnet", "--set", "data.size=32", "--set",
            "train.epochs=1", "--folds", "2", "--no-pretrained", "--name", "chained")  # fmt: skip
    typed("maskcls train --data taught --extra synth_v1 --target gender --purpose research", *tiny,
          "--set", f"mixing.min_confidence={limit}")  # fmt: skip
    rows = pd.read_parquet(place / "runs" / "chained" / "rows.parquet")
    assert set(rows.loc[rows["dataset"] == "synth_v1", "parent_id"]) == set(sure)
    lineage = json.loads((place / "runs" / "chained" / "lineage.json").read_text())
    taught_by = {part["name"]: part for part in lineage["datasets"]}["synth_v1"]
    assert taught_by["n_without_label"] == len(faces) - len(sure)
    assert lineage["purpose"] == "research"
