import pytest

from ingest.licences.acceptances import make_acceptance
from ingest.licences.gate import LicenceRefused, combine, pass_gate, pass_model
from ingest.manifests.read import UnknownManifest

SENTENCE = "For research purposes only."


def statement(dataset: str, license_id: str) -> dict:
    return {"dataset": dataset, "license": license_id, "quote": SENTENCE, "url": "https://x.org",
            "stated_by": "owner", "read_on": "2025-01-01", "attribution": ""}  # fmt: skip


@pytest.fixture
def pulled(make_dataset):
    def make(name, license_id, purpose="commercial", **details):
        rows = [{"license": license_id}, {"license": license_id}]
        card = {"purpose": purpose, "statements": [statement(name, license_id)], **details}
        return make_dataset(name, rows, card)

    return make


def test_a_passage_carries_what_must_travel(pulled):
    passage = pass_gate([pulled("a", "CC-BY-4.0"), pulled("b", "CC0-1.0")], "synth")
    assert passage.purpose == "commercial"
    assert passage.licenses == {"a": ("CC-BY-4.0",), "b": ("CC0-1.0",)}
    assert passage.effective == "CC-BY-4.0 AND CC0-1.0"
    assert passage.terms["attribution"] == "yes"
    assert passage.details()["statements"] == [statement("a", "CC-BY-4.0"),
                                               statement("b", "CC0-1.0")]  # fmt: skip


def test_a_refusal_names_the_set_the_sentence_and_the_way_out(pulled):
    with pytest.raises(LicenceRefused) as caught:
        pass_gate([pulled("a", "LicenseRef-research-only", "research")], "train", "commercial")
    assert caught.value.exit_code == 3
    text = str(caught.value)
    assert "a: was pulled for research" in text
    assert SENTENCE in text
    assert "--purpose research" in text


def test_every_set_that_stands_in_the_way_is_named(pulled):
    sets = [pulled("a", "CC-BY-NC-4.0"), pulled("b", "CC-BY-ND-4.0"), pulled("c", "MIT")]
    with pytest.raises(LicenceRefused) as caught:
        pass_gate(sets, "synth", "commercial")
    assert [reason[0] for reason in caught.value.reasons] == ["a", "b"]


def test_the_default_purpose_is_the_strictest_that_was_pulled_for(pulled):
    research, commercial = pulled("r", "MIT", "research"), pulled("c", "MIT", "commercial")
    assert pass_gate([research], "train").purpose == "research"
    assert pass_gate([commercial], "train").purpose == "commercial"
    with pytest.raises(LicenceRefused, match="r: was pulled for research"):
        pass_gate([research, commercial], "train")
    assert pass_gate([research, commercial], "train", "research").purpose == "research"


def test_an_acceptance_opens_only_its_purpose(pulled):
    accepted = make_acceptance(statement("a", "NOASSERTION"), "research")
    dataset = pulled("a", "NOASSERTION", "research", acceptances=[accepted])
    passage = pass_gate([dataset], "synth")
    assert passage.acceptances == (accepted,)
    assert any("rest on an acceptance" in reason for reason in passage.reasons)
    with pytest.raises(LicenceRefused):
        pass_gate([dataset], "synth", "commercial")
    with pytest.raises(LicenceRefused, match="redistribution"):
        pass_gate([dataset], "share")


def test_an_acceptance_for_commercial_use_covers_research(pulled):
    accepted = make_acceptance(statement("a", "NOASSERTION"), "commercial")
    dataset = pulled("a", "NOASSERTION", "commercial", acceptances=[accepted])
    assert pass_gate([dataset], "train", "research").purpose == "research"


def test_an_acceptance_does_not_overturn_a_prohibition(pulled):
    accepted = {**statement("a", "CC-BY-ND-4.0"), "purpose": "research",
                "accepted": ["derivatives", "commercial", "gated"]}  # fmt: skip
    with pytest.raises(LicenceRefused, match="does not permit making derivatives"):
        pass_gate([pulled("a", "CC-BY-ND-4.0", "research", acceptances=[accepted])], "synth")


def test_a_composite_set_is_asked_like_its_photos(pulled):
    accepted = make_acceptance(statement("photos", "NOASSERTION"), "research")
    parent = pulled("photos", "NOASSERTION", "research", acceptances=[accepted])
    details = pass_gate([parent], "synth").details()
    child = pulled("synth_v1", "NOASSERTION", parents=["photos"], **details)
    assert pass_gate([child], "train").purpose == "research"
    with pytest.raises(LicenceRefused, match="synth_v1: was pulled for research"):
        pass_gate([child], "train", "commercial")


def test_one_row_under_another_licence_counts(make_dataset):
    dataset = make_dataset("mixed", [{"license": "CC-BY-2.0"}, {"license": "CC-BY-NC-2.0"}])
    with pytest.raises(LicenceRefused, match=r"CC-BY-NC-2\.0 does not permit commercial"):
        pass_gate([dataset], "train", "commercial")


def test_models_pass_the_same_gate():
    assert pass_model("mediapipe_face_mesh", "synth", "commercial").effective == "Apache-2.0"
    weights = pass_model("timm_weights/resnet18", "train", "commercial", "apache-2.0")
    assert weights.licenses == {"timm_weights/resnet18": ("Apache-2.0",)}
    with pytest.raises(LicenceRefused, match="does not permit commercial use"):
        pass_model("timm_weights/x", "train", "commercial", "cc-by-nc-4.0")
    with pytest.raises(LicenceRefused, match="Choose another model"):
        pass_model("timm_weights/x", "train", "research")
    with pytest.raises(UnknownManifest, match="no manifest of a model 'dlib'"):
        pass_model("dlib", "synth")


def test_a_mix_of_sets_and_models_keeps_the_narrower_purpose(pulled):
    data = pass_gate([pulled("a", "CC-BY-NC-4.0", "research")], "train")
    model = pass_model("timm_weights/x", "train", "commercial", "mit")
    mix = combine([data, model])
    assert mix.purpose == "research"
    assert mix.effective == "CC-BY-NC-4.0 AND MIT"
    assert mix.licenses.keys() == {"a", "timm_weights/x"}
