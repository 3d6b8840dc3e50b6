"""Last layers of the network: linear, cosine and ordinal, all giving logits per class."""

from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from maskcls.config.heads import Head
from maskcls.config.sections import ModelConfig

YEARS = "age_years"
"""Name of the output that predicts the age in years, beside the heads."""
MIDDLE_AGE = 40.0


class CosineLinear(nn.Module):
    """Cosine of the angle between features and each class's direction, times a scale.

    Parameters
    ----------
    width, n_classes : int
        Size of the features and of the output.
    scale : float
        Largest logit.
    """

    def __init__(self, width: int, n_classes: int, scale: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_classes, width))
        nn.init.xavier_uniform_(self.weight)
        self.scale = scale

    def forward(self, features: Tensor) -> Tensor:
        """Logits of shape (B, n_classes) within ±scale."""
        directions = functional.normalize(self.weight, dim=1)
        return self.scale * functional.linear(functional.normalize(features, dim=1), directions)


class OrdinalLinear(nn.Module):
    """Log-probabilities of ordered classes from one binary decision per boundary.

    With ``coral`` the decisions share their weights and their thresholds rise, so that the
    probability of lying above a boundary falls from one to the next. With ``corn`` each decision
    is conditional on lying above the boundary before, and cross-entropy of the outcome is CORN's
    loss.

    Parameters
    ----------
    width, n_classes : int
        Size of the features and of the output.
    kind : {"coral", "corn"}
        How the decisions are tied.

    References
    ----------
    .. [1] Cao et al., "Rank consistent ordinal regression", 2020, 10.1016/j.patrec.2020.11.008.
    .. [2] Shi et al., "Deep neural networks for rank-consistent ordinal regression based on
       conditional probabilities", 2023, 10.1007/s10044-023-01181-9.
    """

    def __init__(self, width: int, n_classes: int, kind: Literal["coral", "corn"]) -> None:
        super().__init__()
        self.kind = kind
        self.linear = nn.Linear(width, 1 if kind == "coral" else n_classes - 1)
        self.gaps = nn.Parameter(torch.zeros(n_classes - 2)) if kind == "coral" else None

    def forward(self, features: Tensor) -> Tensor:
        """Log-probabilities of shape (B, n_classes)."""
        decisions = self.linear(features)
        if self.gaps is None:
            return _log_of_conditional(decisions)
        falls = functional.softplus(self.gaps).cumsum(dim=0)
        shared = decisions - functional.pad(falls, (1, 0))
        return _log_of_cumulative(shared)


def _log_of_conditional(decisions: Tensor) -> Tensor:
    """Log-probabilities from logits of lying above k, given above k - 1."""
    passed = functional.pad(functional.logsigmoid(decisions).cumsum(dim=1), (1, 0))
    stopped = functional.pad(functional.logsigmoid(-decisions), (0, 1))
    return passed + stopped


def _log_of_cumulative(decisions: Tensor) -> Tensor:
    """Log-probabilities from falling logits of lying above each boundary."""
    above = torch.sigmoid(decisions)
    edges = functional.pad(functional.pad(above, (1, 0), value=1.0), (0, 1), value=0.0)
    return torch.log((edges[:, :-1] - edges[:, 1:]).clamp(min=1e-9))


def make_classifier(head: Head, width: int, config: ModelConfig) -> nn.Module:
    """Last layer of one head, with the configured first weights."""
    if head.axes == ("age",) and config.age != "classes":
        return OrdinalLinear(width, head.n_classes, config.age)
    if config.classifier == "cosine":
        return CosineLinear(width, head.n_classes, config.scale)
    layer = nn.Linear(width, head.n_classes)
    initialise(layer, config.init)
    return layer


def make_years(width: int) -> nn.Linear:
    """Layer that predicts the age in years, starting from a middle age."""
    layer = nn.Linear(width, 1)
    nn.init.constant_(layer.bias, MIDDLE_AGE)
    return layer


def initialise(layer: nn.Linear, name: str) -> None:
    """Give a linear layer its first weights by name; `default` leaves torch's."""
    fill: Any = {
        "xavier": nn.init.xavier_uniform_,
        "kaiming": nn.init.kaiming_normal_,
        "orthogonal": nn.init.orthogonal_,
        "zeros": nn.init.zeros_,
    }.get(name)
    if fill:
        fill(layer.weight)
        nn.init.zeros_(layer.bias)
