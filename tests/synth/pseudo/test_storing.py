"""Pseudo labels on disk: several axes beside each other, each undone alone."""

import json

import pandas as pd
import pytest

from ingest.errors import IngestError
from ingest.pseudo_labels import PERCEIVED
from ingest.pulling.pull import _keep_overlays
from ingest.records import age_group_index
from synth.errors import NothingPromised
from synth.pseudo.storing import overlay_path, store, undo, without_label


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


def test_pulled_again_a_set_is_still_held_to_the_purpose_of_its_labels(faces, write_people):
    store(faces, "gender", labels(faces, "male"), "run a", "research", {})
    fresh = write_people("fresh", range(500, 503), gender=None, gender_origin=None)
    _keep_overlays(faces.folder, fresh.folder)
    assert details(fresh)["purpose"] == "research"
    assert overlay_path(fresh, "gender").is_file()


@pytest.mark.parametrize(
    "wrong", [[], {"axes": {}}, {"before": {}, "axes": {}},
              {"before": {"purpose": None, "caveats": None}, "axes": {"gender": {}}}],
)  # fmt: skip
def test_a_card_that_somebody_edited_is_refused_in_words(faces, wrong):
    card = json.loads(faces.card_path.read_text())
    card["maskcls"]["pseudo_labels"] = wrong
    faces.card_path.write_text(json.dumps(card))
    with pytest.raises(IngestError, match="pseudo_labels cannot be read"):
        store(faces, "gender", labels(faces, "male"), "run a", "commercial", {})
    assert not overlay_path(faces, "gender").exists()


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
