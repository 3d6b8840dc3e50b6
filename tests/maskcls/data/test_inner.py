import numpy as np
import pytest

from maskcls.config.read import build_config
from maskcls.errors import ArgumentRefused
from maskcls.data.folds import assign_folds
from maskcls.data.inner import FLATTERED, set_aside
from maskcls.data.mixing import load_mix, related_to, split_mix
from maskcls.runs.folder import Run


@pytest.fixture
def mix(people):
    people.every_mask(people=range(12))
    people.composites(people=range(12))
    config = build_config({"run": {"data": "real", "extra": ["synth_v1"]}}, "test")
    return load_mix(people.root, config)


def test_people_set_aside_teach_in_no_picture_and_are_no_validation_people(mix):
    fold_of, _ = assign_folds(mix.rows.iloc[mix.data], 3, 0)
    split = split_mix(mix, fold_of, 1)
    left, judges = set_aside(mix, split, seed=0)
    people = mix.rows["subject_id"].to_numpy()
    assert 0 < len(set(people[judges])) < len(set(people[split.train])) / 2
    assert not set(people[judges]) & set(people[left.teaching])
    assert not set(people[judges]) & set(people[split.validation])
    assert sorted([*left.train, *judges]) == split.train.tolist()
    assert not related_to(mix.rows, judges)[left.teaching].any()
    assert np.array_equal(left.validation, split.validation)
    assert len(left.extras[0]) < len(split.extras[0])


def test_one_person_cannot_be_set_aside(people):
    people.every_mask(people=range(2))
    mix = load_mix(people.root, build_config({"run": {"data": "real"}}, "test"))
    split = split_mix(mix, assign_folds(mix.rows, 2, 0)[0], 0)
    with pytest.raises(ArgumentRefused, match="1 people teach fold_0"):
        set_aside(mix, split, seed=0)


@pytest.mark.parametrize("judge, said", [("validation", True), ("inner", False)])
def test_run_says_whether_its_score_was_chosen(people, runs, maskcls, tiny, judge, said, tmp_path):
    people.every_mask(people=range(8))
    result = maskcls(
        "train", *tiny, "--folds", "2", "--set", "train.epochs=1", "--set", "train.select=macro_f1",
        "--set", f"train.select_on={judge}", "--name", "r",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    run = Run(runs / "r")
    metrics = run.read_json("metrics.json")
    assert {model["selected_on"] for model in metrics["models"]} == {judge}
    assert len(run.table("oof.parquet")) == 24
    assert maskcls("evaluate", "r", "--html", tmp_path / "page.html").exit_code == 0
    places = [(run.folder / "model_card.md").read_text(), (tmp_path / "page.html").read_text()]
    assert [FLATTERED[1:] in text for text in places] == [said, said]
    assert ("note_on_selection" in metrics) == said
