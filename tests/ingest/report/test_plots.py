import re
from xml.etree import ElementTree

import pytest

from ingest.report import plots

SERIES = [("real", [1, 2, 3]), ("synthetic", [3, 0, 1])]


def histogram(name="h"):
    return plots.stacked_histogram(name, [0, 10, 20, 30], SERIES, [10], "years", "ages <&>")


def bars():
    return plots.stacked_bars("b", ["one", "two", "$x_1$"], SERIES, "bars")


def spread():
    spreads = {("correct", "mouth"): (0.9, 0.95, 1.0, 1.0, 1.0)}
    return plots.spread_in_limits("s", ["mouth", "chin"], ["correct"], spreads,
                                  {("correct", "mouth"): (0.95, 1.0)}, "coverage")  # fmt: skip


@pytest.mark.parametrize("draw", [histogram, bars, spread])
def test_plots_are_sound_svg_in_the_pages_colours(draw):
    svg = draw()
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-label")
    assert not re.search(r"#0102\d\d", svg)
    assert "currentColor" in svg
    assert "<metadata" not in svg
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", svg)


def test_kinds_differ_by_hatching_and_not_by_colour_alone():
    svg = histogram()
    assert "<pattern" in svg
    assert "var(--first)" in svg


def test_the_same_numbers_give_the_same_svg():
    assert histogram() == histogram()


def test_two_plots_share_no_id():
    ids = [set(re.findall(r'\bid="([^"]+)"', histogram(name))) for name in ("x", "y")]
    assert ids[0]
    assert not ids[0] & ids[1]
    used = set(re.findall(r"url\(#([^)]+)\)", histogram("x")))
    assert used <= ids[0]


def test_labels_are_text_and_not_mathematics():
    assert "$x_1$" in bars()


def test_nothing_to_draw_is_no_error():
    assert plots.stacked_histogram("e", [0, 10], [("real", [0])], [30], "x", "none")
