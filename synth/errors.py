"""What `synth` could not do, by what happened."""

from ingest.errors import MaskclsError, WrongUsage


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
