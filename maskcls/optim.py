"""Optimiser and learning-rate schedule, stepped once per batch so that a resume is exact."""

import math
from collections.abc import Callable

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from maskcls.config import OptimConfig
from maskcls.errors import ArgumentRefused


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

    return create_optimizer_v2(
        model, opt=config.name, lr=config.lr, weight_decay=config.weight_decay
    )


def build_schedule(
    optimizer: torch.optim.Optimizer, config: OptimConfig, steps_per_epoch: int, steps: int
) -> LambdaLR:
    """Schedule over `steps` optimiser steps, the first ones warming up linearly."""
    warm_up = min(round(config.warmup_epochs * steps_per_epoch), steps // 2)
    return LambdaLR(optimizer, SCHEDULES[config.schedule](warm_up, steps))


def _cosine(warm_up: int, steps: int) -> Callable[[int], float]:
    def factor(step: int) -> float:
        if step < warm_up:
            return (step + 1) / warm_up
        done = min((step - warm_up) / max(steps - warm_up, 1), 1.0)
        return 0.5 * (1 + math.cos(math.pi * done))

    return factor


def _constant(warm_up: int, steps: int) -> Callable[[int], float]:
    return lambda step: min((step + 1) / warm_up, 1.0) if warm_up else 1.0


SCHEDULES = {"cosine": _cosine, "constant": _constant}
