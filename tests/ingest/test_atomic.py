import pytest

from ingest.atomic import atomic_folder, atomic_path, clear_leftovers, write_json


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "x.json"
    write_json(path, {"a": 1})
    with pytest.raises(ZeroDivisionError), atomic_path(path) as temporary:
        temporary.write_text(str(1 / 0))
    assert path.read_text() == '{\n  "a": 1\n}\n'
    assert [p.name for p in tmp_path.iterdir()] == ["x.json"]


def test_a_failed_folder_leaves_the_old_folder(tmp_path):
    folder = tmp_path / "set"
    with atomic_folder(folder) as temporary:
        (temporary / "old").touch()
    with pytest.raises(ZeroDivisionError), atomic_folder(folder) as temporary:
        (temporary / "new").write_text(str(1 / 0))
    assert [p.name for p in folder.iterdir()] == ["old"]
    assert [p.name for p in tmp_path.iterdir()] == ["set"]


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    folder = tmp_path / "set"
    for name in ("old", "new"):
        with atomic_folder(folder) as temporary:
            (temporary / name).touch()
    assert [p.name for p in folder.iterdir()] == ["new"]
    assert [p.name for p in tmp_path.iterdir()] == ["set"]


def test_what_a_killed_swap_left_is_put_right(tmp_path):
    old = tmp_path / ".old-set-x" / "set"
    old.mkdir(parents=True)
    (old / "records").touch()
    (tmp_path / ".part-set-y").mkdir()
    clear_leftovers(tmp_path / "set")
    assert [p.name for p in tmp_path.iterdir()] == ["set"]
    assert (tmp_path / "set" / "records").exists()


def test_a_whole_folder_is_not_replaced_by_leftovers(tmp_path):
    (tmp_path / ".old-set-x" / "set").mkdir(parents=True)
    new = tmp_path / "set"
    new.mkdir()
    (new / "new").touch()
    clear_leftovers(new)
    assert [p.name for p in tmp_path.iterdir()] == ["set"]
    assert (new / "new").exists()
