"""What a configuration says of the network, its losses, the training loop and scoring."""

from dataclasses import dataclass, field
from typing import Any, Literal


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
    dropout, dropout_samples
        Probability of dropping a feature before the heads; number of dropouts whose outputs
        are averaged.
    classifier, scale
        Last layer: `linear`, or `cosine` of feature and class direction times `scale`.
    age
        Age head: `classes`, or ordinal by `corn` or `coral`.
    age_years
        Whether to predict the age in years too (see ``loss.age_regression``).
    init
        Weights of the heads to begin with; `default` is torch's.
    freeze_stages, freeze_epochs, thaw_epochs
        First stages of the backbone that learn nothing, for so many epochs (0 for all); after
        that they thaw at once, or the last first, one in so many epochs.
    groups
        Separate models; each a table with its `heads`, and optionally `rows` (axis to words
        that teach it) and `set` (sections that differ). None for one model.
    """

    backbone: str = "resnet18"
    heads: tuple[str, ...] = ("mask", "gender", "age")
    hidden: int = 0
    dropout: float = 0.2
    dropout_samples: int = 1
    classifier: Literal["linear", "cosine"] = "linear"
    scale: float = 16.0
    age: Literal["classes", "corn", "coral"] = "classes"
    age_years: bool = False
    init: Literal["default", "xavier", "kaiming", "orthogonal", "zeros"] = "default"
    freeze_stages: int = 0
    freeze_epochs: int = 0
    thaw_epochs: int = 0
    groups: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class LossConfig:
    """The loss of every head and how heads and classes are weighted (see `maskcls.network.losses`).

    Attributes
    ----------
    name, by_head
        A loss or a weighted sum such as ``0.4*soft_f1 + 0.6*focal``; heads that differ.
    label_smoothing, gamma
        Of cross-entropy; of focal loss.
    margin
        Largest of LDAM, in units of the cosine; of ArcFace, radians.
    class_weights, beta
        By inverse frequency, its root, or the effective number of images of `beta`.
    weights_from
        Share of the epochs before class weights take effect (deferred re-weighting).
    head_weights
        One per head; none for 1.
    age_softness
        Years; age groups are taught as the share of a Gaussian around the age, by heads that
        predict other axes with it, too; 0 for none.
    age_regression
        Weight of the squared error in years, with ``model.age_years``.
    """

    name: str = "cross_entropy"
    by_head: dict[str, Any] = field(default_factory=dict)
    label_smoothing: float = 0.0
    gamma: float = 2.0
    margin: float = 0.5
    class_weights: Literal["none", "inverse", "sqrt_inverse", "effective"] = "none"
    beta: float = 0.999
    weights_from: float = 0.0
    head_weights: tuple[float, ...] = ()
    age_softness: float = 0.0
    age_regression: float = 0.001


@dataclass(frozen=True)
class OptimConfig:
    """Optimiser and learning-rate schedule (see `maskcls.network.optim`).

    Attributes
    ----------
    name
        Any of timm's names; ``sgd`` is SGD with Nesterov momentum.
    sam_rho
        Radius of sharpness-aware minimisation around it; 0 for none.
    schedule, warmup_epochs
        How the rate goes on after it has risen linearly.
    gamma
        Factor of `step` (every `step_epochs`), `multistep` (at each of `milestones`),
        `exponential` (every epoch) and `plateau` (after `patience` epochs without a lower
        validation loss).
    """

    name: str = "adamw"
    lr: float = 1e-3
    weight_decay: float = 0.01
    sam_rho: float = 0.0
    schedule: Literal[
        "cosine", "constant", "step", "multistep", "exponential", "plateau", "onecycle"
    ] = "cosine"
    warmup_epochs: float = 1.0
    gamma: float = 0.1
    step_epochs: int = 10
    milestones: tuple[int, ...] = ()
    patience: int = 3


@dataclass(frozen=True)
class TrainConfig:
    """The loop.

    Attributes
    ----------
    drop_last
        Whether the last batch is left out if it is not full.
    max_steps
        Stop a fold after so many optimiser steps; 0 for no limit.
    accumulate
        Batches per optimiser step.
    clip, clip_norm
        Gradients are clipped to this `norm` or `value`, or adaptively to this share of the
        norm of the weights (`agc`); 0 for no clipping.
    select
        Epoch whose weights are kept: best macro F1, lowest loss, the last, or ``auto``:
        macro F1 where the validation rows hold two classes of every axis, else the last.
    select_on
        Who decides that: the people of the `validation` fold, who are then scored, or `inner`:
        a fifth of those who would teach, set aside for it.
    patience
        Stop a fold after so many epochs without a better one; 0 for never.
    refit
        Whether to train on everybody, as many epochs as the folds' best on average, after the
        folds; the run then predicts by that model.
    mixup, cutmix
        Parameter of the beta distribution; 0 for none; with both, each on half the batches.
    ema
        Decay of the moving average of the weights that is scored and kept; 0 for none.
    logger
        Who is told losses and scores by epoch (see `maskcls.training.loggers`).
    """

    epochs: int = 20
    batch_size: int = 32
    drop_last: bool = False
    max_steps: int = 0
    accumulate: int = 1
    clip: Literal["norm", "value", "agc"] = "norm"
    clip_norm: float = 1.0
    precision: Literal["auto", "32-true", "16-mixed", "bf16-mixed"] = "auto"
    channels_last: bool = True
    compile: bool = False
    mixup: float = 0.0
    cutmix: float = 0.0
    ema: float = 0.0
    select: Literal["auto", "macro_f1", "loss", "last"] = "auto"
    select_on: Literal["validation", "inner"] = "validation"
    patience: int = 0
    refit: bool = False
    logger: Literal["tensorboard", "wandb", "none"] = "tensorboard"
    seed: int = 0


@dataclass(frozen=True)
class InferenceConfig:
    """How a finished run scores images.

    Attributes
    ----------
    tta
        `flip` averages an image and its mirror image.
    vote
        How the models of the folds decide together (see `maskcls.scores.voting`).
    calibrate
        `temperature` fits one temperature per head on the predictions out of fold.
    thresholds
        `macro_f1` fits a threshold per class on them (see `maskcls.inference.thresholds`).
    """

    tta: Literal["none", "flip"] = "none"
    vote: Literal["soft", "hard", "rank"] = "soft"
    calibrate: Literal["none", "temperature"] = "none"
    thresholds: Literal["none", "macro_f1"] = "none"
