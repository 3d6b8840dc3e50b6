"""Which run may label faces, and how right it was on people it never saw."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.dataset import Dataset
from maskcls.config.members import members_of
from maskcls.errors import LabellerRefused, NoLabeller
from maskcls.evaluation.evaluate import taught_rows
from maskcls.images.crops import NEEDS_BOX
from maskcls.runs.folder import Run, list_runs, open_run
from maskcls.scores.calibration import apply_temperatures, fit_temperature
from maskcls.scores.metrics import score_columns

HOW = "Make one: `maskcls train --target {axis} --data us_congress`."


def choose_labeller(runs: Path, name: str | None, axis: str) -> Run:
    """Run of that name, else the newest finished one that predicts an axis out of fold.

    Raises
    ------
    NoLabeller
        If there is none; the text says how to make one.
    LabellerRefused
        If the run named does not predict the axis, or has no out-of-fold predictions.
    RunNotFound
        If there is no run of that name.
    """
    how = HOW.format(axis=axis)
    if name:
        run = open_run(runs, name)
        if why := _incapable(run, axis):
            message = f"{run.folder}: {why}. Expected a run that can label {axis}. {how}"
            raise LabellerRefused(message)
        return run
    able = [run for run in list_runs(runs) if run.finished and not _incapable(run, axis)]
    if not able:
        message = f"{runs}: no finished run predicts {axis} out of fold. {how}"
        raise NoLabeller(message)
    return max(able, key=lambda run: run.metrics_path.stat().st_mtime)


def _incapable(run: Run, axis: str) -> str:
    if not (run.folder / "config.toml").is_file():
        return "holds no models of its own"
    target = run.config().run.target
    if target not in ("all", axis):
        return f"predicts {target}, not {axis}"
    if not (run.folder / "oof.parquet").is_file():
        return "was trained with --folds none, so nobody was held out to try it on"
    models = run.read_json("metrics.json").get("models", [])
    if any(model.get("selected_by") != "last" for model in models):
        # An epoch that happens to suit the held-out people makes them look easier than others.
        return "kept the epochs that suited the held-out people best, so it seems surer than it is"
    return ""


def refuse_taught(run: Run, name: str, rows: pd.DataFrame) -> None:
    """Refuse rows that show people, files or photos a run was taught or chosen by.

    Raises
    ------
    LabellerRefused
        With the number of images.
    """
    taught = taught_rows(rows, run.table("rows.parquet"))
    if taught.any():
        message = (
            f"{name}: {int(taught.sum())} of {len(rows)} faces without the label show people that "
            f"run '{run.name}' was taught, so it is surer of them than of others. Expected a run "
            "on other people. Nothing was written."
        )
        raise LabellerRefused(message)


@dataclass(frozen=True)
class HeldOut:
    """Labelled people, each judged by the model that never saw them.

    Attributes
    ----------
    rows : DataFrame
        As the run's ``oof.parquet``, without pseudo labels; masked faces include composites made
        from held-out photos.
    truth : ndarray of shape (N,), int
        Class of the axis.
    scores : ndarray of shape (N, C)
        Probabilities, calibrated.
    temperature : float
        What the run's probabilities were divided by, besides its own calibration.
    has_composites, stand_in : bool
        Whether masked faces are composites, and whether the run stands in for a real one.
    """

    rows: pd.DataFrame
    truth: NDArray[np.int64]
    scores: NDArray[np.float64]
    temperature: float
    has_composites: bool
    stand_in: bool


def held_out(run: Run, axis: str, root: Path) -> HeldOut:
    """Labelled people of a run out of fold, at the temperature that fits them best.

    Parameters
    ----------
    run : Run
        As of `choose_labeller`.
    axis : {"gender", "mask", "age"}
        What is labelled.
    root : Path
        Folder of all data sets, to tell labels from pseudo labels.
    """
    parts = [run.table("oof.parquet")]
    if (run.folder / "holdout.parquet").is_file():
        made = run.table("holdout.parquet")
        parts.append(made[made["target_mask"].isin([0, 1])])
    rows = pd.concat(parts, ignore_index=True)
    guessed = pseudo_labelled(rows["dataset"].astype(str).unique(), axis, root)
    rows = rows[(rows[f"target_{axis}"] >= 0) & ~rows["image_id"].isin(guessed)]
    truth = rows[f"target_{axis}"].to_numpy(dtype=np.int64)
    scores = rows[score_columns(axis)].to_numpy(dtype=float)
    temperature = fit_temperature(scores, np.eye(scores.shape[1], dtype=bool)[truth])
    return HeldOut(
        rows.reset_index(drop=True), truth, at_temperature(scores, temperature), temperature,
        bool(len(parts[-1])) and len(parts) > 1, bool(run.read_json("metrics.json")["stand_in"]),
    )  # fmt: skip


def needs_boxes(run: Run) -> bool:
    """Whether a run cuts pictures around face boxes."""
    return any(member.config.data.crop in NEEDS_BOX for member in members_of(run.config()))


def pseudo_labelled(names: NDArray, axis: str, root: Path) -> set[str]:
    """Images of some sets whose label of an axis is itself a model's guess: it proves nothing."""
    guessed: set[str] = set()
    for name in names:
        dataset = Dataset(root / str(name))
        if dataset.records_path.is_file():
            records = dataset.records()
            pseudo = records[f"{axis}_origin"].astype(object) == "pseudo"
            guessed |= set(records.loc[pseudo, "image_id"])
    return guessed


def at_temperature(scores: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Probabilities of shape (..., C) at a temperature."""
    flat = apply_temperatures({"": scores.reshape(-1, scores.shape[-1])}, {"": temperature})[""]
    return flat.reshape(scores.shape)
