"""One file brought here, whole and with the right hash: the only sockets of our own."""

import hashlib
import logging
import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pooch
import requests

from ingest.errors import IngestError
from ingest.manifests.types import Distribution
from ingest.pulling.addresses import WebAddress, web_address
from ingest.reporting import Advance

_CHUNK = 1 << 18
_ATTEMPTS = 5
TIMEOUT = (10.0, 60.0)
"""Seconds to wait for a connection, and for the next bytes on it."""
MAX_BYTES = 600 * 2**30
"""Largest file that is taken where the source publishes no size."""


class NoNetwork(IngestError):
    """The server could not be reached, or the connection broke again and again."""


class DownloadFailed(IngestError):
    """The server answered, but not with the file."""


class ChecksumMismatch(IngestError):
    """A file whose hash is not the published one."""


class NotObtainable(IngestError):
    """A file that has to be fetched by hand (login, form, purchase)."""


class DiskFull(IngestError):
    """Not enough room for what shall be written."""


def ignore_progress(received: int, total: int | None) -> None:
    """Report progress to nobody."""


def check_room(folder: Path, needed: int) -> None:
    """Make sure that a folder has room for some bytes.

    Raises
    ------
    DiskFull
        With the way out.
    """
    free = shutil.disk_usage(folder).free
    if needed > free:
        message = (
            f"{folder}: {needed} bytes are needed and {free} are free. "
            "Make room, or choose another folder with --root."
        )
        raise DiskFull(message)


def download(
    address: str,
    path: Path,
    known_hash: str | None,
    advance: Advance = ignore_progress,
    size: int = 0,
) -> Path:
    """Download a file through pooch: resumed, checked, then moved into place.

    Parameters
    ----------
    address : str
        As of `addresses.web_address`.
    known_hash : str or None
        ``sha256:…`` or ``md5:…``; None where the source publishes none.
    size : int
        Bytes it has as published, 0 if unknown; a server that sends more is cut off.

    Raises
    ------
    NoNetwork, DownloadFailed, ChecksumMismatch, DiskFull
        As of `fetch`.
    """
    pooch.get_logger().setLevel(logging.ERROR)
    source = web_address(address)
    part = path.with_name(f"{path.name}.part")
    try:
        kept = pooch.retrieve(
            source.url,
            known_hash=known_hash,
            fname=path.name,
            path=path.parent,
            downloader=_Resuming(part, source, advance, size or MAX_BYTES),
        )
    except ValueError as error:
        message = (
            f"{path.name}: the hash of what {address} sent is not the published {known_hash}. "
            "The download was discarded. Try again; if it stays so, the source has changed: "
            "check it before you trust it, then use --from FILE."
        )
        raise ChecksumMismatch(message) from error
    except requests.HTTPError as error:
        code = error.response.status_code if error.response is not None else "nothing"
        message = f"{address}: the server answered {code}. {_by_hand(path)}"
        raise DownloadFailed(message) from error
    except requests.RequestException as error:
        message = f"{address}: cannot be reached ({_why(error)}). {_by_hand(path)}"
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

    def __init__(self, part: Path, source: WebAddress, advance: Advance, limit: int) -> None:
        self.part = part
        self.source = source
        self.advance = advance
        self.limit = limit

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
        headers = {"Accept-Encoding": "identity"} | self.source.headers
        headers |= {"Range": f"bytes={have}-"} if have else {}
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
            if answer.status_code == requests.codes.requested_range_not_satisfiable:
                self.part.unlink()
                raise requests.ConnectionError
            answer.raise_for_status()
            self._refuse_page(answer)
            resumed = answer.status_code == requests.codes.partial_content
            have = have if resumed else 0
            total = self._total(answer, have)
            self._check_size(have, total)
            self.advance(have, total)
            with self.part.open("ab" if resumed else "wb") as sink:
                for chunk in answer.iter_content(_CHUNK):
                    sink.write(chunk)
                    self.advance(len(chunk), total)
                    self._check_size(sink.tell(), None)
        if total is not None and self.part.stat().st_size < total:
            message = f"{url}: the connection broke"
            raise requests.ConnectionError(message)

    def _refuse_page(self, answer: requests.Response) -> None:
        kind = answer.headers.get("Content-Type", "")
        if self.source.page_means and kind.startswith("text/html"):
            message = (
                f"{self.source.url}: answered with a page in place of the file. Most likely "
                f"{self.source.page_means}. Get the file yourself and use --from PATH."
            )
            raise DownloadFailed(message)

    def _check_size(self, have: int, total: int | None) -> None:
        """Refuse what is larger than published, and what the disk has no room for."""
        if max(have, total or 0) > self.limit:
            self.part.unlink(missing_ok=True)
            message = (
                f"{self.source.url}: sends more than the {self.limit} bytes it should have. "
                "It was cut off. The source has changed: check it before you trust it."
            )
            raise DownloadFailed(message)
        if total is not None:
            check_room(self.part.parent, total - have)

    @staticmethod
    def _total(answer: requests.Response, have: int) -> int | None:
        length = answer.headers.get("Content-Length", "")
        return have + int(length) if length.isdecimal() else None


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
