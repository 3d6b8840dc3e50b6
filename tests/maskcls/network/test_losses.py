import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score
from torch.nn import functional

from ingest.taxonomy import class_index
from maskcls.config.heads import Head
from maskcls.config.sections import LossConfig
from maskcls.errors import ArgumentRefused
from maskcls.network.losses import (
    LOSSES,
    Target,
    arcface,
    coral,
    cross_entropy,
    focal,
    ldam,
    log_likelihood,
    parse_loss,
    soft_f1,
    weighted_sum,
)
from maskcls.network.weighting import (
    class_weights,
    drawn_per_class,
    soft_classes,
    soft_groups,
    weights_apply,
)

GENERATOR = torch.Generator().manual_seed(0)
LOGITS = torch.randn(32, 6, generator=GENERATOR, dtype=torch.float64)
CLASSES = torch.randint(6, (32,), generator=GENERATOR)
ONE_HOT = functional.one_hot(CLASSES, 6).bool()
EQUAL = torch.ones(6, dtype=torch.float64)
UNKNOWN = torch.ones(8, 6, dtype=torch.bool)


def target(allowed=ONE_HOT, weights=None, rows=None, counts=None, **options):
    ones = torch.ones(allowed.shape[1], dtype=torch.float64)
    return Target(
        allowed,
        ones if weights is None else weights,
        torch.ones(len(allowed), dtype=torch.float64) if rows is None else rows,
        ones if counts is None else counts,
        **options,
    )


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weights", [EQUAL, torch.arange(1.0, 7.0, dtype=torch.float64)])
def test_cross_entropy_of_known_classes_is_torchs(weights, smoothing):
    ours = cross_entropy(LOGITS, target(weights=weights), LossConfig(label_smoothing=smoothing))
    theirs = functional.cross_entropy(
        LOGITS, CLASSES, weight=weights, label_smoothing=smoothing, reduction="mean"
    )
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-12)


def test_cross_entropy_of_soft_labels_is_torchs():
    soft = LOGITS.flip(0).softmax(dim=1)
    ours = cross_entropy(LOGITS, target(soft=soft), LossConfig())
    assert ours.item() == pytest.approx(functional.cross_entropy(LOGITS, soft).item())


def test_row_without_a_soft_label_keeps_its_hard_one():
    soft = torch.full_like(LOGITS, torch.nan)
    ours = cross_entropy(LOGITS, target(soft=soft), LossConfig())
    assert ours.item() == pytest.approx(functional.cross_entropy(LOGITS, CLASSES).item())


def test_focal_of_gamma_zero_is_cross_entropy():
    plain = cross_entropy(LOGITS, target(), LossConfig())
    assert focal(LOGITS, target(), LossConfig(gamma=0.0)).item() == pytest.approx(plain.item())


def test_focal_against_its_formula():
    p = LOGITS.softmax(1)[torch.arange(32), CLASSES]
    expected = (-((1 - p) ** 2) * p.log()).mean()
    assert focal(LOGITS, target(), LossConfig()).item() == pytest.approx(expected.item())


def test_soft_f1_of_certain_predictions_is_sklearns_macro_f1():
    predicted = torch.randint(6, (32,), generator=torch.Generator().manual_seed(3))
    logits = 1e4 * functional.one_hot(predicted, 6).double()
    expected = f1_score(CLASSES, predicted, labels=CLASSES.unique(), average="macro")
    assert 1 - soft_f1(logits, target(), LossConfig()).item() == pytest.approx(expected)


def test_ldam_subtracts_a_margin_by_the_fourth_root_and_none_from_an_empty_class():
    counts = torch.tensor([1.0, 16.0, 81.0, 0.0, 16.0, 1.0], dtype=torch.float64)
    margins = torch.tensor([0.5, 0.25, 0.5 / 3, 0.0, 0.25, 0.5], dtype=torch.float64)
    expected = functional.cross_entropy(LOGITS - 30 * margins * ONE_HOT, CLASSES)
    ours = ldam(LOGITS, target(counts=counts, scale=30.0), LossConfig(margin=0.5))
    assert ours.item() == pytest.approx(expected.item())


def test_arcface_adds_to_the_angle_of_the_true_class():
    cosines = torch.tanh(LOGITS)
    moved = torch.cos((torch.acos(cosines) + 0.3).clamp(max=torch.pi))
    expected = functional.cross_entropy(10 * torch.where(ONE_HOT, moved, cosines), CLASSES)
    ours = arcface(10 * cosines, target(scale=10.0), LossConfig(margin=0.3))
    assert ours.item() == pytest.approx(expected.item(), rel=1e-5)


def test_coral_is_the_cross_entropy_of_lying_above_each_boundary():
    scores = LOGITS.softmax(dim=1)
    above = scores.flip(1).cumsum(1).flip(1)[:, 1:]
    levels = (CLASSES[:, None] > torch.arange(5)).double()
    expected = functional.binary_cross_entropy(above, levels, reduction="none").sum(1).mean()
    assert coral(LOGITS, target(), LossConfig()).item() == pytest.approx(expected.item())


def test_coral_of_an_open_label_teaches_the_sides_it_knows():
    logits = torch.zeros(1, 3, dtype=torch.float64)
    allowed = torch.tensor([[False, True, True]])
    expected = -np.log(2 / 3)
    assert coral(logits, target(allowed), LossConfig()).item() == pytest.approx(expected)


