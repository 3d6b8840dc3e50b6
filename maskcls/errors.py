"""What `maskcls` could not do, by what happened."""

from ingest.errors import INTERRUPTED, AnswerIsNo, MaskclsError, ProblemsFound, WrongUsage


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


class LabellerRefused(AnswerIsNo, TrainError):
    """A run that may not label: it lacks the axis, was taught on the people, or is bound."""


class NoLabeller(TrainError):
    """No finished run that could give the labels asked for."""


class TruthInvalid(WrongUsage, ProblemsFound, TrainError):
    """A table of labels known to be wrong that does not fit the data set."""


class NoImageUsable(TrainError):
    """Every image was skipped: there is nothing to continue with."""


class PurposeRefused(AnswerIsNo, TrainError):
    """A use that the licences behind a run were never asked for."""


class ExtraMissing(WrongUsage, TrainError):
    """A part of the program that is installed apart, and is not."""


class ExportFailed(TrainError):
    """A model that does not give the same probabilities once it is written."""


class ProcessLost(TrainError):
    """One of several processes that train together has ended."""


class Interrupted(TrainError):
    """Training was interrupted; its text is the command that continues it.

    Parameters
    ----------
    run : str
        Name of the run.
    """

    exit_code = INTERRUPTED

    def __init__(self, run: str) -> None:
        super().__init__(f"interrupted. To continue: maskcls train --resume --name {run}")
        self.run = run
