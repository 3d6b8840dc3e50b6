import pytest

from ingest.dataset import open_dataset
from ingest.licences.gate import LicenceRefused
from maskcls.config.read import build_config
from maskcls.network.models import BackboneSource
from maskcls.runs.folder import Run
from maskcls.runs.lineage import helpers_of, pass_licences

SCRATCH = BackboneSource("scratch", "test_resnet")


def timm_source(license):
    return BackboneSource("timm", "net.tag", license)


@pytest.fixture
def free(people):
    people.bare(license="CC0-1.0")
    return [open_dataset(people.root, "real")]


def test_licence_of_the_backbone_joins_that_of_the_data(free):
    passage = pass_licences(free, timm_source("apache-2.0"), None)
    assert passage.effective == "Apache-2.0 AND CC0-1.0"
    assert pass_licences(free, SCRATCH, None).effective == "CC0-1.0"


@pytest.mark.parametrize("license", ["cc-by-nc-4.0", "dinov3-license", "NOASSERTION"])
def test_backbone_that_does_not_permit_commercial_use_is_refused(free, license):
    with pytest.raises(LicenceRefused, match=r"net\.tag"):
        pass_licences(free, timm_source(license), "commercial")


def test_non_commercial_backbone_passes_for_research(free):
    passage = pass_licences(free, timm_source("cc-by-nc-4.0"), "research")
    assert passage.purpose == "research"
    assert passage.terms["commercial"] == "no"


def test_weights_of_the_user_leave_the_licence_unknown_and_say_so(free, tmp_path):
    source = BackboneSource("file", "mine.safetensors", "NOASSERTION", tmp_path)
    passage = pass_licences(free, source, None)
    assert "NOASSERTION" in passage.effective
    assert passage.terms["commercial"] == "unknown"
    assert passage.reasons == ("mine.safetensors: given with --weights; its licence is not known",)


def test_extra_of_a_stricter_licence_refuses_the_mix(people, free):
    people.composites(license="CC-BY-NC-4.0")
    with pytest.raises(LicenceRefused, match=r"synth_v1.*CC-BY-NC-4\.0"):
        pass_licences([*free, open_dataset(people.root, "synth_v1")], SCRATCH, "commercial")


def test_model_that_removes_backgrounds_is_asked_and_listed(people, free, maskcls, runs, tiny):
    config = build_config(
        {"model": {"groups": [{"heads": ["mask"], "set": {"data": {"background": "removed"}}},
                              {"heads": ["gender", "age"]}]}}, "test",
    )  # fmt: skip
    (name,) = helpers_of(config)
    assert pass_licences(free, SCRATCH, None, [name]).effective == "Apache-2.0 AND CC0-1.0"
    assert helpers_of(build_config({}, "test")) == []
    result = maskcls("train", *tiny, "--folds", "none", "--set", "data.background=removed",
                     "--set", "train.max_steps=1", "--name", "r")  # fmt: skip
    assert result.exit_code == 0, result.output
    lineage = Run(runs / "r").read_json("lineage.json")
    assert [model["name"] for model in lineage["models"]] == ["test_resnet", name]
    assert lineage["effective_license"] == "Apache-2.0 AND CC0-1.0"
