import json

import pytest

from ingest.card import licence_url, read_details, skipped_list, write_card
from ingest.errors import IngestError


@pytest.fixture
def composed(make_dataset):
    rows = [{"mask": "incorrect", "mask_origin": "synthetic", "license": "CC-BY-4.0",
             "attribution": "Ann"},
            {"license": "LicenseRef-research-only", "attribution": "Bob"}]  # fmt: skip
    details = {"parents": ["photos"], "made_by": "synth masks --seed 0", "purpose": "research",
               "skipped": skipped_list([("b.jpg", "no face"), ("a.jpg", "no face")])}  # fmt: skip
    return make_dataset("synth_v1", rows, details)


def test_a_composite_set_says_which_machine_labelled_it(composed):
    card = composed.card()
    assert card["rai:machineAnnotationTools"] == ["synth masks --seed 0"]
    assert "synthetic" in card["rai:dataAnnotationProtocol"]
    assert card["maskcls"]["skipped"][0] == {"path": "a.jpg", "reason": "no face"}
    assert "2 files were left out" in card["rai:dataLimitations"]
    assert [creator["name"] for creator in card["creator"]] == ["Ann", "Bob"]


def test_every_licence_of_the_rows_is_named(composed):
    assert composed.card()["license"] == ["https://spdx.org/licenses/CC-BY-4.0.html",
                                          "LicenseRef-research-only"]  # fmt: skip
    assert licence_url("NOASSERTION") == ""


def test_croissant_keeps_to_its_standard(composed):
    mlcroissant = pytest.importorskip("mlcroissant")
    read = mlcroissant.Dataset(jsonld=composed.card_path)
    assert not read.metadata.ctx.issues.errors
    row = next(iter(read.records("records")))
    assert row["records/license"] == b"CC-BY-4.0"


def test_the_same_records_give_the_same_card(composed):
    before = composed.card_path.read_bytes()
    write_card(composed, composed.records(), title="synth_v1", description="made",
               details=json.loads(before)["maskcls"])  # fmt: skip
    assert composed.card_path.read_bytes() == before


@pytest.mark.parametrize("details", [
    5, {"acceptances": "x"}, {"acceptances": [1]}, {"purpose": 5}, {"parents": [{}]},
    {"skipped": {"path": "x"}},
])  # fmt: skip
def test_a_card_that_was_tampered_with_is_named(composed, details):
    card = composed.card() | {"maskcls": details}
    composed.card_path.write_text(json.dumps(card))
    with pytest.raises(IngestError, match=r"dataset\.json: .* cannot be read"):
        read_details(composed)
