"""Optimiser and learning-rate schedule, stepped once per batch so that a resume is exact."""

import math
from collections.abc import Callable

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR, ReduceLROnPlateau

from maskcls.config.sections import OptimConfig
from maskcls.errors import ArgumentRefused
from maskcls.network.sam import SAM


def check_optimizer(name: str) -> None:
    """Refuse an optimiser that timm does not have.

    Raises
    ------
    ArgumentRefused
        With the names there are.
    """
    from timm.optim import list_optimizers

    if name not in list_optimizers():
        names = ", ".join(str(known) for known in list_optimizers())
        message = f"optim.name {name!r}: timm has no such optimiser. Expected one of {names}."
        raise ArgumentRefused(message)


def build_optimizer(model: nn.Module, config: OptimConfig) -> torch.optim.Optimizer:
    """Optimiser by timm's name; biases and norms get no weight decay."""
    from timm.optim import create_optimizer_v2

    base = create_optimizer_v2(
        model, opt=config.name, lr=config.lr, weight_decay=config.weight_decay
    )
    return SAM(base, config.sam_rho) if config.sam_rho else base


def build_schedule(
    optimizer: torch.optim.Optimizer, config: OptimConfig, steps_per_epoch: int, steps: int
) -> LambdaLR:
    """Schedule over `steps` optimiser steps, the first ones warming up linearly.

    ``plateau`` is none of them and does not warm up, see `build_plateau`.
    """
    warm_up = min(round(config.warmup_epochs * steps_per_epoch), steps // 2)
    after = SCHEDULES[config.schedule](config, max(steps - warm_up, 1), steps_per_epoch, warm_up)

    def factor(step: int) -> float:
        return (step + 1) / warm_up if step < warm_up else after(step - warm_up)

    return LambdaLR(optimizer, factor)


Factor = Callable[[int], float]
"""Learning rate as a share of the highest, by steps after the warm-up."""


def _cosine(config: OptimConfig, steps: int, per_epoch: int, warm_up: int) -> Factor:
    return lambda step: 0.5 * (1 + math.cos(math.pi * min(step / steps, 1.0)))


def _constant(config: OptimConfig, steps: int, per_epoch: int, warm_up: int) -> Factor:
    return lambda step: 1.0


def _step(config: OptimConfig, steps: int, per_epoch: int, warm_up: int) -> Factor:
    return lambda step: config.gamma ** ((step + warm_up) // per_epoch // config.step_epochs)


def _multistep(config: OptimConfig, steps: int, per_epoch: int, warm_up: int) -> Factor:
    def factor(step: int) -> float:
        epoch = (step + warm_up) // per_epoch
        return config.gamma ** sum(epoch >= milestone for milestone in config.milestones)

    return factor


def _exponential(config: OptimConfig, steps: int, per_epoch: int, warm_up: int) -> Factor:
    return lambda step: config.gamma ** ((step + warm_up) // per_epoch)


def _onecycle(config: OptimConfig, steps: int, per_epoch: int, warm_up: int) -> Factor:
    """Up from 1/25 over the first 30 % of the steps, down to 1/250,000, both by a cosine."""
    low, end, rise = 1 / 25, 1 / 250_000, max(0.3 * steps - 1, 1e-9)

    def factor(step: int) -> float:
        if step <= rise:
            return low + (1 - low) * 0.5 * (1 - math.cos(math.pi * step / rise))
        done = min((step - rise) / max(steps - 1 - rise, 1e-9), 1.0)
        return end + (1 - end) * 0.5 * (1 + math.cos(math.pi * done))

    return factor


SCHEDULES: dict[str, Callable[[OptimConfig, int, int, int], Factor]] = {
    "cosine": _cosine, "constant": _constant, "step": _step, "multistep": _multistep,
    "exponential": _exponential, "onecycle": _onecycle, "plateau": _constant,
}  # fmt: skip


def build_plateau(
    optimizer: torch.optim.Optimizer, config: OptimConfig
) -> ReduceLROnPlateau | None:
    """Schedule by epoch that lowers the rate where the validation loss does not fall any more."""
    if config.schedule != "plateau":
        return None
    return ReduceLROnPlateau(optimizer, factor=config.gamma, patience=config.patience)
