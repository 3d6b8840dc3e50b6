import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.meaning.dates import completed_years, from_datenum, parse_date
from ingest.meaning.rules import check_labels
from ingest.meaning.values import Understanding, understand

AGE = {"age": {"born": "born", "taken": ["exif_taken", "exif_edited?"], "estimated_year": 2013}}
DATES = st.dates(datetime.date(1890, 1, 1), datetime.date(2020, 12, 31))


@given(DATES, DATES)
def test_an_age_grows_by_one_on_each_birthday(born, day):
    if day >= born:
        age = completed_years(born, day)
        assert age >= 0
        assert (born.year + age, born.month, born.day) <= (day.year, day.month, day.day)
        assert (day.year, day.month, day.day) < (born.year + age + 1, born.month, born.day)


@pytest.mark.parametrize("fields, age, origin", [
    ({"exif_taken": "2008:12:30 10:00:00"}, 47, "label"),
    ({"exif_taken": "2008:12:31 10:00:00"}, 48, "label"),
    ({"exif_edited": "2009:02:06 12:30:04"}, 48, "estimated"),
    ({"exif_taken": "2008:12:30", "exif_edited": "2009:02:06"}, 47, "label"),
    ({"exif_taken": "0000:00:00 00:00:00", "exif_edited": "2009:02:06"}, 48, "estimated"),
    ({"exif_taken": "1904:01:01"}, 52, "estimated"),
    ({"exif_taken": "2009"}, 48, "estimated"),
    ({}, 52, "estimated"),
])  # fmt: skip
def test_the_age_at_the_photo_and_how_it_is_known(fields, age, origin):
    values = understand(AGE, {"born": "1960-12-31", **fields}).values
    assert (values["age"], values["age_origin"]) == (age, origin)


def test_an_unreadable_birthday_is_a_problem_and_a_missing_one_is_not():
    assert understand(AGE, {"born": "31/12/1960"}).problems
    assert understand(AGE, {}).values == {}
    assert understand(AGE, {}).problems == []


def test_codes_mean_what_the_manifest_says_and_nothing_else():
    rule = {"gender": {"field": "g", "values": {"0": "female", "1": "male"}}}
    assert understand(rule, {"g": "0"}).values == {"gender": "female", "gender_origin": "label"}
    unknown = understand(rule, {"g": "2"})
    assert unknown.values == {}
    assert "g is '2'" in unknown.problems[0]


def test_an_assumed_mask_says_so():
    values = understand({"mask": {"assume": "not_worn"}}, {}).values
    assert values == {"mask": "not_worn", "mask_origin": "assumed", "wear_state": "none"}


GENDER = {"gender": [
    {"field": "listed", "values": {"0": "female", "1": "male"}},
    {"field": "serial", "ranges": {"female": [0, 7380], "male": [7381, 13321]}},
]}  # fmt: skip


@pytest.mark.parametrize("fields, gender", [
    ({"listed": "0", "serial": "00001"}, "female"), ({"serial": "07380"}, "female"),
    ({"serial": "07381"}, "male"), ({"serial": "13321", "listed": "1"}, "male"),
])  # fmt: skip
def test_rules_are_tried_in_order(fields, gender):
    assert understand(GENDER, fields).values["gender"] == gender


def test_a_source_that_contradicts_itself_leaves_the_label_empty():
    meaning = understand(GENDER, {"listed": "1", "serial": "00001"})
    assert "gender" not in meaning.values
    assert "contradicts itself (male, female)" in meaning.problems[0]


def test_a_binned_age_fills_only_the_bounds():
    rule = {"age": {"field": "a", "bins": {"50-59": [50, 59], "more than 70": [71]}}}
    assert understand(rule, {"a": "50-59"}).values == {
        "age_low": 50, "age_high": 59, "age_origin": "label",
    }  # fmt: skip
    assert understand(rule, {"a": "more than 70"}).values["age_high"] is None
    assert understand(rule, {"a": "9-Mar"}).problems


@pytest.mark.parametrize("text", ["3-9", "9-Mar", "9-March", "Mar-09", "2019-03-09",
                                  "2019-03-09 00:00:00", "3-Sep"])  # fmt: skip
def test_a_range_that_a_spreadsheet_took_for_a_date_is_still_read(text):
    rule = {"age": {"field": "a", "bins": {"3-9": [3, 9], "10-19": [10, 19]}}}
    assert understand(rule, {"a": text}).values["age_low"] == 3
    assert understand(rule, {"a": "Oct-19"}).values["age_low"] == 10
    assert understand(rule, {"a": "2-Jan"}).problems


