"""Pseudo labels on disk: several axes beside each other, each undone alone."""

import json

import pandas as pd
import pytest

from ingest.records import age_group_index
from synth.errors import NothingPromised
from synth.pseudo.storing import PERCEIVED, overlay_path, store, undo, without_label


@pytest.fixture
def faces(write_people):
    return write_people("faces", range(500, 503), gender=None, gender_origin=None, age=None,
                        age_origin=None)  # fmt: skip


def labels(dataset, *words):
    ids = dataset.records()["image_id"][: len(words)]
    return pd.DataFrame({"image_id": ids, "word": words, "confidence": 0.97})


def details(dataset):
    return json.loads(dataset.card_path.read_text())["maskcls"]


def test_each_axis_is_undone_alone_and_the_strictest_purpose_holds(faces, place):
    before = faces.card_path.read_bytes()
    store(faces, "gender", labels(faces, "male", "female"), "run a", "research", {"n": 2})
    store(faces, "age", labels(faces, ">=60", "<30", "30-59"), "run b", "commercial", {"n": 3})
    assert details(faces)["purpose"] == "research"
    assert details(faces)["caveats"] == [PERCEIVED]
    assert set(details(faces)["pseudo_labels"]["axes"]) == {"gender", "age"}
    assert undo(place / "data", [], "gender") == ["faces"]
    assert details(faces)["purpose"] == "commercial"
    assert details(faces)["caveats"] == [PERCEIVED]
    assert age_group_index(faces.records()).tolist() == [2, 0, 1]
    undo(place / "data", ["faces"], "age")
    assert faces.card_path.read_bytes() == before
    assert not overlay_path(faces, "age").parent.exists()


def test_what_an_earlier_run_gave_does_not_count_as_a_label(faces):
    store(faces, "age", labels(faces, ">=60"), "run b", "commercial", {})
    assert len(without_label(faces, "age", named=True)) == 3


def test_a_range_of_years_is_a_label_of_age(write_people):
    binned = write_people("binned", range(510, 512), age=None, age_low=30, age_high=39)
    assert without_label(binned, "age", named=False).empty


def test_undoing_where_there_is_nothing_names_it_and_changes_nothing(faces, place):
    store(faces, "gender", labels(faces, "male"), "run a", "commercial", {})
    with pytest.raises(NothingPromised, match="taught: has no pseudo labels of gender"):
        undo(place / "data", ["faces", "taught"], "gender")
    assert overlay_path(faces, "gender").is_file()
