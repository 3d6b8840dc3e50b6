import pytest

from maskcls.runs.folder import Run

QUICK = ("--folds", "2", "--set", "train.epochs=1")


def test_weights_and_biases_offline_keeps_every_model_apart_in_the_run(
    people, runs, maskcls, tiny, monkeypatch
):
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    monkeypatch.setenv("WANDB_ERROR_REPORTING", "false")
    people.every_mask(people=range(6))
    result = maskcls("train", *tiny, *QUICK, "--set", "train.logger=wandb", "--name", "r")
    assert result.exit_code == 0, result.output
    run = Run(runs / "r")
    kept = sorted(path.name for path in (run.folder / "wandb").glob("offline-run-*"))
    assert [name.rpartition("-r-")[2] for name in kept] == ["fold_0", "fold_1"]
    assert not (run.folder / "tensorboard").exists()


def test_run_may_log_nowhere(people, runs, maskcls, tiny):
    people.every_mask(people=range(6))
    result = maskcls("train", *tiny, *QUICK, "--set", "train.logger=none", "--name", "r")
    assert result.exit_code == 0, result.output
    left = {path.name for path in Run(runs / "r").folder.iterdir()}
    assert not left & {"tensorboard", "wandb", "lightning_logs"}


def test_logger_that_is_not_installed_is_refused_before_work(people, maskcls, tiny, monkeypatch):
    monkeypatch.setattr("maskcls.training.loggers.find_spec", lambda name: None)
    people.every_mask(people=range(6))
    result = maskcls("train", *tiny, *QUICK, "--set", "train.logger=wandb")
    assert result.exit_code == 2
    assert "maskcls[wandb]" in result.output
