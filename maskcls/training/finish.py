"""The end of a run: gather what the folds predicted, score it, write what a user reads."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ingest.atomic import atomic_path, write_json, write_text
from maskcls.config.heads import Head
from maskcls.config.sections import Config
from maskcls.data.inner import FLATTERED, INSTEAD
from maskcls.data.mixing import Mix, Split
from maskcls.inference.thresholds import decide_by_fold, write_thresholds
from maskcls.runs.card import NO_SCORE, model_card
from maskcls.runs.folder import CALIBRATION, Run
from maskcls.runs.lineage import STAND_IN
from maskcls.scores.calibration import fit_temperature
from maskcls.scores.metrics import score_table
from maskcls.scores.probabilities import HeadScores, photos_beside, predictions_frame
from maskcls.training.fitting import FitJob, read_scores, scores_path


def write_table(table: pd.DataFrame, run: Run, name: str) -> None:
    """Write a parquet table of a run atomically."""
    with atomic_path(run.folder / name) as temporary:
        table.to_parquet(temporary, index=False)


def finish(run: Run, config: Config, jobs: Sequence[FitJob], lineage: dict[str, Any]) -> None:
    """Gather the jobs' predictions, score them and write tables, metrics and card."""
    mix = jobs[0].mix
    splits = list({job.split.name: job.split for job in jobs}.values())
    write_table(_row_table(mix, splits), run, "rows.parquet")
    metrics = _head_of_metrics(config, mix, jobs)
    if config.run.folds:
        temperatures = _calibrate(run, config, jobs)
        oof = _gather(jobs, "oof", temperatures)
        holdout = _gather(jobs, "holdout", temperatures)
        if config.inference.thresholds != "none":
            write_thresholds(run, oof)
            oof, holdout = decide_by_fold(oof, oof), decide_by_fold(oof, holdout)
        write_table(oof, run, "oof.parquet")
        if len(holdout):
            write_table(holdout, run, "holdout.parquet")
        metrics |= score_run(oof, holdout)
    if guesses := [job.guesses for job in jobs if job.guesses.is_file()]:
        write_table(pd.concat(map(pd.read_parquet, guesses)), run, "guesses.parquet")
    write_text(run.folder / "model_card.md", model_card(run.name, config, metrics, lineage))
    write_json(run.metrics_path, metrics)
    run.clear_state()


def _calibrate(run: Run, config: Config, jobs: Sequence[FitJob]) -> dict[str, float]:
    """Temperature of every head, fitted out of fold and stored with the run."""
    if config.inference.calibrate == "none":
        return {}
    temperatures = {}
    for head in {head.name: head for job in jobs for head in job.heads}.values():
        parts = [(job, job.split.validation) for job in jobs
                 if head in job.heads and len(job.split.validation)]  # fmt: skip
        scores = [read_scores(scores_path(run, "oof", job.name))[head.name] for job, _ in parts]
        rows = jobs[0].mix.rows.iloc[np.concatenate([rows for _, rows in parts])]
        codes = {axis: rows[axis].to_numpy() for axis in head.axes}
        temperatures[head.name] = fit_temperature(np.concatenate(scores), head.allowed(codes))
    write_json(run.folder / CALIBRATION, {"temperature": temperatures})
    return temperatures


def _gather(jobs: Sequence[FitJob], kind: str, temperatures: dict[str, float]) -> pd.DataFrame:
    """Predictions of all folds, each row with the heads of all models of its fold."""
    from maskcls.scores.calibration import apply_temperatures

    folds: dict[str, list[FitJob]] = {}
    for job in jobs:
        folds.setdefault(job.split.name, []).append(job)
    tables = []
    for members in folds.values():
        split, mix = members[0].split, members[0].mix
        rows = split.validation if kind == "oof" else split.holdout
        if split.fold is None or not len(rows):
            continue
        scores: HeadScores = {}
        heads: list[Head] = []
        for job in members:
            scores |= read_scores(scores_path(job.run, kind, job.name))
            heads += job.heads
        scores = apply_temperatures(scores, temperatures)
        tables.append(predictions_frame(mix.rows.iloc[rows], scores, heads, split.fold))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _head_of_metrics(config: Config, mix: Mix, jobs: Sequence[FitJob]) -> dict[str, Any]:
    data = mix.rows.iloc[mix.data]
    models = [json.loads(job.about.read_text(encoding="utf-8")) for job in jobs]
    flattered = any(model.get("selected_on") == "validation" for model in models)
    return {
        "stand_in": config.run.stand_in,
        **({"note": STAND_IN} if config.run.stand_in else {}),
        "n_images": len(data),
        "n_subjects": int(data["subject_id"].nunique()),
        **({} if config.run.folds else {"note_on_validation": NO_SCORE}),
        "models": models,
        **({"note_on_selection": f"{FLATTERED}; {INSTEAD}"} if flattered else {}),
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


def _row_table(mix: Mix, splits: list[Split]) -> pd.DataFrame:
    """Who taught: for every row its identity and the fold that held it out, -1 for none."""
    held_out = np.full(len(mix.rows), -1)
    for split in splits:
        if split.fold is not None:
            for rows in (split.validation, split.holdout, split.withheld):
                held_out[rows] = split.fold
    about = ["image_id", "dataset", "sha256", "subject_id", "parent_id"]
    return mix.rows[about].assign(held_out_by=held_out)
