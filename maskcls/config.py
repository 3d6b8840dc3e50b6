"""The typed configuration of a training run: its keys, their ranges, and how it is read."""

import dataclasses
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_type_hints

from ingest.taxonomy import AGE_BOUNDARIES
from maskcls.coerce import Mismatch, coerce
from maskcls.errors import ConfigInvalid

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


SET = "--set"
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


def build_config(settings: Mapping[str, Any], where: Path | str) -> Config:
    """Configuration from tables; keys left out take their default.

    Parameters
    ----------
    settings : mapping
        Section to table of keys, as read from TOML.
    where : Path or str
        Named in the error.

    Raises
    ------
    ConfigInvalid
        With every unknown key, wrong type and value out of range.
    """
    problems: list[str] = []
    sections = {}
    for name, table in settings.items():
        if name not in SECTIONS or not isinstance(table, Mapping):
            problems.append(f"unknown section '{name}'; expected one of {', '.join(SECTIONS)}")
            continue
        values = _section_values(name, table, problems)
        sections[name] = SECTIONS[name](**values)
    if not problems:
        config = Config(**sections)
        problems += _out_of_range(config)
    if problems:
        raise ConfigInvalid(where, problems)
    return config


def _section_values(name: str, table: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    hints = get_type_hints(SECTIONS[name])
    values = {}
    for key, value in table.items():
        if key not in hints:
            problems.append(_unknown_key(f"{name}.{key}"))
            continue
        try:
            values[key] = coerce(value, hints[key])
        except Mismatch as mismatch:
            problems.append(f"{name}.{key} is {value!r}; expected {mismatch}")
    return values


def _unknown_key(key: str) -> str:
    near = get_close_matches(key, valid_keys(), n=3, cutoff=0.6)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    return f"unknown key '{key}'. {hint}Valid keys: {', '.join(valid_keys())}"


def _out_of_range(config: Config) -> list[str]:
    problems = []
    for key in valid_keys():
        section, name = key.split(".")
        value = getattr(getattr(config, section), name)
        numbers = value if isinstance(value, tuple) else (value,)
        if key in AT_LEAST and any(number < AT_LEAST[key] for number in numbers):
            problems.append(f"{key} is {value}; expected at least {AT_LEAST[key]}")
        if key in BELOW and any(number >= BELOW[key] for number in numbers):
            problems.append(f"{key} is {value}; expected less than {BELOW[key]}")
    if config.run.folds == 1:
        problems.append("run.folds is 1; expected 2 or more, or none")
    low, high = config.run.train_age_boundaries
    if not 0 < low < high:
        problems.append(f"run.train_age_boundaries is {low:g},{high:g}; expected two rising ages")
    return problems


def parse_assignments(assignments: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Tables from ``section.key=value`` texts; a value is read as TOML, else as plain text.

    Raises
    ------
    ConfigInvalid
        If a text has no ``=`` or its key no section.

    Examples
    --------
    >>> parse_assignments(["model.backbone=resnet10t", "data.size=96"])
    {'model': {'backbone': 'resnet10t'}, 'data': {'size': 96}}
    """
    tables: dict[str, dict[str, Any]] = {}
    problems = []
    for text in assignments:
        key, equals, value = text.partition("=")
        section, dot, name = key.strip().partition(".")
        if not equals or not dot:
            problems.append(f"{text!r}; expected section.key=value, such as train.epochs=10")
            continue
        tables.setdefault(section, {})[name] = _toml_value(value.strip())
    if problems:
        raise ConfigInvalid(SET, problems)
    return tables


def _toml_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def merge(*tables: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Sections with the keys of all tables; later ones win."""
    merged: dict[str, dict[str, Any]] = {}
    for table in tables:
        for section, values in table.items():
            merged[section] = {**merged.get(section, {}), **values}
    return merged
