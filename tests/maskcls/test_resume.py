"""Runs that stop inside an epoch, and go on as if nothing had happened."""

import pandas as pd
import pytest

from maskcls.runs.folder import Run


@pytest.mark.parametrize(
    "settings",
    [
        ["train.ema=0.9", "train.accumulate=2", "mixing.schedule=decay", "mixing.decay_from=0",
         "optim.schedule=plateau", "optim.patience=0", "train.select=loss", "train.patience=4"],
        ["optim.sam_rho=0.05", "mixing.schedule=pretrain", "mixing.pretrain_epochs=2",
         "train.clip=agc", "model.freeze_stages=1", "model.freeze_epochs=3",
         "optim.schedule=onecycle", "train.mixup=0.4", "train.cutmix=1.0"],
        ["train.ema=0.9", "loss.weights_from=0.5", "loss.class_weights=inverse",
         "sampler.name=balanced", "mixing.age_closeness=5", "mixing.per_subject=2",
         "train.select_on=inner", "train.select=macro_f1", "optim.schedule=step",
         "optim.step_epochs=2"],
    ],
    ids=["ema-accumulate-decay-plateau", "sam-pretrain-agc-freeze", "ema-inner-balanced"],
)  # fmt: skip
def test_at_most_the_epoch_is_lost_and_the_end_is_the_same(
    people, runs, maskcls, tiny, cut_at, settings
):
    people.every_mask(people=range(10))
    people.composites(people=range(10))
    of_settings = [word for one in settings for word in ("--set", one)]
    options = [*tiny, "--data", "real", "--extra", "synth_v1:1", "--folds", "2", "--set",
               "train.epochs=4", *of_settings]  # fmt: skip
    whole = maskcls("train", *options, "--name", "whole")
    assert whole.exit_code == 0, whole.output
    epochs = cut_at(2, 1)
    with pytest.raises(cut_at.error):
        maskcls("train", *options, "--name", "cut")
    assert epochs[-1] == 2
    epochs.clear()
    resumed = maskcls("train", "--resume", "--name", "cut")
    assert resumed.exit_code == 0, resumed.output
    assert epochs[0] == 2
    _check_same(Run(runs / "whole"), Run(runs / "cut"))


def _check_same(first, second):
    assert first.read_json("metrics.json") == second.read_json("metrics.json")
    pd.testing.assert_frame_equal(first.table("oof.parquet"), second.table("oof.parquet"))
    for path in first.weights.iterdir():
        assert path.read_bytes() == (second.weights / path.name).read_bytes()
