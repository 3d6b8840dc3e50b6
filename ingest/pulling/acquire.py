"""The files of a source: downloaded or found on disk, verified, unpacked, ready to be read."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ingest.errors import AnswerIsNo, IngestError, WrongUsage
from ingest.fetch import (
    ChecksumMismatch,
    NotObtainable,
    check_hash,
    check_room,
    download,
    file_hash,
    is_url,
)
from ingest.manifests.types import Distribution, Manifest
from ingest.pulling.archives import is_archive, unpack, unpacked_size
from ingest.pulling.distributions import fetch_all, join
from ingest.reporting import Reporter


class VerificationFailed(AnswerIsNo, IngestError):
    """With --strict: what was got is not what the manifest declares."""


@dataclass
class Acquired:
    """A source on disk.

    Attributes
    ----------
    roots : list of Path
        Folders that together hold it.
    movable : bool
        Whether the files are ours to move rather than the user's to copy.
    files : list of dict
        What came: name, sha256, verified.
    warnings : list of str
        What differs from the manifest.
    """

    roots: list[Path] = field(default_factory=list)
    movable: bool = True
    files: list[dict[str, object]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def verified(self) -> bool:
        """Whether every file had a published hash and matched it."""
        return bool(self.files) and all(file["verified"] for file in self.files)


def acquire(manifest: Manifest, source: str | None, work: Path, reporter: Reporter) -> Acquired:
    """Bring the files of a source together and unpack them.

    Parameters
    ----------
    manifest : Manifest
        What to get.
    source : str, optional
        Folder, file or web address to take it from instead of the manifest's addresses.
    work : Path
        Folder for downloads (kept, to continue them) and unpacked files (made afresh).

    Raises
    ------
    WrongUsage
        If `source` is not there.
    IngestError
        As of `fetch.fetch` and `archives.unpack`.
    """
    shutil.rmtree(work / "unpacked", ignore_errors=True)
    if source is None:
        return _from_network(manifest, work, reporter)
    if is_url(source):
        name = unquote(urlsplit(source).path.rpartition("/")[2]) or "download"
        path = download(source, work / "files" / name, None, reporter.bytes(name))
        return _from_file(manifest, path, work)
    path = Path(source)
    if path.is_dir():
        return _from_folder(manifest, path, work)
    if path.is_file():
        return _from_file(manifest, path, work)
    message = f"--from {source}: there is no such file or folder. Expected a path or a web address."
    raise WrongUsage(message)


def _from_network(manifest: Manifest, work: Path, reporter: Reporter) -> Acquired:
    _refuse_by_hand(manifest)
    folder = work / "files"
    folder.mkdir(parents=True, exist_ok=True)
    check_room(folder, sum(file.content_size for file in manifest.distribution))
    acquired = Acquired([folder])
    paths = fetch_all(manifest.distribution, folder, reporter)
    for file, path in zip(manifest.distribution, paths, strict=True):
        acquired.files.append(_fact(path, verified=file.known_hash is not None))
        if is_archive(file.name):
            _unpack_into(acquired, path, work)
    return acquired


def _refuse_by_hand(manifest: Manifest) -> None:
    """Say what to do by hand before anything is downloaded."""
    steps = [f"{file.name}: {file.instructions}" for file in manifest.distribution
             if not file.content_url and not file.part_urls]  # fmt: skip
    if steps:
        listed = "\n".join(f"  {step}" for step in steps)
        message = (
            f"{manifest.name}: not all of its files can be downloaded by a program:\n{listed}\n"
            f"Then run `ingest pull {manifest.name} --from PATH`."
        )
        raise NotObtainable(message)


def _from_file(manifest: Manifest, path: Path, work: Path) -> Acquired:
    declared = _declared(manifest, path.name)
    acquired = Acquired()
    acquired.files.append(_checked(path, declared, acquired))
    if is_archive(path.name):
        _unpack_into(acquired, path, work)
        return acquired
    message = (
        f"{path}: is no archive we can unpack. Expected a folder, a zip or a tar. "
        "Unpack it and pass the folder."
    )
    raise IngestError(message)


def _from_folder(manifest: Manifest, path: Path, work: Path) -> Acquired:
    """A folder with the source unpacked in it, or with its archives, or with both."""
    acquired = Acquired([path], movable=False)
    for file in manifest.distribution:
        inside = _joined(path, file, work) or path / file.name
        if is_archive(file.name) and inside.is_file():
            acquired.files.append(_checked(inside, file, acquired))
            _unpack_into(acquired, inside, work)
    return acquired


def _joined(folder: Path, file: Distribution, work: Path) -> Path | None:
    """The parts of a split archive in a folder as one file; None if it has none."""
    parts = sorted(folder.glob(file.parts)) if file.parts else []
    if not parts or (folder / file.name).is_file():
        return None
    target = work / "files" / file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    join(parts, target)
    return target


def _declared(manifest: Manifest, name: str) -> Distribution | None:
    """File of the distribution with that name, else the only one there is."""
    for file in manifest.distribution:
        if file.name == name:
            return file
    return manifest.distribution[0] if len(manifest.distribution) == 1 else None


def _checked(path: Path, declared: Distribution | None, acquired: Acquired) -> dict[str, object]:
    if declared is None or declared.known_hash is None:
        return _fact(path, verified=False)
    try:
        check_hash(path, declared)
    except ChecksumMismatch as error:
        acquired.warnings.append(str(error))
        return _fact(path, verified=False)
    return _fact(path, verified=True)


def _fact(path: Path, *, verified: bool) -> dict[str, object]:
    return {"name": path.name, "sha256": file_hash(path), "verified": verified}


def _unpack_into(acquired: Acquired, archive: Path, work: Path) -> None:
    folder = work / "unpacked" / str(len(acquired.roots))
    folder.mkdir(parents=True)
    check_room(folder, unpacked_size(archive))
    unpack(archive, folder)
    acquired.roots.append(folder)
