"""The typed configuration of a training run: its sections and the ranges of their values."""

import dataclasses
from dataclasses import dataclass, field
from typing import get_type_hints

from maskcls.config.data import (
    DataConfig,
    MixingConfig,
    RunConfig,
    SamplerConfig,
    SelfTrainingConfig,
    Transform,
    TransformsConfig,
)
from maskcls.config.model import (
    InferenceConfig,
    LossConfig,
    ModelConfig,
    OptimConfig,
    TrainConfig,
)

__all__ = [
    "Config", "DataConfig", "InferenceConfig", "LossConfig", "MixingConfig", "ModelConfig",
    "OptimConfig", "RunConfig", "SamplerConfig", "SelfTrainingConfig", "TrainConfig",
    "Transform", "TransformsConfig",
]  # fmt: skip


@dataclass(frozen=True)
class Config:
    """Everything that decides a run; stored with it as ``config.toml``."""

    run: RunConfig = field(default_factory=RunConfig)
    data: DataConfig = field(default_factory=DataConfig)
    mixing: MixingConfig = field(default_factory=MixingConfig)
    self_training: SelfTrainingConfig = field(default_factory=SelfTrainingConfig)
    transforms: TransformsConfig = field(default_factory=TransformsConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    sampler: SamplerConfig = field(default_factory=SamplerConfig)
    optim: OptimConfig = field(default_factory=OptimConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    inference: InferenceConfig = field(default_factory=InferenceConfig)


SECTIONS: dict[str, type] = get_type_hints(Config)
AT_LEAST = {
    "run.folds": 0, "data.size": 8, "data.margin": 0, "data.margin_pixels": 0,
    "data.crop_size": 1, "data.rectangle": 0, "data.cache_mb": 0, "data.workers": -1,
    "mixing.synthetic_weight": 0, "mixing.decay_from": 0, "mixing.pretrain_epochs": 0,
    "mixing.per_parent": 0, "mixing.per_subject": 0, "mixing.age_closeness": 0,
    "mixing.min_confidence": 0,
    "self_training.threshold": 0, "self_training.weight": 0, "self_training.begin": 0,
    "self_training.memory": 0,
    "model.hidden": 0, "model.dropout": 0, "model.dropout_samples": 1, "model.scale": 1,
    "model.freeze_stages": 0, "model.freeze_epochs": 0,
    "model.thaw_epochs": 0,
    "loss.label_smoothing": 0, "loss.gamma": 0, "loss.head_weights": 0, "loss.beta": 0,
    "loss.margin": 0, "loss.weights_from": 0, "loss.age_softness": 0, "loss.age_regression": 0,
    "sampler.power": 0, "sampler.worn_per_subject": 0,
    "optim.lr": 0, "optim.weight_decay": 0, "optim.warmup_epochs": 0, "optim.gamma": 0,
    "optim.step_epochs": 1, "optim.milestones": 1, "optim.patience": 0, "optim.sam_rho": 0,
    "train.epochs": 1, "train.batch_size": 2, "train.max_steps": 0, "train.accumulate": 1,
    "train.clip_norm": 0, "train.seed": 0, "train.mixup": 0, "train.cutmix": 0, "train.ema": 0,
    "train.patience": 0,
}  # fmt: skip
BELOW = {
    "model.dropout": 1, "loss.label_smoothing": 1, "loss.beta": 1, "train.ema": 1,
    "data.size": 4097, "train.seed": 2**32, "mixing.decay_from": 1.001,
    "loss.weights_from": 1.001, "mixing.min_confidence": 1.001,
    "self_training.threshold": 1.001, "self_training.begin": 1, "self_training.memory": 1,
}  # fmt: skip


def valid_keys() -> list[str]:
    """Every key as ``section.key``."""
    return [f"{s}.{f.name}" for s, kind in SECTIONS.items() for f in dataclasses.fields(kind)]
