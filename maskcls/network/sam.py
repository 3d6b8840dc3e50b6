"""Sharpness-aware minimisation around any optimiser."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer


class SAM(Optimizer):
    """Step by the gradient at the worst point within a small distance of the weights.

    Its step needs a closure that computes loss and gradients, and calls it twice.

    Parameters
    ----------
    base : Optimizer
        Makes the step; its groups and state are this one's.
    rho : float
        Distance in the space of all weights.

    References
    ----------
    .. [1] Foret et al., "Sharpness-Aware Minimization", 2021, arXiv:2010.01412.
    """

    def __init__(self, base: Optimizer, rho: float) -> None:
        super().__init__(base.param_groups, base.defaults)
        self.base, self.rho = base, rho
        self.param_groups, self.state = base.param_groups, base.state

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Two passes, one step; gives the loss of the first pass."""
        if closure is None:
            message = "SAM.step needs a closure that computes the gradients"
            raise ValueError(message)
        with torch.enable_grad():
            loss = closure()
        moves = self._climb()
        with torch.enable_grad():
            closure()
        for weight, move in moves:
            weight.sub_(move)
        self.base.step()
        return loss

    def _climb(self) -> list[tuple[Tensor, Tensor]]:
        """Move every weight along its gradient, all together by `rho`."""
        weights = [w for group in self.param_groups for w in group["params"] if w.grad is not None]
        norm = torch.stack([w.grad.norm() for w in weights]).norm()
        moves = [(w, w.grad * (self.rho / (norm + 1e-12))) for w in weights]
        for weight, move in moves:
            weight.add_(move)
        return moves

    def state_dict(self) -> dict[str, Any]:
        """State of the optimiser inside."""
        return self.base.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the optimiser inside; its groups and state stay this one's."""
        self.base.load_state_dict(state_dict)
        self.param_groups, self.state = self.base.param_groups, self.base.state