def test_a_date_that_could_be_two_ranges_is_neither():
    rule = {"age": {"field": "a", "bins": {"3-9": [3, 9], "9-3": [9, 13]}}}
    assert understand(rule, {"a": "9-Mar"}).problems


def test_a_wear_state_says_the_mask_too():
    rule = {"mask": {"field": "m", "values": {"Chin": "chin"}, "origin": "synthetic"}}
    assert understand(rule, {"m": "Chin"}).values == {
        "mask": "incorrect", "wear_state": "chin", "mask_origin": "synthetic",
    }  # fmt: skip


def test_what_the_source_writes_for_nothing_is_nothing():
    rules = {"age": {"field": "a", "none": ["-1"]},
             "gender": {"field": "g", "values": {"m": "male"}, "none": ["u"]}}  # fmt: skip
    meaning = understand(rules, {"a": "-1", "g": "u"})
    assert (meaning.values, meaning.problems) == ({}, [])


def test_a_licence_nobody_gave_a_meaning_is_not_taken_at_its_word():
    rules = {"license": {"field": "l", "values": {"by": "CC-BY-2.0"}}}
    assert understand(rules, {"l": "by"}).values == {"license": "CC-BY-2.0"}
    assert understand(rules, {"l": "mit"}).values == {"license": "NOASSERTION"}
    wrong = {"license": {"field": "l", "values": {"by": "CC-BY 2.0"}}}
    assert "CC-BY 2.0" in check_labels(wrong, ())[0].text


def test_matlab_counts_days_from_the_year_0():
    assert from_datenum(1) is None
    assert from_datenum(737426.5) == datetime.date(2019, 1, 1)
    assert from_datenum(1e300) is None
    assert from_datenum(float("nan")) is None


@pytest.mark.parametrize("text", ["-1", "131", "12x", "1e2", "nan", "١٢"])
def test_an_age_that_is_none_is_a_problem(text):
    meaning = understand({"age": {"field": "a"}}, {"a": text})
    assert "age" not in meaning.values
    assert meaning.problems


@given(st.text(max_size=20))
def test_any_text_is_a_date_or_none(text):
    assert parse_date(text) is None or isinstance(parse_date(text), datetime.date)


NAMES = st.sampled_from(["a", "b"])
WORDS = st.sampled_from(["male", "female", "worn", "not_worn", "x", 1, True])
RULE = st.fixed_dictionaries({}, optional={
    "assume": WORDS, "field": NAMES, "values": st.dictionaries(st.sampled_from("01"), WORDS),
    "ranges": st.dictionaries(WORDS.map(str), st.lists(st.integers(0, 9), max_size=3)),
    "none": st.lists(st.sampled_from(["0", "x"])),
    "bins": st.dictionaries(st.sampled_from("01"), st.lists(st.integers(0, 99), max_size=3)),
    "born": NAMES, "taken": st.lists(NAMES), "estimated_year": st.integers(-1, 99_999),
})  # fmt: skip
LABELS = st.dictionaries(
    st.sampled_from(["mask", "gender", "age", "subject", "split", "url"]),
    st.one_of(RULE, st.lists(RULE, max_size=2)),
)


@settings(max_examples=400)
@given(LABELS, st.dictionaries(NAMES, st.sampled_from(["0", "1", "", "1950-01-01", "x", "200"])))
def test_rules_that_were_found_sound_never_break(labels, fields):
    if check_labels(labels, ()) == []:
        understand(labels, fields)


FIELDS = st.dictionaries(NAMES, st.sampled_from(["0", "1", "", "1950-01-01", "x", "200"]))


@given(LABELS, st.lists(FIELDS, max_size=8))
def test_what_is_remembered_means_the_same_as_what_is_worked_out_anew(labels, rows):
    if check_labels(labels, ()) == []:
        meaning_of = Understanding(labels)
        assert [meaning_of(row) for row in rows] == [understand(labels, row) for row in rows]


def test_texts_that_hardly_repeat_are_not_kept_without_end(monkeypatch):
    monkeypatch.setattr("ingest.meaning.values._MOST_REMEMBERED", 5)
    meaning_of = Understanding({"subject": {"field": "id"}})
    names = [meaning_of({"id": str(number % 9)}).values["subject"] for number in range(30)]
    assert names == [str(number % 9) for number in range(30)]
