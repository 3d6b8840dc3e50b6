"""Train a run: from a request to a folder with weights, scores, lineage and card."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ingest.atomic import write_json, write_text
from maskcls.card import NO_SCORE, model_card
from maskcls.config import Config
from maskcls.errors import ArgumentRefused, NoImageUsable
from maskcls.fitting import FitJob, fit, write_table
from maskcls.folds import assign_folds
from maskcls.heads import parse_heads
from maskcls.images import ImageStore
from maskcls.leakage import check_mix, check_split
from maskcls.lineage import STAND_IN, describe, pass_licences
from maskcls.loading import check_transforms
from maskcls.metrics import score_table
from maskcls.mixing import Mix, Split, load_mix, split_mix
from maskcls.models import BackboneSource, fetch_weights, find_source
from maskcls.optim import check_optimizer
from maskcls.rows import BOX
from maskcls.runs import Run
from maskcls.settings import TrainRequest, choose_run
from maskcls.toml import to_toml

Say = Callable[[str], None]


@dataclass(frozen=True)
class Prepared:
    """All that is decided before any image is read.

    Attributes
    ----------
    mix : Mix
        The rows.
    source, weights : BackboneSource, Path or None
        First weights and their file.
    lineage : dict
        Content of ``lineage.json``.
    """

    mix: Mix
    source: BackboneSource
    weights: Path | None
    lineage: dict[str, Any]


def train(request: TrainRequest, root: Path, runs: Path, say: Say) -> Run:
    """Train as asked, or continue.

    Parameters
    ----------
    request : TrainRequest
        What is asked.
    root, runs : Path
        Folders of all data sets and of all runs.
    say : callable
        Receives one line at a time of what a user should know on the way.

    Returns
    -------
    Run
        The finished run.

    Raises
    ------
    MaskclsError
        Of the kind that tells what happened; before any work for wrong arguments.
    """
    run, config = choose_run(request, root, runs)
    prepared = prepare(config, root)
    config = replace(config, run=replace(config.run, purpose=prepared.lineage["purpose"]))
    _open_folder(run, config, prepared, request.resume)
    if config.run.stand_in:
        say(f"{config.run.data}: {STAND_IN}")
    mix, store = read_images(prepared.mix, config, say)
    splits = make_splits(mix, config, say)
    heads = parse_heads(config.model.heads, config.run.target)
    jobs = [
        FitJob(run, config, heads, mix, split, store, prepared.source, prepared.weights)
        for split in splits
    ]
    _fit_all(jobs, say)
    finish(run, config, mix, splits, prepared.lineage)
    return run


def _fit_all(jobs: list[FitJob], say: Say) -> None:
    try:
        for job in jobs:
            fit(job)
    except KeyboardInterrupt:
        say(f"\nto continue: maskcls train --resume --name {jobs[0].run.name}")
        raise


def prepare(config: Config, root: Path) -> Prepared:
    """Check all arguments, the licences and the first weights, before images are read."""
    source = find_source(config.model.backbone, config.run.pretrained, config.run.weights)
    check_optimizer(config.optim.name)
    check_transforms(config)
    mix = load_mix(root, config)
    check_mix(mix)
    passage = pass_licences(mix.datasets, source, config.run.purpose)
    weights = fetch_weights(source)
    return Prepared(mix, source, weights, describe(mix, passage, source, weights, config))


def _open_folder(run: Run, config: Config, prepared: Prepared, resume: bool) -> None:
    if resume and (run.folder / "lineage.json").is_file():
        stored = run.read_json("lineage.json")
        changed = [
            part["name"]
            for part in prepared.lineage["datasets"]
            if part not in stored.get("datasets", [])
        ]
        if changed:
            message = (
                f"{run.folder}: data set {', '.join(changed)} has changed since the run began. "
                "Expected the same records. Start a new run."
            )
            raise ArgumentRefused(message)
    write_text(run.folder / "config.toml", to_toml(config))
    write_json(run.folder / "lineage.json", prepared.lineage)


def read_images(mix: Mix, config: Config, say: Say) -> tuple[Mix, ImageStore]:
    """Read every image once; rows whose image cannot be used are listed and left out.

    Raises
    ------
    NoImageUsable
        If nothing of the real set remains.
    """
    unboxed = int(mix.rows[BOX[0]].isna().sum())
    if config.data.crop == "face" and unboxed:
        say(f"warning: {unboxed} of {len(mix.rows)} images have no face box and stay whole")
    store = ImageStore(list(mix.rows["file"]), mix.rows[list(BOX)].to_numpy(), config.data)
    skipped = store.read_all()
    for row, reason in skipped.items():
        say(f"skipped {mix.rows['dataset'].iloc[row]}/{mix.rows['path'].iloc[row]}: {reason}")
    if skipped:
        usable = np.setdiff1d(np.arange(len(mix.rows)), list(skipped))
        say(f"{len(skipped)} of {len(mix.rows)} images skipped")
        mix = replace(mix, rows=mix.rows.iloc[usable].reset_index(drop=True))
        store = store.only(usable)
    if not len(mix.data):
        message = (
            f"{config.run.data}: no image could be read. Run `ingest verify {config.run.data}`."
        )
        raise NoImageUsable(message)
    return mix, store


def make_splits(mix: Mix, config: Config, say: Say) -> list[Split]:
    """Splits of every fold, guarded; or one in which everything teaches."""
    if not config.run.folds:
        people = mix.rows.iloc[mix.data]["subject_id"].nunique()
        say(f"{people} people: {NO_SCORE}")
        return [split_mix(mix, None, None)]
    fold_of, warnings = assign_folds(mix.rows.iloc[mix.data], config.run.folds, config.train.seed)
    for warning in warnings:
        say(f"warning: {warning}")
    splits = [split_mix(mix, fold_of, fold) for fold in range(config.run.folds)]
    for split in splits:
        check_split(mix.rows, split)
    return splits


def finish(
    run: Run, config: Config, mix: Mix, splits: list[Split], lineage: dict[str, Any]
) -> None:
    """Gather the folds' predictions, score them and write what a user reads."""
    write_table(_row_table(mix, splits), run.folder / "rows.parquet")
    metrics = _head_of_metrics(config, mix)
    if config.run.folds:
        oof = _gather(run, "oof", splits)
        write_table(oof, run.folder / "oof.parquet")
        holdout = _gather(run, "holdout", splits)
        if len(holdout):
            write_table(holdout, run.folder / "holdout.parquet")
        metrics |= score_run(oof, holdout)
    write_text(run.folder / "model_card.md", model_card(run.name, config, metrics, lineage))
    write_json(run.metrics_path, metrics)
    run.clear_state()


