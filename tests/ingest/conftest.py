"""Made sources: drawn pictures in the layouts of the real data sets."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from PIL import Image, ImageDraw

from ingest.dataset import Dataset
from ingest.records import image_id, records_frame, write_records


def picture(size: tuple[int, int] = (40, 48), shade: int = 128, kind: str = "JPEG", **how) -> bytes:
    """Bytes of a drawn picture: an ellipse on a plain ground."""
    image = Image.new("RGB", size, (shade, 90, 60))
    ImageDraw.Draw(image).ellipse((8, 6, size[0] - 8, size[1] - 6), fill=(220, 180, 150))
    stream = io.BytesIO()
    image.save(stream, kind, **how)
    return stream.getvalue()


def huge_png(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG of a few bytes whose header claims a huge picture."""

    def chunk(name: bytes, content: bytes) -> bytes:
        check = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    content = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64))
    return b"\x89PNG\r\n\x1a\n" + content + chunk(b"IEND", b"")


BAD_IMAGES = {
    "text.jpg": (b"this is no picture\n" * 20, "is no image of a known format"),
    "empty.jpg": (b"", "is empty (0 bytes)"),
    "huge.png": (huge_png(), "pixels; it was not decoded"),
    "cut.jpg": (picture((200, 200))[:900], "is damaged"),
}
"""Files that are no usable image, with a part of the reason given."""


@pytest.fixture
def run() -> Callable[..., Result]:
    """The command line `ingest`, as a user calls it."""
    from ingest.cli import cli

    def call(*arguments: object) -> Result:
        result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            f"a traceback reached the user: {result.exception!r}"
        )
        return result

    return call


@pytest.fixture
def congress(tmp_path: Path) -> Path:
    """A miniature of us_congress: five portraits, one with a date of exposure."""
    folder = tmp_path / "us congress"
    images = folder / "congress" / "225x275"
    images.mkdir(parents=True)
    (folder / "legislators.csv").write_text(
        "bioguide_id,last_name,first_name,birthday,gender,type,state\n"
        "A000001,Alpha,Ann,1950-06-30,F,rep,NY\n"
        "B000002,Beta,Bob,1953-07-02,M,sen,CA\n"
        "C000003,Gamma,Cat,1990-01-01,F,rep,TX\n"
        "D000004,Delta,Dan,1940-03-03,M,rep,WA\n"
        "E000005,Epsilon,Eve,1960-12-31,F,rep,OR\n"
        "Z000099,Nobody,Pictured,1930-01-01,M,rep,ME\n",
        encoding="utf-8",
    )
    for number, name in enumerate(("A000001", "B000002", "C000003", "D000004")):
        (images / f"{name}.jpg").write_bytes(picture(shade=40 * number))
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2008:12:30 10:00:00"
    (images / "E000005.jpg").write_bytes(picture(shade=250, exif=exif))
    return folder


@pytest.fixture
def pulled(run: Callable[..., Result], data_root: Path, congress: Path) -> Path:
    """Folder of us_congress, pulled from its miniature."""
    assert run("pull", "us_congress", "--from", congress).exit_code == 0
    return data_root / "us_congress"


@pytest.fixture
def refused() -> Callable[..., None]:
    """Checks that a command ended with one clear message, an exit code, and no result."""

    def check(result: Result, code: int, *parts: str) -> None:
        assert result.exit_code == code, result.output
        assert result.stderr.strip().splitlines()[-1], result.output
        for part in parts:
            assert part in result.stderr, result.stderr
        assert "Traceback" not in result.output
        assert result.stdout == ""

    return check


@pytest.fixture
def faces_zip(tmp_path: Path) -> Callable[..., Path]:
    """Makes a miniature of the All-Age-Faces archive in its exact layout, traps included."""

    def make(name: str = "mini.zip", extra: dict[str, bytes] | None = None) -> Path:
        path = tmp_path / name
        base = "All-Age-Faces Dataset"
        faces = ["00000A02.jpg", "00001A25.jpg", "07380A61.jpg", "07381A30.jpg", "13321A80.jpg"]
        with zipfile.ZipFile(path, "w") as archive:
            for number, face in enumerate(faces):
                archive.writestr(f"{base}/original images/{face}", picture(shade=20 * number))
                archive.writestr(f"{base}/aglined faces/{face}", picture(shade=20 * number))
            archive.writestr(f"{base}/original images/badname.jpg", picture())
            archive.writestr(f"{base}/key points/00000A02.pts", "1 2")
            lines = "00000A02.jpg 0\n00001A25.jpg 0\n07381A30.jpg 1\n"
            archive.writestr(f"{base}/image sets/train.txt", lines)
            archive.writestr(f"{base}/image sets/val.txt", "07380A61.jpg 0\n13321A80.jpg 1\n")
            for inside, content in (extra or {}).items():
                archive.writestr(f"{base}/{inside}", content)
        return path

    return make


@pytest.fixture
def make_dataset(tmp_path: Path) -> Callable[..., Dataset]:
    """Makes a small pulled data set with chosen columns and card details."""

    def make(name: str, rows: list[dict] | None = None, details: dict | None = None) -> Dataset:
        from ingest.card import write_card

        dataset = Dataset(tmp_path / "root" / name)
        dataset.images.mkdir(parents=True)
        full = [_row(name, number, row) for number, row in enumerate(rows or [{}, {}, {}])]
        for row in full:
            (dataset.images / row["path"]).write_bytes(picture(shade=hash(row["path"]) % 200))
        records: pd.DataFrame = records_frame(full)
        write_records(records, dataset.records_path)
        write_card(dataset, records, title=name, description="made", details=details or {})
        return dataset

    return make


def _row(name: str, number: int, given: dict) -> dict:
    path = f"{number}.jpg"
    return {
        "image_id": image_id(name, path),
        "sha256": f"{number:064x}",
        "path": path,
        "width": 40,
        "height": 48,
        "source": name,
        "subject_id": f"{name}:{number}",
        "license": "LicenseRef-US-government-work",
    } | given


@pytest.fixture
def bad_images() -> dict[str, tuple[bytes, str]]:
    """Files that are no usable image, with a part of the reason given."""
    return BAD_IMAGES


@pytest.fixture
def draw() -> Callable[..., bytes]:
    """Gives the bytes of a drawn picture."""
    return picture
