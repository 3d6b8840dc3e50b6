import importlib.util
from pathlib import Path

from ingest.manifests.read import load_manifest, manifest_names

DOCS = Path(__file__).parents[2] / "docs"
_spec = importlib.util.spec_from_file_location("make_datasets", DOCS / "make_datasets.py")
make_datasets = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make_datasets)


def test_the_page_is_up_to_date():
    text = make_datasets.PAGE.read_text(encoding="utf-8")
    assert text == make_datasets.page(), (
        "docs/datasets.md is out of date; write it with `make docs`"
    )


def test_every_data_set_says_ages_and_how_to_get_it():
    page = make_datasets.page()
    for name in manifest_names():
        assert f"ingest pull {name}" in page
        assert load_manifest(name).about.keys() == {"ages", "over_60", "gender"}


def test_the_page_says_what_may_be_done():
    rows = {line.split("`")[1]: [cell.strip() for cell in line.split("|")]
            for line in make_datasets.page().splitlines() if line.startswith("| [`")}  # fmt: skip
    assert rows["fairface"][6:10] == ["yes", "yes", "yes", "yes"]
    assert rows["utkface"][5:7] == ["LicenseRef-research-only (second-hand)", "no"]
    assert rows["all_age_faces"][6] == "after you accept"
    assert rows["medical_masks_p4"][8] == "no"
