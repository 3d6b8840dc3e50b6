"""What `maskcls` could not do, by what happened."""

from ingest.errors import AnswerIsNo, MaskclsError, ProblemsFound, WrongUsage


class TrainError(MaskclsError):
    """Base of what `maskcls` could not do."""


class ArgumentRefused(WrongUsage, TrainError):
    """An option or argument that cannot be meant."""


class ConfigInvalid(WrongUsage, ProblemsFound, TrainError):
    """A recipe, ``--set`` or stored configuration with problems, all of them listed."""


class BackboneUnknown(WrongUsage, TrainError):
    """A backbone that timm does not have."""


class RunNotFound(WrongUsage, TrainError):
    """No training run of that name."""


class RunInvalid(TrainError):
    """A run folder whose files are missing or do not fit together."""


class PretrainedUnavailable(TrainError):
    """Pretrained weights that could not be fetched."""


class WeightsInvalid(TrainError):
    """A weights file that is not safetensors or does not fit the model."""


class LeakageFound(AnswerIsNo, TrainError):
    """The same person, photo or file on both sides of a split."""


class NoImageUsable(TrainError):
    """Every image was skipped: there is nothing to continue with."""