def test_weighted_sum_is_the_sum_of_its_parts():
    config = LossConfig()
    both = weighted_sum(parse_loss("0.4*soft_f1 + 0.6*focal"))(LOGITS, target(), config)
    parts = 0.4 * soft_f1(LOGITS, target(), config) + 0.6 * focal(LOGITS, target(), config)
    assert both.item() == pytest.approx(parts.item())


@pytest.mark.parametrize("text", ["hinge", "0.5*", "x*focal", "-1*focal", "focal+", ""])
def test_misnamed_losses_are_refused_with_those_there(text):
    with pytest.raises(ArgumentRefused, match="soft_f1, ldam"):
        parse_loss(text)


def test_likelihood_of_a_set_is_the_sum_of_its_probabilities():
    allowed = torch.zeros(32, 6, dtype=torch.bool)
    allowed[:, [1, 4]] = True
    expected = LOGITS.softmax(1)[:, [1, 4]].sum(1).log()
    torch.testing.assert_close(log_likelihood(LOGITS, allowed), expected)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_unlabelled_and_weightless_rows_neither_add_loss_nor_dilute_it(loss):
    config, cosines = LossConfig(label_smoothing=0.1), torch.tanh(LOGITS)
    more = torch.cat([cosines, cosines[:8], cosines[:8].flip(0)])
    allowed = torch.cat([ONE_HOT, UNKNOWN, ONE_HOT[8:16]])
    rows = torch.cat([torch.ones(40), torch.zeros(8)]).double()
    with_more = loss(more, target(allowed, rows=rows), config).item()
    assert with_more == pytest.approx(loss(cosines, target(), config).item())


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_batch_without_any_label_gives_zero_and_zero_gradient(loss):
    logits = torch.tanh(LOGITS[:8]).requires_grad_()
    value = loss(logits, target(UNKNOWN), LossConfig(label_smoothing=0.1))
    value.backward()
    assert value.item() == 0
    assert not logits.grad.any()


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_gradients_stay_finite_for_sure_and_wrong_outputs(loss):
    logits = torch.tensor([[1.0, -1.0, -1.0], [-1.0, 1.0, -1.0]]).double().requires_grad_()
    allowed = torch.tensor([[True, False, False], [False, False, True]])
    loss(logits, target(allowed), LossConfig()).backward()
    assert logits.grad.isfinite().all()


def test_missing_gender_of_a_joint_head_still_teaches_age():
    head = Head(("gender", "age"))
    allowed = torch.from_numpy(head.allowed({"gender": np.array([-1]), "age": np.array([2])}))
    logits = torch.zeros(1, 6, dtype=torch.float64, requires_grad=True)
    cross_entropy(logits, target(allowed), LossConfig()).backward()
    of_gender = logits.grad.reshape(2, 3)
    torch.testing.assert_close(of_gender[0], of_gender[1])
    assert (of_gender[:, 2] < 0).all()


COUNTS = torch.tensor([800.0, 200.0, 0.0])


@pytest.mark.parametrize(
    "name, ratio",
    [("none", 1.0), ("inverse", 4.0), ("sqrt_inverse", 2.0),
     ("effective", (1 - 0.999**800) / (1 - 0.999**200))],
)  # fmt: skip
def test_class_weights_follow_their_formula(name, ratio):
    weights = class_weights(COUNTS, LossConfig(class_weights=name))
    assert (weights[1] / weights[0]).item() == pytest.approx(ratio, rel=1e-4)
    assert ((weights * COUNTS).sum() / COUNTS.sum()).item() == pytest.approx(1)
    assert weights[2].item() == (1.0 if name == "none" else 0.0)


def test_drawn_per_class_counts_rows_of_one_class_by_their_draws():
    allowed = torch.cat([functional.one_hot(torch.tensor([0, 1]), 3).bool(), UNKNOWN[:1, :3]])
    counts = drawn_per_class(allowed, torch.tensor([2.0, 0.5, 9.0]))
    torch.testing.assert_close(counts, torch.tensor([2.0, 0.5, 0.0]))


def test_soft_age_groups_sum_to_one_and_split_evenly_at_a_boundary():
    soft = soft_groups(np.array([60.0, 20.0, np.nan]), 2.0, (30, 60))
    np.testing.assert_allclose(soft[0], [0, 0.5, 0.5], atol=1e-9)
    np.testing.assert_allclose(soft[1], [1, 0, 0], atol=1e-6)
    assert np.isnan(soft[2]).all()


def test_soft_labels_over_18_classes_spread_over_age_alone():
    head = Head(("mask", "gender", "age"))
    codes = {
        "mask": np.array([1, 1, 0]),
        "gender": np.array([0, -1, 1]),
        "age": np.array([1, 1, 2]),
    }
    soft_age = np.array([[0.1, 0.9, 0.0], [0.0, 0.5, 0.5], [0.0, 0.2, 0.8]])
    soft = soft_classes(head, codes, soft_age)
    assert soft[0, 6:9].tolist() == [0.1, 0.9, 0.0]
    assert np.isnan(soft[1]).all()
    assert soft[2].sum() == pytest.approx(1)
    assert soft[2].argmax() == class_index(0, 1, 2)
    np.testing.assert_array_equal(soft_classes(Head(("age",)), codes, soft_age), soft_age)


def test_deferred_weights_begin_at_their_epoch():
    config = LossConfig(weights_from=0.8)
    assert [weights_apply(config, epoch, 10) for epoch in (0, 7, 8, 9)] == [0, 0, 1, 1]
