"""A list of labels to look at again, most doubtful first, and a page to decide on each."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.atomic import write_text
from ingest.dataset import Dataset, open_dataset
from maskcls.config.heads import WORDS
from maskcls.data.rows import load_rows
from maskcls.errors import ArgumentRefused, TruthInvalid
from maskcls.evaluation.labellers import pseudo_labelled
from maskcls.relabelling.fifths import vote_by_fifths
from maskcls.relabelling.review import write_review
from maskcls.relabelling.suspects import CANDIDATE, COLUMNS, by_confidence, by_vote, precision_at
from maskcls.runs.folder import Run
from maskcls.scores.metrics import classes_scored, score_columns

Say = Callable[[str], None]
LIST, PAGE, MODELS = "suspects.csv", "review.html", "fifths"


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes
    ----------
    method : {"vote", "confident", "both"}
        Votes of five models taught on one fifth each, the run's own out-of-fold
        probabilities, or both.
    axes : sequence of str
        Which labels; all that the run predicts if empty.
    truth : Path or None
        Table of labels known to be wrong (path, axis), to count precision by.
    most : int
        Most suspects of an axis on the page; the list holds all.
    """

    method: str = "confident"
    axes: tuple[str, ...] = ()
    truth: Path | None = None
    most: int = 200


@dataclass(frozen=True)
class Relabelled:
    """What was found: the table of suspects, its file, the page and the lines to print."""

    suspects: pd.DataFrame
    table: Path
    page: Path
    lines: list[str]


def relabel(run: Run, request: Request, root: Path, out: Path | None, say: Say) -> Relabelled:
    """Rank the labels of a run's data set that models contradict.

    Parameters
    ----------
    run : Run
        A finished run with folds.
    request : Request
        What is asked.
    root : Path
        Folder of all data sets.
    out : Path, optional
        Folder to write to; default ``relabel`` in the run's folder.
    say : callable
        Receives what a user should know on the way, one line at a time.

    Raises
    ------
    ArgumentRefused
        If the run does not predict an axis asked for.
    TruthInvalid
        If the table of known errors does not fit.
    DatasetNotFound, RunInvalid
        If the data set or the run's tables are not there.
    """
    dataset = open_dataset(root, run.config().run.data)
    axes = _axes(run, request)
    known = _known_errors(request.truth, dataset) if request.truth else None
    folder = out or run.folder / "relabel"
    parts = []
    if request.method != "vote":
        parts += _confident(run, axes, root)
    if request.method != "confident":
        parts += _votes(run, axes, root, folder / MODELS, say)
    found = _with_paths(pd.concat(parts, ignore_index=True), dataset)
    write_text(folder / LIST, found.to_csv(index=False, lineterminator="\n", float_format="%.4f"))
    page = write_review(folder / PAGE, dataset, found, request.most)
    return Relabelled(found, folder / LIST, page, [*_counts(found, axes), *_figures(found, known)])


def _axes(run: Run, request: Request) -> tuple[str, ...]:
    scored = [axis for axis in classes_scored(run.table("oof.parquet")) if axis in WORDS]
    if missing := [axis for axis in request.axes if axis not in scored]:
        message = (
            f"--axis {', '.join(missing)}: run '{run.name}' does not predict it. Expected one of "
            f"{', '.join(scored)}."
        )
        raise ArgumentRefused(message)
    return request.axes or tuple(scored)


def _confident(run: Run, axes: tuple[str, ...], root: Path) -> list[pd.DataFrame]:
    table = run.table("oof.parquet")
    return [
        by_confidence(table, _labels(table, f"target_{axis}", axis, root),
                      table[score_columns(axis)].to_numpy(dtype=float), WORDS[axis], axis)
        for axis in axes
    ]  # fmt: skip


def _votes(
    run: Run, axes: tuple[str, ...], root: Path, folder: Path, say: Say
) -> list[pd.DataFrame]:
    rows, scores = vote_by_fifths(run, root, folder, say)
    return [
        by_vote(rows, _labels(rows, axis, axis, root), scores[axis], WORDS[axis], axis)
        for axis in axes
    ]


def _labels(table: pd.DataFrame, column: str, axis: str, root: Path) -> NDArray[np.int64]:
    """Classes of an axis, -1 where the label is a model's guess: that is not looked at again."""
    guessed = pseudo_labelled(table["dataset"].astype(str).unique(), axis, root)
    codes = table[column].to_numpy(dtype=np.int64)
    return np.where(table["image_id"].isin(guessed), -1, codes)


def _with_paths(found: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Suspects with rank, path and the label as a table of fixes must state it."""
    rows = load_rows(dataset).set_index("image_id").reindex(found["image_id"])
    ranks = found.groupby(["method", "axis"], sort=False).cumcount() + 1
    found = found[list(COLUMNS)].assign(path=rows["path"].to_numpy())
    years = [f"{value:g}" if value == value else "" for value in rows["years"]]
    found["old"] = np.where(found["axis"] == "age", years, found["label"])
    found.insert(0, "rank", ranks)
    return found


def _counts(found: pd.DataFrame, axes: tuple[str, ...]) -> list[str]:
    lines = []
    for (method, axis), part in found.groupby(["method", "axis"], sort=False):
        certain = int((part["verdict"] == CANDIDATE).sum())
        rare = int(part["rare"].sum())
        more = f", {rare} of them in classes of few people" if rare else ""
        lines.append(f"{axis}, {method}: {certain} candidates, {len(part) - certain} doubts{more}")
    return lines or [f"{', '.join(axes)}: no label is contradicted"]


def _known_errors(truth: Path, dataset: Dataset) -> pd.DataFrame:
    """Images and axes known to be wrong, from a table with the columns path and axis."""
    try:
        with truth.open(encoding="utf-8-sig", newline="") as stream:
            table = pd.DataFrame(list(csv.DictReader(stream)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TruthInvalid(truth, [f"is no CSV in UTF-8 ({error})"]) from error
    if missing := [name for name in ("path", "axis") if name not in table]:
        raise TruthInvalid(truth, [f"column '{name}' is missing" for name in missing])
    ids = load_rows(dataset).set_index("path")["image_id"]
    strange = table.loc[~table["path"].isin(ids.index), "path"]
    if len(strange):
        raise TruthInvalid(truth, [f"no image of {dataset.name} has path {p!r}" for p in strange])
    return table.assign(image_id=ids.loc[table["path"]].to_numpy())


def _figures(found: pd.DataFrame, known: pd.DataFrame | None) -> list[str]:
    if known is None:
        return []
    lines = []
    for (method, axis), part in found.groupby(["method", "axis"], sort=False):
        wrong = set(known.loc[known["axis"] == axis, "image_id"])
        for k, precision, recall in precision_at(part, wrong):
            lines.append(
                f"{axis}, {method}: precision at {k} is {precision:.2f}, recall {recall:.2f} "
                f"({len(wrong)} labels known to be wrong)"
            )
    return lines
