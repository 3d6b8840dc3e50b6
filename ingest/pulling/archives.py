"""Archives unpacked without trusting them: nothing leaves the folder, nothing explodes."""

import bz2
import errno
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any

from ingest.errors import IngestError
from ingest.pulling import seven_zip

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".7z",
            ".gz", ".xz", ".bz2")  # fmt: skip
_SINGLE: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open, ".bz2": bz2.open}
"""Compressions of one file, which is no archive."""
_CHUNK = 1 << 20
_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, lzma.LZMAError,
            NotImplementedError, RuntimeError, ValueError)  # fmt: skip


class UnsafeArchive(IngestError):
    """An archive that would write where it must not, or far more than it should."""


class DamagedArchive(IngestError):
    """An archive that is cut off or cannot be read."""


@dataclass(frozen=True)
class Limits:
    """How much an archive may unpack to.

    Attributes
    ----------
    total : int
        Bytes of all files together.
    ratio : int
        Bytes unpacked per byte of archive, once `free` bytes are exceeded.
    free : int
        Bytes that may be unpacked whatever the ratio.
    files : int
        Number of members.
    """

    total: int = 500 * 2**30
    ratio: int = 100
    free: int = 64 * 2**20
    files: int = 2_000_000


@dataclass(frozen=True)
class _Member:
    name: str
    size: int
    is_folder: bool
    is_regular: bool
    open: Callable[[], IO[bytes]]


def is_archive(name: str) -> bool:
    """Whether a file name is one of an archive we can unpack."""
    return name.lower().endswith(SUFFIXES)


def unpack(archive: Path, folder: Path, limits: Limits | None = None) -> int:
    """Unpack an archive into a folder and return the number of files.

    Raises
    ------
    UnsafeArchive
        If a member would leave the folder, is a link or a device, differs from another by
        case alone, or the archive breaks the limits. What was written so far stays in
        `folder`, which is the caller's to discard.
    DamagedArchive
        If the archive is cut off, encrypted or of an unknown format.
    """
    limits = limits or Limits()
    if archive.name.lower().endswith(".7z"):
        return _unpack_seven_zip(archive, folder, limits)
    seen: dict[str, str] = {}
    budget = _Budget(archive, limits)
    count = 0
    with _reading(archive), _members(archive) as members:
        for member in members:
            budget.count_member()
            target = folder / _safe_name(archive, member)
            if member.is_folder:
                target.mkdir(parents=True, exist_ok=True)
                continue
            _refuse_collision(archive, member.name, seen)
            budget.check_declared(member.size)
            target.parent.mkdir(parents=True, exist_ok=True)
            with member.open() as source, target.open("xb") as sink:
                budget.copy(source, sink)
            count += 1
    return count


def unpacked_size(archive: Path) -> int:
    """Bytes an archive is said to unpack to; its own size where it does not say."""
    if not zipfile.is_zipfile(archive):
        return archive.stat().st_size
    with _reading(archive), zipfile.ZipFile(archive) as opened:
        return sum(info.file_size for info in opened.infolist())


def _unpack_seven_zip(archive: Path, folder: Path, limits: Limits) -> int:
    """Unpack a 7z by its library, once every name and size in it has been looked at."""
    seen: dict[str, str] = {}
    budget = _Budget(archive, limits)
    with _reading(archive):
        members = seven_zip.members(archive)
        for name, size, is_folder, is_regular in members:
            budget.count_member()
            _safe_name(archive, _Member(name, size, is_folder, is_regular, io.BytesIO))
            if not is_folder:
                _refuse_collision(archive, name, seen)
                budget.check_declared(size)
        seven_zip.extract(archive, folder)
    return len(seen)


@contextmanager
def _reading(archive: Path) -> Iterator[None]:
    try:
        yield
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        message = f"{archive}: one member lies where another does. It was not unpacked."
        raise UnsafeArchive(message) from error
    except OSError as error:
        # None: the bytes are wrong, not the disk. EINVAL: a place before the file's beginning.
        if error.errno not in (None, errno.EINVAL):
            raise
        raise _damaged(archive, error) from error
    except _DAMAGED as error:
        raise _damaged(archive, error) from error


