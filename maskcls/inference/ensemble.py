"""Several runs that decide together: joined out of fold, stored as a run of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest import taxonomy
from ingest.atomic import atomic_path, write_json, write_text
from ingest.dataset import check_name
from ingest.licences.terms import effective_expression, effective_terms
from maskcls.config.heads import TARGETS
from maskcls.data.inner import FLATTERED, INSTEAD
from maskcls.errors import ArgumentRefused
from maskcls.inference.scoring import load_scorer
from maskcls.inference.thresholds import decide_by_fold, write_thresholds
from maskcls.runs.card import ensemble_card
from maskcls.runs.folder import Run, open_run
from maskcls.scores.metrics import CELLS, score_columns, score_table, target_column
from maskcls.scores.voting import fit_weights, vote

ENSEMBLE = "ensemble.json"
RULES = ("soft", "hard", "rank", "weighted")
Weights = dict[str, list[float]]
"""Axis or `CELLS` to one weight per run that predicts it."""


class ScoresFiles(Protocol):
    """A run or an ensemble, ready to score image files."""

    def score_files(
        self, files: Sequence[str], boxes: NDArray
    ) -> tuple[pd.DataFrame, NDArray[np.int64], dict[int, str]]:
        """Probabilities, positions of the files read, and reasons for the others."""
        ...


@dataclass(frozen=True)
class EnsembleScorer:
    """Scorers of several runs that decide together."""

    scorers: tuple[ScoresFiles, ...]
    rule: str
    weights: Weights

    def score_files(
        self, files: Sequence[str], boxes: NDArray
    ) -> tuple[pd.DataFrame, NDArray[np.int64], dict[int, str]]:
        """Probabilities, positions of the files read, and reasons for the others."""
        results = [scorer.score_files(files, boxes) for scorer in self.scorers]
        if not len(results[0][1]):
            return results[0]
        return combine([frame for frame, _, _ in results], self.rule, self.weights), *results[0][1:]


def open_scorer(run: Run) -> ScoresFiles:
    """Load a run, or the runs of an ensemble that lie beside it.

    Raises
    ------
    RunNotFound, RunInvalid, WeightsInvalid
        If a run or its weights are missing or damaged.
    """
    if not (run.folder / ENSEMBLE).is_file():
        return load_scorer(run)
    about = run.read_json(ENSEMBLE)
    runs = [open_run(run.folder.parent, name) for name in about["runs"]]
    return EnsembleScorer(tuple(map(open_scorer, runs)), about["vote"], about["weights"])


def axes_of(run: Run) -> tuple[str, ...]:
    """Axes that a run or an ensemble predicts."""
    if (run.folder / ENSEMBLE).is_file():
        return tuple(run.read_json(ENSEMBLE)["axes"])
    return TARGETS[run.config().run.target]


def combine(frames: Sequence[pd.DataFrame], rule: str, weights: Weights) -> pd.DataFrame:
    """Probabilities of several score tables together, row by row.

    Parameters
    ----------
    frames : sequence of DataFrame
        As of `probabilities.score_frame`, the same images in the same order.
    rule : {"soft", "hard", "rank", "weighted"}
        As of `voting.vote`; ``weighted`` is soft with weights.
    weights : dict
        Of ``weighted``.

    Returns
    -------
    DataFrame
        Columns of every axis that one of them predicts. Those of the 18 classes are voted where
        every table has them, else the product of the axes where all three are there.
    """
    columns: dict[str, NDArray] = {}
    for axis in (*taxonomy.AXES, CELLS):
        parts = _stack(frames, axis)
        if not len(parts) or (axis == CELLS and len(parts) < len(frames)):
            continue
        plain = "soft" if rule == "weighted" else rule
        voted = vote(parts, plain, weights.get(axis))
        columns.update(zip(score_columns(axis), voted.T, strict=True))
    if score_columns(CELLS)[0] not in columns and _has_all_axes(columns):
        columns.update(zip(score_columns(CELLS), _product(columns).T, strict=True))
    return pd.DataFrame(columns).astype("float32")


def _stack(frames: Sequence[pd.DataFrame], axis: str) -> NDArray[np.float64]:
    names = score_columns(axis)
    return np.array([f[names].to_numpy(dtype=float) for f in frames if names[0] in f])


def _has_all_axes(columns: dict[str, NDArray]) -> bool:
    return all(score_columns(axis)[0] in columns for axis in taxonomy.AXES)


def _product(columns: dict[str, NDArray]) -> NDArray[np.float64]:
    codes = taxonomy.split_class(np.arange(taxonomy.N_CLASSES))
    product = np.ones((len(next(iter(columns.values()))), taxonomy.N_CLASSES))
    for axis, code in zip(taxonomy.AXES, codes, strict=True):
        product *= np.stack([columns[name] for name in score_columns(axis)], axis=1)[:, code]
    return product


def make_ensemble(
    names: Sequence[str], rule: str, runs: Path, name: str, thresholds: bool = False
) -> Run:
    """Join finished runs, score them out of fold and store the ensemble as a run.

    Parameters
    ----------
    names : sequence of str
        Two or more runs whose out-of-fold predictions share images.
    rule : {"soft", "hard", "rank", "weighted"}
        How they vote. Weights are fitted out of fold; each person's score is by weights fitted
        without the person's fold.
    runs : Path
        Folder of all runs.
    name : str
        Of the ensemble.
    thresholds : bool
        Whether it decides by thresholds per class, fitted like the weights; those of its runs
        do not count.

    Raises
    ------
    ArgumentRefused
        If there are not two runs, they share no image, or the name is taken.
    """
    if len(set(names)) < 2:
        message = f"{', '.join(names)}: expected two different runs or more. Name another."
        raise ArgumentRefused(message)
    ensemble = Run(runs / check_name(name))
    if ensemble.folder.exists():
        message = f"{ensemble.folder}: exists. Expected a new name. Choose another --name."
        raise ArgumentRefused(message)
    members = [open_run(runs, one) for one in names]
    tables = _aligned([member.table("oof.parquet") for member in members], names)
    joined, weights = join_tables(tables, rule)
    if thresholds:
        write_thresholds(ensemble, joined)
        joined = decide_by_fold(joined, joined)
    axes = [axis for axis in taxonomy.AXES if score_columns(axis)[0] in joined]
    _store(ensemble, members, joined)
    lineage = merged_lineage(members)
    metrics = _metrics(members, joined)
    write_json(ensemble.folder / "lineage.json", lineage)
    about = {"runs": list(names), "vote": rule, "weights": weights, "axes": axes}
    write_json(ensemble.folder / ENSEMBLE, about)
    write_text(ensemble.folder / "model_card.md", ensemble_card(name, about, metrics, lineage))
    write_json(ensemble.metrics_path, metrics)
    return ensemble


def _aligned(tables: list[pd.DataFrame], names: Sequence[str]) -> list[pd.DataFrame]:
    shared = set.intersection(*(set(table["image_id"]) for table in tables))
    if not shared:
        message = (
            f"{', '.join(names)}: no image is in the out-of-fold predictions of all. Expected runs "
            "on the same --data."
        )
        raise ArgumentRefused(message)
    order = [one for one in tables[0]["image_id"] if one in shared]
    return [table.set_index("image_id").loc[order].reset_index() for table in tables]


def join_tables(tables: Sequence[pd.DataFrame], rule: str) -> tuple[pd.DataFrame, Weights]:
    """Joint predictions of aligned tables, and the weights of all rows.

    With ``weighted`` the rows of each fold of the first table are joined by weights fitted on the
    others, so that no score rests on weights that saw its person.
    """
    about = tables[0][[c for c in tables[0] if not str(c).startswith(("score_", "predicted"))]]
    if rule != "weighted":
        return pd.concat([about, combine(tables, rule, {})], axis=1), {}
    parts = []
    for fold in sorted(about["fold"].unique()):
        inside = (about["fold"] == fold).to_numpy()
        weights = _weights([table[~inside] for table in tables])
        scores = combine([t[inside].reset_index(drop=True) for t in tables], rule, weights)
        parts.append(scores.set_index(about.index[inside]))
    return pd.concat([about, pd.concat(parts).sort_index()], axis=1), _weights(tables)


def _weights(tables: Sequence[pd.DataFrame]) -> Weights:
    weights = {}
    for axis in (*taxonomy.AXES, CELLS):
        parts = _stack(tables, axis)
        if len(parts):
            truth = tables[0][target_column(axis)].to_numpy(dtype=np.int64)
            weights[axis] = fit_weights(parts, truth).tolist()
    return weights


def _store(ensemble: Run, members: Sequence[Run], joined: pd.DataFrame) -> None:
    rows = pd.concat([member.table("rows.parquet") for member in members])
    for name, table in (("oof", joined), ("rows", rows.drop_duplicates("image_id"))):
        with atomic_path(ensemble.folder / f"{name}.parquet") as temporary:
            table.to_parquet(temporary, index=False)


def _metrics(members: Sequence[Run], joined: pd.DataFrame) -> dict[str, Any]:
    of_members = [member.read_json("metrics.json") for member in members]
    notes = {m["note"] for m in of_members if m.get("stand_in")}
    flattered = any("note_on_selection" in m for m in of_members)
    return {
        "stand_in": bool(notes),
        **({"note": notes.pop()} if notes else {}),
        **({"note_on_selection": f"{FLATTERED}; {INSTEAD}"} if flattered else {}),
        "n_images": len(joined),
        "n_subjects": int(joined["subject_id"].nunique()),
        "validation": score_table(joined),
        "folds": [],
        "synthetic_holdout": None,
    }


def merged_lineage(members: Sequence[Run]) -> dict[str, Any]:
    """Lineage of an ensemble: the strictest terms of its runs, and theirs in full."""
    parts = {member.name: member.read_json("lineage.json") for member in members}
    every = [
        license
        for part in parts.values()
        for one in (*(d["licenses"] for d in part["datasets"]), _of_models(part))
        for license in one
    ]
    purposes = {part["purpose"] for part in parts.values()}
    return {
        "lineage_version": 1,
        "stand_in": any(part["stand_in"] for part in parts.values()),
        "purpose": "research" if "research" in purposes else "commercial",
        "effective_license": effective_expression(every),
        "terms": dict(effective_terms(every)),
        "reasons": sorted({reason for part in parts.values() for reason in part["reasons"]}),
        "datasets": _unique([d for part in parts.values() for d in part["datasets"]]),
        "models": [model for part in parts.values() for model in part["models"]],
        "runs": parts,
    }


def _of_models(part: dict[str, Any]) -> list[str]:
    return [model["license"] for model in part["models"] if model["license"]]


def _unique(datasets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({(d["name"], d["role"]): d for d in datasets}.values())
