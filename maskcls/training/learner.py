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
from torch.nn import functional
from torch.optim.lr_scheduler import ReduceLROnPlateau

from maskcls.config.heads import Head
from maskcls.config.sections import Config
from maskcls.data.rows import taught
from maskcls.images.loading import Batch
from maskcls.images.mixup import Blend, draw_blend
from maskcls.network.layers import YEARS
from maskcls.network.losses import Target, parse_loss, weighted_sum
from maskcls.network.models import FaceClassifier
from maskcls.network.optim import build_optimizer, build_plateau, build_schedule
from maskcls.network.weighting import (
    class_weights,
    drawn_per_class,
    soft_classes,
    soft_groups,
    weights_apply,
)
from maskcls.scores.metrics import selection_score
from maskcls.scores.probabilities import normalise, predictions_frame, score_batch
from maskcls.training.self_training import Guesser, as_scored

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
    guesser : Guesser, optional
        Guesses the labels that unlabelled rows lack.
    """

    rows: pd.DataFrame
    draws: NDArray[np.float64]
    guesser: Guesser | None = None


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
        Seed of dropout and of mixing images.
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
        self.loss_of = {head.name: loss_of(config, head) for head in self.heads}
        self._keep_labels()
        self.seen: list[tuple[Tensor, dict[str, Tensor]]] = []
        self.plateau: ReduceLROnPlateau | None = None
        self.plateau_state: dict[str, Any] = {}

    def _keep_labels(self) -> None:
        """Labels and weights as buffers, so that they lie on the model's device."""
        rows, draws = self.lesson.rows, torch.from_numpy(self.lesson.draws)
        codes = taught(rows)
        for head in self.heads:
            allowed = torch.from_numpy(head.allowed(codes))
            counts = drawn_per_class(allowed, draws)
            self._keep(f"allowed_{head.name}", allowed)
            self._keep(f"counts_{head.name}", counts)
            self._keep(f"weights_{head.name}", class_weights(counts, self.config.loss))
        composite = torch.tensor(rows["composite"].to_numpy(dtype=bool))
        weights = torch.where(composite, self.config.mixing.synthetic_weight, 1.0)
        unlabelled = torch.tensor(rows["unlabelled"].to_numpy(dtype=bool))
        weights = weights * torch.where(unlabelled, self.config.self_training.weight, 1.0)
        self._keep("row_weights", weights)
        # A set that teaches no age teaches none in years either.
        years = np.where(codes["age"] >= 0, rows["years"].to_numpy(dtype=float), np.nan)
        self._keep("years", torch.tensor(years).float())
        if self.config.loss.age_softness:
            boundaries = self.config.run.train_age_boundaries
            soft = soft_groups(years, self.config.loss.age_softness, boundaries)
            for head in (head for head in self.heads if "age" in head.axes):
                joint = soft_classes(head, codes, soft)
                self._keep(f"soft_{head.name}", torch.from_numpy(joint).float())

    def _keep(self, name: str, values: Tensor) -> None:
        self.register_buffer(name, values, persistent=False)

    def _batch_seed(self, batch_index: int) -> int:
        """Seed by batch, so that a resumed run repeats an uninterrupted one.

        Not at the start of an epoch: Lightning skips that hook in the first resumed one.
        """
        words = [self.seed, self.current_epoch, batch_index, self.global_rank]
        return int(np.random.SeedSequence(words).generate_state(1)[0])

    def _target(self, head: Head, rows: Tensor) -> Target:
        weights = self.get_buffer(f"weights_{head.name}")
        if not weights_apply(self.config.loss, self.current_epoch, self.config.train.epochs):
            weights = torch.ones_like(weights)
        soft = None
        if self.config.loss.age_softness and "age" in head.axes:
            soft = self.get_buffer(f"soft_{head.name}")[rows]
        return Target(
            self.get_buffer(f"allowed_{head.name}")[rows],
            weights,
            self.get_buffer("row_weights")[rows],
            self.get_buffer(f"counts_{head.name}"),
            soft,
            self.config.model.scale if self.config.model.classifier == "cosine" else 1.0,
        )

    def losses(self, outputs: dict[str, Tensor], rows: Tensor) -> Tensor:
        """Weighted sum of the heads' losses for the given row numbers."""
        weights = self.config.loss.head_weights or (1.0,) * len(self.heads)
        total = torch.zeros((), device=rows.device)
        for head, weight in zip(self.heads, weights, strict=True):
            loss = self.loss_of[head.name]
            logits = outputs[head.name].float()
            total = total + weight * loss(logits, self._target(head, rows), self.config.loss)
        if YEARS in outputs:
            total = total + self.config.loss.age_regression * self._years_loss(outputs, rows)
        return total

    def _years_loss(self, outputs: dict[str, Tensor], rows: Tensor) -> Tensor:
        """Mean squared error in years over the rows whose age is known."""
        years = self.get_buffer("years")[rows]
        known = ~years.isnan()
        predicted = outputs[YEARS].float()[:, 0]
        squared = functional.mse_loss(predicted[known], years[known], reduction="sum")
        return squared / known.sum().clamp(min=1)

    def on_train_batch_start(self, batch: Batch, batch_index: int) -> None:
        """Guess what rows of this batch lack; once, even if the optimiser takes two passes."""
        if self.lesson.guesser is not None:
            _, rows, plain = batch
            self._guess(self.lesson.guesser, rows, plain)

    def _guess(self, guesser: Guesser, rows: Tensor, plain: Tensor) -> None:
        """Write guesses over the labels taught; every process those of all, to have the same."""
        mine = torch.from_numpy(guesser.unlabelled).to(rows.device)[rows]
        scores = torch.full((len(rows), guesser.cells.n_classes), torch.nan, device=rows.device)
        if mine.any():
            with as_scored(self.model):
                found = score_batch([self.model], plain[mine], self.config.transforms)[0]
            of_cells = guesser.scores_of(found, rows[mine].cpu().numpy())
            scores[mine] = torch.from_numpy(of_cells).to(scores)
        if self.trainer.world_size > 1:
            gathered: Any = self.all_gather((rows, scores))
            rows, scores = (part.flatten(0, 1) for part in gathered)
        given = ~scores.isnan().any(dim=1)
        if not given.any():
            return
        rows, scores = rows[given], scores[given]
        taught_now = guesser.guess(scores.double().cpu().numpy(), rows.cpu().numpy())
        for name, allowed in taught_now.items():
            self.get_buffer(f"allowed_{name}")[rows] = torch.from_numpy(allowed).to(rows.device)

    def training_step(self, batch: Batch, batch_index: int) -> Tensor:
        """Loss of one batch."""
        seed = self._batch_seed(batch_index)
        torch.manual_seed(seed)
        images, rows = batch[:2]
        inputs = normalise(images, self.config.transforms)
        blend = draw_blend(self.config.train, inputs.shape, seed)
        loss = self._blended_loss(inputs, rows, blend) if blend else self._plain(inputs, rows)
        self.log("train/loss", loss, on_step=False, on_epoch=True, batch_size=len(rows),
                 sync_dist=True)  # fmt: skip
        return loss

    def _plain(self, inputs: Tensor, rows: Tensor) -> Tensor:
        return self.losses(self.model(inputs), rows)

    def _blended_loss(self, inputs: Tensor, rows: Tensor, blend: Blend) -> Tensor:
        """Loss against both images of each blend, by their share of it."""
        outputs = self.model(blend.of(inputs))
        partner = rows[blend.order.to(rows.device)]
        own, other = self.losses(outputs, rows), self.losses(outputs, partner)
        return blend.share * own + (1 - blend.share) * other

    def validation_step(self, batch: Batch, batch_index: int) -> None:
        """Keep the outputs: they are scored together at the end of the epoch."""
        images, rows = batch
        outputs = self.model(normalise(images, self.config.transforms))
        self.seen.append((rows, {name: value.float() for name, value in outputs.items()}))

    def on_validation_epoch_end(self) -> None:
        """Score all validation rows at once, those that other processes saw among them."""
        rows, outputs = self._gather_seen()
        scores = {
            head.name: outputs[head.name].double().softmax(dim=1).cpu().numpy()
            for head in self.heads
        }
        of_rows = self.lesson.rows.iloc[rows.cpu().numpy()]
        table = predictions_frame(of_rows, scores, self.heads, 0)
        self.log(VALIDATION_SCORE, selection_score(table))
        self.log(VALIDATION_LOSS, self.losses(outputs, rows).item())

    def _gather_seen(self) -> tuple[Tensor, dict[str, Tensor]]:
        """Rows that any process saw, each once, and their outputs."""
        seen = {name: torch.cat([out[name] for _, out in self.seen]) for name in self.seen[0][1]}
        seen["rows"] = torch.cat([rows for rows, _ in self.seen])
        self.seen.clear()
        if self.trainer.world_size > 1:
            gathered: Any = self.all_gather(seen)
            seen = {name: value.flatten(0, 1) for name, value in gathered.items()}
        _, first = np.unique(seen["rows"].cpu().numpy(), return_index=True)
        once = {name: value[torch.from_numpy(first)] for name, value in seen.items()}
        return once.pop("rows"), once

    def configure_optimizers(self) -> Any:
        """Optimiser, and a schedule stepped with every optimiser step."""
        optimizer = build_optimizer(self.model, self.config.optim)
        steps = int(self.trainer.estimated_stepping_batches)
        per_epoch = max(1, steps // self.config.train.epochs)
        self.plateau = build_plateau(optimizer, self.config.optim)
        if self.plateau:
            self.plateau.load_state_dict(self.plateau_state)
            return optimizer
        schedule = build_schedule(optimizer, self.config.optim, per_epoch, steps)
        return [optimizer], [{"scheduler": schedule, "interval": "step"}]

    def on_train_epoch_end(self) -> None:
        """Step the schedule that follows the validation loss.

        Lightning would step it after the resume point is written, and a resumed run lose a step.
        ``train.max_steps`` may end the first epoch before there is a loss to follow.
        """
        loss = self.trainer.callback_metrics.get(VALIDATION_LOSS)
        if self.plateau and loss is not None:
            self.plateau.step(float(loss))

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep the state of the schedule that is stepped here, and that of the guesses."""
        if self.plateau:
            checkpoint["plateau"] = self.plateau.state_dict()
        if self.lesson.guesser:
            checkpoint["guesses"] = self.lesson.guesser.state_dict()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Restore the guesses; keep the schedule's state until the optimiser is made."""
        self.plateau_state = checkpoint.get("plateau", {})
        if self.lesson.guesser:
            self.lesson.guesser.load_state_dict(checkpoint["guesses"])

    def configure_gradient_clipping(
        self,
        optimizer: Any,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clip as ``train.clip`` says; adaptively by timm's rule."""
        train = self.config.train
        if not train.clip_norm:
            return
        if train.clip == "agc":
            from timm.utils import adaptive_clip_grad

            adaptive_clip_grad(self.model.backbone.parameters(), clip_factor=train.clip_norm)
        else:
            self.clip_gradients(optimizer, train.clip_norm, train.clip)


def loss_of(config: Config, head: Head) -> Any:
    """Loss of a head: of its own by ``loss.by_head``, else ``loss.name``."""
    name = "+".join(head.axes)
    if name in config.loss.by_head:
        return weighted_sum(parse_loss(config.loss.by_head[name], f"loss.by_head.{name}"))
    return weighted_sum(parse_loss(config.loss.name))
