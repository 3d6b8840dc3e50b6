import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import taxonomy
from ingest.records import records_frame
from ingest.targets import TargetsInvalid, cell_counts, goal_of_median, read_goal, shortfall


def row(number: int, mask: str | None, gender: str, age: float) -> dict:
    sizes = {"width": 1, "height": 1}
    return {"image_id": str(number), "mask": mask, "gender": gender, "age": age, **sizes}


def test_cells_are_counted_and_rows_without_a_class_left_out():
    records = records_frame(
        [row(0, "worn", "male", 20), row(1, "worn", "male", 29.9), row(2, "not_worn", "female", 60),
         row(3, None, "male", 20), row(4, "worn", "male", float("nan"))]
    )  # fmt: skip
    counts = cell_counts(records)
    assert counts[0] == 2
    assert counts[17] == 1
    assert counts.sum() == 3


@given(st.lists(st.integers(0, 500), min_size=18, max_size=18))
def test_goal_never_asks_for_less_and_lifts_to_the_median_of_filled_classes(counts):
    have = np.array(counts)
    goal = goal_of_median(have)
    filled = have[have > 0]
    assert (goal >= have).all()
    assert (goal >= (int(np.median(filled)) if filled.size else 0)).all()
    np.testing.assert_array_equal(have + shortfall(have, goal), goal)


def test_goal_is_read_by_number_and_by_words(tmp_path):
    table = tmp_path / "goal.csv"
    table.write_text("class,count\n 17 ,5\nincorrect female >=60,300\n", encoding="utf-8")
    goal = read_goal(table)
    assert goal[17] == 5
    assert goal[taxonomy.CLASS_NAMES.index("incorrect female >=60")] == 300
    assert goal.sum() == 305


def test_every_problem_of_a_goal_is_named_with_its_line(tmp_path):
    table = tmp_path / "goal.csv"
    table.write_text("class,count\nworn femle >=60,3\n17,-1\n17,5\n17,6\n18,1\n", encoding="utf-8")
    with pytest.raises(TargetsInvalid) as caught:
        read_goal(table)
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "line 2", "line 3", "line 5", "line 6"
    ]  # fmt: skip
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"cell,n\n1,2\n",
        b"\xff\xfe\x00",
        "class,count\n17,²\n".encode(),
        "class,count\n²,1\n".encode(),
    ],
)
def test_file_that_is_no_goal_is_refused(tmp_path, content):
    table = tmp_path / "goal.csv"
    table.write_bytes(content)
    with pytest.raises(TargetsInvalid):
        read_goal(table)


def test_missing_goal_is_refused(tmp_path):
    with pytest.raises(TargetsInvalid, match="cannot be read"):
        read_goal(tmp_path / "none.csv")
