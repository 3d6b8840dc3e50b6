import math
import time

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import dataset, records, taxonomy
from ingest.errors import RecordsInvalid

TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1)


def row(number: int = 0, **given) -> dict:
    path = f"{number}.jpg"
    return {
        "image_id": records.image_id("s", path), "sha256": "0" * 64, "path": path, "width": 1,
        "height": 1, "source": "s", "subject_id": f"s:{number}", "license": "MIT",
    } | given  # fmt: skip


@settings(max_examples=20)
@given(
    st.lists(
        st.tuples(
            TEXT,
            st.sampled_from([*taxonomy.MASKS, None]),
            st.one_of(st.none(), st.integers(0, 130)),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_what_is_written_is_read_back(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("records") / "records.parquet"
    rows = [row(i, subject_id=subject, mask=mask, age=age)
            for i, (subject, mask, age) in enumerate(values)]  # fmt: skip
    frame = records.records_frame(rows)
    records.write_records(frame, path)
    pd.testing.assert_frame_equal(records.read_records(path), frame)


def test_the_types_are_the_same_for_empty_and_full_columns():
    empty = records.records_frame([])
    full = records.records_frame([row(mask="worn", age=3.0)])
    assert list(empty.columns) == list(full.columns) == list(records.COLUMN_NAMES)


BAD = [
    ({"image_id": None}, "row 1: 'image_id' is empty"),
    ({"license": None}, "row 1: 'license' is empty"),
    ({"mask": "half"}, "row 1: 'mask' is 'half'; expected one of worn, incorrect, not_worn"),
    ({"gender": "F"}, "row 1: 'gender' is 'F'"),
    ({"age": 131}, "row 1: 'age' is 131; expected 0 to 130 years"),
    ({"age_low": -1}, "row 1: 'age_low' is -1"),
    ({"coverage_mouth": 1.5}, "row 1: 'coverage_mouth' is 1.5; expected 0 to 1"),
    ({"mask_origin": "guess"}, "row 1: 'mask_origin' is 'guess'"),
    ({"path": "../x.jpg"}, "row 1: path '../x.jpg' leaves the data set"),
    ({"path": "/etc/x.jpg"}, "row 1: path '/etc/x.jpg' leaves the data set"),
    ({"path": "a/..\\b.jpg"}, "leaves the data set"),
    ({"path": "C:/x.jpg"}, "leaves the data set"),
    ({"image_id": records.image_id("s", "0.jpg")}, "repeats an earlier row"),
]


@pytest.mark.parametrize("wrong, expected", BAD, ids=[str(wrong) for wrong, _ in BAD])
def test_a_bad_row_is_named(wrong, expected):
    problems = records.check_records(records.records_frame([row(0), row(1, **wrong)]))
    assert any(expected in problem for problem in problems), problems


def test_every_bad_row_is_reported_at_once_and_nothing_is_written(tmp_path):
    frame = records.records_frame([row(i, age=200 + i) for i in range(5)])
    with pytest.raises(RecordsInvalid) as caught:
        records.write_records(frame, tmp_path / "records.parquet")
    assert len(caught.value.problems) == 5
    assert list(tmp_path.iterdir()) == []


def test_a_table_of_another_program_is_read_if_its_columns_fit(tmp_path):
    path = tmp_path / "records.parquet"
    pq.write_table(pa.Table.from_pylist([row(0, mask="worn")]), path)
    assert records.read_records(path)["mask"].tolist() == ["worn"]


def test_a_newer_table_is_refused(tmp_path):
    path = tmp_path / "records.parquet"
    table = pa.Table.from_pylist([row()]).replace_schema_metadata({b"maskcls_schema_version": b"9"})
    pq.write_table(table, path)
    with pytest.raises(RecordsInvalid, match="schema version '9'"):
        records.read_records(path)


def test_a_file_that_is_no_table_is_refused(tmp_path):
    path = tmp_path / "records.parquet"
    path.write_bytes(b"no parquet")
    with pytest.raises(RecordsInvalid, match="cannot be read"):
        records.read_records(path)


def test_an_unknown_column_is_refused():
    with pytest.raises(ValueError, match="unknown record columns"):
        records.records_frame([row(colour="red")])


def test_class_indices_leave_out_what_is_unknown():
    frame = records.records_frame([
        row(0, mask="incorrect", gender="female", age=70),
        row(1, mask="worn", gender="male", age_low=55, age_high=65),
        row(2, mask=None, gender="male", age=20),
    ])  # fmt: skip
    assert records.class_indices(frame).tolist() == [11, -1, -1]


def test_the_order_of_words_in_a_file_does_not_move_the_classes():
    one = records.records_frame([row(0, mask="not_worn"), row(1, mask="worn")])
    two = records.records_frame([row(0, mask="worn"), row(1, mask="not_worn")])
    assert records.mask_index(one).tolist() == [2, 0]
    assert records.mask_index(two).tolist() == [0, 2]


def test_a_link_out_of_the_data_set_is_refused(tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    (images / "out.jpg").symlink_to(tmp_path / "secret.jpg")
    with pytest.raises(RecordsInvalid, match="leaves the data set"):
        dataset.safe_image_path(images, "out.jpg")
    assert dataset.safe_image_path(images, "in.jpg") == images / "in.jpg"


def test_half_a_million_rows_are_indexed_in_seconds():
    words = {"mask": ["worn", "not_worn"], "gender": ["male", "female"]}
    frame = pd.DataFrame({axis: pd.Categorical(w * 250_000) for axis, w in words.items()})
    frame[["age", "age_low", "age_high"]] = np.array([math.nan, 60.0, math.nan])
    start = time.perf_counter()
    assert records.class_indices(frame)[:2].tolist() == [2, 17]
    assert time.perf_counter() - start < 5
