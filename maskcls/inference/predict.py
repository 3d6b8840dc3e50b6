"""Predictions of a finished run for images, as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ingest import taxonomy
from ingest.atomic import write_text
from ingest.cli_support import progress
from maskcls.config.heads import WORDS
from maskcls.errors import ArgumentRefused, NoImageUsable
from maskcls.inference.ensemble import ScoresFiles, open_scorer
from maskcls.inference.inputs import Input, find_inputs
from maskcls.inference.scoring import chunks
from maskcls.inference.thresholds import Thresholds, thresholds_of, with_decisions
from maskcls.runs.folder import Run
from maskcls.scores.metrics import CELLS, classes_scored, decided, score_columns

COLUMN = {"mask": "mask", "gender": "gender", "age": "age_group"}


@dataclass(frozen=True)
class Predictions:
    """What was predicted, and what could not be read.

    Attributes
    ----------
    table : DataFrame
        ``path``; ``class`` where all axes are predicted; ``mask``, ``gender``, ``age_group``
        as far as they are; the probabilities.
    skipped : list of (str, str)
        Path and reason.
    """

    table: pd.DataFrame
    skipped: list[tuple[str, str]]


def predict(
    run: Run, arguments: Sequence[str], root: Path, thresholds: bool = False
) -> Predictions:
    """Predict images of folders, lists, data sets and files.

    Parameters
    ----------
    run : Run
        A finished run or ensemble.
    arguments : sequence of str
        What to predict.
    root : Path
        Folder of all data sets.
    thresholds : bool
        Whether to decide by thresholds per class even if the run has none of its own.

    Raises
    ------
    ArgumentRefused
        If an argument names no images, or thresholds cannot be fitted.
    NoImageUsable
        If none could be read.
    """
    inputs = find_inputs(arguments, root)
    limits = thresholds_of(run, thresholds)
    scorer = open_scorer(run)
    tables, skipped = [], []
    parts = list(chunks(len(inputs)))
    for part in progress(parts, len(parts), "predicting"):
        table, unread = predict_some(scorer, inputs[part], limits)
        tables.append(table)
        skipped += unread
    if len(skipped) == len(inputs):
        reasons = "; ".join(f"{path}: {reason}" for path, reason in skipped[:3])
        message = f"none of {len(inputs)} images could be read ({reasons}). Expected images."
        raise NoImageUsable(message)
    return Predictions(pd.concat(tables, ignore_index=True), skipped)


def predict_some(
    scorer: ScoresFiles, inputs: Sequence[Input], thresholds: Thresholds
) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """Table of one batch of images, and those that could not be read with their reasons."""
    boxes = np.stack([item.box for item in inputs])
    scores, positions, reasons = scorer.score_files([str(item.file) for item in inputs], boxes)
    skipped = [(inputs[position].shown, reason) for position, reason in reasons.items()]
    if not len(positions):
        return pd.DataFrame(), skipped
    words = decide(with_decisions(scores, thresholds))
    words.insert(0, "path", [inputs[position].shown for position in positions])
    return pd.concat([words, scores], axis=1), skipped


def decide(scores: pd.DataFrame) -> pd.DataFrame:
    """Class decided, and the words of every axis predicted.

    Where all axes are predicted the words are those of the class, so that they agree.
    """
    if set(score_columns(CELLS)) <= set(scores):
        index = decided(scores, CELLS)
        codes = dict(zip(taxonomy.AXES, taxonomy.split_class(index), strict=True))
        answers = {"class": index}
    else:
        codes = {axis: decided(scores, axis) for axis in classes_scored(scores)}
        answers = {}
    words = {COLUMN[axis]: np.array(WORDS[axis])[code] for axis, code in codes.items()}
    return pd.DataFrame({**answers, **words})


def refuse_existing(out: Path | None, force: bool) -> None:
    """Refuse to replace a file, unless forced.

    Raises
    ------
    ArgumentRefused
        If `out` exists.
    """
    if out is not None and out.exists() and not force:
        message = f"--out {out}: exists. Expected a new file. Choose another, or pass --force."
        raise ArgumentRefused(message)


def competition_table(predictions: Predictions) -> pd.DataFrame:
    """File name and class of every image, as competitions ask for: ``ImageID,ans``.

    Raises
    ------
    ArgumentRefused
        If the run does not predict all 18 classes.
    """
    if "class" not in predictions.table:
        message = (
            "--format competition: this run does not predict all 18 classes. Expected mask, gender "
            "and age. Train with --target all, or join runs with `maskcls ensemble`."
        )
        raise ArgumentRefused(message)
    names = [Path(path).name for path in predictions.table["path"]]
    return pd.DataFrame({"ImageID": names, "ans": predictions.table["class"]})


def write_csv(predictions: Predictions, out: Path | None, form: str = "full") -> str:
    """Write the table as CSV; give the line to print, or the CSV itself without a file."""
    table = competition_table(predictions) if form == "competition" else predictions.table
    text = table.to_csv(index=False, float_format="%.4f", lineterminator="\n")
    if out is None:
        return text.rstrip("\n")
    write_text(out, text)
    return f"{out}: {len(table)} images predicted, {len(predictions.skipped)} skipped"
