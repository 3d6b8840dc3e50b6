"""Files of a source brought here, whole and with the right hash: the only sockets of our own."""

import hashlib
import importlib.util
import logging
import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pooch
import requests

from ingest.atomic import atomic_path
from ingest.errors import IngestError
from ingest.manifest_types import Distribution
from ingest.reporting import Advance

_PACKAGE = "package:"
_CHUNK = 1 << 18
_TIMEOUT = (10.0, 60.0)
_ATTEMPTS = 5


class NoNetwork(IngestError):
    """The server could not be reached, or the connection broke again and again."""


class DownloadFailed(IngestError):
    """The server answered, but not with the file."""


class ChecksumMismatch(IngestError):
    """A file whose hash is not the published one."""


class NotObtainable(IngestError):
    """A file that has to be fetched by hand (login, form, purchase)."""


def ignore_progress(received: int, total: int | None) -> None:
    """Report progress to nobody."""


def fetch(file: Distribution, folder: Path, advance: Advance = ignore_progress) -> Path:
    """Bring one file of a distribution into a folder; one that is there and right stays.

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
    NotObtainable, NoNetwork, DownloadFailed, ChecksumMismatch
        Each with the way out. Nothing is left under the file's name.
    """
    if file.content_url.startswith(_PACKAGE):
        return _from_package(file, folder)
    if not file.content_url:
        message = f"{file.name}: cannot be downloaded by a program. {file.instructions}"
        raise NotObtainable(message)
    return download(file.content_url, folder / file.name, file.known_hash, advance)


def download(
    url: str, path: Path, known_hash: str | None, advance: Advance = ignore_progress
) -> Path:
    """Download a file through pooch: resumed, checked, then moved into place.

    Parameters
    ----------
    known_hash : str or None
        ``sha256:…`` or ``md5:…``; None where the source publishes none.

    Raises
    ------
    NoNetwork, DownloadFailed, ChecksumMismatch
        As of `fetch`.
    """
    logging.getLogger("pooch").setLevel(logging.ERROR)
    try:
        kept = pooch.retrieve(
            url,
            known_hash=known_hash,
            fname=path.name,
            path=path.parent,
            downloader=_Resuming(path.with_name(f"{path.name}.part"), advance),
        )
    except ValueError as error:
        message = (
            f"{path.name}: the hash of what {url} sent is not the published {known_hash}. "
            "The download was discarded. Try again; if it stays so, the source has changed: "
            "check it before you trust it, then use --from FILE."
        )
        raise ChecksumMismatch(message) from error
    except requests.HTTPError as error:
        code = error.response.status_code if error.response is not None else "nothing"
        message = f"{url}: the server answered {code}. {_by_hand(path)}"
        raise DownloadFailed(message) from error
    except requests.RequestException as error:
        message = f"{url}: cannot be reached ({_why(error)}). {_by_hand(path)}"
        raise NoNetwork(message) from error
    return Path(kept)


def _by_hand(path: Path) -> str:
    return (
        f"Expected {path.name}. Check the network and run the command again (it continues where "
        "it stopped), or get the files yourself and use --from PATH."
    )


def _why(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return " ".join(str(error).split())[:120]


class _Resuming:
    """A pooch downloader that continues the part file a cut connection left."""

    def __init__(self, part: Path, advance: Advance) -> None:
        self.part = part
        self.advance = advance

    def __call__(self, url: str, output_file: str, _pooch: object) -> None:
        for attempt in range(_ATTEMPTS):
            try:
                self._continue(url)
                break
            except requests.HTTPError:
                raise
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
                if attempt == _ATTEMPTS - 1 or not self.part.exists():
                    raise
        os.replace(self.part, output_file)

    def _continue(self, url: str) -> None:
        have = self.part.stat().st_size if self.part.exists() else 0
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT) as answer:
            if answer.status_code == requests.codes.requested_range_not_satisfiable:
                self.part.unlink()
                raise requests.ConnectionError
            answer.raise_for_status()
            resumed = answer.status_code == requests.codes.partial_content
            if not resumed:
                have = 0
            total = self._total(answer, have)
            self.advance(have, total)
            with self.part.open("ab" if resumed else "wb") as sink:
                for chunk in answer.iter_content(_CHUNK):
                    sink.write(chunk)
                    self.advance(len(chunk), total)
        if total is not None and self.part.stat().st_size < total:
            message = f"{url}: the connection broke"
            raise requests.ConnectionError(message)

    @staticmethod
    def _total(answer: requests.Response, have: int) -> int | None:
        length = answer.headers.get("Content-Length", "")
        return have + int(length) if length.isdecimal() else None


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


def check_hash(path: Path, file: Distribution) -> None:
    """Compare a file with its published hash.

    Raises
    ------
    ChecksumMismatch
        If it differs. A file without a published hash is accepted.
    """
    known = file.known_hash
    if known is None:
        return
    kind, _, expected = known.partition(":")
    if (actual := file_hash(path, kind)) != expected:
        message = f"{path}: {kind} is {actual}, the manifest says {expected}."
        raise ChecksumMismatch(message)


def file_hash(path: Path, kind: str = "sha256") -> str:
    """Hash of a file's bytes in hex, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, kind).hexdigest()


def is_url(text: str) -> bool:
    """Whether a text is a web address rather than a path."""
    return urlsplit(text).scheme in ("http", "https")
