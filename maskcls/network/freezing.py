"""Which stages of a backbone learn nothing, and until when."""

from typing import Any

import lightning.pytorch as pl
from lightning.pytorch.callbacks import Callback
from torch import nn

from maskcls.errors import ArgumentRefused


def stages(backbone: nn.Module) -> list[list[str]]:
    """Names of the parameters of every stage, stem first, as timm groups them."""
    from timm.models import group_parameters

    matcher: Any = backbone.group_matcher
    return list(group_parameters(backbone, matcher(coarse=True)).values())


def set_frozen(backbone: nn.Module, n_stages: int, frozen: bool) -> None:
    """Freeze or free the first stages; more than there are means all.

    Raises
    ------
    ArgumentRefused
        If timm cannot name the backbone's stages.
    """
    if not hasattr(backbone, "group_matcher"):
        message = (
            "model.freeze_stages: timm does not say what the stages of this backbone are. "
            "Expected 0, or another model.backbone."
        )
        raise ArgumentRefused(message)
    parameters = dict(backbone.named_parameters())
    for stage in stages(backbone)[:n_stages]:
        for name in stage:
            parameters[name].requires_grad_(not frozen)


class Freeze(Callback):
    """Keep the first stages fixed for some epochs, their normalisation too.

    Parameters
    ----------
    n_stages : int
        How many.
    epochs : int
        How long; 0 for all of them.
    thaw_epochs : int
        After that one stage thaws in so many epochs, the last first; 0 thaws all at once.
    """

    def __init__(self, n_stages: int, epochs: int, thaw_epochs: int = 0) -> None:
        self.n_stages, self.epochs, self.thaw_epochs = n_stages, epochs, thaw_epochs

    def frozen_at(self, epoch: int, there: int) -> int:
        """Number of first stages that learn nothing in an epoch, of so many there are."""
        frozen = min(self.n_stages, there)
        if not self.epochs or epoch < self.epochs:
            return frozen
        if not self.thaw_epochs:
            return 0
        return max(0, frozen - 1 - (epoch - self.epochs) // self.thaw_epochs)

    def on_train_epoch_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Freeze or free, by the epoch alone, so that a resumed run does the same."""
        model: Any = module.model
        backbone = model.backbone
        backbone.train()
        set_frozen(backbone, self.n_stages, False)
        set_frozen(backbone, self.frozen_at(trainer.current_epoch, len(stages(backbone))), True)
        for part in backbone.modules():
            own = list(part.parameters(recurse=False))
            if own and not any(weight.requires_grad for weight in own):
                part.eval()
