import pytest

from ingest.adapters.base import LayoutMismatch, SourceFiles
from ingest.adapters.reading import read_layout
from ingest.adapters.sources import check_sources, read_source


def test_parallel_lists_are_joined_line_by_line(tmp_path):
    (tmp_path / "name.txt").write_text("a.jpg\nb.jpg\n")
    (tmp_path / "age.txt").write_text("3\r\n4\r\n")
    source = {"lists": {"name": "name.txt", "age": "age.txt"}, "fields": {"set": "train"}}
    assert read_source(SourceFiles([tmp_path]), source) == [
        {"name": "a.jpg", "age": "3", "set": "train"},
        {"name": "b.jpg", "age": "4", "set": "train"},
    ]  # fmt: skip
    (tmp_path / "age.txt").write_text("3\n")
    with pytest.raises(LayoutMismatch, match=r"differ in length \(name\.txt 2, age\.txt 1\)"):
        read_source(SourceFiles([tmp_path]), source)
    (tmp_path / "age.txt").unlink()
    with pytest.raises(LayoutMismatch, match=r"the list age\.txt is missing"):
        read_source(SourceFiles([tmp_path]), source)
    (tmp_path / "name.txt").unlink()
    assert read_source(SourceFiles([tmp_path]), source) is None


def test_a_text_without_a_heading_gets_the_manifests(tmp_path):
    (tmp_path / "list.txt").write_text("a.jpg 3\nb.jpg 4\n")
    source = {"file": "list.txt", "delimiter": " ", "header": ["name", "age"]}
    rows = read_source(SourceFiles([tmp_path]), source)
    assert rows == [{"name": "a.jpg", "age": "3"}, {"name": "b.jpg", "age": "4"}]


@pytest.mark.parametrize("source, text", [
    (3, "Expected a file name or a table"), ("../x.csv", "relative path"),
    ({}, "needs either 'file' or 'lists'"), ({"lists": {}}, "is empty"),
    ({"lists": {"a": 3}}, "Expected a relative path"),
    ({"file": "x.mat"}, "A MATLAB file needs it"), ({"file": "a.csv", "colour": 1}, "not a known"),
    ({"file": "a.csv", "fields": {"set": 1}}, "Expected text"),
])  # fmt: skip
def test_every_mistake_of_a_source_is_named(source, text):
    assert any(text in problem.text for problem in check_sources([source], ("tables",)))


LAYOUT = {"adapter": "filename_pattern", "folders": ["faces"], "pattern": r"(?P<number>\d+)\.jpg"}


@pytest.fixture
def faces(tmp_path):
    (tmp_path / "faces").mkdir()
    for name in ("01.jpg", "02.jpg", "x.mat"):
        (tmp_path / "faces" / name).touch()
    return tmp_path


def test_a_joined_table_adds_its_columns_by_number(faces):
    (faces / "labels.csv").write_text("image,age,number\n1,30,other\n")
    join = [{"file": "labels.csv", "on": "image", "key": "number"}]
    one, two, _ = read_layout(SourceFiles([faces]), LAYOUT | {"join": join})
    assert one.fields == {"image": "1", "age": "30", "number": "01"}
    assert two.fields == {"number": "02"}


def test_a_joined_table_that_is_missing_is_told_unless_it_may_be(faces):
    join = {"file": "labels.csv", "on": "image", "key": "number"}
    with pytest.raises(LayoutMismatch, match=r"the table labels\.csv is missing"):
        list(read_layout(SourceFiles([faces]), LAYOUT | {"join": [join]}))
    layout = LAYOUT | {"join": [join | {"optional": True}], "ignore": r".*\.mat"}
    assert len(list(read_layout(SourceFiles([faces]), layout))) == 2
