"""`synth masks` with the source's own landmarks and with dlib, through the command line."""

import json
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from ingest.dataset import Dataset
from ingest.faces.layouts import IBUG_68, Layout, at_layout
from ingest.images import open_image, upright_rgb
from synth.cli import cli
from synth.landmarks import read_landmarks

ASKED = ("masks", "--src", "faces", "--worn")


def make_root(folder, make_source, portrait_files):
    names = ("eileen.jpg", "grace.jpg", "grace grey.jpg")
    make_source(folder, {name: portrait_files[name] for name in names})
    return folder


@pytest.fixture
def root(tmp_path, make_source, portrait_files):
    """Data root with three photos."""
    return make_root(tmp_path, make_source, portrait_files)


def write_points(root, mesher, names, layout: Layout = IBUG_68):
    """Landmarks that MediaPipe finds on photos, as a table of a sparse layout."""
    lines = ["path," + ",".join(f"x{k},y{k}" for k in range(len(layout)))]
    for name in names:
        image = upright_rgb(open_image(Dataset(root / "faces").image_path(name)))
        points = at_layout(mesher.find(image)[0].points[:, :2], layout)
        lines.append(f"{name}," + ",".join(f"{value:.3f}" for value in points.ravel()))
    path = root / "points.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def dressed(tmp_path_factory, make_source, portrait_files, mesher):
    """Data root with a set made with a table of one face, one collapsed face and none."""
    root = make_root(tmp_path_factory.mktemp("data root"), make_source, portrait_files)
    path = write_points(root, mesher, ["grace.jpg"])
    with path.open("a", encoding="utf-8") as stream:
        stream.write("\neileen.jpg" + ",50" * 136)
    result = CliRunner().invoke(cli, asked(root))
    assert result.exit_code == 0, result.output
    return root, result.output


def asked(root, *more) -> list[str]:
    table = root / "points.csv"
    words = (*ASKED, "--root", root, "--landmarks", table, "--out", "made", *more)
    return [str(word) for word in words]


def test_photos_are_dressed_by_their_given_landmarks(dressed, mesher):
    made = Dataset(dressed[0] / "made")
    row = made.records().iloc[0]
    assert json.loads(row["source_fields"])["photo"]["path"] == "grace.jpg"
    stored = read_landmarks(made.folder / "landmarks.parquet", row["parent_id"])[0]
    photo = Dataset(dressed[0] / "faces").image_path("grace.jpg")
    found = mesher.find(upright_rgb(open_image(photo)))[0]
    away = np.linalg.norm((stored.points - found.points)[:, :2], axis=1)
    assert 0 < np.median(away) < 0.02 * found.head.scale * 145


def test_photos_without_landmarks_of_a_face_are_counted(dressed):
    assert len(Dataset(dressed[0] / "made").records()) == 1
    assert "left out: 1 photos that have no landmarks in the file" in dressed[1]
    assert "left out: 1 photos that have landmarks on one line" in dressed[1]


def test_rebuild_needs_no_table(dressed, synth):
    image_id = Dataset(dressed[0] / "made").records()["image_id"].iloc[0]
    table = dressed[0] / "points.csv"
    hidden = table.rename(dressed[0] / "hidden.csv")
    assert "identical" in synth("rebuild", "made", image_id, "--root", dressed[0]).output
    hidden.rename(table)


def test_changed_table_is_another_request(dressed, synth):
    assert "nothing to do" in synth(*asked(dressed[0])).output
    table = dressed[0] / "points.csv"
    before = table.read_text(encoding="utf-8")
    table.write_text(before.replace("grace.jpg", "grace grey.jpg"), encoding="utf-8")
    again = synth(*asked(dressed[0]))
    table.write_text(before, encoding="utf-8")
    assert again.exit_code == 2
    assert "other settings" in again.output


def test_table_without_a_face_leaves_nothing_to_do(root, synth):
    lines = ["path," + ",".join(f"x{k},y{k}" for k in range(5)), "grace.jpg" + ",50" * 10]
    (root / "points.csv").write_text("\n".join(lines), encoding="utf-8")
    none = synth(*asked(root))
    assert none.exit_code == 1
    assert "have landmarks on one line" in none.output


