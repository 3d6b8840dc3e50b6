"""Several processes that train one model together, started by torchrun as a user would."""

import os
import subprocess
import sys

import numpy as np
import pytest

from maskcls import distributed
from maskcls.config.sections import MixingConfig
from maskcls.data.samplers import MixedSampler, RealRows, SharedSampler
from maskcls.errors import ArgumentRefused
from maskcls.runs.folder import Run

SAME = (
    "--data", "real", "--extra", "synth_v1:1", "--folds", "2", "--no-pretrained", "--name", "r",
    "--set", "model.backbone=test_efficientnet_gn", "--set", "data.size=32",
    "--set", "model.dropout=0", "--set", "loss.class_weights=none", "--set", "optim.name=sgd",
    "--set", "optim.lr=0.05", "--set", "train.batch_size=6", "--set", "train.epochs=1",
    "--set", "train.select=macro_f1",
)  # fmt: skip


def torchrun(*arguments, folder):
    """Two processes that talk by gloo; their exit code and what they said."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone",
               "--nproc-per-node", "2", "-m", "maskcls", *map(str, arguments)]  # fmt: skip
    alone = {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        command, env={**os.environ, **alone}, cwd=folder, capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip


def test_two_processes_train_and_validate_like_one(people, runs, maskcls, tmp_path):
    people.every_mask(people=range(7))
    people.composites(people=range(7))
    alone = maskcls("train", *SAME)
    assert alone.exit_code == 0, alone.output
    both = torchrun("train", *SAME, "--root", people.root, "--runs", tmp_path / "two",
                    folder=tmp_path)  # fmt: skip
    assert both.returncode == 0, both.stderr
    one, two = Run(runs / "r"), Run(tmp_path / "two" / "r")
    _check_tables(one, two, both)


def _check_tables(one, two, both):
    for name in ("oof.parquet", "holdout.parquet"):
        first, second = one.table(name), two.table(name)
        assert first["image_id"].tolist() == second["image_id"].tolist()
        assert second["image_id"].is_unique
        scores = [c for c in first if c.startswith("score_")]
        np.testing.assert_allclose(first[scores], second[scores], atol=1e-4)
    metrics = [run.read_json("metrics.json") for run in (one, two)]
    assert metrics[0] == metrics[1]
    assert both.stdout == one.summary().replace(str(one.folder), str(two.folder)) + "\n"


@pytest.fixture
def as_process(monkeypatch):
    """Take this process for one of several."""

    def be(rank, size):
        monkeypatch.setenv("TORCHELASTIC_RUN_ID", "test")
        monkeypatch.setenv("RANK", str(rank))
        monkeypatch.setenv("WORLD_SIZE", str(size))

    return be


@pytest.mark.parametrize("n", [24, 25])
def test_batches_of_all_processes_together_are_those_of_one(as_process, n):
    whole = MixedSampler(RealRows(np.arange(n)), [], seed=1, mixing=MixingConfig(), epochs=2)
    whole.set_epoch(1)
    expected = list(whole)
    parts = []
    for rank in range(3):
        as_process(rank, 3)
        part = SharedSampler(whole)
        parts.append(list(part))
        assert len(parts[-1]) == len(part)
    together = [draw for draws in zip(*parts, strict=True) for draw in draws]
    assert together[:n] == expected
    assert together[n:] == expected[: len(together) - n]


def test_parts_of_rows_hold_every_row_once_and_even_parts_are_equally_long(as_process):
    rows = np.arange(10)
    parts, even = [], []
    for rank in range(4):
        as_process(rank, 4)
        parts.append(distributed.part_of(rows))
        even.append(distributed.even_part_of(rows))
    assert sorted(np.concatenate(parts)) == rows.tolist()
    assert {len(part) for part in even} == {3}
    assert set(np.concatenate(even)) == set(rows)


@pytest.mark.parametrize("batch_size, fits", [(6, True), (5, False), (2, False)])
def test_a_batch_is_shared_evenly_or_refused(as_process, monkeypatch, batch_size, fits):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    as_process(0, 2)
    if fits:
        distributed.check_shares(batch_size)
        return
    with pytest.raises(ArgumentRefused, match=f"train.batch_size is {batch_size}, for 2 processes"):
        distributed.check_shares(batch_size)
