"""What a configuration says of the data: which sets, how mixed, drawn, cut and augmented."""

from dataclasses import dataclass, field
from typing import Any, Literal

from ingest.taxonomy import AGE_BOUNDARIES

Transform = dict[str, Any]
Crop = Literal[
    "image", "centre", "rectangle", "face", "forehead", "nose_chin", "chin_neck", "upper_body"
]


@dataclass(frozen=True)
class RunConfig:
    """What is trained on what: set by the options of ``maskcls train``.

    Attributes
    ----------
    data, extra, unlabelled
        Names of the data sets; an extra or unlabelled one is ``NAME`` or ``NAME:RATIO``.
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
    unlabelled: tuple[str, ...] = ()
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
        The whole image, stretched to `size`; a `centre` of `crop_size`; the `rectangle`; the
        face box where the record has one; or a part of the body placed by that box.
    margin, margin_pixels
        Added around a face on every side: share of the box's side, and pixels.
    crop_size
        Height and width in pixels of the centre crop; cut to images that are smaller.
    rectangle
        Rows from and to, columns from and to, in pixels: the crop of that name, and what is
        taken of an image without a face box. All 0 for the whole image.
    background
        Whether it is kept, or `removed`: what is no person becomes grey, before the crop.
    cache_mb
        Decoded images are kept in memory if they need no more than this; 0 for never.
    workers
        Loader processes; 0 loads in the training process. -1 decides: on a GPU a core less than
        there are for each process that trains, at most 8; on a CPU none.
    """

    size: tuple[int, int] = (128, 96)
    crop: Crop = "image"
    margin: float = 0.4
    margin_pixels: float = 0.0
    crop_size: tuple[int, int] = (400, 200)
    rectangle: tuple[int, int, int, int] = (0, 0, 0, 0)
    background: Literal["kept", "removed"] = "kept"
    cache_mb: int = 2048
    workers: int = -1


@dataclass(frozen=True)
class MixingConfig:
    """How the extras are mixed in (see `maskcls.data.dosing`).

    Attributes
    ----------
    cells
        '' draws by ratio. Words such as ``>=60``, ``incorrect female`` or ``all`` fill the
        classes that carry them to the median class; a .csv file states the counts.
    synthetic_weight
        Weight of a composite in the loss; a real photo has 1.
    schedule
        `constant`; `decay` to none, linearly from the share `decay_from` of the epochs on; or
        `pretrain`: extras alone for `pretrain_epochs`, then the real set alone.
    per_parent, per_subject
        Most samples of one photo's or one person's extra images in an epoch; 0 for no limit.
    age_closeness
        Years; extras are drawn the more often the nearer their age is to ages of the real set
        (Gaussian of this width); 0 for no such weight.
    teaches
        Extra to the axes it teaches, such as ``{synth_v1 = ["mask", "age"]}``; others teach all.
    min_confidence
        Pseudo labels of less confidence teach nothing, 0–1.
    """

    cells: str = ""
    synthetic_weight: float = 1.0
    schedule: Literal["constant", "decay", "pretrain"] = "constant"
    decay_from: float = 0.5
    pretrain_epochs: int = 5
    per_parent: int = 0
    per_subject: int = 0
    age_closeness: float = 0.0
    teaches: dict[str, Any] = field(default_factory=dict)
    min_confidence: float = 0.95


@dataclass(frozen=True)
class SelfTrainingConfig:
    """How labels that the unlabelled sets lack are guessed (see `maskcls.training.self_training`).

    Attributes
    ----------
    threshold
        Guesses of less confidence teach nothing, 0–1.
    weight
        Weight of a row of an unlabelled set in the loss; a real photo has 1.
    begin
        Share of the epochs before these sets are drawn: a model that knows little guesses badly.
    alignment
        What the guesses' shares of the classes are brought to: those of the labelled rows as they
        are drawn (`labelled`), equal ones (`uniform`), or left as they are (`none`).
    memory
        Decay per batch of the moving average that tells the guesses' shares.
    consistency
        Whether a guess on the plain image teaches a strongly changed one
        (``transforms.strong``), instead of one changed as all training images are.
    """

    threshold: float = 0.95
    weight: float = 1.0
    begin: float = 0.3
    alignment: Literal["labelled", "uniform", "none"] = "labelled"
    memory: float = 0.99
    consistency: bool = False


_STRONG: tuple[Transform, ...] = (
    {"name": "HorizontalFlip", "p": 0.5},
    {"name": "RandAugment", "num_ops": 2, "magnitude": 10, "p": 1.0},
    {"name": "CoarseDropout", "num_holes_range": [1, 1], "hole_height_range": [0.1, 0.3],
     "hole_width_range": [0.1, 0.3], "fill": 128, "p": 1.0},
)  # fmt: skip


@dataclass(frozen=True)
class TransformsConfig:
    """Augmentation by name (see `maskcls.images.transforms`) and the normalisation of the input.

    Attributes
    ----------
    train, always
        Transforms of training images, after those of every image; each a table with its
        `name` and every parameter.
    strong
        In place of `train`, where ``self_training.consistency`` asks for it.
    mean, std
        Per channel (RGB), of values scaled to 0–1.
    """

    train: tuple[Transform, ...] = ()
    always: tuple[Transform, ...] = ()
    strong: tuple[Transform, ...] = _STRONG
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class SamplerConfig:
    """Which real rows an epoch draws (see `maskcls.data.samplers`).

    Attributes
    ----------
    name
        `uniform`: each once. `balanced`: with replacement, strata equally often.
        `oversample`: each once, and again until the strata are equal. `undersample`: the
        strata cut to the smallest, anew in every epoch.
    by
        Columns whose values make the strata; none for the axes predicted.
    power
        Of `balanced`: 1 makes strata equal, 0.5 halfway, 0 leaves them.
    worn_per_subject
        Photos of correctly worn masks of one person in an epoch; 0 for all.
    """

    name: Literal["uniform", "balanced", "oversample", "undersample"] = "uniform"
    by: tuple[Literal["mask", "gender", "age", "subject_id"], ...] = ()
    power: float = 1.0
    worn_per_subject: int = 0
