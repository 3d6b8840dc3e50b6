"""Losses by name, on rows of which only part of the label may be known.

A label is the set of classes that agree with what is known. Its likelihood is the summed
probability of those classes: one class gives the usual cross-entropy, all classes give
nothing to learn from.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from maskcls.config import LossConfig

Loss = Callable[[Tensor, Tensor, Tensor, LossConfig], Tensor]


def log_likelihood(logits: Tensor, allowed: Tensor) -> Tensor:
    """Log of the summed probability of the allowed classes, shape (N,).

    Parameters
    ----------
    logits : Tensor of shape (N, C)
        Raw outputs.
    allowed : Tensor of shape (N, C), bool
        Classes that agree with the label; at least one per row.
    """
    log_scores = functional.log_softmax(logits, dim=1)
    return torch.logsumexp(log_scores.masked_fill(~allowed, float("-inf")), dim=1)


def cross_entropy(
    logits: Tensor, allowed: Tensor, class_weights: Tensor, config: LossConfig
) -> Tensor:
    """Cross-entropy with label smoothing and class weights, mean over rows with a label.

    For rows of one known class it equals `torch.nn.functional.cross_entropy`.

    Parameters
    ----------
    logits, allowed : Tensor of shape (N, C)
        As of `log_likelihood`.
    class_weights : Tensor of shape (C,)
        Weight of every class; 1 for none.
    config : LossConfig
        Its ``label_smoothing``.
    """
    weighted = functional.log_softmax(logits, dim=1) * class_weights
    row_weights = _row_weights(allowed, class_weights)
    sharp = -log_likelihood(logits, allowed) * row_weights
    smooth = -weighted.mean(dim=1)
    losses = (1 - config.label_smoothing) * sharp + config.label_smoothing * smooth
    return _mean(losses, row_weights, allowed)


def focal(logits: Tensor, allowed: Tensor, class_weights: Tensor, config: LossConfig) -> Tensor:
    """Focal loss: cross-entropy times (1 - p) to the power ``gamma``.

    References
    ----------
    .. [1] Lin et al., "Focal Loss for Dense Object Detection", 2017, 10.1109/ICCV.2017.324.
    """
    log_p = log_likelihood(logits, allowed)
    row_weights = _row_weights(allowed, class_weights)
    missed = (1 - log_p.exp()).clamp(min=0)
    return _mean(-log_p * missed**config.gamma * row_weights, row_weights, allowed)


LOSSES: dict[str, Loss] = {"cross_entropy": cross_entropy, "focal": focal}


def _row_weights(allowed: Tensor, class_weights: Tensor) -> Tensor:
    return (allowed * class_weights).sum(dim=1) / allowed.sum(dim=1)


def _mean(losses: Tensor, row_weights: Tensor, allowed: Tensor) -> Tensor:
    informative = ~allowed.all(dim=1)
    total = row_weights[informative].sum()
    return losses[informative].sum() / total.clamp(min=torch.finfo(losses.dtype).tiny)


def inverse_frequency(allowed: Tensor, counts: Tensor) -> Tensor:
    """Class weights that make every class present count the same; 0 for an empty class.

    Parameters
    ----------
    allowed : Tensor of shape (N, C), bool
        Labels of the rows; rows of more than one class are not counted.
    counts : Tensor of shape (N,)
        How often an epoch draws each row.
    """
    known = allowed.sum(dim=1) == 1
    drawn = (allowed[known] * counts[known, None]).sum(dim=0).float()
    present = drawn > 0
    weights = drawn.sum() / (present.sum().clamp(min=1) * drawn.clamp(min=1e-9))
    return torch.where(present, weights, torch.zeros_like(weights))
