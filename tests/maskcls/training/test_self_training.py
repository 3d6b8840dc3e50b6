"""Guessed labels: what they are by closed forms, and whole runs that are taught by them."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from maskcls.config.heads import Head
from maskcls.config.sections import SelfTrainingConfig
from maskcls.data.dosing import Dose
from maskcls.data.samplers import MixedSampler, RealRows
from maskcls.runs.folder import Run
from maskcls.training.self_training import (
    ASSUMED,
    Guesser,
    align,
    as_scored,
    cell_shares,
    joint_head,
)
from maskcls.training.trainer import EpochBar

GENDER = (Head(("gender",)),)
BOTH = (Head(("mask",)), Head(("gender", "age")))


def guesser(heads=GENDER, **config):
    """Rows 0–3 are labelled (three men, one woman); rows 4 and 5 are not."""
    codes = {
        "mask": np.array([2, 2, 2, 2, 2, -1]),
        "gender": np.array([0, 0, 0, 1, -1, -1]),
        "age": np.array([1, 1, 1, 1, 1, -1]),
    }
    unlabelled = np.array([False] * 4 + [True] * 2)
    config = replace(SelfTrainingConfig(memory=0.5), **config)
    return Guesser(heads, codes, unlabelled, np.ones(6), config)


def test_shares_are_those_of_the_labelled_rows_as_they_are_drawn():
    allowed = Head(("gender",)).allowed({"gender": np.array([0, 0, 1, -1])})
    found = cell_shares(allowed, np.array([1.0, 1.0, 4.0, 9.0]))
    np.testing.assert_allclose(found, [2.5 / 7, 4.5 / 7])


def test_aligned_by_the_ratio_of_the_shares():
    scores, mean, shares = np.array([[0.8, 0.2]]), np.array([0.9, 0.1]), np.array([0.5, 0.5])
    ratio = shares / ((1 - ASSUMED) * mean + ASSUMED * shares)
    expected = scores * ratio / (scores * ratio).sum()
    np.testing.assert_allclose(align(scores, mean, shares), expected)
    assert expected[0, 0] < 0.5
    np.testing.assert_allclose(align(scores, shares, shares), scores)


@given(st.lists(st.floats(0.001, 1), min_size=6, max_size=6), st.integers(0, 2**32 - 1))
def test_alignment_gives_probabilities_and_no_cell_more_than_tenfold_weight(mean, seed):
    rng = np.random.default_rng(seed)
    scores, shares = rng.dirichlet(np.ones(6), 5), rng.dirichlet(np.ones(6))
    mean = np.array(mean) / np.sum(mean)
    aligned = align(scores, mean, shares)
    np.testing.assert_allclose(aligned.sum(axis=1), 1)
    odds = aligned / scores * scores[:, :1] / aligned[:, :1]
    weight = shares / ((1 - ASSUMED) * mean + ASSUMED * shares)
    np.testing.assert_allclose(odds, np.tile(weight / weight[0], (5, 1)), rtol=1e-6)
    assert weight.max() <= 1 / ASSUMED + 1e-9


def test_the_average_follows_the_guesses_geometrically():
    one = guesser()
    np.testing.assert_allclose(one.mean, [3.5 / 5, 1.5 / 5])
    for _ in range(3):
        one.guess(np.array([[0.2, 0.8]]), np.array([4]))
    np.testing.assert_allclose(
        one.mean, 0.5**3 * np.array([0.7, 0.3]) + 0.875 * np.array([0.2, 0.8])
    )


def test_confident_guesses_teach_and_others_leave_the_label_open():
    one = guesser(alignment="none", threshold=0.9)
    taught = one.guess(np.array([[0.05, 0.95], [0.2, 0.8]]), np.array([4, 5]))["gender"]
    assert taught.tolist() == [[False, True], [True, True]]
    assert one.words[:, 0].tolist() == [-1, -1, -1, -1, 1, -1]
    assert one.confidence[4, 0] == 0.95
    again = one.guess(np.array([[0.5, 0.5]]), np.array([4]))["gender"]
    assert again.all()  # what it was once sure of it need not be sure of for ever
    assert one.words[4, 0] == -1


def test_alignment_decides_what_is_confident():
    scores, rows = np.array([[0.06, 0.94]]), np.array([4])
    assert guesser(alignment="none", threshold=0.93).guess(scores, rows)["gender"].tolist() == [
        [False, True]
    ]
    assert guesser(threshold=0.93).guess(scores, rows)["gender"].all()  # women are three in ten
    one = guesser(alignment="uniform", threshold=0.93)
    one.mean = np.array([0.9, 0.1])  # so far it has hardly ever said "female"
    assert one.guess(scores, rows)["gender"].tolist() == [[False, True]]


def test_cells_are_the_product_of_the_heads_and_keep_to_known_labels():
    assert joint_head(BOTH).axes == ("mask", "gender", "age")
    one = guesser(BOTH)
    of_heads = {"mask": np.array([[0.5, 0.3, 0.2]] * 2), "gender_and_age": np.full((2, 6), 1 / 6)}
    of_heads["gender_and_age"][:] = np.array([3, 4, 1, 2, 1, 1]) / 12
    scores = one.scores_of(of_heads, np.array([4, 5])).reshape(2, 3, 2, 3)
    np.testing.assert_allclose(scores.sum(axis=(1, 2, 3)), 1)
    np.testing.assert_allclose(scores[0, 2, :, 1], [0.8, 0.2])  # bare and 30–59, as its labels say
    np.testing.assert_allclose(scores[1].sum(axis=(1, 2)), [0.5, 0.3, 0.2])
    np.testing.assert_allclose(scores[1].sum(axis=0).ravel(), np.array([3, 4, 1, 2, 1, 1]) / 12)


def test_a_label_of_the_source_is_never_overruled():
    one = guesser(BOTH, alignment="none", threshold=0.7)
    of_heads = {
        "mask": np.array([[1.0, 0, 0]]),  # against its label
        "gender_and_age": np.array([[0.8, 0.1, 0, 0.1, 0, 0]]),
    }
    taught = one.guess(one.scores_of(of_heads, np.array([4])), np.array([4]))
    assert taught["mask"].tolist() == [[False, False, True]]
    assert taught["gender_and_age"].reshape(2, 3).tolist() == [[False, True, False], [False] * 3]
    table = one.table(pd.DataFrame({"dataset": "faces", "image_id": list("abcdef")}))
    assert table[["image_id", "axis", "value"]].values.tolist() == [["e", "gender", "male"]]


def test_the_state_goes_on_where_it_was():
    first, second = guesser(), guesser()
    first.guess(np.array([[0.01, 0.99]]), np.array([4]))
    second.load_state_dict(first.state_dict())
    first.guess(np.array([[0.3, 0.7]]), np.array([5]))
    second.guess(np.array([[0.3, 0.7]]), np.array([5]))
    for name, values in first.state_dict().items():
        assert torch.equal(values.nan_to_num(-1), second.state_dict()[name].nan_to_num(-1))


def test_a_model_scores_as_it_will_and_learns_on_as_before():
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Dropout())
    model[1].eval()  # as a frozen part is
    with as_scored(model):
        assert not any(part.training for part in model.modules())
    assert [part.training for part in model.modules()] == [True, True, False, True]


def test_unlabelled_rows_are_drawn_from_their_epoch_on_and_epochs_stay_as_long():
    doses = [Dose(np.arange(10, 14), 4), Dose(np.arange(20, 24), 4, unlabelled=True)]
    one = MixedSampler(RealRows(np.arange(8)), doses, 0, epochs=10, begin=0.3)
    for epoch, drawn in ((0, 0), (2, 0), (3, 4), (9, 4)):
        one.set_epoch(epoch)
        rows = [draw.row for draw in one]
        assert sum(row >= 20 for row in rows) == drawn
        assert len(rows) == len(one) == 16


FEW = ("--set", "train.epochs=6", "--folds", "2", "--data", "real", "--target", "gender",
       "--set", "self_training.threshold=0.6")  # fmt: skip


@pytest.fixture
def faces(people):
    """A real set of twelve, and 24 photos of others without gender, four of them of the twelve."""
    people.bare()
    rows = [{"number": n, "mask": "not_worn", "gender": None, "gender_origin": None, "seed": 10}
            for n in range(8, 32)]  # fmt: skip
    return people.write("faces", rows)


def test_faces_without_gender_are_taught_by_guesses_that_can_be_looked_up(
    faces, runs, maskcls, tiny
):
    more = ("--set", "train.epochs=16", "--set", "self_training.threshold=0.8")
    result = maskcls("train", *FEW, *more, "--unlabelled", "faces:2", *tiny, "--name", "r")
    assert result.exit_code == 0, result.output
    run = Run(runs / "r")
    guesses = run.table("guesses.parquet")
    assert set(guesses["model"]) == {"fold_0", "fold_1"}
    assert set(guesses["axis"]) == {"gender"}
    assert guesses["confidence"].between(0.8, 1).all()
    records = faces.records().set_index("image_id")
    numbers = records.loc[guesses["image_id"], "subject_id"].astype(str).str[6:].astype(int)
    right = guesses["value"].to_numpy() == np.array(["male", "female"])[numbers.to_numpy() % 2]
    assert len(guesses) > 12
    assert right.mean() > 0.8
    assert "gender_origin" in faces.records()
    assert not (faces.folder / "labels").exists()  # the set itself is as it was


def test_unlabelled_people_never_validate_and_validation_people_never_teach(
    faces, runs, maskcls, tiny
):
    assert maskcls("train", *FEW, "--unlabelled", "faces", *tiny, "--name", "r").exit_code == 0
    run = Run(runs / "r")
    assert set(run.table("oof.parquet")["dataset"]) == {"real"}
    assert not (run.folder / "holdout.parquet").exists()
    rows, guesses = run.table("rows.parquet"), run.table("guesses.parquet")
    for fold in (0, 1):
        held = rows[(rows["held_out_by"] == fold) & (rows["dataset"] == "faces")]
        validated = rows[(rows["held_out_by"] == fold) & (rows["dataset"] == "real")]
        assert set(held["subject_id"]) == set(validated["subject_id"]) & {
            f"drawn:{n}" for n in range(8, 12)
        }
        of_fold = guesses[guesses["model"] == f"fold_{fold}"]
        assert not set(of_fold["image_id"]) & set(held["image_id"])


def test_lineage_and_card_say_what_was_guessed_by_which_rules(faces, runs, maskcls, tiny):
    assert maskcls("train", *FEW, "--unlabelled", "faces:0.5", *tiny, "--name", "r").exit_code == 0
    run = Run(runs / "r")
    lineage = run.read_json("lineage.json")
    about = {part["name"]: part for part in lineage["datasets"]}["faces"]
    assert (about["role"], about["ratio"], about["n_images"]) == ("unlabelled", 0.5, 24)
    assert about["licenses"] == {"CC0-1.0": 24}
    assert lineage["self_training"]["threshold"] == 0.6
    card = (run.folder / "model_card.md").read_text()
    assert "unlabelled, 0.5 per real photo" in card
    assert "guesses.parquet" in card


def test_an_interrupted_run_goes_on_to_the_same_weights_and_guesses(
    faces, runs, maskcls, tiny, monkeypatch
):
    asked = (*FEW, "--unlabelled", "faces", "--set", "self_training.consistency=true", *tiny)
    whole = maskcls("train", *asked, "--name", "whole")
    assert whole.exit_code == 0, whole.output
    with monkeypatch.context() as patch:
        patch.setattr(EpochBar, "on_train_epoch_end", interrupt_after_four_epochs_of_the_second)
        assert maskcls("train", *asked, "--name", "stopped").exit_code == 130
    assert (runs / "stopped" / ".state" / "fold_1" / "last.ckpt").is_file()
    resumed = maskcls("train", *asked, "--name", "stopped", "--resume")
    assert resumed.exit_code == 0, resumed.output
    for name in ("weights/fold_0.safetensors", "weights/fold_1.safetensors", "guesses.parquet"):
        assert (runs / "stopped" / name).read_bytes() == (runs / "whole" / name).read_bytes()


def interrupt_after_four_epochs_of_the_second(bar, trainer, module):
    if bar.bar.desc == "fold_1" and trainer.current_epoch == 4:
        raise KeyboardInterrupt


def test_consistency_teaches_other_images(faces, runs, maskcls, tiny):
    for name, wanted in (("weak", "false"), ("strong", "true")):
        option = ("--set", f"self_training.consistency={wanted}", "--set", "self_training.begin=0")
        result = maskcls("train", *FEW, *option, "--unlabelled", "faces", *tiny, "--name", name)
        assert result.exit_code == 0, result.output
    weights = [(runs / name / "weights" / "fold_0.safetensors").read_bytes()
               for name in ("weak", "strong")]  # fmt: skip
    assert weights[0] != weights[1]


@pytest.mark.parametrize(
    "options",
    [
        ("--set", "optim.sam_rho=0.05"),
        ("--set", "train.mixup=0.2", "--set", "train.ema=0.9"),
        ("--set", "mixing.per_subject=1", "--set", "mixing.schedule=decay"),
        ("--target", "all", "--set", 'model.heads=["mask+gender+age"]'),
    ],
    ids=["sam", "mixup and averaging", "caps and schedule", "18 ways"],
)
def test_it_goes_together_with(faces, runs, maskcls, tiny, options):
    asked = ("--unlabelled", "faces", *tiny, "--name", "r", "--set", "train.epochs=3")
    result = maskcls("train", *FEW, *asked, *options)
    assert result.exit_code == 0, result.output
    assert (runs / "r" / "guesses.parquet").is_file()


@pytest.mark.parametrize(
    "options, code, said",
    [
        (("--unlabelled", "faces:-1"), 2, "--unlabelled faces:-1: the ratio is '-1'"),
        (("--unlabelled", "real"), 2, "named more than once"),
        (("--unlabelled", "faces", "--extra", "faces"), 2, "named more than once"),
        (("--unlabelled", "other"), 2, "so there is nothing to guess"),
        (("--unlabelled", "none"), 2, "no data set 'none'"),
        (("--unlabelled", "nc"), 3, "CC-BY-NC-4.0"),
        (("--unlabelled", "copies"), 3, "under another subject_id"),
        (("--unlabelled", "faces", "--set", "mixing.schedule=pretrain", "--extra", "other"), 2,
         "guesses need real photos first"),
        (("--set", "self_training.consistency=true"), 2, "expected --unlabelled"),
        (("--unlabelled", "faces", "--set", "self_training.threshold=2"), 2, "less than"),
    ],
)  # fmt: skip
def test_refused_before_any_work_with_nothing_written(
    faces, people, runs, maskcls, tiny, options, code, said
):
    none = {"mask": "not_worn", "gender": None, "gender_origin": None}
    people.bare("other", range(20, 24))
    people.write("nc", [{"number": 40, **none}], license="CC-BY-NC-4.0")
    people.write("copies", [{"number": 1, "subject_id": "else:1", **none}])
    result = maskcls("train", *FEW, *tiny, *options, "--name", "r")
    assert result.exit_code == code, result.output
    assert said in result.output
    assert "Traceback" not in result.output
    assert not (runs / "r").exists()


def test_default_data_set_is_not_the_unlabelled_one(people, runs, maskcls, tiny):
    people.bare()
    people.write("faces", [{"number": n, "mask": None, "mask_origin": None, "seed": 1}
                           for n in range(20, 30)])  # fmt: skip
    result = maskcls("train", "--unlabelled", "faces", *tiny, "--folds", "2", "--name", "r",
                     "--set", "train.epochs=1")  # fmt: skip
    assert result.exit_code == 0, result.output
    assert json.loads((runs / "r" / "metrics.json").read_text())["n_images"] == 12
