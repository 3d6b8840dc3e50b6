import math

import pandas as pd
import pytest

from ingest import labels
from ingest.errors import RecordsInvalid
from ingest.records import age_group_index, read_records


def overlay(image, axis, value, origin="correction", confidence=math.nan):
    return {"image_id": image, "axis": axis, "value": value, "confidence": confidence,
            "origin": origin, "made_by": "test"}  # fmt: skip


@pytest.fixture
def dataset(make_dataset):
    return make_dataset("set", [
        {"gender": "male", "gender_origin": "label", "mask": "not_worn", "wear_state": "none"},
        {"age_low": 40, "age_high": 49, "age_origin": "label"},
        {},
    ])  # fmt: skip


def ids(dataset):
    return read_records(dataset.records_path)["image_id"].tolist()


def lay(dataset, step, *rows):
    return labels.write_overlay(dataset.folder, step, pd.DataFrame(rows))


def test_a_correction_replaces_and_says_so(dataset):
    first = ids(dataset)[0]
    lay(dataset, "fix", overlay(first, "gender", "female"), overlay(first, "mask", "worn"))
    row = dataset.records().iloc[0]
    assert (row["gender"], row["gender_origin"]) == ("female", "correction")
    assert row["mask"] == "worn"
    assert pd.isna(row["wear_state"])


@pytest.mark.parametrize(("group", "code"), [("<30", 0), ("30-59", 1), (">=60", 2)])
def test_an_age_group_becomes_a_range_of_years(dataset, group, code):
    lay(dataset, "age", *(overlay(i, "age", group, "pseudo", 0.9) for i in ids(dataset)))
    records = dataset.records()
    assert records["age"].isna().all()
    assert age_group_index(records).tolist() == [code, 1, code]
    assert records["age_origin"].tolist() == ["pseudo", "label", "pseudo"]


def test_a_pseudo_label_fills_only_what_is_empty(dataset):
    lay(dataset, "gender", *(overlay(i, "gender", "female", "pseudo", 0.97) for i in ids(dataset)))
    lay(dataset, "age", *(overlay(i, "age", "20", "pseudo", 0.9) for i in ids(dataset)))
    records = dataset.records()
    assert records["gender"].tolist() == ["male", "female", "female"]
    assert records["gender_origin"].tolist() == ["label", "pseudo", "pseudo"]
    assert records["gender_confidence"].iloc[1] == pytest.approx(0.97)
    assert records["age"].fillna(-1).tolist() == [20, -1, 20]


@pytest.mark.parametrize("steps", [("a", "z"), ("z", "a")])
def test_a_correction_lies_over_a_pseudo_label_whatever_the_names(dataset, steps):
    last = ids(dataset)[2]
    lay(dataset, steps[0], overlay(last, "gender", "female", "pseudo", 0.99))
    lay(dataset, steps[1], overlay(last, "gender", "male"))
    assert dataset.records()["gender"].iloc[2] == "male"


def test_removing_an_overlay_undoes_it(dataset):
    before = dataset.records()
    lay(dataset, "fix", overlay(ids(dataset)[0], "gender", "female")).unlink()
    pd.testing.assert_frame_equal(dataset.records(), before)


def test_a_corrected_age_replaces_a_bin(dataset):
    lay(dataset, "fix", overlay(ids(dataset)[1], "age", "63"))
    row = dataset.records().iloc[1]
    assert row["age"] == 63
    assert pd.isna(row["age_low"])


def test_overlays_of_images_that_went_are_left_alone(dataset):
    lay(dataset, "old", overlay("0" * 20, "gender", "female"))
    assert dataset.records()["gender"].tolist()[0] == "male"


def test_a_bad_overlay_is_refused_with_every_row(dataset):
    first = ids(dataset)[0]
    with pytest.raises(RecordsInvalid) as caught:
        lay(dataset, "bad", overlay(first, "gender", "F"), overlay(first, "age", "old"),
            overlay(first, "hair", "red"), overlay(first, "mask", "worn", origin="label"),
            overlay(first, "mask", "worn"))  # fmt: skip
    assert len(caught.value.problems) == 5
    assert not (dataset.folder / "labels").exists()


def test_a_broken_overlay_file_is_named(dataset):
    folder = dataset.folder / "labels"
    folder.mkdir()
    (folder / "x.parquet").write_bytes(b"nothing")
    with pytest.raises(RecordsInvalid, match=r"x\.parquet: cannot be read"):
        dataset.records()
