from ingest.audit.ages import age_histogram, age_knowledge, check_ages
from ingest.audit.mix import open_mix


def test_histogram_counts_each_age_once_and_the_boundaries_are_edges(sets):
    ages = [29.9, 30.0, 59.9, 60.0, 60.0, 84.0]
    sets.write("a", [sets.row("a", f"{i}.png", age=age) for i, age in enumerate(ages)])
    table = age_histogram(open_mix(sets.root, ["a"]).records).set_index("from_year")
    assert table["real"].sum() == len(ages)
    assert table.loc[25, "real"] == 1
    assert table.loc[30, "real"] == 1
    assert table.loc[55, "real"] == 1
    assert table.loc[60, "real"] == 2
    assert table.index.tolist() == list(range(25, 85, 5))


def test_bins_across_a_boundary_are_counted_apart(sets):
    rows = [
        sets.row("a", "1.png", age=None, age_low=50, age_high=59),
        sets.row("a", "2.png", age=None, age_low=55, age_high=65),
        sets.row("a", "3.png", age=None, age_low=70, age_high=None),
        sets.row("a", "4.png", age=None, age_origin=None),
    ]
    sets.write("a", rows)
    mix = open_mix(sets.root, ["a"])
    table = age_knowledge(mix.records).set_index("age_origin")
    assert table.loc["label", "bin_within_a_group"] == 2
    assert table.loc["label", "bin_across_a_boundary"] == 1
    assert table.loc["unknown", "no_age"] == 1
    lost = {finding.rule: finding.items for finding in check_ages(mix).findings}
    assert lost["no-age-group"] == ("2.png", "4.png")


def test_only_estimated_ages_near_a_boundary_are_doubtful(sets):
    rows = [
        sets.row("a", "1.png", age=59.0, age_origin="estimated"),
        sets.row("a", "2.png", age=59.0, age_origin="label"),
        sets.row("a", "3.png", age=45.0, age_origin="estimated"),
    ]
    sets.write("a", rows)
    findings = check_ages(open_mix(sets.root, ["a"])).findings
    assert [finding.items for finding in findings] == [("1.png",)]


def test_a_set_without_any_age_has_an_empty_histogram(sets):
    sets.write("a", [sets.row("a", "1.png", age=None)])
    assert check_ages(open_mix(sets.root, ["a"])).table("histogram").empty


def test_the_photos_closest_to_a_boundary_are_shown(sets):
    ages = [58.5, 59.9, 29.0, 45.0, None]
    sets.write("a", [sets.row("a", f"{i}.png", age=age, age_origin="estimated")
                     for i, age in enumerate(ages)])  # fmt: skip
    close, lost = check_ages(open_mix(sets.root, ["a"])).pictures
    assert [picture.path for picture in close.pictures] == ["1.png", "2.png", "0.png"]
    assert [picture.caption for picture in lost.pictures] == ["age unknown, 4.png"]
