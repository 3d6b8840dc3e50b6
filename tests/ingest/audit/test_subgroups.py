import numpy as np
import pytest
from scipy.stats import binomtest

from ingest.audit.mix import open_mix
from ingest.audit.subgroups import check_people, share_interval, subgroup_table


@pytest.mark.parametrize("n_inside", [0, 3, 40, 80])
def test_with_one_picture_each_it_is_wilsons_interval(n_inside):
    inside = (np.arange(80) < n_inside).astype(int)
    expected = binomtest(n_inside, 80).proportion_ci(method="wilson")
    low, high = share_interval(inside, np.ones(80, dtype=int))
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=0.004)


def test_more_pictures_of_the_same_people_do_not_narrow_it():
    few = (np.arange(50) < 20).astype(int)
    one_each = share_interval(few, np.ones(50, dtype=int))
    ten_each = share_interval(10 * few, np.full(50, 10))
    assert ten_each == pytest.approx(one_each, abs=1e-9)


def test_it_agrees_with_drawing_people_again_and_again():
    rng = np.random.default_rng(1)
    sizes = rng.integers(1, 12, 300)
    inside = rng.binomial(sizes, rng.beta(1, 2, 300))
    drawn = rng.integers(0, 300, (4000, 300))
    shares = inside[drawn].sum(1) / sizes[drawn].sum(1)
    expected = np.quantile(shares, [0.025, 0.975])
    assert share_interval(inside, sizes) == pytest.approx(expected, abs=0.012)


def test_subgroups_count_pictures_and_people(sets):
    rows = [sets.row("a", f"{i}.png", subject="x", sha256="0" * 64) for i in range(3)]
    rows += [sets.row("a", f"w{i}.png", gender="female", sha256="0" * 64) for i in range(2)]
    sets.write("a", rows)
    table = subgroup_table(open_mix(sets.root, ["a"]).records).set_index("gender")
    assert table.loc["male", ["images", "subjects"]].tolist() == [3, 1]
    assert table.loc["female", ["images", "subjects", "source"]].tolist() == [2, 2, "a"]
    assert table["share"].tolist() == [0.4, 0.6]
    assert (table["share_low"] < table["share"]).all()
    assert (table["share_high"] > table["share"]).all()


def test_a_person_who_weighs_too_much_is_noted(sets):
    rows = [sets.row("a", f"{i}.png", subject="x", sha256="0" * 64) for i in range(6)]
    rows += [sets.row("a", f"o{i}.png", sha256="0" * 64) for i in range(6)]
    sets.write("a", rows)
    result = check_people(open_mix(sets.root, ["a"]))
    assert result.table("dominant")["subject_id"].tolist() == ["people:x"]
    assert result.findings[0].items == ("people:x: 50% of not_worn male 30-59",)
