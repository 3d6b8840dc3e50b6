import pytest

from ingest.adapters import ADAPTERS
from ingest.adapters.base import SourceFiles


@pytest.fixture
def tree(tmp_path):
    for path in ("wrap/images/a.jpg", "wrap/images/deep/b.jpg", "images/a.jpg",
                 "__MACOSX/images/._a.jpg", "other-images/c.jpg"):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    return tmp_path


def test_the_shallowest_file_with_that_end_is_found(tree):
    files = SourceFiles([tree])
    assert files.find("images/a.jpg").read_text() == "images/a.jpg"
    assert files.find("images/deep/b.jpg").read_text() == "wrap/images/deep/b.jpg"
    assert files.find("mages/a.jpg") is None
    assert files.find("images/none.jpg") is None


def test_files_below_a_folder_are_named_from_it_on(tree):
    found = [path for path, _ in SourceFiles([tree]).under("images")]
    assert found == ["images/a.jpg", "images/deep/b.jpg"]


def test_links_are_listed_and_not_followed(tree):
    (tree / "images" / "link.jpg").symlink_to("/etc/passwd")
    (tree / "folder").symlink_to("/etc")
    files = SourceFiles([tree])
    assert sorted(files.links) == ["folder", "images/link.jpg"]
    assert files.find("images/link.jpg") is None


@pytest.mark.parametrize("name", sorted(ADAPTERS))
def test_every_adapter_names_what_a_manifest_forgot(name):
    problems = ADAPTERS[name].check({}, ("layout",))
    assert problems or not ADAPTERS[name].options
    assert all("is missing. It is required" in problem.text for problem in problems)
