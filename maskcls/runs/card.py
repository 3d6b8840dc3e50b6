"""The model card: what a trained run is, for people."""

from typing import Any

from ingest import taxonomy
from maskcls.config.sections import Config
from maskcls.runs.lineage import STAND_IN
from maskcls.scores.metrics import CELLS

NO_SCORE = "no validation, no score claimed"
GUESSED = (
    "Labels that the unlabelled sets lack were guessed by the models as they learnt; "
    "`guesses.parquet` lists the last that each was taught. They are guesses: no score rests on "
    "them."
)


def model_card(name: str, config: Config, metrics: dict[str, Any], lineage: dict[str, Any]) -> str:
    """Markdown text of ``model_card.md``.

    Parameters
    ----------
    name : str
        The run.
    config : Config
        Its resolved configuration.
    metrics, lineage : dict
        Content of ``metrics.json`` and ``lineage.json``.
    """
    blocks = [f"# {name}"]
    if config.run.stand_in:
        blocks.append(f"**{STAND_IN}**: the validation photos are made, not taken.")
    blocks += [_purpose(config, lineage), _scores(metrics), _data(lineage), _limits(lineage)]
    return "\n\n".join(blocks) + "\n"


def ensemble_card(
    name: str, about: dict[str, Any], metrics: dict[str, Any], lineage: dict[str, Any]
) -> str:
    """Markdown text of the ``model_card.md`` of an ensemble.

    Parameters
    ----------
    name : str
        The ensemble.
    about : dict
        Its ``runs``, ``vote``, ``weights`` and ``axes``.
    metrics, lineage : dict
        Content of ``metrics.json`` and ``lineage.json``.
    """
    blocks = [f"# {name}"]
    if metrics["stand_in"]:
        blocks.append(f"**{STAND_IN}**: the validation photos are made, not taken.")
    axes = ", ".join(about["axes"])
    blocks.append(
        f"An ensemble of {', '.join(f'`{run}`' for run in about['runs'])} by {about['vote']} "
        f"voting: a classifier of {axes} in photographs of faces. Their cards say what each is."
    )
    return "\n\n".join([*blocks, _scores(metrics), _data(lineage), _limits(lineage)]) + "\n"


def _purpose(config: Config, lineage: dict[str, Any]) -> str:
    model = lineage["models"][0]
    axes = ", ".join(taxonomy.AXES) if config.run.target == "all" else config.run.target
    began = {"scratch": "from random weights", "timm": f"from timm's `{model['name']}`"}
    start = began.get(model["weights"], f"from the file `{model['name']}`")
    return (
        f"A classifier of {axes} in photographs of faces: `{config.model.backbone}`, trained "
        f"{start}. Ages are scored at {taxonomy.AGE_BOUNDARIES[0]:g} and "
        f"{taxonomy.AGE_BOUNDARIES[1]:g}; training labels used "
        f"{config.run.train_age_boundaries[0]:g} and {config.run.train_age_boundaries[1]:g}."
    )


def _scores(metrics: dict[str, Any]) -> str:
    if metrics["validation"] is None:
        return f"## Scores\n\n{metrics['n_subjects']} people: {NO_SCORE}."
    lines = ["## Scores", "", "Macro F1 is the mean over the classes that occur.", ""]
    lines += [
        "| rows | axis | macro F1 | over classes | accuracy | images | people |",
        "|---|---|---|---|---|---|---|",
    ]
    tables = {
        "out of fold": metrics["validation"],
        "synthetic holdout": metrics["synthetic_holdout"],
    }
    for title, table in tables.items():
        for axis in (*taxonomy.AXES, CELLS):
            if table and axis in table:
                lines.append(_score_line(title, axis, table[axis]))
    if note := metrics.get("note_on_selection"):
        lines += ["", f"Mind that {note}."]
    lines += ["", "`metrics.json` has the F1 of every class, and of every fold."]
    return "\n".join(lines)


def _score_line(title: str, axis: str, score: dict[str, Any]) -> str:
    numbers = [
        f"{score[key]:.3f}" if score[key] is not None else "–" for key in ("macro_f1", "accuracy")
    ]
    shown = "18 classes" if axis == CELLS else axis
    f1, accuracy = numbers
    counts = f"{score['n_images']} | {score['n_subjects']}"
    return f"| {title} | {shown} | {f1} | {score['n_classes']} | {accuracy} | {counts} |"


def _data(lineage: dict[str, Any]) -> str:
    lines = ["## Data", "", "| data set | role | images | people | composites | licences |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    for part in lineage["datasets"]:
        licenses = ", ".join(f"{name} ({count})" for name, count in part["licenses"].items())
        ratio = f"{part['role']}, {part.get('ratio', 0):g} per real photo"
        role = ratio if "ratio" in part else "real"
        lines.append(
            f"| {part['name']} | {role} | {part['n_images']} | {part['n_subjects']} | "
            f"{part['n_composites']} | {licenses} |"
        )
    if any(part["role"] == "unlabelled" for part in lineage["datasets"]):
        lines += ["", GUESSED]
    return "\n".join(lines)


def _limits(lineage: dict[str, Any]) -> str:
    terms = ", ".join(f"{name}: {value}" for name, value in lineage["terms"].items())
    lines = [
        "## Licence and limits",
        "",
        f"Trained for {lineage['purpose']} use under `{lineage['effective_license']}` ({terms}).",
        *[f"- {reason}" for reason in lineage["reasons"]],
        "",
        "Gender and age group are the annotators' or the source's words, not facts about a "
        "person. Do not use the classifier to decide about people. Figures of composites tell "
        "how well composites are told apart, not real masks.",
    ]
    return "\n".join(lines)
