"""Plans: which photos are used, why others are not, and the same plan every time."""

import pytest

from ingest.dataset import Dataset
from ingest.records import records_frame, write_records
from synth.errors import NoPhotos
from synth.planning.plan import make_plan, states_of
from synth.planning.settings import Settings


@pytest.fixture
def bare(tmp_path):
    """Makes a data set of records without files: a plan reads nothing else."""

    def make(rows: list[dict], name: str = "faces") -> Dataset:
        dataset = Dataset(tmp_path / name)
        full = [
            {
                "image_id": f"{name}{number:04d}", "sha256": f"{number:064x}", "width": 10,
                "height": 10, "path": f"{number}.jpg", "source": name, "license": "CC0-1.0",
                "subject_id": f"{name}:{number}", "mask": "not_worn", "mask_origin": "assumed",
            } | row
            for number, row in enumerate(rows)
        ]  # fmt: skip
        dataset.folder.mkdir()
        write_records(records_frame(full), dataset.records_path)
        return dataset

    return make


def asked(**changes) -> Settings:
    return Settings(**{"sources": ("faces",), "states": ("correct", "nose_out", "chin")} | changes)


def names(plan) -> list[str]:
    return plan.photos["path"].tolist()


def test_every_bare_photo_gets_every_state_in_order(bare):
    plan = make_plan([bare([{}, {}, {}])], asked())
    assert names(plan) == ["0.jpg", "1.jpg", "2.jpg"]
    assert [photo.states for photo in plan.part(0, 3)] == [("correct", "nose_out", "chin")] * 3
    assert plan.images == 9
    assert not any(plan.left_out.values())


def test_masked_unknown_and_copied_photos_are_left_out_with_a_reason(bare):
    source = bare(
        [
            {},
            {"mask": "worn"},
            {"mask": "incorrect"},
            {"mask": None, "mask_origin": None},
            {"parent_id": "x"},
        ]
    )
    plan = make_plan([source], asked())
    assert names(plan) == ["0.jpg"]
    assert plan.left_out == {
        "show a mask already": 2,
        "do not say whether a mask is worn": 1,
        "are copies in a synthetic set": 1,
    }


def test_ages_that_may_lie_outside_are_left_out(bare):
    source = bare(
        [
            {"age": 59.9},
            {"age": 60.0},
            {"age_low": 55.0, "age_high": 65.0},
            {"age_low": 60.0, "age_high": 69.0},
            {"age_low": 70.0},
            {},
        ]
    )
    old = make_plan([source], asked(min_age=60))
    assert names(old) == ["1.jpg", "3.jpg", "4.jpg"]
    assert old.left_out == {"may be under 60": 2, "have no known age": 1}
    young = make_plan([source], asked(max_age=65))
    assert names(young) == ["0.jpg", "1.jpg", "2.jpg"]


def test_limit_takes_the_same_photos_in_their_order(bare):
    source = bare([{}] * 40)
    one, two = (make_plan([source], asked(limit=10)) for _ in range(2))
    assert names(one) == names(two)
    assert len(one) == 10
    numbers = [int(name.removesuffix(".jpg")) for name in names(one)]
    assert numbers == sorted(numbers)
    assert numbers != list(range(10)), "a limit is a sample, not the first ones"
    assert one.left_out["are beyond --limit"] == 30
    assert names(make_plan([source], asked(limit=10, seed=1))) != names(one)


def test_limit_above_the_number_of_photos_takes_all(bare):
    assert len(make_plan([bare([{}, {}])], asked(limit=5))) == 2


def test_two_sources_follow_each_other(bare):
    plan = make_plan([bare([{}], "one"), bare([{}, {}], "two")], asked(sources=("one", "two")))
    assert plan.photos["dataset"].tolist() == ["one", "two", "two"]
    assert [photo.dataset for photo in plan.part(1, 3)] == ["two", "two"]


def test_nothing_left_is_an_error_that_says_why(bare):
    with pytest.raises(NoPhotos, match="2 show a mask already"):
        make_plan([bare([{"mask": "worn"}, {"mask": "worn"}])], asked())
    with pytest.raises(NoPhotos, match="1 may be under 60"):
        make_plan([bare([{"age": 20.0}], "young")], asked(min_age=60))


def test_per_image_draws_for_each_photo_apart():
    few = asked(per_image=1)
    drawn = [states_of(f"photo{n}", few) for n in range(60)]
    assert {len(states) for states in drawn} == {1}
    assert {state for states in drawn for state in states} == {"correct", "nose_out", "chin"}
    assert states_of("photo7", few) == drawn[7]


def test_per_image_beyond_the_states_repeats_them_evenly():
    drawn = states_of("p", asked(per_image=6))
    assert sorted(drawn) == sorted(["correct", "nose_out", "chin"] * 2)


def test_include_bare_puts_the_photo_itself_first():
    assert states_of("p", asked(include_bare=True))[0] == "none"
    assert len(states_of("p", asked(include_bare=True, per_image=2))) == 3


def test_fingerprint_follows_settings_photos_and_labels(bare):
    source = bare([{"age": 30.0}, {"age": 40.0}])
    same = [make_plan([source], asked()).fingerprint() for _ in range(2)]
    assert same[0] == same[1]
    others = {
        make_plan([source], asked(seed=1)).fingerprint(),
        make_plan([source], asked(limit=1)).fingerprint(),
        make_plan([bare([{"age": 30.0}, {"age": 41.0}], "other")], asked()).fingerprint(),
    }
    assert len({*others, same[0]}) == 4


def test_part_gives_plain_values(bare):
    photo = make_plan([bare([{"age": 30.0, "gender": "female"}])], asked()).part(0, 1)[0]
    assert photo.record["age"] == 30.0
    assert photo.record["url"] is None
    assert "dataset" not in photo.record
    assert "states" not in photo.record
