import pytest

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
