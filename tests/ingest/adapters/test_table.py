import contextlib
import io
import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.io import savemat

from ingest.adapters import ADAPTERS
from ingest.adapters.base import Entry, LayoutMismatch, Skipped, SourceFiles

OPTIONS = {"tables": ["index.csv", "more.csv"], "image": "pictures/{file}.jpg"}


@pytest.fixture
def source(tmp_path):
    (tmp_path / "pictures").mkdir()
    for name in "ab":
        (tmp_path / "pictures" / f"{name}.jpg").write_text(name)
    return tmp_path


def read(source, **more):
    return list(ADAPTERS["table"].read(SourceFiles([source]), OPTIONS | more))


def test_rows_are_joined_with_images_and_the_first_row_counts(source):
    (source / "index.csv").write_text("\ufefffile,age\na,3\na,99\nnone,4\n", encoding="utf-8")
    (source / "more.csv").write_text("file,age\nb,5\na,7\n")
    found = read(source)
    assert [(e.path, e.fields["age"]) for e in found] == [("pictures/a.jpg", "3"),
                                                          ("pictures/b.jpg", "5")]  # fmt: skip


def test_an_image_without_a_row_is_skipped(source):
    (source / "index.csv").write_text("file,age\na,3\n")
    (source / "pictures" / "notes.txt").touch()
    entry, *skipped = read(source)
    assert isinstance(entry, Entry)
    assert skipped == [Skipped("pictures/b.jpg", "no row of the tables names it"),
                       Skipped("pictures/notes.txt", "is not an image file")]  # fmt: skip


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "..", "x\\a", ""])
def test_a_row_cannot_point_outside(source, name):
    (source / "a.jpg").touch()
    (source / "index.csv").write_text(f'file,age\n"{name}",3\n')
    assert not [found for found in read(source) if isinstance(found, Entry)]


def test_columns_may_go_by_several_names(source):
    (source / "index.csv").write_text("id.file,old\na,3\n")
    entry = read(source, columns={"file": ["other", "id.file"], "age": ["old"]})[0]
    assert (entry.path, entry.fields["age"]) == ("pictures/a.jpg", "3")


def test_a_missing_table_is_told(source):
    with pytest.raises(LayoutMismatch, match=r"none of the tables index\.csv, more\.csv"):
        read(source)


BOMB = b"- a0: &a0 {x: 1}\n" + b"".join(
    b"  a%d: &a%d {p: *a%d, q: *a%d}\n" % (i, i, i - 1, i - 1) for i in range(1, 40)
)
"""YAML of forty lines that spells out to 2^40 cells."""


@pytest.mark.parametrize("name, content", [
    ("index.json", b"{}"), ("index.json", b"[1]"), ("index.json", b"{"),
    ("index.csv", b"\xff\xfe\xff"), ("index.yaml", BOMB), ("index.yaml", b"- &a {x: *a}"),
    ("index.yaml", b"a: [unclosed"), ("index.yaml", b"- !!python/object/apply:os.system ['true']"),
    ("index.xls", b"x"), ("index.json", b"[" * 100_000),
])  # fmt: skip
def test_a_table_that_cannot_be_read_is_told(source, name, content):
    (source / name).write_bytes(content)
    with pytest.raises(LayoutMismatch, match=name):
        read(source, tables=[name])


def read_or_refused(folder, name, content):
    (folder / name).write_bytes(content)
    source = {"file": name, "variable": "wiki"} if name.endswith(".mat") else name
    with contextlib.suppress(LayoutMismatch):
        read(folder, tables=[source])


CELLS = st.lists(st.lists(st.sampled_from(["a", "file", "", "..", "/", "é", '"', "\x00", ","])))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["i.csv", "i.txt", "i.json", "i.yaml"]),
       st.one_of(st.binary(max_size=80), CELLS.map(lambda rows: json.dumps(rows).encode()),
                 CELLS.map(lambda rows: "\n".join(map(",".join, rows)).encode())))  # fmt: skip
def test_a_table_of_any_bytes_is_read_or_refused(source, name, content):
    read_or_refused(source, name, content)


def mat(version):
    stream = io.BytesIO()
    if version == 5:
        savemat(stream, {"wiki": {"name": np.array([["a"]], object), "age": [[1.0]]}},
                do_compression=True)  # fmt: skip
    else:
        import h5py

        with h5py.File(stream, "w", userblock_size=512) as file:
            file.create_group("wiki")["age"] = np.array([[1.0]])
    return stream.getvalue()


@pytest.mark.parametrize("version", [5, 7.3])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_matlab_file_is_read_or_refused(source, version, data):
    content = bytearray(mat(version))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    read_or_refused(source, "i.mat", bytes(content[: data.draw(st.integers(0, len(content)))]))
