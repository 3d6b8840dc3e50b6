import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.correct import FixesRefused, correct

FIXES = "subject,axis,old,new,by\nA000001,gender,female,male,me\nB000002,age,59,61,me\n"
CELL = st.sampled_from(["mask", "gender", "age", "worn", "male", "30", "", "people:0", "0.jpg",
                        "[", "*", "\x00", "é", '"', "me"])  # fmt: skip


@pytest.fixture
def people(make_dataset):
    return make_dataset("people", [{"mask": "worn", "gender": "male", "age": 30.0}] * 2)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=60),
        st.lists(st.lists(CELL, max_size=7), max_size=3).map(
            lambda rows: "\n".join(
                ["subject,path,file,axis,old,new,by", *map(",".join, rows)]
            ).encode()
        ),
    )
)
def test_a_table_of_any_bytes_is_laid_or_refused(people, tmp_path, content):
    fixes = tmp_path / "fixes.csv"
    fixes.write_bytes(content)
    with contextlib.suppress(FixesRefused):
        correct(people, fixes).overlay.unlink()


def test_a_file_name_narrows_a_subject(make_dataset, tmp_path):
    one = {"mask": "not_worn", "subject_id": "people:7"}
    people = make_dataset("people", [one, one, {**one, "subject_id": "people:8"}])
    fixes = tmp_path / "fixes.csv"
    fixes.write_text("subject,file,axis,old,new,by\n7,1.*,mask,not_worn,incorrect,me\n")
    assert correct(people, fixes).n_images == 1
    assert people.records()["mask"].tolist() == ["not_worn", "incorrect", "not_worn"]
    fixes.write_text("subject,file,axis,old,new,by\n7,2.*,mask,not_worn,incorrect,me\n")
    with pytest.raises(FixesRefused, match="and a file name like"):
        correct(people, fixes)


def test_correct_lays_an_overlay_that_can_be_laid_again(run, pulled, tmp_path):
    fixes = tmp_path / "FIXES.csv"
    fixes.write_text(FIXES)
    for _ in range(2):
        result = run("correct", "us_congress", fixes)
        assert result.exit_code == 0, result.output
        assert "2 fixes changed 2 labels" in result.stdout
    assert [p.name for p in (pulled / "labels").iterdir()] == ["correct-FIXES.parquet"]


def test_corrections_come_off_one_by_one_or_together(refused, run, pulled, tmp_path):
    before = {path: path.read_bytes() for path in pulled.rglob("*.*")}
    row = "subject,axis,old,new,by\nA000001,gender,female,male,me\n"
    tables = [tmp_path / name for name in ("first.csv", "second.csv")]
    lay_both = [["correct", "us_congress", table] for table in tables]
    tables[0].write_text(row)
    tables[1].write_text(row.replace("female,male", "male,female"))
    assert [run(*one).exit_code for one in lay_both] == [0, 0]
    one = run("correct", "us_congress", tables[1], "--undo")
    assert one.stdout == "us_congress: correct-second removed\n"
    refused(run("correct", "us_congress", tables[1], "--undo"), 3, "(there are: correct-first)")
    assert run("correct", "us_congress", tables[1]).exit_code == 0
    assert run("correct", "us_congress", "--undo").exit_code == 0
    assert {path: path.read_bytes() for path in pulled.rglob("*.*")} == before
    refused(run("correct", "us_congress", "--undo"), 3, "(there are: none)")


def test_correct_refuses_every_row_that_does_not_fit(refused, run, pulled, tmp_path):
    fixes = tmp_path / "FIXES.csv"
    fixes.write_text(
        "subject,path,axis,old,new,by\n"
        "A000001,,gender,male,female,me\n"
        "Q000009,,gender,male,female,me\n"
        ",no/such.jpg,mask,worn,incorrect,me\n"
        "B000002,,hair,red,grey,me\n"
        "B000002,,gender,male,man,me\n"
        "B000002,,age,59,old,\n"
        "B000002,x.jpg,age,59,60,me\n"
        "C000003,,gender,female,male,me\n"
    )
    result = run("correct", "us_congress", fixes)
    refused(result, 3, "line 2: gender of congress/225x275/A000001.jpg is female, not 'male'",
            "line 3: no image has subject 'Q000009'", "line 4: no image has path 'no/such.jpg'",
            "line 5: axis is 'hair'", "line 6: new gender is 'man'", "line 7: new age is 'old'",
            "line 7: 'by' is empty", "line 8: needs exactly one of")  # fmt: skip
    assert not (pulled / "labels").exists()


@pytest.mark.parametrize("content, part", [
    ("a,b\n1,2\n", "column 'axis' is missing"),
    ("subject,axis,old,new,by\n", "holds no fixes"),
    ("subject,axis,old,new,by\nA000001,gender,female,male,me,more\n", "more cells than columns"),
    ("subject,axis,old,new,by\n" + "A000001,gender,female,male,me\n" * 2, "are fixed twice"),
])  # fmt: skip
def test_a_table_that_is_none_is_refused(refused, run, pulled, tmp_path, content, part):
    fixes = tmp_path / "x.csv"
    fixes.write_text(content)
    refused(run("correct", "us_congress", fixes), 3, part)
