from pathlib import Path

import pytest

from ingest.dataset import Dataset, check_name, data_root, list_datasets, open_dataset
from ingest.errors import DatasetNotFound, IngestError, WrongUsage


def test_the_root_is_the_option_then_the_variable_then_data(monkeypatch):
    monkeypatch.delenv("MASKCLS_DATA", raising=False)
    assert data_root() == Path("data")
    monkeypatch.setenv("MASKCLS_DATA", "/elsewhere")
    assert data_root() == Path("/elsewhere")
    assert data_root("here") == Path("here")


@pytest.mark.parametrize("name", ["..", ".hidden", "a/b", "", "a\x00", "-x", "a" * 101])
def test_a_name_that_is_no_folder_name_is_refused(name):
    with pytest.raises(WrongUsage, match="cannot be used"):
        check_name(name)


def test_an_unknown_name_lists_those_there_are(make_dataset):
    root = make_dataset("faces").folder.parent
    with pytest.raises(DatasetNotFound, match="There: faces"):
        open_dataset(root, "face")
    assert open_dataset(root, "faces").name == "faces"


def test_unfinished_folders_are_not_data_sets(make_dataset):
    dataset = make_dataset("faces")
    part = dataset.folder.parent / ".part-other"
    part.mkdir()
    (part / "records.parquet").write_bytes(dataset.records_path.read_bytes())
    (dataset.folder.parent / "empty").mkdir()
    assert [found.name for found in list_datasets(dataset.folder.parent)] == ["faces"]


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_broken_card_is_named(tmp_path, content):
    (tmp_path / "dataset.json").write_text(content)
    with pytest.raises(IngestError, match=r"dataset\.json"):
        Dataset(tmp_path).card()
