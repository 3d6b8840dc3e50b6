import socket

import pytest
import timm
import torch
from safetensors.torch import save_file

from maskcls.config.heads import parse_heads
from maskcls.config.sections import ModelConfig
from maskcls.errors import (
    ArgumentRefused,
    BackboneUnknown,
    PretrainedUnavailable,
    WeightsInvalid,
)
from maskcls.network.models import (
    FaceClassifier,
    check_input,
    fetch_weights,
    find_source,
    load_backbone,
    load_model,
    save_model,
)

TINY = ModelConfig(backbone="test_resnet")
HEADS = parse_heads(TINY.heads, "all")


@pytest.fixture
def offline(monkeypatch, tmp_path):
    def refuse(*args, **kwargs):
        message = "no network"
        raise OSError(message)

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))


@pytest.mark.parametrize("hidden", [0, 7])
@pytest.mark.parametrize(
    "heads, shapes",
    [
        (["mask", "gender", "age"], [3, 2, 3]),
        (["mask", "gender+age"], [3, 6]),
        (["mask+gender+age"], [18]),
    ],
)
def test_network_gives_the_logits_of_every_head(heads, shapes, hidden):
    parsed = parse_heads(heads, "all")
    model = FaceClassifier(ModelConfig(backbone="test_resnet", hidden=hidden), parsed)
    logits = model(torch.zeros(2, 3, 32, 32))
    assert [tuple(logits[head.name].shape) for head in parsed] == [(2, n) for n in shapes]


@pytest.mark.parametrize("heads", [["mask"], ["mask", "mask", "age"], ["mask", "face", "age"]])
def test_heads_that_are_not_the_three_axes_are_refused(heads):
    with pytest.raises(ArgumentRefused, match="each of mask, gender, age once"):
        parse_heads(heads, "all")


def test_target_cuts_the_heads_down():
    assert [head.name for head in parse_heads(["mask", "gender+age"], "age")] == ["age"]


def test_unknown_backbone_names_the_nearest():
    with pytest.raises(BackboneUnknown, match="resnet10t"):
        find_source("resnet10", pretrained=False, weights="")


def test_backbone_without_pretrained_weights_names_the_ways_out():
    bare = next(name for name in timm.list_models("resnet*") if not timm.is_model_pretrained(name))
    with pytest.raises(ArgumentRefused, match="--no-pretrained"):
        find_source(bare, pretrained=True, weights="")


def test_licence_of_pretrained_weights_is_timms():
    source = find_source("test_resnet", pretrained=True, weights="")
    assert (source.name, source.license) == ("test_resnet.r160_in1k", "apache-2.0")


def test_no_network_is_one_line_with_the_ways_out(offline):
    source = find_source("test_resnet", pretrained=True, weights="")
    with pytest.raises(PretrainedUnavailable, match=r"--weights FILE.*--no-pretrained") as caught:
        fetch_weights(source)
    assert "\n" not in str(caught.value)


def test_weights_file_of_the_bare_backbone_is_loaded(tmp_path):
    theirs = timm.create_model("test_resnet", num_classes=5)
    path = tmp_path / "backbone.safetensors"
    save_file(theirs.state_dict(), path)
    model = FaceClassifier(TINY, HEADS)
    source = find_source("test_resnet", pretrained=True, weights=str(path))
    load_backbone(model, source, fetch_weights(source))
    own = model.backbone.state_dict()
    assert all(torch.equal(value, theirs.state_dict()[key]) for key, value in own.items())


def test_weights_of_another_backbone_are_refused(tmp_path):
    path = tmp_path / "other.safetensors"
    save_file(timm.create_model("test_efficientnet").state_dict(), path)
    source = find_source("test_resnet", pretrained=True, weights=str(path))
    with pytest.raises(WeightsInvalid, match="tensors missing"):
        load_backbone(FaceClassifier(TINY, HEADS), source, path)


def test_pickled_weights_are_refused_unread(tmp_path):
    path = tmp_path / "weights.pt"
    torch.save({"a": torch.zeros(1)}, path)
    source = find_source("test_resnet", pretrained=True, weights=str(path))
    with pytest.raises(WeightsInvalid, match="not readable as safetensors"):
        load_backbone(FaceClassifier(TINY, HEADS), source, path)


def test_saved_model_gives_the_same_logits(tmp_path):
    model = FaceClassifier(TINY, HEADS).eval()
    save_model(model, tmp_path / "m.safetensors")
    loaded = load_model(tmp_path / "m.safetensors", TINY, HEADS)
    images = torch.rand(2, 3, 32, 32)
    for name, logits in model(images).items():
        torch.testing.assert_close(loaded(images)[name], logits)


def test_backbone_made_for_one_size_is_made_for_the_configured_one(tmp_path):
    config = ModelConfig(backbone="test_vit", dropout=0.0)
    model = FaceClassifier(config, HEADS, (96, 80)).eval()
    assert set(model(torch.zeros(1, 3, 96, 80))) == {head.name for head in HEADS}
    save_model(model, tmp_path / "m.safetensors")
    loaded = load_model(tmp_path / "m.safetensors", config, HEADS, (96, 80))
    images = torch.rand(1, 3, 96, 80)
    torch.testing.assert_close(loaded(images)["mask"], model(images)["mask"])


def test_backbone_that_cannot_take_the_images_is_refused_with_their_size():
    check_input(TINY, HEADS, (33, 47))
    with pytest.raises(ArgumentRefused, match="90×80 pixels"):
        check_input(ModelConfig(backbone="test_vit"), HEADS, (90, 80))
