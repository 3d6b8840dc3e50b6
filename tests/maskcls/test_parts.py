"""Every part by its name in a whole run, and what can be done with a run once it is finished."""

import io
import json

import numpy as np
import pandas as pd
import pytest

from maskcls.runs.folder import Run
from maskcls.scores.metrics import CELLS, score_axis, score_columns
from maskcls.training.trainer import EpochBar

QUICK = ("--folds", "2", "--set", "train.epochs=2", "--set", "train.max_steps=3")


def sets(*assignments):
    return [word for assignment in assignments for word in ("--set", assignment)]


@pytest.mark.parametrize(
    "assignments",
    [
        ["loss.name=ldam", "model.classifier=cosine", "loss.class_weights=effective",
         "loss.weights_from=0.5", "sampler.name=oversample", "train.mixup=0.4", "train.cutmix=1.0"],
        ["loss.name=0.4*soft_f1 + 0.6*focal", "model.heads=['mask','gender+age']",
         "optim.sam_rho=0.05", "model.hidden=8", "model.dropout_samples=3",
         "sampler.name=undersample", "train.clip=agc"],
        ["loss.by_head={age='coral'}", "model.age=coral", "optim.schedule=plateau",
         "optim.name=adamp", "train.ema=0.9", "train.patience=1", "train.select=loss",
         "train.accumulate=2"],
        ["model.age=corn", "model.age_years=true", "loss.age_softness=3", "optim.schedule=onecycle",
         "model.freeze_stages=1", "sampler.name=balanced", "sampler.by=['subject_id']",
         "mixing.schedule=decay", "mixing.synthetic_weight=0.5", "mixing.per_parent=1"],
        ["loss.name=arcface", "model.classifier=cosine", "mixing.cells=incorrect",
         "mixing.teaches={synth_v1=['mask']}", "data.crop=centre", "data.crop_size=[40,40]",
         "sampler.worn_per_subject=1", "train.drop_last=true"],
    ],
    ids=["ldam", "soft_f1", "coral", "corn", "arcface"],
)  # fmt: skip
def test_parts_train_by_name(people, runs, maskcls, tiny, assignments):
    people.every_mask(people=range(8))
    people.composites(people=range(4))
    result = maskcls(
        "train", "--data", "real", "--extra", "synth_v1", *tiny, *QUICK, *sets(*assignments),
        "--name", "r",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    scores = Run(runs / "r").table("oof.parquet")[[f"score_{i:02d}" for i in range(18)]]
    assert len(scores) == 24
    assert scores.sum(axis=1).tolist() == pytest.approx([1.0] * 24, abs=1e-4)


def test_plateau_bears_a_stop_inside_the_first_epoch(people, runs, maskcls, tiny):
    people.every_mask(people=range(4))
    result = maskcls(
        "train", "--data", "real", *tiny, "--folds", "2", "--name", "r",
        *sets("optim.schedule=plateau", "train.batch_size=2", "train.max_steps=1"),
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert Run(runs / "r").finished


GROUPS = "model.groups=[{heads=['mask']}, {heads=['gender','age'], rows={mask=['not_worn']}}]"


@pytest.fixture
def two_runs(people, maskcls, tiny):
    """A run of separate models, refitted and calibrated, and a plain one with another seed."""
    people.every_mask(people=range(8))
    more = sets(
        GROUPS,
        "train.refit=true",
        "inference.calibrate=temperature",
        "inference.tta=flip",
        "inference.thresholds=macro_f1",
    )
    for name, options in (("a", more), ("b", sets("train.seed=1"))):
        result = maskcls("train", *tiny, *QUICK, *options, "--name", name)
        assert result.exit_code == 0, result.output
    return people


def test_separate_models_refit_join_export_and_are_evaluated(two_runs, runs, maskcls, tmp_path):
    names = {path.name for path in (runs / "a" / "weights").iterdir()}
    assert names == {
        f"{split}.{group}.safetensors"
        for split in ("fold_0", "fold_1", "all")
        for group in ("mask", "gender_and_age")
    }
    _check_calibration(Run(runs / "a"))
    _check_thresholds(Run(runs / "a"), maskcls)
    joined = maskcls(
        "ensemble", "a", "b", "--vote", "weighted", "--thresholds", "--name", "both", "--runs", runs
    )
    assert joined.exit_code == 0, joined.output
    assert Run(runs / "both").read_json("ensemble.json")["axes"] == ["mask", "gender", "age"]
    _check_predictions(maskcls)
    _check_evaluation(two_runs, maskcls, tmp_path)
    _check_export(runs, maskcls, tmp_path)


def _check_calibration(run):
    temperatures = run.read_json("calibration.json")["temperature"]
    assert set(temperatures) == {"mask", "gender", "age"}
    assert all(temperature > 0 for temperature in temperatures.values())


def _check_thresholds(run, maskcls):
    oof, limits = run.table("oof.parquet"), run.read_json("thresholds.json")
    assert set(limits) == {"mask", "gender", "age", "cells"}
    assert score_axis(oof, "mask") == run.read_json("metrics.json")["validation"]["mask"]
    answers = maskcls("predict", "a", "real", "--format", "competition").stdout
    table = pd.read_csv(io.StringIO(maskcls("predict", "a", "real").stdout))
    multiples = table[score_columns(CELLS)].to_numpy() / limits["cells"]
    chosen = multiples[np.arange(24), table["class"]]
    # Tables are written with four decimals.
    assert (multiples.max(axis=1) - chosen <= 1e-4 / min(limits["cells"])).all()
    assert pd.read_csv(io.StringIO(answers))["ans"].tolist() == table["class"].tolist()
    plain, asked = (json.loads(maskcls("evaluate", "b", *options).stdout)["scores"]
                    for options in ((), ("--thresholds",)))  # fmt: skip
    assert plain["mask"]["n_images"] == asked["mask"]["n_images"] == 24


def _check_predictions(maskcls):
    tables = {}
    for name in ("a", "b", "both"):
        result = maskcls("predict", name, "real")
        assert result.exit_code == 0, result.output
        tables[name] = pd.read_csv(io.StringIO(result.stdout))
    column = "score_mask_worn"
    low = np.minimum(tables["a"][column], tables["b"][column]) - 1e-3
    high = np.maximum(tables["a"][column], tables["b"][column]) + 1e-3
    assert tables["both"][column].between(low, high).all()
    answers = maskcls("predict", "both", "real", "--format", "competition").stdout
    table = pd.read_csv(io.StringIO(answers))
    assert list(table) == ["ImageID", "ans"]
    assert table["ans"].tolist() == tables["both"]["class"].tolist()
    assert table["ImageID"].iloc[0] == "0000_not_worn_0.png"


def _check_evaluation(people, maskcls, tmp_path):
    page, scores = tmp_path / "page.html", tmp_path / "scores.json"
    result = maskcls("evaluate", "both", "--against", "a", "--html", page, "--out", scores)
    assert result.exit_code == 0, result.output
    found = json.loads(scores.read_text())
    assert found["data"] == "out of fold"
    assert found["difference"]["to"] == "a"
    assert found["difference"]["mask"]["n_subjects"] == 8
    low, high = found["scores"]["mask"]["interval"]
    assert low <= found["scores"]["mask"]["macro_f1"] <= high
    assert "Against a" in page.read_text()
    people.every_mask("new", people=range(20, 24))
    on_new = json.loads(maskcls("evaluate", "both", "--data", "new").stdout)
    assert on_new["scores"]["cells"]["n_images"] == 12


def _check_export(runs, maskcls, tmp_path):
    for form in ("onnx", "exported-program"):
        if form == "onnx":
            pytest.importorskip("onnxscript")
        out = tmp_path / form
        result = maskcls("export", "a", "--format", form, "--out", out, "--runs", runs)
        assert result.exit_code == 0, result.output
        usage = json.loads((out / "usage.json").read_text())
        assert [model["file"].split(".")[:2] for model in usage["models"]] == [
            ["all", "mask"], ["all", "gender_and_age"],
        ]  # fmt: skip
        assert usage["models"][0]["outputs"]["mask"] == ["worn", "incorrect", "not_worn"]
        assert {"lineage.json", "model_card.md"} <= {path.name for path in out.iterdir()}
    again = maskcls("export", "a", "--out", out, "--runs", runs)
    assert again.exit_code == 2
    both = maskcls("export", "both", "--out", tmp_path / "x", "--runs", runs)
    assert "Export each of its runs: a, b" in both.output
    research = Run(runs / "a").read_json("lineage.json") | {"purpose": "research"}
    (runs / "a" / "lineage.json").write_text(json.dumps(research))
    sold = maskcls(
        "export", "a", "--out", tmp_path / "x", "--purpose", "commercial", "--runs", runs
    )
    assert sold.exit_code == 3


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["ensemble", "a", "--name", "x"], "two different runs or more"),
        (["ensemble", "a", "a", "--name", "x"], "two different runs or more"),
        (["ensemble", "a", "b", "--name", "a"], "Expected a new name"),
        (["ensemble", "a", "c", "--name", "x"], "There: a, b"),
    ],
)
def test_ensembles_that_cannot_be_meant_are_refused(runs, maskcls, arguments, said):
    for name in ("a", "b"):
        (runs / name).mkdir(parents=True)
        (runs / name / "config.toml").write_text("")
        (runs / name / "metrics.json").write_text("{}")
    result = maskcls(*arguments, "--runs", runs)
    assert result.exit_code == 2
    assert said in result.output


