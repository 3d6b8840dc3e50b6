import numpy as np
import pandas as pd
import pytest

from ingest.errors import DatasetNotFound
from maskcls.config.read import build_config
from maskcls.errors import ArgumentRefused, LeakageFound
from maskcls.data.extras import parse_extra
from maskcls.data.folds import assign_folds
from maskcls.data.leakage import check_apart, check_mix, check_split
from maskcls.data.mixing import choose_data, load_mix, split_mix


def config_of(mixing=None, **run):
    return build_config({"run": {"data": "real", **run}, "mixing": mixing or {}}, "test")


@pytest.fixture
def mixed(people):
    people.bare()
    people.composites(bare=True)
    mix = load_mix(people.root, config_of(extra=["synth_v1"]))
    folds, _ = assign_folds(mix.rows.iloc[mix.data], 3, 0)
    return mix, folds


@pytest.mark.parametrize("text", ["s:-1", "s:nan", "s:inf", "s:many", "s:"])
def test_ratio_that_is_no_share_is_refused(text):
    with pytest.raises(ArgumentRefused, match="0 or more"):
        parse_extra(text)


def test_ratio_defaults_to_one_extra_for_two_photos():
    assert parse_extra("synth_v1").ratio == 0.5


def test_every_row_is_in_exactly_one_part_of_every_split(mixed):
    mix, folds = mixed
    for fold in range(3):
        split = split_mix(mix, folds, fold)
        parts = [split.train, *split.extras, split.validation, split.holdout, split.withheld]
        assert sorted(np.concatenate(parts)) == list(range(len(mix.rows)))


def test_only_real_rows_validate_and_each_once(mixed):
    mix, folds = mixed
    validated = np.concatenate([split_mix(mix, folds, fold).validation for fold in range(3)])
    assert sorted(validated) == mix.data.tolist()
    assert not mix.rows["composite"].iloc[validated].any()


def test_composites_of_validation_people_are_held_out(mixed):
    mix, folds = mixed
    for fold in range(3):
        split = split_mix(mix, folds, fold)
        people = set(mix.rows["subject_id"].iloc[split.validation])
        assert set(mix.rows["subject_id"].iloc[split.holdout]) == people
        assert not people & set(mix.rows["subject_id"].iloc[split.teaching])
        check_split(mix.rows, split)


def test_without_folds_everything_teaches(mixed):
    split = split_mix(mixed[0], None, None)
    assert len(split.teaching) == len(mixed[0].rows)
    assert not len(split.validation)
    assert not len(split.holdout)


def test_real_extra_photos_of_validation_people_are_withheld(people):
    people.bare()
    people.write("more", [{"number": n, "seed": 5, "mask": "not_worn"} for n in range(12)])
    mix = load_mix(people.root, config_of(extra=["more"]))
    folds, _ = assign_folds(mix.rows.iloc[mix.data], 3, 0)
    split = split_mix(mix, folds, 0)
    assert len(split.withheld) == len(split.validation) == 4
    assert not len(split.holdout)
    check_split(mix.rows, split)


def test_rows_of_an_extra_that_lack_a_label_still_teach_the_others(people):
    people.bare()
    rows = [{"number": n, "seed": 3, "mask": "worn", "gender": None, "age": None} for n in range(4)]
    people.write("partial", [*rows, {**rows[0], "number": 9, "mask": None, "drawn": "worn"}])
    mix = load_mix(people.root, config_of(extra=["partial"]))
    assert (mix.rows["role"] == 1).sum() == 4
    assert mix.left_out == {"real": 0, "partial": 1}


def test_training_boundaries_move_what_is_taught_and_not_what_is_scored(people):
    people.write("real", [{"number": 0, "age": 58.0}, {"number": 1, "age": 30.0}])
    rows = load_mix(people.root, config_of(train_age_boundaries=[30, 58])).rows
    assert rows["age"].tolist() == [1, 1]
    assert rows["taught_age"].tolist() == [2, 1]


def test_composites_as_data_need_stand_in(people):
    people.bare("photos")
    people.composites("real", of="photos")
    with pytest.raises(ArgumentRefused, match=r"24 of 24 images are composites.*--stand-in"):
        load_mix(people.root, config_of())
    assert len(load_mix(people.root, config_of(stand_in=True)).rows) == 24


def test_extra_that_is_the_data_is_refused(people):
    people.bare()
    with pytest.raises(ArgumentRefused, match="real is named more than once"):
        load_mix(people.root, config_of(extra=["real:1"]))


def test_unknown_extra_is_refused_with_those_there(people):
    people.bare()
    with pytest.raises(DatasetNotFound, match="There: real"):
        load_mix(people.root, config_of(extra=["synth_v9"]))


