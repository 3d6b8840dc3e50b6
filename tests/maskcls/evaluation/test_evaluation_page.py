"""The page draws what was found, and nothing where nothing occurs."""

import re

from maskcls.evaluation.evaluation_page import evaluation_html


def of_mask(counts: list[list[int]], bins: bool = True) -> dict:
    """Scores of the mask with these counts of true by predicted class; figures are made up."""
    names = ["worn", "incorrect", "not_worn"]
    classes = {
        name: {
            "f1": 0.5 if sum(row) else None,
            "interval": (0.4, 0.6) if sum(row) else None,
            "n_images": sum(row),
            "n_subjects": sum(row),
        }
        for name, row in zip(names, counts, strict=True)
    }
    calibration = [{"from": 0.5, "to": 0.6, "n_images": 4, "confidence": 0.55, "accuracy": 0.75}]
    return {
        "macro_f1": 0.5, "interval": (0.4, 0.6), "accuracy": 0.6, "n_classes": 2, "n_images": 9,
        "n_subjects": 9, "worst_group": "female", "classes": classes,
        "confusion": {"classes": names, "counts": counts},
        "by_group": [{"group": "female", "macro_f1": 0.4}],
        "calibration": {"expected_error": 0.2, "bins": calibration if bins else []},
    }  # fmt: skip


def page_of(scores: dict) -> str:
    return evaluation_html(
        {"run": "r", "data": "set <b>", "scores": {"mask": scores}, "worst_errors": {}}
    )


def drawings(page: str) -> list[str]:
    return re.findall(r"<svg.*?</svg>", page, re.DOTALL)


def words(svg: str) -> list[str]:
    return re.findall(r">([^<>\n]+)</text>", svg)


def test_scores_confusion_and_confidence_are_drawn():
    f1, confusion, confidence = drawings(page_of(of_mask([[3, 1, 0], [0, 0, 0], [0, 2, 3]])))
    assert {"worn", "not_worn"} <= set(words(f1))
    assert "incorrect" not in words(f1), "a class that does not occur has no F1"
    assert words(confusion).count("3") == 2
    assert "incorrect" in words(confusion), "it was predicted"
    assert "0.200" in confidence


def test_one_class_without_bins_has_its_confusion_alone():
    (confusion,) = drawings(page_of(of_mask([[0, 0, 0], [0, 0, 0], [0, 0, 5]], bins=False)))
    assert words(confusion).count("not_worn") == 2
    assert "worn" not in words(confusion)


def test_names_are_text():
    page = page_of(of_mask([[1, 0, 0], [0, 1, 0], [0, 0, 1]]))
    assert "set <b>" not in page
    assert "set &lt;b&gt;" in page