def test_sweep_trains_what_is_missing_and_draws_f1_against_the_ratio(people, runs, maskcls, tiny):
    people.every_mask(people=range(8))
    people.composites(people=range(8))
    places = ("--root", people.root, "--runs", runs)
    command = ["sweep", "--data", "real", "--extra", "synth_v1", "--extra-ratio", "0,1",
               "--seeds", "1", "--name", "s", *tiny, *QUICK, *places]  # fmt: skip
    result = maskcls(*command)
    assert result.exit_code == 0, result.output
    found = json.loads((runs / "s" / "sweep.json").read_text())["results"]
    assert {(row["ratio"], row["part"]) for row in found} == {
        (0.0, "validation"), (1.0, "validation"),
        (0.0, "synthetic_holdout"), (1.0, "synthetic_holdout"),
    }  # fmt: skip
    assert {row["measure"] for row in found} == {"all classes", "≥ 60", "incorrect"}
    assert "<svg" in (runs / "s" / "sweep.svg").read_text()
    again = maskcls(*command)
    assert again.exit_code == 0
    assert "s_0_0: already trained" in again.stderr
    wrong = maskcls(*[word if word != "0,1" else "0,x" for word in command])
    assert wrong.exit_code == 2
    assert "number of 0 or more" in wrong.output


