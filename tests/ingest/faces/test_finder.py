"""Which back-end is taken, and which models' licences that involves."""

from pathlib import Path

import numpy as np
import pytest

from ingest.faces import FaceMesher, choose_backend, finder_for
from ingest.faces.finder import BackendUnusable
from ingest.licences.gate import LicenceRefused, pass_model
from ingest.manifests.read import load_model

PREDICTOR, TABLE = Path("p.dat"), Path("t.csv")


def refused(backend, purpose: str) -> list[str]:
    """Models of a back-end that the gate does not let through."""
    names = []
    for model in backend.models:
        try:
            pass_model(model.name, "run", purpose, model.license)
        except LicenceRefused:
            names.append(model.name)
    return names


def test_bundled_models_are_the_default_and_free():
    backend = choose_backend()
    assert backend.name == "mediapipe"
    assert refused(backend, "commercial") == []
    assert isinstance(finder_for(backend, ["a"]), FaceMesher)
    assert finder_for(backend, ["a"]) is finder_for(backend, ["b"])


def test_models_of_68_points_are_for_research_and_of_5_for_all(tiny_predictor):
    many = choose_backend("dlib", predictor=tiny_predictor(68))
    assert refused(many, "commercial") == ["dlib_shape_predictor_68"]
    assert refused(many, "research") == []
    few = choose_backend("dlib", predictor=tiny_predictor(5))
    assert refused(few, "commercial") == []


def test_own_predictor_has_the_licence_that_is_named(tiny_predictor):
    own = choose_backend("dlib", predictor=tiny_predictor(68), predictor_license="CC0-1.0")
    assert own.models[1].name == "own_shape_predictor/tiny_68.dat"
    assert refused(own, "commercial") == []
    odd = choose_backend(
        "dlib", predictor=tiny_predictor(68), predictor_license="LicenseRef-research-only"
    )
    assert refused(odd, "research") == []
    assert refused(odd, "commercial") == ["own_shape_predictor/tiny_68.dat"]


def test_predictor_that_is_surely_not_dlibs_must_be_named(tiny_predictor):
    with pytest.raises(BackendUnusable, match="--predictor-license ID"):
        choose_backend("dlib", predictor=tiny_predictor(468))


def test_predictor_of_another_layout_is_refused(tiny_predictor):
    with pytest.raises(BackendUnusable, match=r"predicts 6 points\. Expected a predictor of 5, 68"):
        choose_backend("dlib", predictor=tiny_predictor(6))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "dlib"}, "Expected --predictor FILE"),
        ({"predictor": PREDICTOR}, "Expected --backend dlib beside it"),
        ({"landmarks": TABLE, "name": "dlib", "predictor": PREDICTOR}, "Expected one of them"),
        ({"predictor_license": "MIT"}, "Expected --predictor FILE beside it"),
    ],
)
def test_contradictions_are_refused_before_any_file_is_read(options, message):
    with pytest.raises(BackendUnusable, match=message):
        choose_backend(**options)


def test_identity_is_the_files_content_and_not_its_place(tmp_path):
    header = ",".join(["path", *(f"{axis}{k}" for k in range(5) for axis in "xy")])
    row = "a.jpg,80,80,120,80,100,100,85,120,115,120"
    for folder, text in (("one", row), ("two", row), ("three", row.replace("a.jpg", "b.jpg"))):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "t.csv").write_text(f"{header}\n{text}\n", encoding="utf-8")
    one, two, three = (
        choose_backend(landmarks=tmp_path / folder / "t.csv").as_json()
        for folder in ("one", "two", "three")
    )
    assert one == two != three
    assert str(tmp_path) not in str(one)


def test_given_landmarks_are_found_by_the_photos_name(tmp_path):
    header = ",".join(["path", *(f"{axis}{k}" for k in range(5) for axis in "xy")])
    path = tmp_path / "t.csv"
    path.write_text(f"{header}\na.jpg,80,80,120,80,100,100,85,120,115,120\n", encoding="utf-8")
    backend = choose_backend(landmarks=path)
    blank = np.zeros((8, 8, 3), np.uint8)
    assert len(finder_for(backend, ["faces/a.jpg", "a.jpg"]).find(blank)) == 1
    assert finder_for(backend, ["b.jpg"]).find(blank) == []
    assert backend.models == ()


@pytest.mark.parametrize(
    "name", ["dlib_shape_predictor_68", "dlib_shape_predictor_5", "dlib_face_detector"]
)
def test_manifests_quote_the_owner(name):
    statement = load_model(name).license
    assert statement.stated_by == "owner"
    assert statement.quote
    assert statement.url.startswith("https://github.com/davisking/")
