import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.correct import FixesRefused, correct

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
