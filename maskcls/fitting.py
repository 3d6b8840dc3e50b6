"""Fit one model on one split: resumable, and with the weights of the epoch chosen."""

import logging
import shutil
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import numpy as np
import pandas as pd
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from lightning.pytorch.loggers import TensorBoardLogger
from tqdm import tqdm

from ingest.atomic import atomic_path
from maskcls.config import Config
from maskcls.heads import TARGETS, Head
from maskcls.images import ImageStore
from maskcls.inference import predictions_frame, score_all, target_frame
from maskcls.learner import VALIDATION_LOSS, VALIDATION_SCORE, Learner, Lesson
from maskcls.loading import scoring_loader, training_loader
from maskcls.metrics import can_judge
from maskcls.mixing import Mix, Split
from maskcls.models import BackboneSource, FaceClassifier, load_backbone, save_model
from maskcls.runs import Run
from maskcls.samplers import MixedSampler

RESUME_POINT = "last.ckpt"


@dataclass(frozen=True)
class FitJob:
    """One model to fit.

    Attributes
    ----------
    run : Run
        Folder that holds the results.
    config, heads : Config, tuple of Head
        What is fitted.
    mix, split, store : Mix, Split, ImageStore
        On what.
    source, weights : BackboneSource, Path or None
        From what.
    """

    run: Run
    config: Config
    heads: tuple[Head, ...]
    mix: Mix
    split: Split
    store: ImageStore
    source: BackboneSource
    weights: Path | None

    @property
    def seed(self) -> int:
        """Seed of this model: of the run and of its fold."""
        fold = 0 if self.split.fold is None else self.split.fold + 1
        state = np.random.SeedSequence([self.config.train.seed, fold]).generate_state(1)
        return int(state[0])

    @property
    def state(self) -> Path:
        """Folder of what a resume needs."""
        return self.run.state / self.split.name


def fit(job: FitJob) -> None:
    """Fit, keep the chosen weights and predict the split's validation and holdout rows.

    A finished job is left as it is; an interrupted one continues after its last whole epoch.
    """
    weights = job.run.weights / f"{job.split.name}.safetensors"
    if weights.is_file():
        return
    model = initial_model(job)
    learner = Learner(model, job.heads, job.config, _lesson(job), job.seed)
    selection = choose_selection(job)
    best = _checkpoint(job, selection)
    _run_trainer(job, learner, best)
    if best is not None and best.best_model_path:
        # Our own run's file of this very fit, read as tensors only.
        state = torch.load(best.best_model_path, map_location="cpu", weights_only=True)
        learner.load_state_dict(state["state_dict"])
    _predict(job, learner.model)
    save_model(learner.model, weights)
    shutil.rmtree(job.state, ignore_errors=True)


def initial_model(job: FitJob) -> FaceClassifier:
    """The model before its first step; the same for the same seed."""
    torch.manual_seed(job.seed)
    model = FaceClassifier(job.config.model, job.heads)
    load_backbone(model, job.source, job.weights)
    return model


def choose_selection(job: FitJob) -> str:
    """Which epoch's weights are kept: 'macro_f1', 'loss' or 'last'.

    Where the validation rows hold one class of an axis only (a set of bare faces, say), no
    score on them can tell whether that axis has been learnt; picking an epoch by the other
    axes could pick one before it was. Then the last epoch is kept.
    """
    wanted = job.config.train.select
    if not len(job.split.validation):
        return "last"
    if wanted != "auto":
        return wanted
    targets = target_frame(job.mix.rows.iloc[job.split.validation])
    return "macro_f1" if can_judge(targets, TARGETS[job.config.run.target]) else "last"


def _sampler(job: FitJob) -> MixedSampler:
    ratios = [extra.ratio for extra in job.mix.extras]
    strata = None
    if job.config.sampler.name == "balanced":
        axes = list(TARGETS[job.config.run.target])
        taught = job.mix.rows.iloc[job.split.train]
        strata = taught.groupby(axes, sort=True).ngroup().to_numpy()
    return MixedSampler(job.split.train, job.split.extras, ratios, job.seed, strata)


def _lesson(job: FitJob) -> Lesson:
    draws = np.zeros(len(job.mix.rows))
    draws[job.split.train] = 1.0
    for rows, extra in zip(job.split.extras, job.mix.extras, strict=True):
        if len(rows):
            draws[rows] = extra.ratio * len(job.split.train) / len(rows)
    return Lesson(job.mix.rows, draws)


