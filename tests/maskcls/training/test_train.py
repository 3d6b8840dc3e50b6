"""Whole runs, from the command line, with a tiny network on drawn people."""

import json
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest
import torch

from maskcls.data.leakage import check_apart
from maskcls.runs.folder import Run


def run_of(runs, name):
    return Run(runs / name)


def test_learns_to_tell_masks_on_people_it_never_saw(people, runs, maskcls, tiny):
    people.bare(people=range(36))
    people.composites(people=range(36))
    result = maskcls(
        "train", "--data", "real", "--extra", "synth_v1:2", *tiny, "--set", "train.epochs=20",
        "--folds", "2", "--name", "r",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    run = run_of(runs, "r")
    metrics = run.read_json("metrics.json")
    holdout = metrics["synthetic_holdout"]
    assert holdout["mask"]["macro_f1"] >= 0.8
    assert (holdout["n_extra_images"], holdout["n_photos_beside"]) == (72, 36)
    assert [fold["fold"] for fold in metrics["folds"]] == [0, 1]
    assert "synthetic_holdout mask: macro F1" in result.stdout
    _check_tables(run)
    assert not run.state.exists()
    assert list((run.folder / "tensorboard" / "fold_0").glob("events*"))


def _check_tables(run):
    oof = run.table("oof.parquet")
    assert len(oof) == oof["image_id"].nunique() == 36
    assert set(oof["dataset"]) == {"real"}
    assert [c for c in oof if c.startswith("score_0") or c.startswith("score_1")] == [
        f"score_{i:02d}" for i in range(18)
    ]
    rows = run.table("rows.parquet")
    for fold in (0, 1):
        held = rows["held_out_by"] == fold
        check_apart(rows[~held], rows[held], f"fold {fold}")


def test_lineage_names_data_licences_models_and_purpose(people, runs, maskcls, tiny):
    people.bare(license="CC0-1.0", verification="unverified-local")
    people.composites(license="CC-BY-4.0")
    result = maskcls(
        "train", "--extra", "synth_v1", *tiny, "--set", "train.epochs=1", "--folds", "2"
    )
    assert result.exit_code == 0, result.output
    run = run_of(runs, "default_v1")
    lineage = run.read_json("lineage.json")
    assert lineage["effective_license"] == "CC-BY-4.0 AND CC0-1.0"
    assert lineage["purpose"] == run.config().run.purpose == "commercial"
    assert [(part["name"], part["role"]) for part in lineage["datasets"]] == [
        ("real", "data"),
        ("synth_v1", "extra"),
    ]
    assert lineage["datasets"][0]["verification"] == "unverified-local"
    assert lineage["models"][0] == {
        "name": "test_resnet", "role": "backbone", "weights": "scratch", "license": None,
    }  # fmt: skip
    card = (run.folder / "model_card.md").read_text()
    assert "CC-BY-4.0 AND CC0-1.0" in card
    assert "stand-in" not in card


def test_without_folds_no_score_is_claimed(people, runs, maskcls, tiny):
    people.bare(people=range(2))
    result = maskcls("train", *tiny, "--folds", "none", "--set", "train.max_steps=2", "--name", "r")
    assert result.exit_code == 0, result.output
    assert "2 people: no validation, no score claimed" in result.stdout
    run = run_of(runs, "r")
    assert run.read_json("metrics.json")["validation"] is None
    assert not (run.folder / "oof.parquet").exists()
    assert (run.weights / "all.safetensors").is_file()
    assert "no score claimed" in (run.folder / "model_card.md").read_text()


def test_stand_in_says_so_everywhere(people, runs, maskcls, tiny):
    people.bare("photos")
    people.composites("fake", of="photos", bare=True)
    result = maskcls(
        "train", "--data", "fake", "--stand-in", *tiny, "--set", "train.epochs=1",
        "--folds", "2", "--name", "r",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    run = run_of(runs, "r")
    said = "stand-in, not real"
    assert said in result.stdout
    assert said in (run.folder / "model_card.md").read_text()
    assert run.read_json("lineage.json")["note"] == said
    assert run.read_json("metrics.json")["note"] == said


def test_one_axis_alone_is_trained_and_scored(people, runs, maskcls, tiny):
    people.every_mask()
    result = maskcls(
        "train", "--target", "mask", *tiny, "--set", "train.epochs=1", "--set",
        "sampler.name=balanced", "--set", "loss.name=focal", "--set", "loss.class_weights=inverse",
        "--folds", "2", "--name", "r",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    run = run_of(runs, "r")
    assert set(run.read_json("metrics.json")["validation"]) == {"mask"}
    assert "score_00" not in run.table("oof.parquet")


def test_unreadable_images_are_skipped_counted_and_listed(people, runs, maskcls, tiny):
    dataset = people.bare()
    (dataset.images / "0003_not_worn_0.png").write_text("no image")
    result = maskcls("train", *tiny, "--folds", "2", "--set", "train.epochs=1", "--name", "r")
    assert result.exit_code == 0, result.output
    assert "skipped real/0003_not_worn_0.png: " in result.stderr
    assert "1 of 12 images skipped" in result.stderr
    assert len(run_of(runs, "r").table("oof.parquet")) == 11


@pytest.mark.parametrize(
    "arguments, code, said",
    [
        (["--extra", "synth_v1:-1"], 2, "number of 0 or more"),
        (["--extra", "nothing"], 2, "There: real, synth_v1"),
        (["--data", "nothing"], 2, "no data set 'nothing'"),
        (["--data", "synth_v1"], 2, "--stand-in"),
        (["--set", "train.epoch=2"], 2, "Did you mean train.epochs"),
        (["--set", "model.backbone=resnet10"], 2, "Nearest: "),
        (["--set", "optim.name=adamm"], 2, "no such optimiser"),
        (["--set", "loss.head_weights=[1.0]"], 2, "1 values for 3 heads"),
        (["--recipe", "nothing"], 2, "There are: b3_fc_ce"),
        (["--folds", "1"], 2, "2 or more, or none"),
        (["--folds", "50"], 2, "shows 12 people"),
        (["--train-age-boundaries", "58,30"], 2, "two rising ages"),
        (["--name", "../up"], 2, "cannot be used"),
        (["--weights", "w.safetensors"], 2, "expected one of them"),
        (["--resume"], 2, "0 unfinished runs fit"),
    ],
)
def test_wrong_arguments_are_refused_before_any_work(
    people, runs, maskcls, tiny, arguments, code, said
):
    people.bare()
    people.composites()
    result = maskcls("train", *tiny, *arguments)
    assert result.exit_code == code
    assert said in result.output
    assert "Traceback" not in result.output
    assert not list(runs.glob("*/weights"))


def test_data_that_may_not_be_used_for_the_purpose_is_refused(people, maskcls, tiny):
    people.bare(license="CC-BY-NC-4.0")
    result = maskcls("train", *tiny, "--purpose", "commercial")
    assert result.exit_code == 3
    assert "CC-BY-NC-4.0" in result.output


def test_planted_leak_is_refused(people, maskcls, tiny):
    people.bare()
    rows = [{"number": n, "mask": "not_worn", "subject_id": f"other:{n}"} for n in range(3)]
    people.write("derived", rows)
    result = maskcls("train", "--data", "real", "--extra", "derived", *tiny)
    assert result.exit_code == 3
    assert "under another subject_id" in result.output


def test_existing_run_is_not_overwritten(people, runs, maskcls, tiny):
    people.bare()
    (runs / "r").mkdir(parents=True)
    result = maskcls("train", *tiny, "--name", "r")
    assert result.exit_code == 2
    assert "this run exists" in result.output


LONG = ("--set", "train.epochs=8", "--folds", "2", "--extra", "synth_v1:1", "--data", "real")


def test_killed_and_resumed_run_ends_like_an_uninterrupted_one(people, runs, maskcls, tiny):
    people.every_mask()
    people.composites()
    command = ["train", *tiny, *LONG, "--root", str(people.root), "--runs", str(runs)]
    _kill_in_the_second_fold(command, runs / "killed")
    assert not run_of(runs, "killed").finished
    resumed = maskcls("train", *tiny, *LONG, "--name", "killed", "--resume")
    assert resumed.exit_code == 0, resumed.output
    whole = maskcls("train", *tiny, *LONG, "--name", "whole")
    assert whole.exit_code == 0, whole.output
    first, second = run_of(runs, "killed"), run_of(runs, "whole")
    assert first.read_json("metrics.json") == second.read_json("metrics.json")
    pd.testing.assert_frame_equal(first.table("oof.parquet"), second.table("oof.parquet"))
    for name in ("fold_0", "fold_1"):
        weights = [run.weights / f"{name}.safetensors" for run in (first, second)]
        assert weights[0].read_bytes() == weights[1].read_bytes()
    other = maskcls("train", *tiny, "--set", "train.epochs=9", "--name", "killed", "--resume")
    assert other.exit_code == 2


def _kill_in_the_second_fold(command, folder):
    """Kill the run by SIGKILL a little after the second fold's first epochs."""
    threads = {"OMP_NUM_THREADS": str(torch.get_num_threads())}
    process = subprocess.Popen(
        [sys.executable, "-m", "maskcls", *command, "--name", folder.name],
        env={**os.environ, **threads},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    point, deadline = folder / ".state" / "fold_1" / "last.ckpt", time.monotonic() + 240
    while not point.is_file() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert point.is_file()


def test_resume_of_changed_data_is_refused(people, runs, maskcls, tiny):
    people.bare()
    assert (
        maskcls("train", *tiny, "--set", "train.epochs=1", "--folds", "2", "--name", "r").exit_code
        == 0
    )
    run_of(runs, "r").metrics_path.unlink()
    people.bare(people=range(14))
    result = maskcls("train", "--name", "r", "--resume")
    assert result.exit_code == 2
    assert "real has changed since the run began" in result.output


def test_help_imports_neither_torch_nor_pandas():
    script = (
        "import sys, click.testing; from maskcls.cli import cli\n"
        "for words in ([], ['train'], ['predict'], ['evaluate'], ['recipes']):\n"
        "    assert click.testing.CliRunner().invoke(cli, [*words, '--help']).exit_code == 0\n"
        "print(json.dumps(sorted({'torch', 'pandas', 'timm'} & set(sys.modules))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", "import json\n" + script], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []


def test_recipes_are_listed_for_people_and_machines(maskcls):
    assert "default\t" in maskcls("recipes").stdout
    assert "model" in json.loads(maskcls("recipes", "--json").stdout)["default"]["settings"]
