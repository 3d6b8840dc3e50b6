import re
from xml.etree import ElementTree

import pytest

from ingest.report import score_plots


def dots(name="i"):
    rows = [("worn <&>", 0.8, (0.7, 0.9)), ("bare", 0.5, None)]
    return score_plots.intervals(name, rows, "F1", "F1 by class")


def grid(name="c"):
    return score_plots.confusion(name, ["a", "b"], ["a", "b", "c"], [[9, 1, 0], [0, 0, 0]], "who")


def bins(name="r"):
    return score_plots.reliability(name, [0.4, 0.9], [0.5, 0.85], [3, 40], "sure and right")


@pytest.mark.parametrize("draw", [dots, grid, bins])
def test_plots_are_sound_svg_in_the_pages_colours(draw):
    svg = draw()
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-label")
    assert not re.search(r"#0102\d\d", svg)
    assert draw() == svg


def test_confusion_shows_every_count_but_nought():
    texts = re.findall(r">([^<>]+)</text>", grid())
    assert {"9", "1", "a", "b", "c", "true", "predicted"} <= set(texts)
    assert "0" not in texts


def test_a_cell_is_the_darker_the_more_of_its_row_it_holds():
    opacities = [float(text) for text in re.findall(r"[;\" ]opacity: ([\d.]+)", grid())]
    assert max(opacities) == pytest.approx(0.6 * 0.9)
    assert min(opacities) == 0


def test_one_bin_and_no_interval_are_no_error():
    assert score_plots.reliability("r", [0.9], [1.0], [1], "one")
    assert score_plots.intervals("i", [], "F1", "none")
