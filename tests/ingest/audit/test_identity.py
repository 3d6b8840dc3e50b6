"""One person under two names, found by a face recognition model: here one made by the test."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.cbook import get_sample_data
from PIL import Image
from skimage import data

from ingest.audit.embedding import similarity
from ingest.audit.identity import MOST_PARTNERS, close_strangers
from ingest.cli import cli

points = st.lists(
    st.tuples(st.floats(-50, 50), st.floats(-50, 50)), min_size=3, max_size=6, unique=True
)


@given(points, st.floats(0.1, 5), st.floats(-3, 3), st.floats(-40, 40))
def test_a_similarity_is_found_again(source, scale, turn, shift):
    here = np.array(source)
    if np.ptp(here, axis=0).max() < 1:
        return
    c, s = scale * np.cos(turn), scale * np.sin(turn)
    there = here @ np.array([[c, s], [-s, c]]) + shift
    expected = [[c, -s, shift], [s, c, shift]]
    np.testing.assert_allclose(similarity(here, there), expected, atol=1e-6)


@pytest.mark.parametrize("count", [0, 1, 40, 300])
def test_pairs_are_those_of_comparing_all_with_all(count):
    rng = np.random.default_rng(count)
    vectors = rng.normal(size=(count, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    people = rng.integers(0, 30, count)
    first, second, cosine = close_strangers(vectors, people, 0.9)
    found = {(int(i), int(j)) for i, j in zip(first, second, strict=True)}
    for i in range(count):
        nearest = {}
        for j in np.flatnonzero(people > people[i]):
            cosine_here = float(vectors[i] @ vectors[j])
            if cosine_here >= max(0.9, nearest.get(people[j], (0.0,))[0]):
                nearest[people[j]] = (cosine_here, int(j))
        best = sorted(nearest.values(), reverse=True)[:MOST_PARTNERS]
        assert {j for k, j in found if k == i} == {j for _, j in best}
    np.testing.assert_allclose(cosine, [vectors[i] @ vectors[j] for i, j in
                                        zip(first, second, strict=True)], atol=1e-6)  # fmt: skip


def test_many_pictures_of_one_person_hide_no_other():
    alike = np.array([[1.0, 0.0], [1.0, 0.05], [1.0, 0.25]], np.float32)
    vectors = np.repeat(alike, (1, MOST_PARTNERS + 1, 1), axis=0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    people = np.repeat([0, 1, 2], (1, MOST_PARTNERS + 1, 1))
    first, second, _ = close_strangers(vectors, people, 0.9)
    pairs = {(int(people[i]), int(people[j])) for i, j in zip(first, second, strict=True)}
    assert pairs == {(0, 1), (0, 2), (1, 2)}


def test_a_threshold_that_everybody_reaches_does_not_flood():
    vectors = np.ones((500, 1), np.float32)
    first, _, _ = close_strangers(vectors, np.arange(500), 0.5)
    assert len(first) <= 500 * MOST_PARTNERS


def face(name: str) -> Image.Image:
    if name == "astronaut":
        return Image.fromarray(data.astronaut()).crop((100, 0, 360, 260))
    with get_sample_data("grace_hopper.jpg") as file:
        return Image.open(file).convert("RGB").crop((100, 0, 420, 400))


def taken_again(image: Image.Image) -> Image.Image:
    """The same face nearer, darker and a little turned: no near-duplicate of the picture."""
    turned = image.rotate(8, Image.Resampling.BICUBIC, fillcolor=(90, 90, 90))
    w, h = turned.size
    near = turned.crop((int(0.14 * w), int(0.06 * h), int(0.86 * w), int(0.82 * h)))
    return near.point(lambda value: int(0.8 * value))


@pytest.fixture
def people(sets):
    """An astronaut in both splits, by another name in the second, and an admiral."""
    astronaut, admiral = face("astronaut"), face("admiral")
    first = [
        sets.row("a", "1.png", picture=astronaut, subject="ann", split="train"),
        sets.row("a", "2.png", picture=admiral, subject="grace", split="train"),
        sets.row("a", "3.png", picture=Image.new("RGB", (90, 90), "grey"), subject="nobody"),
    ]
    sets.write("a", first)
    again = taken_again(astronaut)
    sets.write("b", [sets.row("b", "9.png", picture=again, subject="bea", split="test")])
    return sets


def run(sets, *arguments):
    return CliRunner().invoke(cli, ["audit", *arguments, "--root", str(sets.root)])


def test_one_face_under_two_names_is_found_across_splits(people, recogniser, tmp_path):
    report = tmp_path / "report.json"
    result = run(people, "a", "b", "--identity", str(recogniser()), "--json", str(report),
                 "--fail-on", "leakage")  # fmt: skip
    assert result.exit_code == 3, result.output
    assert "1 pair of subjects in different splits that look like one person" in result.stderr
    tables = json.loads(report.read_text())["checks"]["leakage"]["tables"]
    rows = [dict(zip(tables["same_face"]["columns"], row, strict=True))
            for row in tables["same_face"]["rows"]]  # fmt: skip
    assert [(row["path"], row["other_path"], row["across_splits"]) for row in rows] == [
        ("1.png", "9.png", True)
    ]
    model = dict(zip(tables["identity_model"]["columns"],
                     tables["identity_model"]["rows"][0], strict=True))  # fmt: skip
    assert (model["pictures"], model["without_face"]) == (3, 1)
    near = json.loads(report.read_text())["duplicates"]["near"]
    assert near == []


def test_one_name_for_both_is_no_finding_and_is_recognised(sets, recogniser):
    astronaut = face("astronaut")
    rows = [
        sets.row("a", "1.png", picture=astronaut, subject="ann", split="train"),
        sets.row("a", "2.png", picture=taken_again(astronaut), subject="ann", split="train"),
        sets.row("a", "3.png", picture=face("admiral"), subject="grace", split="test"),
    ]
    sets.write("a", rows)
    result = run(sets, "a", "--identity", str(recogniser()), "--fail-on", "leakage")
    assert result.exit_code == 0, result.stderr
    assert "takes 0 pairs of subjects for one person" in result.stdout
    assert "Of 1 pair of pictures that are one person by their labels it recognises 100%" in (
        result.stdout
    )


def test_pictures_without_a_face_are_counted(sets, recogniser):
    sets.write("a", [sets.row("a", "1.png", picture=Image.new("RGB", (90, 90), "grey"))])
    result = run(sets, "a", "--identity", str(recogniser()))
    assert result.exit_code == 0, result.output
    assert "compared 0 real pictures" in result.stdout


def test_a_second_audit_runs_the_model_on_nothing_again(people, recogniser):
    manifest = recogniser()
    assert "comparing faces" in run(people, "a", "b", "--identity", str(manifest)).stderr
    assert "comparing faces" not in run(people, "a", "b", "--identity", str(manifest)).stderr
    other = recogniser(margin="margin = 0.2")
    assert "comparing faces" in run(people, "a", "b", "--identity", str(other)).stderr


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        ({"license": "CC-BY-NC-4.0"}, 3, "does not permit commercial use"),
        ({"license": "NOASSERTION"}, 3, "does not say whether"),
        ({"margin": ""}, 2, "has neither points nor margin"),
        ({"margin": "points = [[1, 2]]"}, 2, "Expected five"),
        ({"threshold": 1.5}, 2, "Expected a number above 0 and below 1"),
        ({"size": 24}, 2, "Expected [3, 24, 24]"),
        ({"sha256": "0" * 64}, 2, "not 0000"),
        ({"content": b"no model"}, 2, "is no ONNX model"),
    ],
)
def test_a_model_that_may_not_or_cannot_be_run_is_refused_before_any_work(
    sets, recogniser, changes, code, says
):
    sets.write("a", [sets.row("a", "1.png")], purpose="commercial")
    result = run(sets, "a", "--identity", str(recogniser(**changes)))
    assert result.exit_code == code
    assert says in result.stderr
    assert "reading files" not in result.stderr
