import json

import numpy as np
import pandas as pd
import pytest
import torch

from maskcls.config.heads import Head
from maskcls.config.sections import ModelConfig
from maskcls.evaluation.gradcam import grad_cam
from maskcls.evaluation.worst_errors import overlay, worst_errors
from maskcls.network.models import FaceClassifier

MASK, JOINT = Head(("mask",)), Head(("mask", "gender"))


def network(backbone, head):
    torch.manual_seed(0)
    return FaceClassifier(ModelConfig(backbone=backbone), [head]).eval().requires_grad_(False)


def test_before_a_mean_and_a_linear_layer_it_is_the_class_activation_map():
    """Zhou et al. 2016: the features weighted by the class's own weights."""
    model, images = network("test_resnet", MASK), torch.rand(2, 3, 64, 64)
    found = grad_cam(model, MASK, "mask", images, torch.tensor([1, 2]))
    features = model.backbone.forward_features(images)
    weights = model.heads["mask"].weight[[1, 2]]
    expected = torch.einsum("nc,nchw->nhw", weights, features).relu()
    large = torch.nn.functional.interpolate(expected[:, None], size=(64, 64), mode="bilinear")[:, 0]
    large = large / large.amax(dim=(1, 2), keepdim=True)
    np.testing.assert_allclose(found, large.numpy(), atol=1e-4)


@pytest.mark.parametrize("backbone", ["test_resnet", "test_efficientnet", "test_nfnet", "test_vit",
                                      "test_convnext", "test_mambaout"])  # fmt: skip
def test_every_kind_of_backbone_has_a_map_of_its_own_for_each_class(backbone):
    model, images = network(backbone, JOINT), torch.rand(2, 3, 160, 160)
    maps = [grad_cam(model, JOINT, "mask", images, torch.tensor([c, c])) for c in (0, 1)]
    for found in maps:
        assert found.shape == (2, 160, 160)
        assert found.min() >= 0
        assert found.max() == pytest.approx(1)
    assert np.abs(maps[0] - maps[1]).max() > 1e-3


def test_overlay_leaves_what_is_not_looked_at_grey():
    image = np.full((4, 6, 3), (90, 120, 150), np.uint8)
    heat = np.zeros((4, 6), np.float32)
    heat[0, 0] = 1
    shown = overlay(image, heat)
    assert shown[2, 3].tolist() == [120, 120, 120]
    assert np.ptp(shown[0, 0].astype(int)) > 50


def test_worst_errors_are_the_surest_and_one_of_a_person():
    scores = [(0.9, 0.1, 0.0), (0.95, 0.05, 0.0), (0.2, 0.1, 0.7), (0.6, 0.4, 0.0)]
    table = pd.DataFrame(scores, columns=["score_mask_worn", "score_mask_incorrect",
                                          "score_mask_not_worn"])  # fmt: skip
    table = table.assign(
        target_mask=[1, 1, 2, 1], subject_id=["a", "a", "b", "c"], fold=[0, 0, 0, 1],
        image_id=["i0", "i1", "i2", "i3"], dataset="real",
    )  # fmt: skip
    found = worst_errors(table)
    assert [error["image_id"] for error in found] == ["i1", "i3"]
    assert (found[0]["true"], found[0]["decided"]) == ("incorrect", "worn")
    assert found[0]["score_decided"] == pytest.approx(0.95)
    json.dumps(found)


def test_page_shows_where_the_network_looked_unless_pictures_are_unwanted(
    people, maskcls, tiny, tmp_path
):
    people.every_mask(people=range(8))
    people.composites(people=range(8))
    trained = maskcls(
        "train", "--data", "real", "--extra", "synth_v1", *tiny, "--folds", "2", "--set",
        "train.epochs=1", "--name", "r",
    )  # fmt: skip
    assert trained.exit_code == 0, trained.output
    page = tmp_path / "page.html"
    people.every_mask("new", people=range(20, 26))
    for options in ((), ("--data", "new")):
        result = maskcls("evaluate", "r", *options, "--html", page, "--out", tmp_path / "e.json")
        assert result.exit_code == 0, result.output
        errors = json.loads((tmp_path / "e.json").read_text())["worst_errors"]
        count = sum(len(part) for part in errors.values())
        assert count > 0
        assert page.read_text().count("data:image/jpeg") == 3 * count
    assert maskcls("evaluate", "r", "--html", page, "--no-thumbnails").exit_code == 0
    assert "worst errors" in page.read_text()
    assert "data:image/jpeg" not in page.read_text()
