"""The files of a distribution: from mirrors in order, in parts, several at a time."""

import importlib.util
import shutil
import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path

from ingest.atomic import atomic_path
from ingest.fetch import (
    ChecksumMismatch,
    DownloadFailed,
    NoNetwork,
    NotObtainable,
    check_hash,
    check_room,
    download,
    ignore_progress,
)
from ingest.manifests.types import Distribution
from ingest.reporting import Advance, Reporter

_PACKAGE = "package:"
_CHUNK = 1 << 20
_AT_ONCE = 4


def fetch(file: Distribution, folder: Path, advance: Advance = ignore_progress) -> Path:
    """Bring one file of a distribution into a folder; one that is there and right stays.

    Its addresses are tried in order, the content_url and then the mirrors.

    Parameters
    ----------
    file : Distribution
        Where it is and what its hash must be.
    folder : Path
        Where it goes, under its name; what a cut connection left is continued there.
    advance : callable
        Told about progress.

    Raises
    ------
    NotObtainable, NoNetwork, DownloadFailed, ChecksumMismatch, DiskFull
        Each with the way out. Nothing is left under the file's name.
    """
    if file.content_url.startswith(_PACKAGE):
        return _from_package(file, folder)
    if file.part_urls:
        return _from_parts(file, folder, advance)
    addresses = [address for address in (file.content_url, *file.mirrors) if address]
    if not addresses:
        message = f"{file.name}: cannot be downloaded by a program. {file.instructions}"
        raise NotObtainable(message)
    *others, last = addresses
    for address in others:
        with suppress(NoNetwork, DownloadFailed, ChecksumMismatch):
            return _download(file, address, folder, advance)
        # What one server sent of the file need not go on with what another sends.
        (folder / f"{file.name}.part").unlink(missing_ok=True)
    return _download(file, last, folder, advance)


def _download(file: Distribution, address: str, folder: Path, advance: Advance) -> Path:
    return download(address, folder / file.name, file.known_hash, advance, file.content_size)


def fetch_all(files: Sequence[Distribution], folder: Path, reporter: Reporter) -> list[Path]:
    """Bring all files of a distribution into a folder, some at a time; errors as of `fetch`.

    The first error stops the others; what they have is continued next time.
    """
    stop = threading.Event()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        futures = [
            pool.submit(fetch, file, folder, _until(stop, reporter.bytes(file.name)))
            for file in files
        ]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            failed = [error for future in done if (error := future.exception()) is not None]
            if failed:
                raise failed[0]
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [future.result() for future in futures]


def _until(stop: threading.Event, advance: Advance) -> Advance:
    def told(received: int, total: int | None) -> None:
        if stop.is_set():
            message = "stopped, since another file failed"
            raise DownloadFailed(message)
        advance(received, total)

    return told


def _from_parts(file: Distribution, folder: Path, advance: Advance) -> Path:
    """Fetch the parts of a split file one by one and join them."""
    target = folder / file.name
    if target.is_file() and file.known_hash and _is_whole(target, file):
        return target
    parts = [
        download(address, folder / f"{file.name}.{number:03d}", None, advance)
        for number, address in enumerate(file.part_urls)
    ]
    join(parts, target)
    try:
        check_hash(target, file)
    except ChecksumMismatch:
        target.unlink()
        raise
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
    return target


def _is_whole(path: Path, file: Distribution) -> bool:
    try:
        check_hash(path, file)
    except ChecksumMismatch:
        return False
    return True


def join(parts: Sequence[Path], target: Path) -> None:
    """Write the parts of a split file one behind the other into one."""
    check_room(target.parent, sum(part.stat().st_size for part in parts))
    with atomic_path(target) as temporary, temporary.open("wb") as sink:
        for part in parts:
            with part.open("rb") as source:
                shutil.copyfileobj(source, sink, _CHUNK)


def _from_package(file: Distribution, folder: Path) -> Path:
    """Copy a file of an installed package, found without importing the package."""
    package, _, inside = file.content_url.removeprefix(_PACKAGE).partition("/")
    spec = importlib.util.find_spec(package)
    places = list(spec.submodule_search_locations or ()) if spec else []
    source = next((Path(p) / inside for p in places if (Path(p) / inside).is_file()), None)
    if source is None:
        message = (
            f"{file.content_url}: no such file in the installed packages. Expected package "
            f"{package!r} with it. Install the environment again."
        )
        raise NotObtainable(message)
    check_hash(source, file)
    target = folder / file.name
    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)
    return target