def _head_of_metrics(config: Config, mix: Mix) -> dict[str, Any]:
    data = mix.rows.iloc[mix.data]
    return {
        "stand_in": config.run.stand_in,
        **({"note": STAND_IN} if config.run.stand_in else {}),
        "n_images": len(data),
        "n_subjects": int(data["subject_id"].nunique()),
        **({} if config.run.folds else {"note_on_validation": NO_SCORE}),
        "validation": None,
        "folds": [],
        "synthetic_holdout": None,
    }


def score_run(oof: pd.DataFrame, holdout: pd.DataFrame) -> dict[str, Any]:
    """Scores out of fold, of every fold, and of what was made from held-out photos."""
    folds = [
        {"fold": fold, **score_table(oof[oof["fold"] == fold])}
        for fold in sorted(oof["fold"].unique().tolist())
    ]
    scored = {"validation": score_table(oof), "folds": folds}
    if not len(holdout):
        return scored
    beside = photos_beside(oof, holdout)
    table = pd.concat([holdout, beside], ignore_index=True)
    counts = {"n_extra_images": len(holdout), "n_photos_beside": len(beside)}
    return {**scored, "synthetic_holdout": {**counts, **score_table(table)}}


def photos_beside(oof: pd.DataFrame, holdout: pd.DataFrame) -> pd.DataFrame:
    """Real photos that held-out composites were made from, unless a bare copy is among them.

    A set of nothing but masked faces could not tell whether bare ones are told apart.
    """
    masked = holdout["target_mask"] != 2
    copied = holdout.loc[~masked, "parent_id"].dropna()
    parents = holdout.loc[masked, "parent_id"].dropna()
    return oof[oof["image_id"].isin(parents) & ~oof["image_id"].isin(copied)]


def _gather(run: Run, name: str, splits: list[Split]) -> pd.DataFrame:
    paths = [run.parts / f"{name}_{split.fold}.parquet" for split in splits]
    tables = [pd.read_parquet(path) for path in paths if path.is_file()]
    if not tables:
        return pd.DataFrame()
    return pd.concat(tables, ignore_index=True)


def _row_table(mix: Mix, splits: list[Split]) -> pd.DataFrame:
    """Who taught: for every row its identity and the fold that held it out, -1 for none."""
    held_out = np.full(len(mix.rows), -1)
    for split in splits:
        if split.fold is not None:
            for rows in (split.validation, split.holdout, split.withheld):
                held_out[rows] = split.fold
    about = ["image_id", "dataset", "sha256", "subject_id", "parent_id"]
    return mix.rows[about].assign(held_out_by=held_out)
