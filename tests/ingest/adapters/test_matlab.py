import numpy as np
import pytest
from scipy.io import savemat

from ingest.adapters.base import LayoutMismatch
from ingest.adapters.matlab import read_matlab


def cells(*values):
    column = np.empty((1, len(values)), dtype=object)
    column[0] = values
    return column


def test_columns_of_numbers_texts_and_dates_become_rows(tmp_path):
    path = tmp_path / "x.mat"
    savemat(path, {"wiki": {"dob": np.array([[730486.0, 1.0]]), "score": np.array([[1.5, np.nan]]),
                            "name": cells("Åsa", "B"), "box": cells([1, 2, 3, 4], [1, 2, 3, 4]),
                            "single": "one"}})  # fmt: skip
    assert read_matlab(path, "wiki", ["dob"]) == [
        {"dob": "2000-01-01", "score": "1.5", "name": "Åsa"}, {"name": "B"},
    ]  # fmt: skip


def test_v73_files_are_read_too(tmp_path):
    import h5py

    path = tmp_path / "x.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        group = file.create_group("imdb")
        group["gender"] = np.array([[1.0], [np.nan]])
        refs = []
        for number, text in enumerate(("a/1.jpg", "b/é.jpg")):
            codes = np.array([[ord(c)] for c in text], dtype=np.uint16)
            cell = file.create_dataset(f"#refs#/{number}", data=codes)
            cell.attrs["MATLAB_class"] = np.bytes_("char")
            refs.append([cell.ref])
        group.create_dataset("full_path", data=refs, dtype=h5py.ref_dtype)
    assert read_matlab(path, "imdb") == [
        {"gender": "1", "full_path": "a/1.jpg"}, {"full_path": "b/é.jpg"},
    ]  # fmt: skip


def test_a_link_to_another_file_is_not_followed(tmp_path):
    import h5py

    secret, path = tmp_path / "secret.h5", tmp_path / "x.mat"
    with h5py.File(secret, "w") as file:
        file["ages"] = np.array([1.0, 2.0])
    with h5py.File(path, "w", userblock_size=512) as file:
        file.create_group("imdb")["age"] = h5py.ExternalLink(str(secret), "/ages")
    with pytest.raises(LayoutMismatch, match="is a link"):
        read_matlab(path, "imdb")


@pytest.mark.parametrize("content", [b"", b"text", b"MATLAB 5.0 MAT-file".ljust(128, b" ") + b"\0",
                                     b"\x89HDF\r\n\x1a\n" + bytes(100)])  # fmt: skip
def test_a_file_that_is_none_is_told(tmp_path, content):
    path = tmp_path / "x.mat"
    path.write_bytes(content)
    with pytest.raises(LayoutMismatch, match=r"x\.mat: cannot be read"):
        read_matlab(path, "wiki")


def test_a_missing_variable_or_one_that_is_no_struct_is_told(tmp_path):
    path = tmp_path / "x.mat"
    savemat(path, {"wiki": np.array([1.0])})
    for name in ("imdb", "wiki"):
        with pytest.raises(LayoutMismatch, match=f"MATLAB struct '{name}'"):
            read_matlab(path, name)
