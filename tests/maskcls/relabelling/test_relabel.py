"""The command on drawn people with planted errors: found, reviewed, corrected, undone."""

import csv
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from ingest.cli import cli as ingest
from ingest.dataset import Dataset

FLIPPED = range(3, 150, 19)
OTHER = {"male": "female", "female": "male"}


@pytest.fixture(scope="module")
def flipped(tmp_path_factory, drawn_people) -> Path:
    """Folder with a set of 150 drawn people, 8 of them under the wrong gender, and a run on it."""
    import torch

    from maskcls.cli import cli

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("flipped")
    rows = [{"number": number, "mask": "not_worn"} for number in range(150)]
    for number in FLIPPED:
        rows[number]["gender"] = ("female", "male")[number % 2]
    drawn_people(folder / "data").write("real", rows)
    result = CliRunner().invoke(cli, [
        "train", "--data", "real", "--target", "gender", "--folds", "2", "--no-pretrained",
        "--set", "model.backbone=test_resnet", "--set", "data.size=32", "--set", "train.epochs=5",
        "--set", "transforms.train=[]", "--set", "train.batch_size=16", "--name", "g",
        "--root", str(folder / "data"), "--runs", str(folder / "runs"),
    ])  # fmt: skip
    assert result.exit_code == 0, result.output
    paths = [f"{number:04d}_not_worn_0.png" for number in FLIPPED]
    truth = "path,axis\n" + "".join(f"{path},gender\n" for path in paths)
    (folder / "truth.csv").write_text(truth)
    return folder


@pytest.fixture
def relabel(flipped):
    """Run the command; give its result."""
    from maskcls.cli import cli

    def invoke(*arguments):
        places = ["--root", str(flipped / "data"), "--runs", str(flipped / "runs")]
        return CliRunner().invoke(cli, ["relabel", "g", *map(str, arguments), *places])

    return invoke


def precision(stdout: str, method: str, k: int) -> float:
    line = next(line for line in stdout.splitlines()
                if line.startswith(f"gender, {method}: precision at {k} is"))  # fmt: skip
    return float(line.split(" is ")[1].split(",")[0])


def test_both_ways_find_the_errors_and_corrections_can_be_undone(relabel, flipped, tmp_path):
    result = relabel("--method", "both", "--truth", flipped / "truth.csv", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    for method in ("vote", "confident"):
        assert precision(result.stdout, method, len(FLIPPED)) >= 0.75
    suspects = pd.read_csv(tmp_path / "suspects.csv")
    assert list(suspects.columns[:4]) == ["rank", "method", "axis", "image_id"]
    assert sorted(path.name for path in (tmp_path / "fifths" / "weights").iterdir()) == [
        f"fold_{fifth}.safetensors" for fifth in range(5)
    ]
    again = relabel("--method", "both", "--truth", flipped / "truth.csv", "--out", tmp_path)
    assert again.stdout == result.stdout  # the models are kept
    assert "trained anew" not in again.stderr
    voted = suspects[suspects["method"] == "vote"].head(len(FLIPPED))
    confirmed = voted[voted["path"].str[:4].astype(int).isin(FLIPPED)]  # as a reviewer would
    _correct_and_undo(flipped, confirmed, tmp_path)


def _correct_and_undo(flipped: Path, fixes: pd.DataFrame, folder: Path) -> None:
    data = Dataset(shutil.copytree(flipped / "data", folder / "data") / "real")
    before = {path: path.read_bytes() for path in data.folder.rglob("*.*")}
    noise = _audited_noise(flipped, folder)
    with (folder / "FIXES.csv").open("w", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(["path", "axis", "old", "new", "by"])
        out.writerows([r.path, r.axis, r.old, r.proposed, "test"] for r in fixes.itertuples())
    _ingest(folder, "correct", "real", folder / "FIXES.csv")
    gender = data.records().set_index("path")["gender"].astype(object)
    assert gender[fixes["path"]].tolist() == fixes["proposed"].tolist()
    assert _audited_noise(flipped, folder) < noise
    _ingest(folder, "correct", "real", "--undo")
    assert {path: path.read_bytes() for path in data.folder.rglob("*.*")} == before
    assert _audited_noise(flipped, folder) == noise


def _audited_noise(flipped: Path, folder: Path) -> float:
    """Share of wrong gender labels that the audit estimates by the run's predictions."""
    report = folder / "audit.json"
    oof = flipped / "runs" / "g" / "oof.parquet"
    _ingest(folder, "audit", "real", "--predictions", oof, "--json", report)
    axes = json.loads(report.read_text())["checks"]["labels"]["tables"]["axes"]
    return dict(zip(axes["columns"], axes["rows"][0], strict=True))["noise"]


def _ingest(folder: Path, *arguments) -> None:
    result = CliRunner().invoke(ingest, [*map(str, arguments), "--root", str(folder / "data")])
    assert result.exit_code == 0, result.output


def test_models_that_were_taught_other_labels_are_dropped(tmp_path):
    from maskcls.config.sections import Config
    from maskcls.relabelling.fifths import MADE_FROM, _drop_outdated

    said = []
    people = pd.DataFrame({"image_id": ["a", "b"], "taught_gender": [0, 1], "file": ["x", "y"]})
    folder = tmp_path / "fifths"
    _drop_outdated(folder, Config(), people, said.append)
    (folder / "weights").mkdir()
    _drop_outdated(folder, Config(), people.assign(file="elsewhere"), said.append)
    assert (folder / "weights").exists()
    assert said == []
    _drop_outdated(folder, Config(), people.assign(taught_gender=1), said.append)
    assert [path.name for path in folder.iterdir()] == [MADE_FROM]
    assert "trained anew" in said[0]


def test_an_axis_the_run_does_not_predict_is_wrong_usage(relabel):
    result = relabel("--axis", "mask")
    assert result.exit_code == 2
    assert "does not predict it. Expected one of gender" in result.stderr


def test_a_table_of_errors_that_does_not_fit_is_refused_with_every_problem(relabel, tmp_path):
    (tmp_path / "truth.csv").write_text("path,axis\nnowhere.png,gender\nalso.png,gender\n")
    result = relabel("--truth", tmp_path / "truth.csv")
    assert result.exit_code == 2
    assert "nowhere.png" in result.stderr
    assert "also.png" in result.stderr
    (tmp_path / "truth.csv").write_text("image\n1\n")
    result = relabel("--truth", tmp_path / "truth.csv")
    assert "column 'path' is missing" in result.stderr