def test_data_defaults_to_the_only_labelled_real_set(people):
    people.bare("portraits")
    people.composites(of="portraits")
    assert choose_data(people.root, ["synth_v1"]) == "portraits"


def test_data_prefers_the_competition_set(people):
    people.bare("portraits")
    people.bare("boostcamp_mask")
    assert choose_data(people.root, []) == "boostcamp_mask"


def test_several_real_sets_are_listed_and_none_is_chosen(people):
    people.bare("one")
    people.bare("two")
    with pytest.raises(ArgumentRefused, match="one, two"):
        choose_data(people.root, [])


def test_extra_with_the_same_files_under_other_people_is_a_leak(people):
    people.bare()
    renamed = [{"number": n, "mask": "not_worn", "subject_id": f"other:{n}"} for n in range(12)]
    people.write("derived", renamed)
    mix = load_mix(people.root, config_of(extra=["derived"]))
    with pytest.raises(LeakageFound, match="12 images are the same files as 'real'"):
        check_mix(mix)


def test_composite_under_another_person_than_its_photo_is_a_leak(people):
    people.bare()
    photo = people.bare().records()["image_id"].iloc[0]
    people.write("derived", [{"number": 0, "seed": 9, "mask": "worn", "parent_id": photo,
                              "mask_origin": "synthetic", "subject_id": "other:0"}])  # fmt: skip
    mix = load_mix(people.root, config_of(extra=["derived"]))
    with pytest.raises(LeakageFound, match="made from photos of 'real'"):
        check_mix(mix)


@pytest.mark.parametrize(
    "taught, judged",
    [
        ({"subject_id": "p"}, {"subject_id": "p"}),
        ({"sha256": "f"}, {"sha256": "f"}),
        ({"parent_id": "i"}, {"image_id": "i"}),
        ({"image_id": "i"}, {"parent_id": "i"}),
        ({"parent_id": "i"}, {"parent_id": "i"}),
    ],
)
def test_guard_finds_every_link(taught, judged):
    def row(side, values):
        plain = {"subject_id": f"{side}1", "sha256": f"{side}2", "image_id": f"{side}3"}
        return pd.DataFrame([{**plain, "parent_id": None, **values}])

    check_apart(row("a", {}), row("b", {}), "fold 0")
    with pytest.raises(LeakageFound):
        check_apart(row("a", taught), row("b", judged), "fold 0")


def test_photo_without_a_face_box_takes_that_of_its_composite(people):
    people.bare()
    box = {"face_x0": 10.0, "face_y0": 8.0, "face_x1": 38.0, "face_y1": 54.0}
    photo = people.bare().records()["image_id"].iloc[0]
    people.write("synth_v1", [{"number": 0, "seed": 1, "mask": "worn", "parent_id": photo,
                               "mask_origin": "synthetic", **box}])  # fmt: skip
    rows = load_mix(people.root, config_of(extra=["synth_v1"])).rows
    assert rows[list(box)].iloc[0].tolist() == list(box.values())
    assert rows[list(box)].iloc[1:12].isna().all().all()


@pytest.mark.parametrize("least, taught", [(0.0, [0, 1, 0]), (0.95, [0, 1, -1])])
def test_guesses_of_a_model_teach_where_they_are_sure_and_are_never_scored(people, least, taught):
    sure = {"gender_origin": "pseudo", "gender_confidence": 0.97, "mask": "not_worn"}
    unsure = {**sure, "gender_confidence": 0.9}
    people.write("real", [{"number": 0, "mask": "not_worn"}, {"number": 1, **sure},
                          {"number": 2, **unsure}])  # fmt: skip
    rows = load_mix(people.root, config_of(mixing={"min_confidence": least})).rows
    assert rows["gender"].tolist() == [0, -1, -1]
    assert rows["taught_gender"].tolist() == taught
    alone = load_mix(people.root, config_of(target="gender")).rows
    assert alone["taught_gender"].tolist() == [0]  # what labels others learns from no guess


def test_guesses_that_may_not_teach_leave_the_mix_of_a_run_that_needs_them(people):
    people.bare()
    guess = {"gender_origin": "pseudo", "mask": "not_worn", "seed": 5}
    people.write("more", [{"number": n, "gender_confidence": 0.94 + 0.02 * (n < 50), **guess}
                          for n in range(40, 60)])  # fmt: skip
    mix = load_mix(people.root, config_of(extra=["more"], target="gender"))
    assert (mix.rows["role"] == 1).sum() == 10
    assert mix.left_out == {"real": 0, "more": 10}
