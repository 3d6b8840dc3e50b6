"""Five models, each taught on one fifth of the people, that vote on all the others."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.atomic import write_text
from maskcls.config.members import members_of
from maskcls.config.sections import Config
from maskcls.config.toml import to_toml
from maskcls.data.folds import assign_folds
from maskcls.data.leakage import check_split
from maskcls.data.mixing import Mix, Split
from maskcls.runs.folder import Run
from maskcls.training.fitting import FitJob, fit, read_scores, scores_path
from maskcls.training.train import make_job, prepare, read_images

FIFTHS = 5
MADE_FROM = "made_from.txt"
Say = Callable[[str], None]


def vote_by_fifths(
    run: Run, root: Path, folder: Path, say: Say
) -> tuple[pd.DataFrame, dict[str, NDArray[np.float64]]]:
    """Train the five models with a run's settings on its data set, and let them vote.

    Extras are left out: they would teach every model the same. Models finished before are kept, as
    long as settings and labels are the same.

    Parameters
    ----------
    run : Run
        Whose settings and data set are taken.
    root, folder : Path
        Folder of all data sets; folder that holds the five models.
    say : callable
        Receives what a user should know on the way, one line at a time.

    Returns
    -------
    rows : DataFrame
        Rows of the data set, N of them, as of `rows.load_rows`.
    scores : dict of str to ndarray of shape (5, N, C)
        Axis to probabilities, NaN where a model was taught the person.
    """
    config = plain(run.config())
    prepared = prepare(config, root)
    mix, stores = read_images(prepared.mix, members_of(config), say)
    people = mix.rows.iloc[mix.data]
    fold_of, warnings = assign_folds(people, FIFTHS, config.train.seed)
    for warning in warnings:
        say(f"warning: {warning}")
    _drop_outdated(folder, config, people, say)
    held = Run(folder)
    jobs = [
        make_job(
            held, member, mix, _one_fifth(mix, fold_of, fifth), stores[member.config.data], prepared
        )
        for fifth in range(FIFTHS)
        for member in members_of(config)
    ]
    for job in jobs:
        check_split(mix.rows, job.split)
        fit(job)
    return people.reset_index(drop=True), _gather(jobs, len(people))


def _drop_outdated(folder: Path, config: Config, people: pd.DataFrame, say: Say) -> None:
    """Remove models that were taught other labels, or in another way."""
    taught = people.drop(columns="file").to_csv(index=False)
    digest = hashlib.sha256((to_toml(config) + taught).encode()).hexdigest()
    note = folder / MADE_FROM
    if note.is_file() and note.read_text(encoding="utf-8") != digest:
        say(f"{folder}: settings or labels have changed since; the five models are trained anew")
        for part in ("weights", ".state", "tensorboard"):
            shutil.rmtree(folder / part, ignore_errors=True)
    write_text(note, digest)


def plain(config: Config) -> Config:
    """The settings of a run without extras, with the last epoch kept.

    An epoch chosen on the labels of the voters' own photos would favour labels that are wrong.
    """
    run = replace(config.run, extra=(), unlabelled=(), folds=FIFTHS)
    mixing = replace(config.mixing, teaches={}, cells="", schedule="constant")
    train = replace(config.train, select="last", patience=0, refit=False)
    alone = replace(config.self_training, consistency=False)
    return replace(config, run=run, mixing=mixing, train=train, self_training=alone)


def _one_fifth(mix: Mix, fold_of: NDArray[np.int64], fifth: int) -> Split:
    empty = np.empty(0, dtype=np.int64)
    return Split(fifth, mix.data[fold_of == fifth], (), mix.data[fold_of != fifth], empty, empty)


def _gather(jobs: list[FitJob], n: int) -> dict[str, NDArray[np.float64]]:
    scores: dict[str, NDArray[np.float64]] = {}
    for job in jobs:
        part = read_scores(scores_path(job.run, "oof", job.name))
        for head in job.heads:
            for axis in head.axes:
                of_axis = head.axis_scores(part[head.name], axis)
                shape = (FIFTHS, n, of_axis.shape[1])
                scores.setdefault(axis, np.full(shape, np.nan))
                scores[axis][job.split.fold, job.split.validation] = of_axis
    return scores