def _damaged(archive: Path, error: Exception) -> DamagedArchive:
    reason = " ".join(str(error).split())[:120] or type(error).__name__
    return DamagedArchive(
        f"{archive}: is cut off, damaged or encrypted ({reason}). "
        "Expected a whole archive. Get the file again."
    )


@contextmanager
def _members(archive: Path) -> Iterator[Iterable[_Member]]:
    if zipfile.is_zipfile(archive) or archive.name.lower().endswith(".zip"):
        with zipfile.ZipFile(archive) as opened:
            yield _zip_members(opened)
    elif archive.suffix.lower() in _SINGLE and not archive.stem.lower().endswith(".tar"):
        opener = _SINGLE[archive.suffix.lower()]
        yield [_Member(archive.stem, 0, False, True, partial(opener, archive))]
    else:
        with tarfile.open(archive, "r:*") as opened_tar:
            yield _tar_members(opened_tar)


def _zip_members(archive: zipfile.ZipFile) -> Iterator[_Member]:
    for info in archive.infolist():
        kind = stat.S_IFMT(info.external_attr >> 16)
        regular = kind in (0, stat.S_IFREG, stat.S_IFDIR)
        opener = partial(archive.open, info)
        yield _Member(info.filename, info.file_size, info.is_dir(), regular, opener)


def _tar_members(archive: tarfile.TarFile) -> Iterator[_Member]:
    for info in archive:
        regular = info.isreg() or info.isdir()
        opener = partial(_tar_file, archive, info)
        yield _Member(info.name, info.size, info.isdir(), regular, opener)


def _tar_file(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    stream = archive.extractfile(info)
    if stream is None:
        message = f"member {info.name!r} has no content"
        raise tarfile.ReadError(message)
    return stream


def _safe_name(archive: Path, member: _Member) -> PurePosixPath:
    name = member.name.replace("\\", "/")
    path = PurePosixPath(name)
    drive = len(name) > 1 and name[1] == ":"
    if path.is_absolute() or drive or ".." in path.parts or "\x00" in name or not path.parts:
        if member.is_folder and not path.parts:
            return path
        message = (
            f"{archive}: member {member.name!r} would be written outside the folder. "
            "Nothing was taken from it. Do not trust this archive."
        )
        raise UnsafeArchive(message)
    if not member.is_regular:
        message = (
            f"{archive}: member {member.name!r} is a link or a device. Expected files and "
            "folders only. Do not trust this archive."
        )
        raise UnsafeArchive(message)
    return path


def _refuse_collision(archive: Path, name: str, seen: dict[str, str]) -> None:
    if (other := seen.setdefault(name.casefold(), name)) != name:
        message = (
            f"{archive}: members {other!r} and {name!r} differ by case alone and would "
            "overwrite each other on some disks. It was not unpacked."
        )
        raise UnsafeArchive(message)


class _Budget:
    """Counts members and bytes against the limits, declared and real alike."""

    def __init__(self, archive: Path, limits: Limits) -> None:
        self.archive = archive
        self.limits = limits
        packed = archive.stat().st_size
        self.allowed = min(limits.total, max(limits.free, packed * limits.ratio))
        self.files = self.declared = self.written = 0

    def count_member(self) -> None:
        self.files += 1
        if self.files > self.limits.files:
            self._refuse(f"holds more than {self.limits.files} members")

    def check_declared(self, size: int) -> None:
        self.declared += size
        self._check(self.declared)

    def copy(self, source: IO[bytes], sink: IO[bytes]) -> None:
        while chunk := source.read(_CHUNK):
            self.written += len(chunk)
            self._check(self.written)
            sink.write(chunk)

    def _check(self, size: int) -> None:
        if size > self.allowed:
            self._refuse(f"unpacks to more than {self.allowed} bytes")

    def _refuse(self, what: str) -> None:
        message = (
            f"{self.archive}: {what}, far more than its size lets expect (a bomb?). "
            "It was not unpacked."
        )
        raise UnsafeArchive(message)