def test_interrupted_run_with_every_state_ends_like_an_uninterrupted_one(
    people, runs, maskcls, tiny, monkeypatch
):
    people.every_mask(people=range(4))
    people.composites(people=range(4))
    state = sets("train.ema=0.8", "optim.sam_rho=0.05", "optim.schedule=plateau",
                 "optim.patience=0", "optim.gamma=0.5", "mixing.schedule=decay",
                 "mixing.decay_from=0.0", "train.patience=5", "train.mixup=0.4",
                 "train.epochs=3", "train.select=loss")  # fmt: skip
    command = ["train", "--data", "real", "--extra", "synth_v1", *tiny, "--folds", "2", *state]
    whole = maskcls(*command, "--name", "whole")
    assert whole.exit_code == 0, whole.output
    move_on, stopped = EpochBar.on_train_epoch_end, []

    def stop_in_the_second_epoch(bar, trainer, module):
        if trainer.current_epoch == 1 and bar.name not in stopped:
            stopped.append(bar.name)
            raise KeyboardInterrupt
        move_on(bar, trainer, module)

    monkeypatch.setattr(EpochBar, "on_train_epoch_end", stop_in_the_second_epoch)
    result = maskcls(*command, "--name", "part")
    while result.exit_code == 130:
        result = maskcls("train", "--resume", "--name", "part")
    assert result.exit_code == 0, result.output
    assert stopped == ["fold_0", "fold_1"]
    for path in (runs / "whole" / "weights").iterdir():
        other = runs / "part" / "weights" / path.name
        assert path.read_bytes() == other.read_bytes(), path.name


def test_interrupt_tells_the_command_that_continues(people, runs, maskcls, tiny, monkeypatch):
    people.bare()

    def interrupt(job):
        raise KeyboardInterrupt

    monkeypatch.setattr("maskcls.training.train.fit", interrupt)
    result = maskcls("train", *tiny, "--name", "r")
    assert result.exit_code == 130
    assert "maskcls train --resume --name r" in result.output
    assert "same command" not in result.output
