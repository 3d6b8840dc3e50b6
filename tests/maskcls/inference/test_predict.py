"""What a finished run says of images and data sets."""

import io
import json

import pandas as pd
import pytest

from ingest import taxonomy
from maskcls.inference.inputs import find_inputs


@pytest.fixture
def trained(people, maskcls, tiny):
    people.bare()
    result = maskcls("train", *tiny, "--folds", "2", "--set", "train.epochs=1", "--name", "r")
    assert result.exit_code == 0, result.output
    return people


def test_folder_list_and_data_set_give_the_same_predictions(trained, maskcls, tmp_path):
    images = trained.root / "real" / "images"
    names = sorted(path.name for path in images.iterdir())
    (images / "list.txt").write_text("\n".join(names) + "\n")
    (images / "list.csv").write_text("path,other\n" + "".join(f"{name},1\n" for name in names))
    tables = []
    for asked in (images, images / "list.txt", images / "list.csv", "real", trained.root / "real"):
        result = maskcls("predict", "r", asked)
        assert result.exit_code == 0, result.output
        table = pd.read_csv(io.StringIO(result.stdout))
        assert [path.rsplit("/", 1)[-1] for path in table["path"]] == names
        tables.append(table.drop(columns="path"))
    for table in tables[1:]:
        pd.testing.assert_frame_equal(table, tables[0])


def test_words_and_class_agree_and_probabilities_sum_to_one(trained, maskcls, tmp_path):
    out = tmp_path / "out.csv"
    result = maskcls("predict", "r", "real", "--out", out)
    assert result.exit_code == 0, result.output
    assert "12 images predicted, 0 skipped" in result.stdout
    table = pd.read_csv(out)
    names = [taxonomy.class_name(index) for index in table["class"]]
    assert names == [f"{r.mask} {r.gender} {r.age_group}" for r in table.itertuples()]
    scores = table[[f"score_{index:02d}" for index in range(18)]]
    assert scores.sum(axis=1).tolist() == pytest.approx([1.0] * 12, abs=2e-3)
    again = maskcls("predict", "r", "real", "--out", out)
    assert again.exit_code == 2
    assert "--force" in again.output


def test_unreadable_images_are_listed_and_the_others_predicted(trained, maskcls):
    images = trained.root / "real" / "images"
    (images / "zz.jpg").write_text("no image")
    result = maskcls("predict", "r", images)
    assert result.exit_code == 0
    assert "zz.jpg" in result.stderr
    assert len(pd.read_csv(io.StringIO(result.stdout))) == 12


def test_nothing_readable_is_exit_code_one(trained, maskcls, tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"")
    result = maskcls("predict", "r", tmp_path / "a.jpg")
    assert result.exit_code == 1
    assert "none of 1 images could be read" in result.output


@pytest.mark.parametrize(
    "name, content, said",
    [
        ("list.csv", "file\na.png\n", "named 'path'"),
        ("list.txt", "", "holds no image"),
        ("nowhere", None, "no such folder, file or data set"),
    ],
)
def test_inputs_that_name_no_image_are_refused(trained, maskcls, tmp_path, name, content, said):
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    result = maskcls("predict", "r", path)
    assert result.exit_code == 2
    assert said in result.output


def test_unknown_run_lists_those_there(trained, maskcls):
    result = maskcls("predict", "nothing", "real")
    assert result.exit_code == 2
    assert "There: r" in result.output


def test_folder_is_searched_below_and_other_files_left_aside(people):
    people.bare(people=range(3))
    (people.root / "real" / "images" / "notes.md").write_text("x")
    assert len(find_inputs([str(people.root / "real" / "images")], people.root)) == 3


def test_evaluation_on_what_was_taught_is_refused(trained, maskcls):
    result = maskcls("evaluate", "r", "--data", "real")
    assert result.exit_code == 3
    assert "fold by fold" in result.output


def test_evaluation_leaves_taught_people_out_and_says_so(trained, maskcls, tmp_path):
    trained.every_mask("new", people=range(10, 20))
    result = maskcls("evaluate", "r", "--data", "new", "--out", tmp_path / "scores.json")
    assert result.exit_code == 0, result.output
    assert "6 images of people the run was taught are left out" in result.stderr
    scores = json.loads((tmp_path / "scores.json").read_text())["scores"]
    assert scores["mask"]["n_images"] == 24
    assert scores["mask"]["n_subjects"] == 8


def test_damaged_weights_are_one_clear_line(trained, runs, maskcls):
    (runs / "r" / "weights" / "fold_0.safetensors").write_bytes(b"damaged")
    result = maskcls("predict", "r", "real")
    assert result.exit_code == 1
    assert "not readable as safetensors" in result.output
