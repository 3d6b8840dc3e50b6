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
    """

    def __init__(self, n_stages: int, epochs: int) -> None:
        self.n_stages, self.epochs = n_stages, epochs

    def on_train_epoch_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Freeze or free, by the epoch alone, so that a resumed run does the same."""
        frozen = not self.epochs or trainer.current_epoch < self.epochs
        model: Any = module.model
        backbone = model.backbone
        set_frozen(backbone, self.n_stages, frozen)
        for part in backbone.modules():
            own = list(part.parameters(recurse=False))
            if own and not any(weight.requires_grad for weight in own):
                part.eval()
