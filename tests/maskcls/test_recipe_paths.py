"""Every recipe's whole way with a tiny network: trained, cut short, resumed, scored, handed on."""

import io
import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from maskcls.cli import cli
from maskcls.config.recipes import recipe_names
from maskcls.runs.folder import Run

SMALL = ("--no-pretrained", "--folds", "2", "--stand-in", "--data", "standin",
         "--set", "model.backbone=test_resnet", "--set", "data.size=32",
         "--set", "train.batch_size=6", "--set", "train.epochs=2")  # fmt: skip
SAID = "stand-in, not real"


class Place:
    """A data root with a stand-in set, a folder of runs, and the command line on both."""

    def __init__(self, folder: Path) -> None:
        self.root, self.runs = folder / "data", folder / "runs"

    def __call__(self, *arguments):
        places = ["--runs", self.runs]
        if arguments[0] not in ("ensemble", "export"):
            places += ["--root", self.root]
        return CliRunner().invoke(cli, [str(a) for a in (*arguments, *places)])

    def said(self, *arguments):
        result = self(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout


@pytest.fixture(scope="module")
def place(drawn_people, tmp_path_factory):
    """Composites and bare photos of drawn people, and a run of the default recipe on them."""
    made = Place(tmp_path_factory.mktemp("recipes"))
    people = drawn_people(made.root)
    people.bare("photos", people=range(8))
    people.composites("standin", of="photos", people=range(8), bare=True)
    made.said("train", *SMALL, "--set", "train.seed=1", "--name", "other")
    return made


@pytest.mark.parametrize("recipe", recipe_names())
def test_recipe_goes_its_whole_way(place, recipe, cut_at, tmp_path):
    epochs = cut_at(1, 0)
    with pytest.raises(cut_at.error):
        place("train", "--recipe", recipe, *SMALL, "--name", recipe)
    assert not Run(place.runs / recipe).finished
    epochs.clear()
    assert SAID in place.said("train", "--resume", "--name", recipe)
    assert epochs[0] == 1
    assert len(Run(place.runs / recipe).table("oof.parquet")) == 24
    scores = json.loads(place.said("evaluate", recipe))
    assert scores["note"] == SAID
    assert scores["scores"]["cells"]["n_images"] == 24
    both = f"{recipe}_and_other"
    assert SAID in place.said("ensemble", recipe, "other", "--name", both)
    table = pd.read_csv(io.StringIO(place.said("predict", both, "photos")))
    assert len(table) == 8
    out = tmp_path / "exported"
    place.said("export", recipe, "--format", "exported-program", "--out", out)
    assert SAID in (out / "model_card.md").read_text()
    assert list(out.glob("*.pt2"))
