from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_selection import mutual_info_classif

from ingest.audit.confounding import check_confounding, shortcut_table
from ingest.audit.measures import Measures
from ingest.records import age_group_index, class_indices

N = 600


@pytest.fixture
def plain():
    """Rows of two sources and what was measured in them, none of it tied to a label."""
    rng = np.random.default_rng(5)
    records = pd.DataFrame(
        {
            "subject_id": [f"p{i // 2}" for i in range(N)],
            "mask": rng.choice(["worn", "incorrect", "not_worn"], N),
            "gender": rng.choice(["male", "female"], N),
            "age": rng.uniform(1, 90, N),
            "age_low": np.nan,
            "age_high": np.nan,
            "origin_source": rng.choice(["a", "b"], N),
            "source": "a",
            "dataset": "a",
            "path": [f"{i}.jpg" for i in range(N)],
            **dict.fromkeys(("face_x0", "face_y0", "face_x1", "face_y1"), np.nan),
            "width": rng.integers(100, 200, N),
            "height": rng.integers(100, 200, N),
        }
    )
    facts = pd.DataFrame(
        {
            "format": "JPEG",
            "jpeg_quality": rng.choice([80.0, 90.0], N),
            "file_bytes": rng.integers(5000, 9000, N),
            **{name: rng.uniform(10, 200, N)
               for name in ("brightness", "contrast", "glare", "sharpness", "lower_noise")},
        }
    )  # fmt: skip
    return records, facts


def check(records, facts):
    records = records.assign(cell=class_indices(records), age_group=age_group_index(records))
    mix = SimpleNamespace(records=records)
    return check_confounding(mix, Measures(facts, np.zeros((N, 10, 4), np.uint64)))


def test_what_is_tied_to_nothing_is_not_called_a_shortcut(plain):
    result = check(*plain)
    assert result.findings == ()
    assert result.table("factors")["strength"].max() < 0.2


def test_a_source_that_alone_fills_a_class_with_its_own_jpeg_quality_is_named(plain):
    records, facts = plain
    cell = (records["mask"] == "worn") & (records["gender"] == "female") & (records["age"] >= 60)
    records.loc[cell, "origin_source"] = "planted"
    facts.loc[cell, "jpeg_quality"] = 71.0
    table = check(records, facts).table("factors")
    strong = table[(table["label"] == "worn female >=60") & (table["strength"] > 0.5)]
    assert set(strong["factor"]) == {"source", "JPEG quality"}
    shortcut = strong.set_index("factor").loc["source", "shortcut"]
    assert shortcut.startswith("source is planted: 100% worn female >=60")


def test_traces_of_composing_that_tell_the_mask_are_a_warning(plain):
    records, facts = plain
    facts.loc[records["mask"] == "not_worn", "lower_noise"] -= 300
    (finding,) = check(records, facts).findings
    assert (finding.id, finding.severity) == ("confounding.shortcut", "warning")
    assert finding.items[0].startswith("mask from traces of composing")


def test_few_people_are_not_judged(plain):
    records, facts = plain
    records["subject_id"] = "p" + (pd.Series(range(N)) % 5).astype(str)
    result = check(records, facts)
    assert result.table("factors").empty
    assert "Too few people" in result.sentence


def test_information_agrees_with_an_independent_estimate(plain):
    records, facts = plain
    tied = records["gender"].eq("male") & (np.arange(N) % 4 > 0)
    facts["sharpness"] = np.where(tied, 300.0, 20.0) + np.arange(N) % 7
    seen = check(records, facts).table("factors")
    row = seen[(seen["label"] == "gender") & (seen["factor"] == "sharpness")].iloc[0]
    labels = records["gender"].eq("male")
    nats = mutual_info_classif(facts[["sharpness"]], labels, random_state=0)[0]
    share = labels.mean()
    entropy = -(share * np.log(share) + (1 - share) * np.log(1 - share))
    assert row["information"] == pytest.approx(nats / entropy, abs=0.06)


def test_the_same_mix_gives_the_same_table(plain):
    records, facts = plain
    records = records.assign(cell=class_indices(records), age_group=age_group_index(records))
    measures = Measures(facts, np.zeros((N, 10, 4), np.uint64))
    one, two = (shortcut_table(SimpleNamespace(records=records), measures) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


def test_a_shortcut_shows_the_pictures_at_both_its_ends(plain):
    records, facts = plain
    facts.loc[records["mask"] == "worn", "brightness"] += 500
    rows = check(records, facts).pictures
    assert [row.title for row in rows] == ["mask by brightness: least", "mask by brightness: most"]
    worn = set(records.loc[records["mask"] == "worn", "path"])
    shown = [{picture.path for picture in row.pictures} for row in rows]
    assert not shown[0] & worn
    assert shown[1] <= worn
    assert all(len(paths) == 6 for paths in shown)
