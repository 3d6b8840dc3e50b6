"""What `synth` could not do, by what happened."""

from ingest.errors import MaskclsError


class SynthError(MaskclsError):
    """Base of what `synth` could not do."""
