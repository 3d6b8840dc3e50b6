import itertools
import math

from ingest import taxonomy
from ingest.audit.balance import check_balance, count_cells, count_wear_states, imbalance_ratio
from ingest.audit.mix import open_mix


def rules(result):
    return {finding.rule: finding for finding in result.findings}


def test_cells_count_pictures_and_people_apart(sets):
    photos = [sets.row("a", f"{i}.png", subject=f"p{i % 2}") for i in range(5)]
    photos = sets.write("a", photos)
    made = [sets.composite("s", f"{i}.png", photos[i]) for i in range(3)]
    sets.write("s", made)
    cells = count_cells(open_mix(sets.root, ["a", "s"]).records).set_index("class")
    bare, worn = cells.loc[13], cells.loc[1]
    assert (bare["real"], bare["synthetic"], bare["subjects"]) == (5, 0, 2)
    assert (worn["real"], worn["synthetic"], worn["subjects"]) == (0, 3, 2)
    assert (worn["subjects_real"], worn["sources"]) == (0, 1)
    assert cells["images"].sum() == 8


def test_every_class_is_counted_where_it_belongs(sets):
    years = {"<30": 20.0, "30-59": 30.0, ">=60": 60.0}
    states = {"worn": "correct", "incorrect": "chin", "not_worn": "none"}
    rows = []
    combinations = itertools.product(taxonomy.MASKS, taxonomy.GENDERS, taxonomy.AGE_GROUPS)
    for n, (mask, gender, group) in enumerate(combinations, start=1):
        rows += [
            sets.row("a", f"{n}/{i}.png", mask=mask, wear_state=states[mask], gender=gender,
                     age=years[group])
            for i in range(n)
        ]  # fmt: skip
    sets.write("a", rows)
    cells = count_cells(open_mix(sets.root, ["a"]).records)
    assert cells["real"].tolist() == list(range(1, 19))
    assert imbalance_ratio(cells) == 18
    assert "empty-cell" not in rules(check_balance(open_mix(sets.root, ["a"])))


def test_empty_classes_are_named(sets):
    sets.write("a", [sets.row("a", "1.png")])
    result = check_balance(open_mix(sets.root, ["a"]))
    empty = rules(result)["empty-cell"]
    assert empty.count == 17
    assert "worn female >=60" in empty.items
    assert "not_worn male 30-59" not in empty.items
    assert math.isinf(imbalance_ratio(result.table("cells")))


def test_a_class_of_composites_alone_is_flagged(sets):
    photos = sets.write("a", [sets.row("a", "1.png")])
    sets.write("s", [sets.composite("s", "1.png", photos[0])])
    flagged = rules(check_balance(open_mix(sets.root, ["a", "s"])))["synthetic-only"]
    assert flagged.items == ("worn male 30-59",)


def test_a_class_of_one_source_is_noted_only_among_several_sources(sets):
    sets.write("a", [sets.row("a", "1.png"), sets.row("a", "2.png", age=70.0)])
    sets.write("b", [sets.row("b", "1.png")])
    assert "one-source" not in rules(check_balance(open_mix(sets.root, ["a"])))
    noted = rules(check_balance(open_mix(sets.root, ["a", "b"])))["one-source"]
    assert noted.items == ("not_worn male >=60",)


def test_ten_people_are_enough_and_nine_are_few(sets):
    sets.write("a", [sets.row("a", f"{i}.png") for i in range(9)])
    assert "few-subjects" in rules(check_balance(open_mix(sets.root, ["a"])))
    sets.write("b", [sets.row("b", f"{i}.png") for i in range(10)])
    assert "few-subjects" not in rules(check_balance(open_mix(sets.root, ["b"])))


def test_rows_without_a_label_stand_in_no_class_but_in_the_axes(sets):
    sets.write("a", [sets.row("a", "1.png", gender=None), sets.row("a", "2.png")])
    result = check_balance(open_mix(sets.root, ["a"]))
    axes = result.table("axes").set_index(["axis", "value"])["images"]
    assert axes["gender", "unknown"] == 1
    assert axes["gender", "male"] == 1
    assert rules(result)["no-class"].items == ("1.png",)


def test_wear_states_that_do_not_occur_are_left_out(sets):
    photos = sets.write("a", [sets.row("a", "1.png")])
    sets.write("s", [sets.composite("s", "1.png", photos[0])])
    table = count_wear_states(open_mix(sets.root, ["a", "s"]).records)
    assert table["wear_state"].tolist() == ["correct", "none"]
    assert table["synthetic"].tolist() == [1, 0]


def test_what_a_class_lacks_is_the_way_to_the_median_of_the_filled_ones(sets):
    rows = [sets.row("a", f"{i}.png") for i in range(7)]
    rows += [sets.row("a", f"w{i}.png", gender="female") for i in range(5)]
    sets.write("a", [*rows, sets.row("a", "o.png", age=70.0)])
    cells = check_balance(open_mix(sets.root, ["a"])).table("cells").set_index("class")["lacks"]
    assert cells[[12, 13, 14, 16]].tolist() == [5, 0, 4, 0]
    assert cells.sum() == 4 + 15 * 5
