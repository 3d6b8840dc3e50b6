"""The typed configuration of a training run: its keys, their types and their ranges."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal, get_type_hints

from ingest.taxonomy import AGE_BOUNDARIES

Transform = dict[str, Any]


@dataclass(frozen=True)
class RunConfig:
    """What is trained on what: set by the options of ``maskcls train``.

    Attributes
    ----------
    data, extra
        Names of the data sets; an extra is ``NAME`` or ``NAME:RATIO``.
    folds : int
        Number of folds, 0 for none.
    target
        The axes predicted.
    train_age_boundaries
        Years at which the second and third age group begin, for training labels only.
    weights, pretrained
        File with backbone weights ('' for none); else whether to fetch timm's.
    stand_in
        Whether `data` stands in for a real set that does not exist.
    purpose
        'commercial' or 'research'; '' takes the strictest its sources were pulled for.
    """

    data: str = ""
    extra: tuple[str, ...] = ()
    folds: int = 5
    target: Literal["all", "mask", "gender", "age"] = "all"
    train_age_boundaries: tuple[float, float] = AGE_BOUNDARIES
    weights: str = ""
    pretrained: bool = True
    stand_in: bool = False
    purpose: Literal["", "commercial", "research"] = ""


@dataclass(frozen=True)
class DataConfig:
    """How an image becomes the array that transforms start from.

    Attributes
    ----------
    size
        Height and width in pixels; one number means a square.
    crop
        The whole image, stretched to `size`, or the face box where the record has one.
    margin
        Share of the box's side added around a face on every side.
    cache_mb
        Decoded images are kept in memory if they need no more than this; 0 for never.
    workers
        Loader processes; 0 loads in the training process.
    """

    size: tuple[int, int] = (128, 96)
    crop: Literal["image", "face"] = "image"
    margin: float = 0.4
    cache_mb: int = 2048
    workers: int = 0


@dataclass(frozen=True)
class TransformsConfig:
    """Augmentation by name (see `maskcls.transforms`) and the normalisation of the input.

    Attributes
    ----------
    train, always
        Transforms of training images, after those of every image; each a table with its
        `name` and every parameter.
    mean, std
        Per channel (RGB), of values scaled to 0–1.
    """

    train: tuple[Transform, ...] = ()
    always: tuple[Transform, ...] = ()
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class ModelConfig:
    """The network.

    Attributes
    ----------
    backbone
        Any timm model.
    heads
        Axes predicted together, joined by ``+``: three heads, or ``mask+gender+age``.
    hidden
        Width of an extra fully connected layer before the heads; 0 for none.
    dropout
        Probability of dropping a feature before the heads.
    """

    backbone: str = "resnet18"
    heads: tuple[str, ...] = ("mask", "gender", "age")
    hidden: int = 0
    dropout: float = 0.2


@dataclass(frozen=True)
class LossConfig:
    """The loss of every head and how heads and classes are weighted."""

    name: Literal["cross_entropy", "focal"] = "cross_entropy"
    label_smoothing: float = 0.0
    gamma: float = 2.0
    class_weights: Literal["none", "inverse"] = "none"
    head_weights: tuple[float, ...] = ()


@dataclass(frozen=True)
class SamplerConfig:
    """Which rows an epoch draws: each once, or every class equally often."""

    name: Literal["uniform", "balanced"] = "uniform"


@dataclass(frozen=True)
class OptimConfig:
    """Optimiser (any of timm's names) and learning-rate schedule."""

    name: str = "adamw"
    lr: float = 1e-3
    weight_decay: float = 0.01
    schedule: Literal["cosine", "constant"] = "cosine"
    warmup_epochs: float = 1.0


@dataclass(frozen=True)
class TrainConfig:
    """The loop.

    Attributes
    ----------
    select
        Epoch whose weights are kept: best macro F1, lowest loss, the last, or ``auto``:
        macro F1 where the validation rows hold two classes of every axis, else the last.
    max_steps
        Stop a fold after so many optimiser steps; 0 for no limit.
    """

    epochs: int = 20
    batch_size: int = 32
    max_steps: int = 0
    accumulate: int = 1
    clip_norm: float = 1.0
    precision: Literal["auto", "32-true", "16-mixed", "bf16-mixed"] = "auto"
    select: Literal["auto", "macro_f1", "loss", "last"] = "auto"
    seed: int = 0


@dataclass(frozen=True)
class Config:
    """Everything that decides a run; stored with it as ``config.toml``."""

    run: RunConfig = field(default_factory=RunConfig)
    data: DataConfig = field(default_factory=DataConfig)
    transforms: TransformsConfig = field(default_factory=TransformsConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    sampler: SamplerConfig = field(default_factory=SamplerConfig)
    optim: OptimConfig = field(default_factory=OptimConfig)
    train: TrainConfig = field(default_factory=TrainConfig)


SECTIONS: dict[str, type] = get_type_hints(Config)
AT_LEAST = {
    "run.folds": 0, "data.size": 8, "data.margin": 0, "data.cache_mb": 0, "data.workers": 0,
    "model.hidden": 0, "model.dropout": 0, "loss.label_smoothing": 0, "loss.gamma": 0,
    "loss.head_weights": 0, "optim.weight_decay": 0, "optim.warmup_epochs": 0,
    "train.epochs": 1, "train.batch_size": 2, "train.max_steps": 0, "train.accumulate": 1,
    "train.clip_norm": 0, "train.seed": 0, "optim.lr": 0,
}  # fmt: skip
BELOW = {"model.dropout": 1, "loss.label_smoothing": 1, "data.size": 4097, "train.seed": 2**32}


def valid_keys() -> list[str]:
    """Every key as ``section.key``."""
    return [f"{s}.{f.name}" for s, kind in SECTIONS.items() for f in dataclasses.fields(kind)]
