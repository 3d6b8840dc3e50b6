import numpy as np
import pytest
import torch
from torch.nn import functional

from maskcls.config import LossConfig
from maskcls.heads import Head
from maskcls.losses import cross_entropy, focal, inverse_frequency, log_likelihood

GENERATOR = torch.Generator().manual_seed(0)
LOGITS = torch.randn(32, 6, generator=GENERATOR, dtype=torch.float64)
CLASSES = torch.randint(6, (32,), generator=GENERATOR)
ONE_HOT = functional.one_hot(CLASSES, 6).bool()
EQUAL = torch.ones(6, dtype=torch.float64)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weights", [EQUAL, torch.arange(1.0, 7.0, dtype=torch.float64)])
def test_cross_entropy_of_known_classes_is_torchs(weights, smoothing):
    ours = cross_entropy(LOGITS, ONE_HOT, weights, LossConfig(label_smoothing=smoothing))
    theirs = functional.cross_entropy(
        LOGITS, CLASSES, weight=weights, label_smoothing=smoothing, reduction="mean"
    )
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-12)


def test_focal_of_gamma_zero_is_cross_entropy():
    plain = cross_entropy(LOGITS, ONE_HOT, EQUAL, LossConfig())
    assert focal(LOGITS, ONE_HOT, EQUAL, LossConfig(gamma=0.0)).item() == pytest.approx(
        plain.item()
    )


def test_focal_against_its_formula():
    p = LOGITS.softmax(1)[torch.arange(32), CLASSES]
    expected = (-((1 - p) ** 2) * p.log()).mean()
    assert focal(LOGITS, ONE_HOT, EQUAL, LossConfig()).item() == pytest.approx(expected.item())


def test_likelihood_of_a_set_is_the_sum_of_its_probabilities():
    allowed = torch.zeros(32, 6, dtype=torch.bool)
    allowed[:, [1, 4]] = True
    expected = LOGITS.softmax(1)[:, [1, 4]].sum(1).log()
    torch.testing.assert_close(log_likelihood(LOGITS, allowed), expected)


@pytest.mark.parametrize("loss", [cross_entropy, focal])
def test_unlabelled_rows_neither_add_loss_nor_dilute_it(loss):
    config = LossConfig(label_smoothing=0.1)
    unknown = torch.ones(8, 6, dtype=torch.bool)
    more = torch.cat([LOGITS, LOGITS[:8]]), torch.cat([ONE_HOT, unknown])
    with_unknown = loss(*more, EQUAL, config).item()
    assert with_unknown == pytest.approx(loss(LOGITS, ONE_HOT, EQUAL, config).item())


@pytest.mark.parametrize("loss", [cross_entropy, focal])
def test_batch_without_any_label_gives_zero_and_zero_gradient(loss):
    logits = LOGITS.clone().requires_grad_()
    value = loss(logits, torch.ones(32, 6, dtype=torch.bool), EQUAL, LossConfig())
    value.backward()
    assert value.item() == 0
    assert not logits.grad.any()


def test_missing_gender_of_a_joint_head_still_teaches_age():
    head = Head(("gender", "age"))
    allowed = head.allowed({"gender": np.array([-1]), "age": np.array([2])})
    logits = torch.zeros(1, 6, requires_grad=True)
    cross_entropy(logits, torch.from_numpy(allowed), torch.ones(6), LossConfig()).backward()
    of_gender = logits.grad.reshape(2, 3)
    torch.testing.assert_close(of_gender[0], of_gender[1])
    assert (of_gender[:, 2] < 0).all()


def test_inverse_frequency_makes_classes_count_the_same_and_survives_an_empty_one():
    allowed = functional.one_hot(torch.tensor([0] * 8 + [1] * 2), 3).bool()
    weights = inverse_frequency(allowed, torch.ones(10))
    torch.testing.assert_close(weights, torch.tensor([10 / 16, 10 / 4, 0.0]))
