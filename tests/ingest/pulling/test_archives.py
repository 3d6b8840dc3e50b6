import bz2
import contextlib
import gzip
import io
import lzma
import stat
import tarfile
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.pulling.archives import (
    DamagedArchive,
    Limits,
    UnsafeArchive,
    is_archive,
    unpack,
    unpacked_size,
)

TAR_MODES = {".tar": "w", ".tar.gz": "w:gz", ".tar.xz": "w:xz", ".tar.bz2": "w:bz2"}


def make_zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def make_tar(path, members, mode="w", **how):
    with tarfile.open(path, mode) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for key, value in how.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(content))
    return path


def files_in(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "inside" / "out"
    made.mkdir(parents=True)
    return made


@pytest.mark.parametrize("suffix", [".zip", *TAR_MODES])
def test_every_kind_is_unpacked(tmp_path, folder, suffix):
    members = {"a/b.txt": b"1", "a/c/d.txt": b"22", "é ü.txt": b"333"}
    path = tmp_path / f"x{suffix}"
    if suffix == ".zip":
        make_zip(path, members)
    else:
        make_tar(path, members, TAR_MODES[suffix])
    assert is_archive(path.name)
    assert unpack(path, folder) == 3
    assert files_in(folder) == sorted(members)
    assert (folder / "a/c/d.txt").read_bytes() == b"22"


OUTSIDE = [
    "../evil.txt",
    "a/../../evil.txt",
    "/tmp/evil.txt",
    "..\\evil.txt",
    "C:\\evil.txt",
    "C:evil",
]


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_a_member_that_leaves_the_folder_is_refused(tmp_path, folder, make, name):
    archive = make(tmp_path / ("x.zip" if make is make_zip else "x.tar"), {name: b"x"})
    with pytest.raises(UnsafeArchive, match="outside the folder"):
        unpack(archive, folder)
    assert files_in(tmp_path / "inside") == []


def test_a_link_in_a_zip_is_refused(tmp_path, folder):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(UnsafeArchive, match="is a link"):
        unpack(path, folder)


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE]
)
def test_links_and_devices_in_a_tar_are_refused(tmp_path, folder, kind):
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w") as archive:
        info = tarfile.TarInfo("odd")
        info.type, info.linkname = kind, "/etc/passwd"
        archive.addfile(info)
    with pytest.raises(UnsafeArchive, match="link or a device"):
        unpack(path, folder)


@pytest.mark.parametrize("make, name", [(make_zip, "x.zip"), (make_tar, "x.tar")])
def test_names_that_differ_by_case_alone_are_refused(tmp_path, folder, make, name):
    path = make(tmp_path / name, {"A.jpg": b"1", "a.JPG": b"2"})
    with pytest.raises(UnsafeArchive, match="differ by case alone"):
        unpack(path, folder)


def test_the_same_name_twice_is_refused(tmp_path, folder):
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w") as archive:
        for content in (b"1", b"2"):
            info = tarfile.TarInfo("a.jpg")
            info.size = 1
            archive.addfile(info, io.BytesIO(content))
    with pytest.raises(UnsafeArchive, match="where another does"):
        unpack(path, folder)


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path, folder):
    path = make_zip(tmp_path / "x.zip", {"a": b"1", "a/b": b"2"})
    with pytest.raises(UnsafeArchive, match="where another does"):
        unpack(path, folder)


def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path, folder):
    path = make_zip(tmp_path / "x.zip", {f"{i}.bin": bytes(2**20) for i in range(8)})
    limits = Limits(ratio=100, free=2**21)
    with pytest.raises(UnsafeArchive, match="unpacks to more than"):
        unpack(path, folder, limits)
    assert sum(p.stat().st_size for p in folder.rglob("*")) <= 2**21


def test_too_many_members_are_refused(tmp_path, folder):
    path = make_zip(tmp_path / "x.zip", {f"{i}": b"" for i in range(11)})
    with pytest.raises(UnsafeArchive, match="more than 10 members"):
        unpack(path, folder, Limits(files=10))


