"""Losses by name, on rows of which only part of the label may be known.

A label is the set of classes that agree with what is known. Its likelihood is the summed
probability of those classes: one class gives the usual cross-entropy, all classes give
nothing to learn from.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from maskcls.config.sections import LossConfig
from maskcls.errors import ArgumentRefused


@dataclass(frozen=True)
class Target:
    """What a head is taught of a batch.

    Attributes
    ----------
    allowed : Tensor of shape (N, C), bool
        Classes that agree with the label; at least one per row.
    class_weights : Tensor of shape (C,)
        1 for none.
    row_weights : Tensor of shape (N,)
        1 for none.
    counts : Tensor of shape (C,)
        How many images of every class an epoch draws; LDAM asks for it.
    soft : Tensor of shape (N, C), optional
        Probability of every class; a row of NaN has none and takes `allowed`.
    scale : float
        Of a cosine classifier.
    """

    allowed: Tensor
    class_weights: Tensor
    row_weights: Tensor
    counts: Tensor
    soft: Tensor | None = None
    scale: float = 1.0

    @property
    def weights(self) -> Tensor:
        """Weight of every row, by its class and its own, shape (N,); 0 without a label."""
        of_class = (self.allowed * self.class_weights).sum(dim=1) / self.allowed.sum(dim=1)
        return of_class * self.row_weights * ~self.allowed.all(dim=1)

    @property
    def certain(self) -> Tensor:
        """The class of rows that have exactly one, shape (N, C), bool."""
        return self.allowed & (self.allowed.sum(dim=1, keepdim=True) == 1)


Loss = Callable[[Tensor, Target, LossConfig], Tensor]


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


def cross_entropy(logits: Tensor, target: Target, config: LossConfig) -> Tensor:
    """Cross-entropy with label smoothing and class weights, weighted mean of the rows.

    For rows of one known class it equals `torch.nn.functional.cross_entropy`.

    Parameters
    ----------
    logits : Tensor of shape (N, C)
        Raw outputs.
    target : Target
        Labels and weights.
    config : LossConfig
        Its ``label_smoothing``.
    """
    log_scores = functional.log_softmax(logits, dim=1)
    sharp = -log_likelihood(logits, target.allowed)
    if target.soft is not None:
        given = ~target.soft.isnan().any(dim=1)
        soft = -(target.soft.nan_to_num() * log_scores).sum(dim=1)
        sharp = torch.where(given, soft, sharp)
    smooth = -(log_scores * target.class_weights).mean(dim=1) * target.row_weights
    smooth = smooth * ~target.allowed.all(dim=1)
    losses = (1 - config.label_smoothing) * sharp * target.weights
    return _per_weight(losses + config.label_smoothing * smooth, target.weights)


def focal(logits: Tensor, target: Target, config: LossConfig) -> Tensor:
    """Focal loss: cross-entropy times (1 - p) to the power ``gamma``.

    References
    ----------
    .. [1] Lin et al., "Focal Loss for Dense Object Detection", 2017, 10.1109/ICCV.2017.324.
    """
    log_p = log_likelihood(logits, target.allowed)
    missed = (1 - log_p.exp()).clamp(min=0)
    return _per_weight(-log_p * missed**config.gamma * target.weights, target.weights)


def soft_f1(logits: Tensor, target: Target, config: LossConfig) -> Tensor:
    """One minus the macro F1 of the probabilities, over the classes of the batch.

    Only rows of one known class count. Probabilities of 0 and 1 give the usual macro F1.
    """
    weights = (target.row_weights * target.certain.any(dim=1))[:, None]
    scores, truth = logits.softmax(dim=1) * weights, target.certain * weights
    hits = (scores * target.certain).sum(dim=0)
    f1 = 2 * hits / (scores.sum(dim=0) + truth.sum(dim=0)).clamp(min=1e-9)
    present = truth.sum(dim=0) > 0
    return (1 - f1[present]).sum() / present.sum().clamp(min=1)


def ldam(logits: Tensor, target: Target, config: LossConfig) -> Tensor:
    """Cross-entropy after a margin that is the larger the rarer the class.

    The margin of class j is proportional to ``n_j ** -1/4``, ``config.margin`` for the rarest
    class drawn and 0 for one that never is; in units of the cosine before its scale.

    References
    ----------
    .. [1] Cao et al., "Learning Imbalanced Datasets with Label-Distribution-Aware Margin
       Loss", 2019, arXiv:1906.07413.
    """
    drawn = target.counts > 0
    root = torch.where(drawn, target.counts.clamp(min=1e-9) ** -0.25, 0.0)
    margins = config.margin * root / root.max().clamp(min=1e-9)
    return cross_entropy(logits - target.scale * margins * target.certain, target, config)


def arcface(logits: Tensor, target: Target, config: LossConfig) -> Tensor:
    """Cross-entropy after the angle to the row's class has grown by ``config.margin`` radians.

    References
    ----------
    .. [1] Deng et al., "ArcFace", 2019, 10.1109/CVPR.2019.00482.
    """
    angle = torch.acos((logits / target.scale).clamp(-1 + 1e-6, 1 - 1e-6))
    moved = target.scale * torch.cos((angle + config.margin).clamp(max=torch.pi))
    return cross_entropy(torch.where(target.certain, moved, logits), target, config)


def coral(logits: Tensor, target: Target, config: LossConfig) -> Tensor:
    """Sum over boundaries of the cross-entropy of lying above each.

    A label that leaves open on which side of a boundary it lies says nothing about it.

    References
    ----------
    .. [1] Cao et al., "Rank consistent ordinal regression for neural networks", 2020,
       10.1016/j.patrec.2020.11.008.
    """
    n_classes = logits.shape[1]
    losses = torch.zeros_like(logits[:, 0])
    for boundary in range(1, n_classes):
        above = torch.arange(n_classes, device=logits.device) >= boundary
        may_lie_above = (target.allowed & above).any(dim=1)
        may_lie_below = (target.allowed & ~above).any(dim=1)
        side = torch.where(may_lie_above[:, None], above, ~above)
        losses = losses - log_likelihood(logits, side) * (may_lie_above ^ may_lie_below)
    return _per_weight(losses * target.weights, target.weights)


LOSSES: dict[str, Loss] = {
    "cross_entropy": cross_entropy, "focal": focal, "soft_f1": soft_f1, "ldam": ldam,
    "arcface": arcface, "coral": coral,
}  # fmt: skip
OF_COSINE = ("ldam", "arcface")


def parse_loss(text: str, where: str = "loss.name") -> tuple[tuple[float, str], ...]:
    """Weights and names of a loss or weighted sum.

    Raises
    ------
    ArgumentRefused
        If a name is unknown or a weight no number above 0.

    Examples
    --------
    >>> parse_loss("0.4*soft_f1 + 0.6*focal")
    ((0.4, 'soft_f1'), (0.6, 'focal'))
    """
    terms = []
    for term in str(text).split("+"):
        weight, star, name = term.rpartition("*")
        try:
            value = float(weight) if star else 1.0
        except ValueError:
            value = -1.0
        if name.strip() not in LOSSES or not 0 < value < float("inf"):
            message = (
                f"{where} is {text!r}; expected one of {', '.join(LOSSES)}, or a weighted sum such "
                "as 0.4*soft_f1 + 0.6*focal"
            )
            raise ArgumentRefused(message)
        terms.append((value, name.strip()))
    return tuple(terms)


def weighted_sum(terms: tuple[tuple[float, str], ...]) -> Loss:
    """The loss that `parse_loss` describes."""

    def loss(logits: Tensor, target: Target, config: LossConfig) -> Tensor:
        parts = [weight * LOSSES[name](logits, target, config) for weight, name in terms]
        return torch.stack(parts).sum()

    return loss


def _per_weight(losses: Tensor, weights: Tensor) -> Tensor:
    return losses.sum() / weights.sum().clamp(min=torch.finfo(losses.dtype).tiny)
