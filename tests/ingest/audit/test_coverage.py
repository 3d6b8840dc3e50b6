import pytest

from ingest.audit.coverage import check_coverage
from ingest.audit.mix import open_mix


def test_composites_within_the_limits_pass(sets):
    photos = sets.write("a", [sets.row("a", "1.png")])
    sets.write("s", [sets.composite("s", "1.png", photos[0], coverage_nostrils=0.95)])
    result = check_coverage(open_mix(sets.root, ["s"]))
    assert result.findings == ()
    table = result.table("regions").set_index("region")
    assert table.loc["nostrils", "median"] == pytest.approx(0.95)
    assert table.loc["nostrils", "limit_low"] == 0.95
    assert table["outside"].sum() == 0


def test_a_composite_outside_its_limits_is_found_with_the_region(sets):
    photos = sets.write("a", [sets.row("a", "1.png")])
    made = [
        sets.composite("s", "1.png", photos[0], coverage_nostrils=0.5, coverage_eyes=0.2),
        sets.composite("s", "2.png", photos[0]),
    ]
    sets.write("s", made)
    result = check_coverage(open_mix(sets.root, ["s"]))
    assert result.findings[0].id == "coverage.outside-limits"
    assert result.findings[0].items == ("1.png",)
    assert set(result.table("outside")["region"]) == {"nostrils", "eyes"}
    assert result.pictures[0].title == "outside the limits"


def test_a_composite_that_was_not_measured_is_a_warning(sets):
    photos = sets.write("a", [sets.row("a", "1.png")])
    sets.write("s", [sets.composite("s", "1.png", photos[0], coverage_chin=None)])
    photos = sets.write("b", [sets.row("b", "2.png")])
    sets.write("t", [sets.composite("t", "2.png", photos[0])])
    result = check_coverage(open_mix(sets.root, ["s", "t"]))
    assert [finding.id for finding in result.findings] == ["coverage.unmeasured"]
    assert result.sentence.startswith("1 of 1 measured composite cover")
    assert result.sentence.endswith("1 composite never measured.")


def test_composites_that_others_made_are_not_said_to_cover_anything(sets):
    none = dict.fromkeys([f"coverage_{name}" for name in ("nostrils", "mouth", "chin", "eyes")])
    rows = [sets.row("net", f"{i}.png", mask="worn", wear_state="correct", mask_origin="synthetic",
                     **none) for i in range(3)]  # fmt: skip
    sets.write("net", rows)
    result = check_coverage(open_mix(sets.root, ["net"]))
    assert result.sentence == (
        "3 composites were never measured: whether they cover what their wear state says is not "
        "known."
    )
    assert result.table("regions").empty
    assert result.pictures[0].pictures[0].caption == "correct: covered not measured, 0.png"


def test_real_pictures_are_not_measured(sets):
    sets.write("a", [sets.row("a", "1.png")])
    result = check_coverage(open_mix(sets.root, ["a"]))
    assert result.findings == ()
    assert result.table("regions").empty
