"""Where losses and scores by epoch are written: TensorBoard's files, Weights & Biases, nowhere."""

import dataclasses
from importlib.util import find_spec

from lightning.pytorch.loggers import Logger, TensorBoardLogger, WandbLogger

from maskcls.config.sections import Config
from maskcls.errors import ExtraMissing
from maskcls.runs.folder import Run

PROJECT = "maskcls"


def check_logger(config: Config) -> None:
    """Refuse a logger that is not installed.

    Raises
    ------
    ExtraMissing
        Naming the extra that brings it.
    """
    if config.train.logger == "wandb" and find_spec("wandb") is None:
        message = (
            "train.logger is 'wandb', which is not installed. Expected the extra. Install "
            "maskcls[wandb], or leave train.logger at tensorboard."
        )
        raise ExtraMissing(message)


def make_logger(run: Run, name: str, config: Config) -> Logger | None:
    """Logger of one model of a run; a resumed model continues what it wrote before.

    Weights & Biases asks its own environment where to send it; ``WANDB_MODE=offline`` keeps
    everything in the run's folder.
    """
    if config.train.logger == "none":
        return None
    if config.train.logger == "tensorboard":
        return TensorBoardLogger(run.folder, name="tensorboard", version=name)
    logger = WandbLogger(
        project=PROJECT, group=run.name, name=f"{run.name}/{name}", id=f"{run.name}-{name}",
        save_dir=run.folder, resume="allow", log_model=False,
    )  # fmt: skip
    logger.log_hyperparams(dataclasses.asdict(config))
    return logger


def close_logger(logger: Logger | None) -> None:
    """End what one model wrote, so that the next one's is its own."""
    if isinstance(logger, WandbLogger):
        logger.experiment.finish(quiet=True)
