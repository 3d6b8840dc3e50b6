"""What one training step and one validation are, for Lightning to run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lightning.pytorch as pl
import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from maskcls.config import Config
from maskcls.heads import Head
from maskcls.inference import normalise, predictions_frame
from maskcls.loading import Batch
from maskcls.losses import LOSSES, inverse_frequency
from maskcls.metrics import selection_score
from maskcls.models import FaceClassifier
from maskcls.optim import build_optimizer, build_schedule
from maskcls.rows import taught

VALIDATION_SCORE, VALIDATION_LOSS = "validation/score", "validation/loss"


@dataclass(frozen=True)
class Lesson:
    """What the learner needs to know of the rows, by row number of the mix.

    Attributes
    ----------
    rows : DataFrame
        All rows of the mix.
    draws : ndarray of shape (N,), float
        How often an epoch draws every row on average.
    """

    rows: pd.DataFrame
    draws: NDArray[np.float64]


class Learner(pl.LightningModule):
    """A face classifier being taught.

    Parameters
    ----------
    model : FaceClassifier
        Taught in place.
    heads : sequence of Head
        What it predicts.
    config : Config
        Loss, optimiser and seed.
    lesson : Lesson
        Labels of the rows.
    seed : int
        Seed of dropout.
    """

    def __init__(
        self,
        model: FaceClassifier,
        heads: Sequence[Head],
        config: Config,
        lesson: Lesson,
        seed: int,
    ) -> None:
        super().__init__()
        self.model, self.heads, self.config, self.lesson = model, tuple(heads), config, lesson
        self.seed = seed
        self.loss = LOSSES[config.loss.name]
        self._keep_labels()
        self.seen: list[tuple[Tensor, dict[str, Tensor]]] = []

    def _keep_labels(self) -> None:
        """Labels and class weights as buffers, so that they lie on the model's device."""
        codes, draws = taught(self.lesson.rows), torch.from_numpy(self.lesson.draws)
        for head in self.heads:
            allowed = torch.from_numpy(head.allowed(codes))
            weights = torch.ones(head.n_classes)
            if self.config.loss.class_weights == "inverse":
                weights = inverse_frequency(allowed, draws)
            self.register_buffer(f"allowed_{head.name}", allowed, persistent=False)
            self.register_buffer(f"weights_{head.name}", weights, persistent=False)

    def _seed_dropout(self, batch_index: int) -> None:
        """Seed by batch, so that a resumed run repeats an uninterrupted one.

        Not at the start of an epoch: Lightning skips that hook in the first resumed one.
        """
        words = [self.seed, self.current_epoch, batch_index]
        torch.manual_seed(int(np.random.SeedSequence(words).generate_state(1)[0]))

    def losses(self, logits: dict[str, Tensor], rows: Tensor) -> Tensor:
        """Weighted sum of the heads' losses for the given row numbers."""
        weights = self.config.loss.head_weights or (1.0,) * len(self.heads)
        total = torch.zeros((), device=rows.device)
        for head, weight in zip(self.heads, weights, strict=True):
            allowed = self.get_buffer(f"allowed_{head.name}")[rows]
            of_class = self.get_buffer(f"weights_{head.name}")
            output = logits[head.name].float()
            total = total + weight * self.loss(output, allowed, of_class, self.config.loss)
        return total

    def training_step(self, batch: Batch, batch_index: int) -> Tensor:
        """Loss of one batch."""
        self._seed_dropout(batch_index)
        images, rows = batch
        loss = self.losses(self.model(normalise(images, self.config.transforms)), rows)
        self.log("train/loss", loss, on_step=False, on_epoch=True, batch_size=len(rows))
        return loss

    def validation_step(self, batch: Batch, batch_index: int) -> None:
        """Keep the outputs: they are scored together at the end of the epoch."""
        images, rows = batch
        logits = self.model(normalise(images, self.config.transforms))
        self.seen.append((rows, {name: value.float() for name, value in logits.items()}))

    def on_validation_epoch_end(self) -> None:
        """Score all validation rows at once."""
        rows = torch.cat([rows for rows, _ in self.seen])
        logits = {h.name: torch.cat([out[h.name] for _, out in self.seen]) for h in self.heads}
        self.seen.clear()
        scores = {
            name: value.double().softmax(dim=1).cpu().numpy() for name, value in logits.items()
        }
        of_rows = self.lesson.rows.iloc[rows.cpu().numpy()]
        table = predictions_frame(of_rows, scores, self.heads, 0)
        self.log(VALIDATION_SCORE, selection_score(table))
        self.log(VALIDATION_LOSS, self.losses(logits, rows).item())

    def configure_optimizers(self) -> Any:
        """Optimiser, and a schedule stepped with every optimiser step."""
        optimizer = build_optimizer(self.model, self.config.optim)
        steps = int(self.trainer.estimated_stepping_batches)
        per_epoch = max(1, steps // self.config.train.epochs)
        schedule = build_schedule(optimizer, self.config.optim, per_epoch, steps)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }
