import numpy as np
import pytest
from click.testing import CliRunner

from ingest.audit.ages import check_ages
from ingest.audit.cell_ages import age_spread, apart, histogram_by_class
from ingest.audit.mix import open_mix
from ingest.cli import cli
from ingest.targets import cell_ages, target_of_records

OLD_MEN = "not_worn male >=60"


def write_people(sets, name, ages, **values):
    rows = [sets.row(name, f"{i}.png", age=age, **values) for i, age in enumerate(ages)]
    sets.write(name, rows)
    return open_mix(sets.root, [name]).records


def test_a_class_as_old_as_the_targets_is_not_apart(sets):
    ages = [60.0 + i for i in range(20)]
    here, there = write_people(sets, "a", ages), write_people(sets, "t", ages[::-1])
    spread = age_spread(here, target_of_records(there, "t"))
    assert spread[["class", "apart_years"]].values.tolist() == [[OLD_MEN, 0.0]]
    assert apart(spread).empty


def test_a_class_is_apart_by_as_many_years_as_its_people_are_older(sets):
    here = write_people(sets, "a", [70.0 + i % 3 for i in range(12)])
    there = write_people(sets, "t", [60.0 + i % 3 for i in range(24)])
    spread = age_spread(here, target_of_records(there, "t"))
    row = spread.iloc[0]
    assert row["apart_years"] == pytest.approx(10.0)
    assert (row["median"], row["target_median"], row["target_images"]) == (71.0, 61.0, 24)
    found = {f.id: f for f in check_ages(open_mix(sets.root, ["a"]),
                                         target_of_records(there, "t")).findings}  # fmt: skip
    assert found["ages.apart"].items == (OLD_MEN,)
    assert found["ages.apart"].severity == "warning"


def test_too_few_pictures_are_not_compared(sets):
    here = write_people(sets, "a", [80.0] * 9)
    target = target_of_records(write_people(sets, "t", [60.0] * 50), "t")
    assert age_spread(here, target)["apart_years"].isna().all()
    result = check_ages(open_mix(sets.root, ["a"]), target)
    assert "No class has enough pictures" in result.sentence
    assert result.findings == ()


def test_binned_ages_stand_in_a_class_without_years(sets):
    records = write_people(sets, "a", [None] * 3, age_low=60, age_high=69)
    row = age_spread(records, None).iloc[0]
    assert (row["with_years"], row["without_years"]) == (0, 3)
    assert np.isnan(row["median"])


def test_bins_of_a_class_add_up_and_the_outline_has_the_same_number_of_images(sets):
    rng = np.random.default_rng(0)
    here = write_people(sets, "a", rng.uniform(5, 95, 200).round(1).tolist())
    there = write_people(sets, "t", rng.uniform(20, 70, 90).round(1).tolist())
    table = histogram_by_class(here, target_of_records(there, "t"))
    sums = table.groupby("class")[["real", "synthetic", "as_target"]].sum()
    assert sorted(sums["real"]) == sorted(here.groupby("cell").size())
    np.testing.assert_allclose(sums["as_target"], sums["real"])
    inside = there["age"].between(60, 64.999).sum() / (there["age"] >= 60).sum()
    at_60 = table[(table["class"] == OLD_MEN) & (table["from_year"] == 60)]
    assert at_60["as_target"].item() == pytest.approx(inside * (here["age"] >= 60).sum())


def test_ages_of_cells_are_those_of_their_rows(sets):
    records = write_people(sets, "a", [29.0, 30.0, 75.0, 61.0])
    ages = cell_ages(records)
    assert [ages[i].tolist() for i in (12, 13, 14)] == [[29.0], [30.0], [61.0, 75.0]]
    assert sum(len(one) for one in ages) == 4


def run(sets, *arguments):
    return CliRunner().invoke(cli, ["audit", *arguments, "--root", str(sets.root)])


def test_the_command_holds_a_mix_against_the_target_set(sets):
    write_people(sets, "a", [75.0] * 12)
    write_people(sets, "t", [60.0] * 12)
    result = run(sets, "a", "--like", "t", "--fail-on", "ages")
    assert result.exit_code == 3
    assert "1 class of other ages than in t" in result.stderr
    assert "older than 75, there than 60" in result.stdout


def test_counts_of_a_file_are_what_classes_lack(sets, tmp_path):
    write_people(sets, "a", [75.0] * 12)
    counts = tmp_path / "goal.csv"
    counts.write_text(f"class,count\n{OLD_MEN},40\n")
    result = run(sets, "a", "--target-counts", str(counts))
    assert "28 pictures are missing for every class to reach what goal.csv asks for" in (
        result.stdout
    )


def test_a_target_set_and_counts_exclude_each_other(sets, tmp_path):
    write_people(sets, "a", [75.0])
    counts = tmp_path / "goal.csv"
    counts.write_text("class,count\n0,4\n")
    result = run(sets, "a", "--like", "a", "--target-counts", str(counts))
    assert result.exit_code == 2
    assert "both given" in result.stderr
    assert run(sets, "a", "--like", "nowhere").exit_code == 2
