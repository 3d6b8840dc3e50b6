"""What all tests share: the portraits, a data root, and no way out to the network."""

import ipaddress
import os
import socket
from pathlib import Path

import pytest
from hypothesis import settings

# One machine is slower than another, and a red build must be red again on the next run.
settings.register_profile("shared", deadline=None, derandomize=True)
settings.load_profile("shared")

PORTRAITS_VARIABLE = "MASKCLS_PORTRAITS"


@pytest.fixture(scope="session")
def portraits() -> Path:
    """Folder of the public-domain portraits: ``legislators.csv`` beside ``congress/``."""
    folder = os.environ.get(PORTRAITS_VARIABLE)
    if not folder:
        pytest.skip(f"{PORTRAITS_VARIABLE} is not set: the portraits are not there")
    path = Path(folder)
    if not (path / "legislators.csv").is_file():
        pytest.skip(f"{PORTRAITS_VARIABLE}={folder} holds no legislators.csv")
    return path


@pytest.fixture
def data_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data root that the commands take as their default."""
    root = tmp_path / "data root"
    monkeypatch.setenv("MASKCLS_DATA", str(root))
    return root


class NetworkRefused(RuntimeError):
    """A test reached for the network."""


def _address(host: object) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    text = host.decode() if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _is_here(host: object) -> bool:
    if host in (None, "", b"", "localhost", b"localhost", socket.gethostname()):
        return True
    address = _address(host)
    return address is not None and address.is_loopback


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves this machine, unless the test is marked `network`."""
    if request.node.get_closest_marker("network"):
        return
    connect, getaddrinfo = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: object) -> None:
        if self.family != getattr(socket, "AF_UNIX", None) and not _is_here(address[0]):
            message = f"a test reached for {address}"
            raise NetworkRefused(message)
        return connect(self, address)

    def guarded_getaddrinfo(host: object, *args: object, **kwargs: object) -> object:
        if not _is_here(host) and _address(host) is None:
            message = f"a test looked up {host}"
            raise NetworkRefused(message)
        return getaddrinfo(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
