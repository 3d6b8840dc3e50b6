import math

import pytest
import torch
from torch.optim import lr_scheduler

from maskcls.config.sections import OptimConfig, TrainConfig
from maskcls.errors import ArgumentRefused
from maskcls.images.mixup import draw_blend
from maskcls.network.optim import build_optimizer, build_plateau, build_schedule, check_optimizer
from maskcls.network.sam import SAM

EPOCHS, PER_EPOCH = 10, 5


def rates_of(schedule, optimizer, steps):
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


def ours(config):
    optimizer = build_optimizer(torch.nn.Linear(2, 2), config)
    schedule = build_schedule(optimizer, config, PER_EPOCH, EPOCHS * PER_EPOCH)
    return rates_of(schedule, optimizer, EPOCHS * PER_EPOCH)


def by_epoch(make):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    rates = rates_of(make(optimizer), optimizer, EPOCHS)
    return [rate for rate in rates for _ in range(PER_EPOCH)]


@pytest.mark.parametrize(
    "options, theirs",
    [
        ({"schedule": "step", "step_epochs": 3}, lambda o: lr_scheduler.StepLR(o, 3, 0.1)),
        (
            {"schedule": "multistep", "milestones": (2, 7)},
            lambda o: lr_scheduler.MultiStepLR(o, [2, 7], 0.1),
        ),
        ({"schedule": "exponential"}, lambda o: lr_scheduler.ExponentialLR(o, 0.1)),
        ({"schedule": "constant"}, lambda o: lr_scheduler.ConstantLR(o, 1.0)),
    ],
    ids=lambda value: value["schedule"] if isinstance(value, dict) else "",
)
def test_schedules_by_epoch_are_torchs(options, theirs):
    config = OptimConfig(name="sgd", lr=1.0, warmup_epochs=0, gamma=0.1, **options)
    assert ours(config) == pytest.approx(by_epoch(theirs))


def test_cosine_is_torchs():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    theirs = lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS * PER_EPOCH)
    expected = rates_of(theirs, optimizer, EPOCHS * PER_EPOCH)
    assert ours(OptimConfig(name="sgd", lr=1.0, warmup_epochs=0)) == pytest.approx(expected)


def test_one_cycle_is_torchs():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    theirs = lr_scheduler.OneCycleLR(
        optimizer, 1.0, total_steps=EPOCHS * PER_EPOCH, cycle_momentum=False
    )
    expected = rates_of(theirs, optimizer, EPOCHS * PER_EPOCH)
    config = OptimConfig(name="sgd", lr=1.0, schedule="onecycle", warmup_epochs=0)
    assert ours(config) == pytest.approx(expected, abs=1e-6)


def test_cosine_warms_up_and_ends_at_zero():
    rates = ours(OptimConfig(name="sgd", lr=1.0, warmup_epochs=2))
    assert rates[:10] == pytest.approx([(i + 1) / 10 for i in range(10)])
    assert rates[30] == pytest.approx(0.5 * (1 + math.cos(math.pi * 20 / 40)))


def test_plateau_follows_the_validation_loss_by_epoch():
    optimizer = build_optimizer(torch.nn.Linear(2, 2), OptimConfig(lr=1.0))
    config = OptimConfig(schedule="plateau", gamma=0.2, patience=1)
    plateau = build_plateau(optimizer, config)
    for loss in (1.0, 1.0, 1.0):
        plateau.step(loss)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.2)


@pytest.mark.parametrize("name", ["adam", "adamw", "adamp", "sgd"])
def test_published_optimisers_are_there(name):
    check_optimizer(name)
    optimizer = build_optimizer(torch.nn.Linear(2, 2), OptimConfig(name=name, lr=0.1))
    if name == "sgd":
        assert optimizer.param_groups[0]["nesterov"]


def test_unknown_optimiser_lists_those_there():
    with pytest.raises(ArgumentRefused, match="adamp"):
        check_optimizer("adamm")


def test_sam_steps_by_the_gradient_at_the_worst_point_near_by():
    weight = torch.tensor([3.0, 4.0], requires_grad=True)
    optimizer = SAM(torch.optim.SGD([weight], lr=0.1), rho=0.5)

    def closure():
        optimizer.zero_grad()
        loss = 0.5 * (torch.tensor([1.0, 2.0]) * weight**2).sum()
        loss.backward()
        return loss

    gradient = torch.tensor([3.0, 8.0])
    climbed = torch.tensor([3.0, 4.0]) + 0.5 * gradient / gradient.norm()
    loss = optimizer.step(closure)
    assert loss.item() == pytest.approx(0.5 * (9 + 32))
    expected = torch.tensor([3.0, 4.0]) - 0.1 * torch.tensor([1.0, 2.0]) * climbed
    torch.testing.assert_close(weight.detach(), expected)


def test_sam_keeps_its_state_through_a_checkpoint():
    weight = torch.zeros(2, requires_grad=True)
    optimizer = SAM(torch.optim.SGD([weight], lr=0.1, momentum=0.9), rho=0.1)
    stored = optimizer.state_dict()
    stored["param_groups"][0]["lr"] = 0.7
    optimizer.load_state_dict(stored)
    assert optimizer.base.param_groups[0]["lr"] == optimizer.param_groups[0]["lr"] == 0.7


IMAGES = torch.arange(4.0)[:, None, None, None].expand(4, 3, 10, 10)


def test_mixup_blends_by_its_share():
    blend = draw_blend(TrainConfig(mixup=1.0), IMAGES.shape, seed=1)
    mixed = blend.of(IMAGES)[:, 0, 0, 0]
    expected = blend.share * torch.arange(4.0) + (1 - blend.share) * blend.order
    torch.testing.assert_close(mixed, expected)


@pytest.mark.parametrize("seed", range(5))
def test_share_of_cutmix_is_the_area_left(seed):
    blend = draw_blend(TrainConfig(cutmix=1.0), IMAGES.shape, seed)
    result = blend.of(IMAGES + 10 * torch.arange(4)[:, None, None, None])
    row = next(i for i in range(4) if blend.order[i] != i)
    kept = (result[row, 0] == result.new_tensor(11.0 * row)).float().mean().item()
    assert kept == pytest.approx(blend.share)


def test_blends_follow_from_the_seed_and_none_is_drawn_unasked():
    assert draw_blend(TrainConfig(), IMAGES.shape, 0) is None
    both = TrainConfig(mixup=0.4, cutmix=1.0)
    blends = [draw_blend(both, IMAGES.shape, seed) for seed in range(40)]
    assert 5 < sum(blend.box is None for blend in blends) < 35
    assert draw_blend(both, IMAGES.shape, 7).share == blends[7].share
