"""The folder of a training run: where it lies, what is in it, and how it is opened."""

import json
import os
import re
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ingest.dataset import check_name
from maskcls.config.read import build_config
from maskcls.config.sections import Config
from maskcls.errors import ConfigInvalid, RunInvalid, RunNotFound

RUNS_VARIABLE = "MASKCLS_RUNS"
CALIBRATION = "calibration.json"


def runs_root(option: Path | str | None = None) -> Path:
    """Folder of all runs: `option`, else ``$MASKCLS_RUNS``, else ``./runs``."""
    return Path(option or os.environ.get(RUNS_VARIABLE) or "runs")


@dataclass(frozen=True)
class Run:
    """One training run.

    Attributes
    ----------
    folder : Path
        Its folder; the folder's name is the run's.
    """

    folder: Path

    @property
    def name(self) -> str:
        """Name of the run."""
        return self.folder.name

    @property
    def weights(self) -> Path:
        """Folder of the weights, one safetensors file a model."""
        return self.folder / "weights"

    @property
    def state(self) -> Path:
        """What a resume needs; gone when the run is finished."""
        return self.folder / ".state"

    @property
    def parts(self) -> Path:
        """Predictions of finished folds; gone when the run is finished."""
        return self.state / "predictions"

    @property
    def metrics_path(self) -> Path:
        """Scores; written last, so a run that has them is finished."""
        return self.folder / "metrics.json"

    @property
    def finished(self) -> bool:
        """Whether the run came to its end."""
        return self.metrics_path.is_file()

    def clear_state(self) -> None:
        """Remove what only a resume needs."""
        shutil.rmtree(self.state, ignore_errors=True)

    def config(self) -> Config:
        """The resolved configuration.

        Raises
        ------
        RunInvalid
            If the file is missing or is no configuration.
        """
        path = self.folder / "config.toml"
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
            return build_config(tables, path)
        except (OSError, ValueError, ConfigInvalid) as error:
            message = f"{path}: not a readable configuration ({error}). Train the run again."
            raise RunInvalid(message) from error

    def read_json(self, name: str) -> dict[str, Any]:
        """Content of ``metrics.json`` or ``lineage.json``.

        Raises
        ------
        RunInvalid
            If the file is missing or not a JSON object.
        """
        path = self.folder / name
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            message = f"{path}: not readable as JSON ({error}). Train the run again."
            raise RunInvalid(message) from error
        if not isinstance(content, dict):
            message = f"{path}: expected a JSON object. Train the run again."
            raise RunInvalid(message)
        return content

    def summary(self) -> str:
        """Lines for the terminal: the scores, and which files to open."""
        metrics = self.read_json("metrics.json")
        lines = [metrics["note"]] if metrics["stand_in"] else []
        for part in ("validation", "synthetic_holdout"):
            scores = (metrics[part] or {}).items()
            lines += [f"{part} {a}: {_in_words(s)}" for a, s in scores if isinstance(s, dict)]
        if metrics["validation"] is None:
            lines.append(f"{metrics['n_subjects']} people: {metrics['note_on_validation']}")
        return "\n".join([*lines, f"{self.folder}: model_card.md, metrics.json, weights/"])

    def table(self, name: str) -> pd.DataFrame:
        """Content of ``oof.parquet``, ``holdout.parquet`` or ``rows.parquet``.

        Raises
        ------
        RunInvalid
            If the file is missing or no parquet.
        """
        import pyarrow as pa

        path = self.folder / name
        try:
            return pd.read_parquet(path)
        except (OSError, pa.ArrowException) as error:
            message = f"{path}: not readable as a table ({error}). Train the run again."
            raise RunInvalid(message) from error


def _in_words(score: dict[str, Any]) -> str:
    if score["macro_f1"] is None:
        return "no labels"
    return (
        f"macro F1 {score['macro_f1']:.3f} over {score['n_classes']} classes, "
        f"{score['n_images']} images of {score['n_subjects']} people"
    )


def list_runs(root: Path) -> list[Run]:
    """Every run below the root, by name."""
    return [Run(path.parent) for path in sorted(root.glob("[!.]*/config.toml"))]


def open_run(root: Path, name: str) -> Run:
    """Open a finished run by its name below the root, or by the path of its folder.

    Raises
    ------
    RunNotFound
        If there is none, or it is not finished.
    """
    folder = Path(name) if os.sep in name or (Path(name) / "config.toml").is_file() else root / name
    run = Run(folder)
    if run.finished:
        return run
    if (folder / "config.toml").is_file():
        message = f"{folder}: this run is not finished. Continue it with `maskcls train --resume`."
        raise RunNotFound(message)
    there = ", ".join(found.name for found in list_runs(root) if found.finished) or "none"
    message = f"{root}: no run {name!r}. There: {there}. Make one with `maskcls train`."
    raise RunNotFound(message)


def next_name(root: Path, recipe: str) -> str:
    """First free name ``<recipe>_v<n>``."""
    pattern = re.compile(re.escape(recipe) + r"_v(\d+)")
    taken = [
        int(match[1])
        for path in root.glob(f"{recipe}_v*")
        if (match := pattern.fullmatch(path.name))
    ]
    return check_name(f"{recipe}_v{max(taken, default=0) + 1}")
