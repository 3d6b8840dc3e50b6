"""What all tests share: the portraits, a data root, and no way out to the network."""

import ipaddress
import os
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

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


_QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync")  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A real browser, Debian's Chromium, driven by Playwright."""
    chromium = os.environ.get("MASKCLS_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on the PATH (Debian: apt-get install chromium)")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=_QUIET)
        yield opened
        opened.close()


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


@pytest.fixture(scope="session")
def draw_hand() -> Callable[..., tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """Draws an open hand, its fingers upwards before it is turned, onto a copy of a picture."""
    return _draw_hand


_DIGITS = (  # knuckle, directions and lengths of its bones, radius; units of about a millimetre
    ((-38, -35), (-60, -52, -48), (58, 38, 32), 17),
    ((-34, -112), (-12, -11, -10), (46, 30, 24), 13),
    ((-9, -118), (-2, -1, 0), (52, 34, 26), 13.5),
    ((16, -112), (10, 10, 9), (48, 31, 25), 12.5),
    ((38, -98), (22, 21, 20), (38, 24, 20), 11),
)
_PALM = ((-38, 0), (-46, -40), (-40, -110), (-10, -118), (18, -112), (44, -96), (46, -40), (32, 0),
         (34, 160), (-36, 160))  # fmt: skip


def _draw_hand(
    image: NDArray[np.uint8],
    at: tuple[float, float],
    degrees: float,
    scale: float,
    skin: tuple[int, int, int] = (205, 160, 135),
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The picture with the hand, its wrist at a point, and the hand's shape, 0 or 255."""
    import cv2

    turn = np.radians(degrees)
    axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])

    def fixed(points: Any) -> NDArray[np.int32]:
        return np.round((np.asarray(points) @ axes * scale + at) * 16).astype(np.int32)

    shape = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(shape, [fixed(_PALM)], 255, cv2.LINE_8, 4)
    side = 2 * int(7 * scale) + 1
    shape = cv2.dilate(shape, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    for knuckle, directions, lengths, radius in _DIGITS:
        start = np.array(knuckle, float)
        for bone, (direction, length) in enumerate(zip(directions, lengths, strict=True)):
            along = np.radians(direction - 90)
            end = start + length * np.array([np.cos(along), np.sin(along)])
            thick = max(round(2 * (radius - 1.2 * bone) * scale), 1)
            cv2.polylines(shape, [fixed([start, end])], False, 255, thick, cv2.LINE_8, 4)
            start = end
    depth = cv2.distanceTransform(shape, cv2.DIST_L2, 5)
    shade = 0.62 + 0.38 * np.minimum(depth / (16 * scale), 1)[..., None]
    grain = np.random.default_rng(0).normal(0, 3, (*shape.shape, 1))
    alpha = cv2.GaussianBlur(shape, (0, 0), 1.0).astype(float)[..., None] / 255
    drawn = image * (1 - alpha) + (np.array(skin) * shade + grain) * alpha
    return np.clip(drawn, 0, 255).astype(np.uint8), shape


@pytest.fixture(autouse=True, scope="session")
def _interruptible() -> None:
    """Let child processes be interrupted even where the suite runs in the background.

    A shell starts background jobs with SIGINT ignored, and children inherit that.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
