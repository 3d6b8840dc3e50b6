"""7z archives, read by a library that is installed only where it is wanted."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest.errors import IngestError


class SevenZipMissing(IngestError):
    """The library that reads 7z is not installed."""


def members(archive: Path) -> list[tuple[str, int, bool, bool]]:
    """Name, size in bytes, whether a folder and whether a plain file or folder, of each member.

    Raises
    ------
    SevenZipMissing
        With the way out.
    ValueError
        If the archive is damaged or encrypted.
    """
    with _opened(archive) as opened:
        return [
            (info.filename, info.uncompressed, info.is_directory, not info.is_symlink)
            for info in opened.list()
        ]


def extract(archive: Path, folder: Path) -> None:
    """Unpack all members, whose names the caller has looked at; errors as of `members`."""
    with _opened(archive) as opened:
        opened.extractall(folder)


@contextmanager
def _opened(archive: Path) -> Iterator[Any]:
    try:
        import py7zr
        from py7zr.exceptions import ArchiveError
    except ImportError as error:
        message = (
            f"{archive}: is a 7z archive, and the library for them is not installed. "
            "Install py7zr (the extra 'sevenzip'), or unpack it yourself and pass the folder."
        )
        raise SevenZipMissing(message) from error
    try:
        with py7zr.SevenZipFile(archive) as opened:
            yield opened
    except (ArchiveError, TypeError, KeyError, IndexError) as error:
        raise ValueError(str(error)) from error
