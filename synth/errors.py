"""What `synth` could not do, by what happened."""

from ingest.errors import AnswerIsNo, MaskclsError, WrongUsage


class SynthError(MaskclsError):
    """Base of what `synth` could not do."""


class SettingsDiffer(WrongUsage, SynthError):
    """The output set exists and was made with other settings."""


class NoPhotos(SynthError):
    """No photo of the sources can be used as asked."""


class NothingComposed(SynthError):
    """Every photo was skipped."""


class NotAComposite(WrongUsage, SynthError):
    """The image asked for is not in the set, or was not made by a recipe."""


class AlreadyLabelled(AnswerIsNo, SynthError):
    """Every image of a set has the label that a model was asked for."""


class NothingPromised(AnswerIsNo, SynthError):
    """No stratum has enough labelled people to promise the precision asked for."""


class RunRefused(AnswerIsNo, SynthError):
    """A run that may not label this set: it was trained for less a purpose."""