@pytest.mark.parametrize("option", ["--landmarks", "--predictor"])
def test_missing_file_is_said_in_one_line(option, root, synth):
    backend = ("--backend", "dlib") if option == "--predictor" else ()
    result = synth(*ASKED, "--root", root, option, root / "gone.csv", *backend)
    assert result.exit_code == 2
    assert "gone.csv: cannot be read" in result.output
    assert result.output.count("\n") == 1


def test_mistakes_of_a_table_are_all_told_before_work_starts(root, mesher, synth):
    path = write_points(root, mesher, ["eileen.jpg", "grace.jpg"])
    lines = path.read_text().splitlines()
    lines[1], lines[2] = "eileen.jpg,1,2", lines[2].replace(",", ",x", 1)
    path.write_text("\n".join(lines))
    result = synth(*ASKED, "--root", root, "--landmarks", path, "--out", "made")
    assert result.exit_code == 2
    assert "line 2: 3 columns. Expected 137" in result.output
    assert "line 3: x0 is 'x" in result.output
    assert not (root / "made").exists()


def test_landmarks_of_an_earlier_set_can_be_used_again(dressed, synth):
    table = dressed[0] / "made" / "landmarks.parquet"
    again = (*ASKED, "--root", dressed[0], "--landmarks", table, "--out", "again")
    assert synth(*again).exit_code == 0
    first, second = (Dataset(dressed[0] / name).records() for name in ("made", "again"))
    assert first["sha256"].tolist() == second["sha256"].tolist()


@pytest.fixture(scope="module")
def predictor(hopper, mesher, tmp_path_factory):
    """A shape predictor of 68 points that knows one photo."""
    dlib = pytest.importorskip("dlib", reason="dlib is not installed: pip install 'maskcls[dlib]'")
    small = np.ascontiguousarray(hopper[::2, ::2])
    places = at_layout(mesher.find(small)[0].points[:, :2], IBUG_68)
    box = dlib.get_frontal_face_detector()(small, 1)[0]
    shape = dlib.full_object_detection(box, [dlib.point(int(x), int(y)) for x, y in places.round()])
    options = dlib.shape_predictor_training_options()
    options.tree_depth, options.cascade_depth, options.num_trees_per_cascade_level = 2, 3, 10
    options.num_test_splits, options.feature_pool_size, options.num_threads = 5, 100, 1
    path = tmp_path_factory.mktemp("predictor") / "68.dat"
    dlib.train_shape_predictor([small] * 2, [[shape]] * 2, options).save(str(path))
    return path


def test_dlib_finds_the_faces_for_research(root, predictor, synth):
    dlib = ("--backend", "dlib", "--predictor", predictor, "--purpose", "research")
    result = synth(*ASKED, "--root", root, *dlib, "--out", "made")
    assert result.exit_code == 0, result.output
    made = Dataset(root / "made")
    assert len(made.records()) > 0
    quotes = [s["quote"] for s in made.card()["maskcls"]["statements"]]
    assert any("excludes commercial use" in quote for quote in quotes)


def test_dlib_of_68_points_is_refused_for_commercial_use(root, predictor, synth):
    result = synth(*ASKED, "--root", root, "--backend", "dlib", "--predictor", predictor)
    assert result.exit_code == 3
    assert "dlib_shape_predictor_68" in result.output
    assert "excludes commercial use" in result.output
    assert "--purpose research" in result.output


def test_dlib_that_is_missing_is_said_in_one_line(root, synth, monkeypatch):
    monkeypatch.setitem(sys.modules, "dlib", None)
    path = root / "p.dat"
    path.write_bytes(b"x")
    result = synth(*ASKED, "--root", root, "--backend", "dlib", "--predictor", path)
    assert result.exit_code == 2
    assert "pip install 'maskcls[dlib]'" in result.output
    assert result.output.count("\n") == 1