@pytest.mark.parametrize("suffix", [".zip", *TAR_MODES])
def test_an_archive_that_is_cut_off_gives_one_clear_line(tmp_path, folder, suffix):
    members = {f"{i}.bin": bytes(range(256)) * 40 for i in range(20)}
    path = tmp_path / f"x{suffix}"
    if suffix == ".zip":
        make_zip(path, members)
    else:
        make_tar(path, members, TAR_MODES[suffix])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DamagedArchive, match="cut off, damaged or encrypted") as caught:
        unpack(path, folder)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_archive_is_refused(tmp_path, folder):
    for name in ("x.zip", "x.tar.gz"):
        (tmp_path / name).write_bytes(b"no archive at all")
        with pytest.raises(DamagedArchive):
            unpack(tmp_path / name, folder)


@settings(max_examples=60)
@given(st.sampled_from([".zip", ".tar", ".tar.gz"]), st.data())
def test_a_damaged_archive_writes_nothing_outside(tmp_path_factory, suffix, data):
    base = tmp_path_factory.mktemp("fuzz")
    path, folder = base / f"x{suffix}", base / "inside" / "out"
    folder.mkdir(parents=True)
    members = {"a/b.txt": b"hello" * 20, "../c" if data.draw(st.booleans()) else "c": b"x"}
    if suffix == ".zip":
        make_zip(path, members)
    else:
        make_tar(path, members, TAR_MODES[suffix])
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(0, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    with contextlib.suppress(UnsafeArchive, DamagedArchive):
        unpack(path, folder)
    outside = [p for p in base.rglob("*") if folder not in (p, *p.parents)]
    assert {p.name for p in outside} == {"inside", path.name}


@pytest.fixture
def seven_zip(tmp_path):
    """Makes a 7z archive."""
    py7zr = pytest.importorskip("py7zr")

    def make(members):
        path = tmp_path / "x.7z"
        with py7zr.SevenZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(content, name)
        return path

    return make


def test_a_7z_is_unpacked(seven_zip, folder):
    path = seven_zip({"a/b.txt": b"1", "é.txt": b"22"})
    assert is_archive(path.name)
    assert unpack(path, folder) == 2
    assert (folder / "é.txt").read_bytes() == b"22"


@pytest.mark.parametrize("names, text", [
    (["a.txt", "A.TXT"], "differ by case alone"), (["x.txt", "../evil.txt"], "outside the folder"),
])  # fmt: skip
def test_an_unsafe_7z_is_refused_before_anything_is_written(seven_zip, folder, names, text):
    try:
        path = seven_zip(dict.fromkeys(names, b"x"))
    except ValueError:
        pytest.skip("the library does not even write such a name")
    with pytest.raises(UnsafeArchive, match=text):
        unpack(path, folder)
    assert files_in(folder.parent.parent) == ["x.7z"]


def test_a_7z_bomb_is_refused(seven_zip, folder):
    path = seven_zip({"zeros.bin": bytes(3_000_000)})
    with pytest.raises(UnsafeArchive, match="far more than its size"):
        unpack(path, folder, Limits(free=1000))


@pytest.mark.parametrize("cut", [0, 20, 40, 70])
def test_a_damaged_7z_is_told(seven_zip, folder, cut):
    path = seven_zip({"a.txt": bytes(range(256))})
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DamagedArchive):
        unpack(path, folder)


@pytest.mark.parametrize("suffix, pack", [
    (".gz", gzip.compress), (".xz", lzma.compress), (".bz2", bz2.compress),
])  # fmt: skip
def test_one_compressed_file_is_unpacked_under_its_name(tmp_path, folder, suffix, pack):
    path = tmp_path / f"labels.csv{suffix}"
    path.write_bytes(pack(b"a,b\n"))
    assert unpack(path, folder) == 1
    assert (folder / "labels.csv").read_bytes() == b"a,b\n"
    path.write_bytes(b"not compressed at all")
    with pytest.raises(DamagedArchive):
        unpack(path, folder / "again")


def test_many_small_files_are_unpacked(tmp_path, folder):
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(10_000):
            archive.writestr(f"{number // 100:03d}/{number:06d}.txt", b"")
    assert unpacked_size(path) == 0
    assert unpack(path, folder) == 10_000
