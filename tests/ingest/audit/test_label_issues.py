import numpy as np
import pandas as pd
import pytest

from ingest.audit.label_issues import check_label_issues
from ingest.audit.mix import open_mix
from ingest.audit.predictions import PredictionsInvalid, read_predictions, score_columns

N, SWAPPED = 240, 15
GENDERS = ("male", "female")


@pytest.fixture
def swapped(sets):
    """A set of which some genders are wrong, and predictions of a model that knows better."""
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 2, N)
    wrong = rng.choice(N, SWAPPED, replace=False)
    labels = truth.copy()
    labels[wrong] = 1 - labels[wrong]
    rows = [sets.row("a", f"{i}.png", gender=GENDERS[label], age=float(rng.choice([20, 40, 59.5])),
                     sha256="0" * 64) for i, label in enumerate(labels)]  # fmt: skip
    sets.write("a", rows)
    sure = np.clip(rng.normal(0.9, 0.05, N), 0.55, 0.99)
    female = np.where(truth == 1, sure, 1 - sure)
    table = pd.DataFrame({"image_id": [row["image_id"] for row in rows]})
    table[score_columns("gender")] = np.stack([1 - female, female], axis=1)
    path = sets.root.parent / "oof.parquet"
    table.to_parquet(path)
    return open_mix(sets.root, ["a"]), path, {f"{i}.png" for i in wrong}


def test_swapped_labels_are_found_and_no_others(swapped):
    mix, path, wrong = swapped
    result = check_label_issues(mix, read_predictions(path))
    disputed = result.table("disputed")
    assert set(disputed["path"]) == wrong
    suspects = disputed[disputed["suspect"]]
    assert len(suspects) >= 8
    assert suspects["label_score"].is_monotonic_increasing
    noise = result.table("axes").set_index("axis").loc["gender", "noise"]
    assert noise == pytest.approx(SWAPPED / N, abs=0.03)
    (finding,) = result.findings
    assert (finding.rule, finding.count) == ("label-issues", SWAPPED)


def test_a_model_that_knows_little_is_called_a_weak_witness(swapped):
    mix, path, _ = swapped
    scores = read_predictions(path)
    assert "weak a witness" not in check_label_issues(mix, scores).sentence
    half = scores.copy()
    half.iloc[::3] = half.iloc[::3].to_numpy()[:, ::-1]
    said = check_label_issues(mix, half).sentence
    assert "of the labels of gender: too weak a witness there to believe." in said


def test_without_predictions_no_label_is_doubted(swapped):
    result = check_label_issues(swapped[0], None)
    assert result.findings == ()
    assert "--predictions" in result.sentence


def test_predictions_of_other_pictures_are_said_to_be(swapped):
    mix, path, _ = swapped
    others = read_predictions(path).rename(index=lambda name: "x" + name)
    assert "none of their image ids" in check_label_issues(mix, others).sentence


def test_noise_is_estimated_per_class(swapped):
    mix, path, wrong = swapped
    scores = read_predictions(path)
    group = mix.records["age_group"].to_numpy()
    table = pd.DataFrame(1e-6, index=scores.index, columns=score_columns("class"))
    for gender in (0, 1):
        cells = 12 + 3 * gender + group
        for row, cell in enumerate(cells):
            table.iloc[row, cell] = scores.iloc[row, gender]
    noise = check_label_issues(mix, table).table("noise")
    assert noise["images"].sum() == N
    mean = np.average(noise["noise"], weights=noise["images"])
    assert mean == pytest.approx(len(wrong) / N, abs=0.04)


def test_ages_near_a_boundary_stand_apart(swapped):
    mix = swapped[0]
    right = np.eye(3)[mix.records["age_group"]] * 0.97 + 0.01
    near = mix.records["age"].to_numpy() == np.float32(59.5)
    right[near] = right[near][:, [0, 2, 1]]
    table = pd.DataFrame(right, index=mix.records["image_id"], columns=score_columns("age"))
    boundary = check_label_issues(mix, table).table("boundary").set_index("ages")
    assert boundary["share"].tolist() == [1.0, 0.0]
    assert boundary["images"].tolist() == [near.sum(), (~near).sum()]


def test_pseudo_labels_are_counted_with_their_confidence(sets):
    made = [sets.row("a", f"{i}.png", gender_origin="pseudo", gender_confidence=0.7 + 0.05 * i)
            for i in range(5)]  # fmt: skip
    sets.write("a", [*made, sets.row("a", "x.png", gender=None, gender_origin=None)])
    result = check_label_issues(open_mix(sets.root, ["a"]), None)
    table = result.table("pseudo").set_index(["axis", "origin"])
    assert table.loc[("gender", "pseudo"), ["images", "below_80"]].tolist() == [5, 2]
    assert table.loc[("gender", "pseudo"), "median_confidence"] == pytest.approx(0.8)
    assert table.loc[("gender", "none"), "images"] == 1
    assert [finding.id for finding in result.findings] == ["labels.unsure-pseudo"]


@pytest.mark.parametrize(
    "change, problem",
    [
        (lambda t: t.drop(columns="image_id"), "no column 'image_id'"),
        (lambda t: t[["image_id"]], "no probabilities"),
        (lambda t: pd.concat([t, t.head(3)]), "3 rows repeat an image_id"),
        (lambda t: t.assign(score_gender_male=2.0), "240 rows whose gender scores"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused(swapped, change, problem):
    path = swapped[1]
    change(pd.read_parquet(path)).to_parquet(path)
    with pytest.raises(PredictionsInvalid, match=problem) as refused:
        read_predictions(path)
    assert refused.value.exit_code == 2


def test_what_is_no_parquet_is_refused(tmp_path):
    path = tmp_path / "oof.parquet"
    path.write_text("image_id")
    with pytest.raises(PredictionsInvalid, match="cannot be read as parquet"):
        read_predictions(path)
