import pytest
import torch
from torch.nn import functional

from maskcls.config.heads import Head, parse_heads
from maskcls.config.sections import LossConfig, ModelConfig
from maskcls.network.layers import YEARS, CosineLinear, OrdinalLinear, make_classifier
from maskcls.network.losses import Target, cross_entropy
from maskcls.network.models import FaceClassifier

FEATURES = torch.randn(16, 5, generator=torch.Generator().manual_seed(0))
CLASSES = torch.arange(16) % 3
AGE = Head(("age",))


def ordinal(kind):
    torch.manual_seed(1)
    return OrdinalLinear(5, 3, kind)


@pytest.mark.parametrize("kind", ["corn", "coral"])
def test_ordinal_outputs_are_log_probabilities(kind):
    scores = ordinal(kind)(FEATURES).exp()
    torch.testing.assert_close(scores.sum(dim=1), torch.ones(16))
    assert (scores > 0).all()


def test_coral_falls_from_boundary_to_boundary_with_shared_weights():
    layer = ordinal("coral")
    above = layer(FEATURES).exp().flip(1).cumsum(1).flip(1)[:, 1:]
    assert (above[:, 0] > above[:, 1]).all()
    gaps = torch.logit(above[:, 0]) - torch.logit(above[:, 1])
    torch.testing.assert_close(gaps, gaps[:1].expand(16), rtol=1e-3, atol=1e-3)


def test_cross_entropy_of_corn_is_the_loss_of_the_conditional_decisions():
    layer = ordinal("corn")
    decisions = layer.linear(FEATURES)
    expected = torch.zeros(())
    for boundary in (0, 1):
        asked = boundary <= CLASSES
        expected = expected + functional.binary_cross_entropy_with_logits(
            decisions[asked, boundary], (CLASSES[asked] > boundary).float(), reduction="sum"
        )
    ones = torch.ones(3)
    allowed = functional.one_hot(CLASSES, 3).bool()
    target = Target(allowed, ones, torch.ones(16), ones)
    ours = cross_entropy(layer(FEATURES), target, LossConfig())
    torch.testing.assert_close(ours, expected / 16)


def test_cosine_logits_are_the_cosine_times_the_scale():
    layer = CosineLinear(5, 3, 16.0)
    expected = 16 * functional.cosine_similarity(FEATURES[:, None], layer.weight[None], dim=2)
    torch.testing.assert_close(layer(FEATURES), expected)


@pytest.mark.parametrize("init", ["default", "xavier", "kaiming", "orthogonal", "zeros"])
def test_first_weights_by_name(init):
    torch.manual_seed(0)
    weight = make_classifier(AGE, 5, ModelConfig(init=init)).weight
    if init == "orthogonal":
        torch.testing.assert_close(weight @ weight.T, torch.eye(3), rtol=1e-4, atol=1e-4)
    assert bool(weight.any()) == (init != "zeros")


def test_age_in_years_is_one_more_output_that_begins_in_middle_age():
    config = ModelConfig(backbone="test_resnet", age_years=True)
    outputs = FaceClassifier(config, parse_heads(config.heads, "all"))(torch.zeros(2, 3, 32, 32))
    assert outputs[YEARS].shape == (2, 1)
    assert outputs[YEARS].detach().mean().item() == pytest.approx(40, abs=5)
    assert YEARS not in FaceClassifier(config, parse_heads(config.heads, "mask")).heads


def test_several_dropouts_are_averaged_in_training_only():
    config = ModelConfig(backbone="test_resnet", dropout=0.5, dropout_samples=200)
    torch.manual_seed(0)
    model = FaceClassifier(config, [AGE])
    model.backbone.eval()
    images = torch.rand(1, 3, 32, 32)
    sure = model.eval()(images)["age"]
    model.dropout.train()
    model.training = True
    torch.testing.assert_close(model(images)["age"], sure, rtol=0.5, atol=0.3)
    model.samples = 1
    assert not torch.allclose(model(images)["age"], model(images)["age"])
