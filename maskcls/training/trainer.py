"""Lightning's trainer for one model: devices, precision, resume and what watches the epochs."""

import logging
import sys
import warnings
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import numpy as np
import torch
from lightning.pytorch.callbacks import (
    Callback,
    EarlyStopping,
    EMAWeightAveraging,
    ModelCheckpoint,
)
from lightning.pytorch.strategies import DDPStrategy
from numpy.typing import NDArray
from tqdm import tqdm

from maskcls import distributed
from maskcls.config.sections import Config
from maskcls.data.samplers import MixedSampler
from maskcls.images.loading import scoring_loader, training_loader
from maskcls.images.reading import ImageStore
from maskcls.network.freezing import Freeze
from maskcls.runs.folder import Run
from maskcls.training.learner import VALIDATION_LOSS, VALIDATION_SCORE, Learner
from maskcls.training.loggers import close_logger, make_logger

RESUME_POINT = "last.ckpt"


def run_trainer(
    run: Run,
    name: str,
    state: Path,
    learner: Learner,
    store: ImageStore,
    sampler: MixedSampler,
    best: ModelCheckpoint | None,
    judged: NDArray[np.int64],
) -> int:
    """Train until done or stopped early, from the last whole epoch if there is one.

    Parameters
    ----------
    run, name, state : Run, str, Path
        Where logs and the resume point go, and what the model is called.
    learner : Learner
        Taught in place.
    store, sampler : ImageStore, MixedSampler
        What it is taught.
    best : ModelCheckpoint, optional
        Keeps the best epoch.
    judged : ndarray of int
        Rows it is judged on after every epoch; may be empty.

    Returns
    -------
    int
        Number of epochs trained.
    """
    config = learner.config
    guesser = learner.lesson.guesser
    loader = training_loader(store, sampler, config, guesser.unlabelled if guesser else None)
    resume = state / RESUME_POINT
    _quieten()
    logger = make_logger(run, name, config) or False
    trainer = pl.Trainer(
        default_root_dir=run.folder,
        accelerator="auto",
        devices=distributed.local_size(),
        num_nodes=distributed.size() // distributed.local_size(),
        strategy=_strategy(config),
        sync_batchnorm=distributed.size() > 1 and torch.cuda.is_available(),
        precision=_precision(config.train.precision),  # type: ignore[arg-type]
        max_epochs=config.train.epochs,
        max_steps=config.train.max_steps or -1,
        accumulate_grad_batches=config.train.accumulate,
        logger=logger,
        callbacks=_callbacks(config, name, state, best, len(judged) > 0),
        num_sanity_val_steps=0,
        log_every_n_steps=min(10, max(1, len(loader))),
        enable_progress_bar=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
    )
    if config.train.compile:
        learner.model.compile()
    try:
        trainer.fit(
            learner,
            loader,
            scoring_loader(store, distributed.even_part_of(judged), config)
            if len(judged)
            else None,
            ckpt_path=resume if resume.is_file() else None,
            weights_only=True,
        )
    except SystemExit as stopped:
        # Lightning turns an interrupt into exit code 1; the command lines promise 130.
        raise KeyboardInterrupt from stopped
    finally:
        close_logger(trainer.logger)
    return trainer.current_epoch


def _callbacks(
    config: Config, name: str, state: Path, best: ModelCheckpoint | None, is_judged: bool
) -> list[Callback]:
    train, callbacks = config.train, list[Callback]()
    if config.model.freeze_stages:
        callbacks.append(
            Freeze(config.model.freeze_stages, config.model.freeze_epochs, config.model.thaw_epochs)
        )
    if train.ema:
        callbacks.append(EMAWeightAveraging(decay=train.ema))
    callbacks.append(EpochBar(name, train.epochs))
    if train.patience and is_judged:
        by_loss = train.select == "loss"
        callbacks.append(
            EarlyStopping(
                VALIDATION_LOSS if by_loss else VALIDATION_SCORE,
                patience=train.patience,
                mode="min" if by_loss else "max",
                check_on_train_epoch_end=True,
            )
        )
    return [*callbacks, *([best] if best else []), _resume_point(state)]


def _resume_point(state: Path) -> ModelCheckpoint:
    """Trainer state after every epoch; written last, so that all before it is there."""
    return ModelCheckpoint(
        state,
        filename=Path(RESUME_POINT).stem,
        save_top_k=1,
        save_on_train_epoch_end=True,
        enable_version_counter=False,
    )


def _strategy(config: Config) -> DDPStrategy | str:
    """How processes share the work; frozen weights have no gradients to wait for."""
    if distributed.size() == 1:
        return "auto"
    return DDPStrategy(find_unused_parameters=config.model.freeze_stages > 0)


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


class EpochBar(Callback):
    """One bar a model, on stderr, with the epoch's loss and validation score."""

    def __init__(self, name: str, epochs: int) -> None:
        self.name, self.epochs = name, epochs
        self.bar: Any = None

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Open the bar at the epoch reached."""
        self.bar = tqdm(
            total=self.epochs, initial=trainer.current_epoch, desc=self.name, unit="epoch",
            file=sys.stderr, dynamic_ncols=True, disable=not trainer.is_global_zero,
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
