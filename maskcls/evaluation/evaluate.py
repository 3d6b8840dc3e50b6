"""Scores of a finished run on a data set, on nothing that it was taught."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.atomic import write_json, write_text
from ingest.cli_support import progress
from ingest.dataset import open_dataset
from ingest.report.page import Gallery
from maskcls.data.rows import BOX, labelled, load_rows
from maskcls.errors import ArgumentRefused, LeakageFound, NoImageUsable
from maskcls.evaluation.details import describe_difference, describe_predictions
from maskcls.evaluation.worst_errors import worst_errors
from maskcls.inference.ensemble import axes_of, open_scorer
from maskcls.inference.scoring import chunks
from maskcls.inference.thresholds import decide_by_fold, thresholds_of, with_decisions
from maskcls.runs.folder import Run
from maskcls.scores.metrics import classes_scored, predicted_column
from maskcls.scores.probabilities import photos_beside, predictions_table

Say = Callable[[str], None]


def evaluate(
    run: Run,
    data: str | None,
    root: Path,
    say: Say,
    against: Run | None = None,
    thresholds: bool = False,
) -> dict[str, Any]:
    """Scores of a run: of all its models on the people it never saw, or out of fold.

    Parameters
    ----------
    run : Run
        A finished run or ensemble.
    data : str or None
        Name of a data set; None for the run's own predictions out of fold.
    root : Path
        Folder of all data sets.
    say : callable
        Receives what a user should know, one line at a time.
    against : Run, optional
        Another run to compare with, image by image.
    thresholds : bool
        Whether to decide by thresholds per class even if a run has none of its own.

    Returns
    -------
    dict
        ``run``, ``data``, the counts of what was left out, ``scores`` as of
        `details.describe_predictions` (``real_only`` and ``synthetic_holdout`` beside them
        where there are composites), ``worst_errors`` of both, and ``difference`` to the other run.

    Raises
    ------
    LeakageFound
        If every labelled row shows a person, photo or file that the run was taught.
    NoImageUsable
        If no image could be read.
    """
    about: dict[str, Any] = {"run": run.name, "data": data or "out of fold"}
    metrics = run.read_json("metrics.json")
    about |= {key: metrics[key] for key in ("note", "note_on_selection") if key in metrics}
    if data:
        about.pop("note_on_selection", None)
    table, left_out = _table(run, data, root, say, thresholds)
    about |= {**left_out, "scores": describe_predictions(table)}
    errors = {"scores": worst_errors(table)}
    real = table[table["parent_id"].isna()]
    if data and 0 < len(real) < len(table):
        about["real_only"] = describe_predictions(real)
    if not data and (run.folder / "holdout.parquet").is_file():
        holdout = _decided(run, "holdout.parquet", thresholds)
        beside = pd.concat([holdout, photos_beside(table, holdout)], ignore_index=True)
        about["synthetic_holdout"] = describe_predictions(beside)
        errors["synthetic_holdout"] = worst_errors(beside)
    about["worst_errors"] = errors
    if against:
        other, _ = _table(against, data, root, say, thresholds)
        about["difference"] = {"to": against.name, **describe_difference(table, other)}
    return about


def _table(
    run: Run, data: str | None, root: Path, say: Say, thresholds: bool
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Predictions to score, and the counts of what is not among them."""
    if not data:
        if not (run.folder / "oof.parquet").is_file():
            message = (
                f"{run.name}: was trained without folds, so it has no predictions out of fold. "
                "Expected a data set. Name one with --data."
            )
            raise ArgumentRefused(message)
        return _decided(run, "oof.parquet", thresholds), {}
    rows, left_out = unseen_rows(run, data, root)
    if left_out:
        say(f"{left_out} images of people the run was taught are left out")
    table, skipped = predict_rows(run, rows)
    for path, reason in skipped:
        say(f"skipped {data}/{path}: {reason}")
    if not len(table):
        message = f"{data}: no image could be read. Run `ingest verify {data}`."
        raise NoImageUsable(message)
    table = with_decisions(table, thresholds_of(run, thresholds))
    return table, {"n_taught_left_out": left_out, "n_skipped": len(skipped)}


def _decided(run: Run, name: str, thresholds: bool) -> pd.DataFrame:
    """A run's own predictions, decided by thresholds fitted on other folds if asked for."""
    table = run.table(name)
    if not thresholds or predicted_column(classes_scored(table)[0]) in table:
        return table
    return decide_by_fold(run.table("oof.parquet"), table)


def predict_rows(run: Run, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """Table of predictions of a run for rows, and the images that could not be read."""
    scorer, tables, skipped = open_scorer(run), [pd.DataFrame()], []
    boxes, parts = rows[list(BOX)].to_numpy(), list(chunks(len(rows)))
    for part in progress(parts, len(parts), "predicting"):
        of_part = rows.iloc[part]
        scores, positions, reasons = scorer.score_files(list(of_part["file"]), boxes[part])
        skipped += [(of_part["path"].iloc[p], reason) for p, reason in reasons.items()]
        if len(positions):
            tables.append(predictions_table(of_part.iloc[positions], scores, -1))
    return pd.concat(tables, ignore_index=True), skipped


def unseen_rows(run: Run, data: str, root: Path) -> tuple[pd.DataFrame, int]:
    """Labelled rows of a data set that the run was not taught, and the number of the others.

    Raises
    ------
    LeakageFound
        If no row remains.
    """
    rows = load_rows(open_dataset(root, data))
    axes = axes_of(run)
    rows = rows[labelled(rows, axes)].reset_index(drop=True)
    if not len(rows):
        message = f"{data}: no image has a label of {', '.join(axes)}. Choose a set that has."
        raise ArgumentRefused(message)
    taught = taught_rows(rows, run.table("rows.parquet"))
    if taught.all():
        message = (
            f"{data}: all {len(rows)} images show people that run '{run.name}' was taught. "
            "Expected others. Its scores on them, fold by fold on people each model never saw, "
            f"are in {run.metrics_path}."
        )
        raise LeakageFound(message)
    return rows[~taught].reset_index(drop=True), int(taught.sum())


def taught_rows(rows: pd.DataFrame, seen: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows that share a person, a file or a photo with those a run worked on.

    Rows held out by one fold taught the other folds' models, so they count as taught.
    """
    photos = [*seen["image_id"], *seen["parent_id"].dropna()]
    return (
        rows["subject_id"].isin(seen["subject_id"])
        | rows["sha256"].isin(seen["sha256"])
        | rows["image_id"].isin(photos)
        | (rows["parent_id"].notna() & rows["parent_id"].isin(photos))
    ).to_numpy()


def write_evaluation(
    result: dict[str, Any],
    out: Path | None,
    html: Path | None,
    pictures: Mapping[str, Gallery] | None = None,
) -> str:
    """Write JSON and page; give the line to print, or the JSON itself without a file."""
    if out:
        write_json(out, result)
    if html:
        from maskcls.evaluation.evaluation_page import evaluation_html

        write_text(html, evaluation_html(result, pictures or {}))
    if out or html:
        return " ".join(str(path) for path in (out, html) if path)
    return json.dumps(result, indent=2, ensure_ascii=False)