def _checkpoint(job: FitJob, selection: str) -> ModelCheckpoint | None:
    monitors = {"macro_f1": (VALIDATION_SCORE, "max"), "loss": (VALIDATION_LOSS, "min")}
    if selection == "last":
        return None
    monitor, mode = monitors[selection]
    return ModelCheckpoint(
        job.state,
        filename="best",
        monitor=monitor,
        mode=mode,
        save_top_k=1,
        save_weights_only=True,
        auto_insert_metric_name=False,
        save_on_train_epoch_end=True,
        enable_version_counter=False,
    )


def _run_trainer(job: FitJob, learner: Learner, best: ModelCheckpoint | None) -> None:
    train = job.config.train
    loader = training_loader(job.store, _sampler(job), job.config)
    judged = scoring_loader(job.store, job.split.validation, job.config)
    resume = job.state / RESUME_POINT
    _quieten()
    trainer = pl.Trainer(
        default_root_dir=job.run.folder,
        accelerator="auto",
        devices=1,
        precision=_precision(train.precision),  # type: ignore[arg-type]
        max_epochs=train.epochs,
        max_steps=train.max_steps or -1,
        accumulate_grad_batches=train.accumulate,
        gradient_clip_val=train.clip_norm or None,
        logger=TensorBoardLogger(job.run.folder, name="tensorboard", version=job.split.name),
        callbacks=[*_callbacks(job), *([best] if best else []), _resume_point(job)],
        num_sanity_val_steps=0,
        log_every_n_steps=min(10, max(1, len(loader))),
        enable_progress_bar=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
    )
    try:
        trainer.fit(
            learner,
            loader,
            judged if len(job.split.validation) else None,
            ckpt_path=resume if resume.is_file() else None,
            weights_only=True,
        )
    except SystemExit as stopped:
        # Lightning turns an interrupt into exit code 1; the command lines promise 130.
        raise KeyboardInterrupt from stopped


def _resume_point(job: FitJob) -> ModelCheckpoint:
    """Trainer state after every epoch; written last, so that all before it is there."""
    return ModelCheckpoint(
        job.state,
        filename=Path(RESUME_POINT).stem,
        save_top_k=1,
        save_on_train_epoch_end=True,
        enable_version_counter=False,
    )


def _callbacks(job: FitJob) -> Sequence[Callback]:
    return [EpochBar(job.split.name, job.config.train.epochs)]


def _precision(name: str) -> str:
    if name != "auto":
        return name
    if not torch.cuda.is_available():
        return "32-true"
    return "bf16-mixed" if torch.cuda.is_bf16_supported() else "16-mixed"


def _quieten() -> None:
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module=r"lightning\..*")
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")


def _predict(job: FitJob, model: FaceClassifier) -> None:
    """Write the predictions of the rows that judge, and of those scored apart."""
    fold = job.split.fold
    model.eval().requires_grad_(False)
    for name, rows in (("oof", job.split.validation), ("holdout", job.split.holdout)):
        if fold is None or not len(rows):
            continue
        loader = scoring_loader(job.store, rows, job.config)
        scores = score_all([model], loader, job.config.transforms)
        table = predictions_frame(job.mix.rows.iloc[rows], scores, job.heads, fold)
        write_table(table, job.run.parts / f"{name}_{fold}.parquet")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a parquet table atomically."""
    with atomic_path(path) as temporary:
        table.to_parquet(temporary, index=False)


class EpochBar(Callback):
    """One bar a model, on stderr, with the epoch's loss and validation score."""

    def __init__(self, name: str, epochs: int) -> None:
        self.name, self.epochs = name, epochs
        self.bar: Any = None

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Open the bar at the epoch reached."""
        self.bar = tqdm(
            total=self.epochs, initial=trainer.current_epoch, desc=self.name, unit="epoch",
            file=sys.stderr, dynamic_ncols=True,
        )  # fmt: skip

    def on_train_epoch_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Move on by one epoch."""
        shown = {"train/loss": "loss", VALIDATION_SCORE: "F1"}
        found = {shown[k]: f"{v:.3f}" for k, v in trainer.callback_metrics.items() if k in shown}
        self.bar.set_postfix(found, refresh=False)
        self.bar.update()

    def on_train_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Close the bar."""
        self.bar.close()
