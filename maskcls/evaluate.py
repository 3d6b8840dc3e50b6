"""Scores of a finished run on a data set, on nothing that it was taught."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.cli_support import progress
from ingest.dataset import open_dataset
from maskcls.ensemble import axes_of, open_scorer
from maskcls.errors import ArgumentRefused, LeakageFound, NoImageUsable
from maskcls.inference import predictions_table
from maskcls.metrics import score_table
from maskcls.rows import BOX, labelled, load_rows
from maskcls.runs import Run
from maskcls.scoring import chunks

Say = Callable[[str], None]


def evaluate(run: Run, data: str, root: Path, say: Say) -> dict[str, Any]:
    """Scores of all models of a run together, on the people it never saw.

    Parameters
    ----------
    run : Run
        A finished run.
    data : str
        Name of a data set.
    root : Path
        Folder of all data sets.
    say : callable
        Receives what a user should know, one line at a time.

    Returns
    -------
    dict
        As of `metrics.score_table`, with the counts of what was left out.

    Raises
    ------
    LeakageFound
        If every labelled row shows a person, photo or file that the run was taught.
    NoImageUsable
        If no image could be read.
    """
    rows, left_out = unseen_rows(run, data, root)
    if left_out:
        say(f"{left_out} images of people the run was taught are left out")
    table, skipped = predict_rows(run, rows)
    for path, reason in skipped:
        say(f"skipped {data}/{path}: {reason}")
    if not len(table):
        message = f"{data}: no image could be read. Run `ingest verify {data}`."
        raise NoImageUsable(message)
    about = {
        "run": run.name,
        "data": data,
        "n_taught_left_out": left_out,
        "n_skipped": len(skipped),
    }
    if note := run.read_json("metrics.json").get("note"):
        about["note"] = note
    return {**about, **score_table(table)}


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
