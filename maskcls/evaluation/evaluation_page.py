"""The evaluation as a page for people: scores with intervals, confusion, groups, calibration."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from ingest import taxonomy
from ingest.report import score_plots
from ingest.report.page import (
    Block,
    Chart,
    Fact,
    Gallery,
    Notice,
    Page,
    Section,
    render,
    table_view,
)
from maskcls.data.inner import FLATTERED, INSTEAD
from maskcls.runs.lineage import STAND_IN
from maskcls.scores.metrics import CELLS

PARTS = {
    "scores": "Scores",
    "real_only": "Real photos only",
    "synthetic_holdout": "Composites of people never taught",
}


def evaluation_html(
    result: Mapping[str, Any], pictures: Mapping[str, Gallery] | None = None
) -> str:
    """HTML of the result of `evaluate.evaluate`: one file that needs no other.

    Parameters
    ----------
    result : dict
        What was found.
    pictures : dict of str to Gallery, optional
        As of `worst_errors.error_pictures`.
    """
    scores = result["scores"]
    main = scores.get(CELLS) or next(iter(scores.values()))
    return render(
        Page(
            kicker="Evaluation",
            title=f"{result['run']} on {result['data']}",
            verdict=f"Macro F1 {_shown(main['macro_f1'], main['interval'])}",
            level="note",
            lead=f"Over {main['n_classes']} classes that occur, {main['n_images']:,} images of "
            f"{main['n_subjects']:,} people that the model judging them was never taught.",
            facts=[_fact(axis, of_axis) for axis, of_axis in scores.items()],
            notices=list(_notices(result)),
            sections=[*_sections(result), *_errors(result, pictures or {})],
            footnotes=[
                "Intervals are 95 %, resampled by person; a class that does not occur has no F1.",
                "Figures of composites tell how well composites are told apart, not real masks.",
                "Gender and age group are the annotators' or the source's words, not facts about "
                "a person.",
            ],
        )
    )


def _notices(result: Mapping[str, Any]) -> Iterator[Notice]:
    first = f"scores-{next(iter(result['scores']))}"
    if "note" in result:
        advice = "Read every figure as one of made photos."
        yield Notice("stand-in", "warning", STAND_IN, advice, first)
    if "note_on_selection" in result:
        title, advice = (text[0].upper() + text[1:] for text in (FLATTERED, INSTEAD))
        yield Notice("selection", "note", title, f"{advice}, in another run.", first)


def _title(axis: str) -> str:
    return "18 classes" if axis == CELLS else axis.capitalize()


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _shown(value: float | None, interval: tuple[float, float] | None) -> str:
    if value is None or interval is None:
        return _number(value)
    return f"{value:.3f} ({interval[0]:.3f}–{interval[1]:.3f})"


def _fact(axis: str, scores: Mapping[str, Any]) -> Fact:
    label = f"macro F1, {_title(axis)}"
    return Fact(_number(scores["macro_f1"]), label, f"accuracy {_number(scores['accuracy'])}")


def _sections(result: Mapping[str, Any]) -> Iterator[Section]:
    if "difference" in result:
        yield _difference(result["difference"])
    for part, title in PARTS.items():
        for axis, scores in result.get(part, {}).items():
            yield Section(
                f"{part}-{axis}",
                f"{title}: {_title(axis)}",
                f"Macro F1 {_shown(scores['macro_f1'], scores['interval'])}; accuracy "
                f"{_number(scores['accuracy'])}; worst group: {scores['worst_group'] or 'none'}.",
                list(_blocks(f"{part}-{axis}", scores)),
            )


def _errors(result: Mapping[str, Any], pictures: Mapping[str, Gallery]) -> Iterator[Section]:
    for part, errors in result["worst_errors"].items():
        if not errors:
            continue
        columns = ["axis", "true", "score_true", "decided", "score_decided", "image_id"]
        table = pd.DataFrame(errors)[columns]
        blocks: list[Block] = [table_view(f"{part}-errors-table", "Surest first", table)]
        if part in pictures:
            blocks.append(pictures[part])
        yield Section(
            f"{part}-errors",
            f"{PARTS[part]}: worst errors",
            "The wrong decisions it was surest of, one of a person. Pictures: what the network is "
            "given; what speaks for the class decided; what speaks for the true one (Grad-CAM).",
            blocks,
        )


def _difference(difference: Mapping[str, Any]) -> Section:
    rows = [
        {
            "axis": _title(axis),
            "difference": _shown(found["difference"], found["interval"]),
            "p_value": _number(found["p_value"]),
            "subjects": found["n_subjects"],
        }
        for axis, found in difference.items()
        if axis in (*taxonomy.AXES, CELLS)
    ]
    sentence = (
        f"Macro F1 less that of {difference['to']} on the same {difference['n_images']:,} images; "
        "p by exchanging the two person by person."
    )
    blocks = [table_view("difference-table", "Axes", pd.DataFrame(rows))] if rows else []
    return Section("difference", f"Against {difference['to']}", sentence, blocks)


def _blocks(anchor: str, scores: Mapping[str, Any]) -> Iterator[Block]:
    yield from _class_blocks(anchor, scores["classes"])
    yield from _confusion_blocks(anchor, scores["confusion"])
    groups = pd.DataFrame(scores["by_group"])
    yield table_view(f"{anchor}-groups", "Groups of people and sources", groups.fillna("–"))
    if scores["calibration"]["bins"]:
        yield from _calibration_blocks(anchor, scores["calibration"])
    if scores.get("by_distance"):
        near = pd.DataFrame(scores["by_distance"])
        yield table_view(f"{anchor}-near", "Age by years from the nearest boundary", near)


def _class_blocks(anchor: str, classes: Mapping[str, Any]) -> Iterator[Block]:
    occurring = [
        (name, found["f1"], found["interval"])
        for name, found in classes.items()
        if found["f1"] is not None
    ]
    if len(occurring) > 1:
        said = ", ".join(f"{name} {f1:.2f}" for name, f1, _ in occurring)
        svg = score_plots.intervals(f"{anchor}-f1", occurring, "F1", f"F1 by class: {said}.")
        yield Chart(svg, "F1 of every class that occurs, with its interval over people")
    rows = [
        {
            "class": name,
            "f1": _shown(found["f1"], found["interval"]),
            "images": found["n_images"],
            "subjects": found["n_subjects"],
        }
        for name, found in classes.items()
    ]
    yield table_view(f"{anchor}-classes", "F1 by class", pd.DataFrame(rows))


def _confusion_blocks(anchor: str, confusion: Mapping[str, Any]) -> Iterator[Block]:
    names = confusion["classes"]
    table = pd.DataFrame(confusion["counts"], index=names, columns=names)
    table = table.loc[table.sum(axis=1) > 0]
    predicted = table.loc[:, [name in table.index or table[name].any() for name in names]]
    svg = score_plots.confusion(
        f"{anchor}-heat", list(predicted.index), list(predicted.columns), predicted.to_numpy(),
        "True class by predicted class; the table below has the counts.",
    )  # fmt: skip
    yield Chart(svg, "Where each true class went; bold is right")
    whole = table.rename_axis("true").reset_index()
    yield table_view(f"{anchor}-confusion", "True class by predicted class", whole)


def _calibration_blocks(anchor: str, calibration: Mapping[str, Any]) -> Iterator[Block]:
    bins = pd.DataFrame(calibration["bins"])
    error = f"expected calibration error {calibration['expected_error']:.3f}"
    svg = score_plots.reliability(
        f"{anchor}-sure", list(bins["confidence"]), list(bins["accuracy"]), list(bins["n_images"]),
        f"Accuracy over confidence; {error}.",
    )  # fmt: skip
    yield Chart(svg, "Confidence means what it says on the dashed line")
    caption = f"Confidence against accuracy; {error}"
    yield table_view(f"{anchor}-calibration", caption, bins)
