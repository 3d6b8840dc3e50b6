"""What `maskcls` could not do, by what happened."""

from ingest.errors import MaskclsError


class TrainError(MaskclsError):
    """Base of what `maskcls` could not do."""
