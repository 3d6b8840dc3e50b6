"""Probabilities of images by the models of every fold, kept apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.cli_support import progress
from ingest.dataset import Dataset
from maskcls import distributed
from maskcls.config.members import members_of
from maskcls.data.rows import BOX
from maskcls.errors import NoImageUsable, RunInvalid
from maskcls.images.loading import input_size, to_batch
from maskcls.images.reading import read_many
from maskcls.inference.scoring import CHUNK, Loaded, chunks
from maskcls.network.models import load_model
from maskcls.runs.folder import CALIBRATION, Run
from maskcls.scores.calibration import apply_temperatures
from maskcls.scores.metrics import score_columns
from maskcls.scores.probabilities import HeadScores, score_batch, score_frame


@dataclass(frozen=True)
class FoldScorer:
    """The models of every fold of a run.

    Attributes
    ----------
    parts : tuple of Loaded
        Models by fold; more than one part where groups of heads have models of their own.
    temperatures : dict of str to float
        Of the heads that the run calibrated, as in its out-of-fold table.
    """

    parts: tuple[Loaded, ...]
    temperatures: dict[str, float]

    @property
    def n_folds(self) -> int:
        """Number of folds."""
        return len(self.parts[0].models)

    def score_files(
        self, files: Sequence[str], boxes: NDArray
    ) -> tuple[list[pd.DataFrame], NDArray[np.int64], dict[int, str]]:
        """Probabilities of image files by every fold, comparable with the out-of-fold table.

        Parameters
        ----------
        files : sequence of str
            Images.
        boxes : ndarray of shape (N, 4), float
            Face boxes in pixels, NaN where unknown.

        Returns
        -------
        scores : list of DataFrame
            As of `probabilities.score_frame`, one table per fold, one row per image read.
        positions : ndarray of int
            Position of every row among the files.
        reasons : dict of int to str
            Why the other files could not be used.
        """
        by_fold: list[HeadScores] = [{} for _ in range(self.n_folds)]
        positions, reasons = list[int](), dict[int, str]()
        for part in self.parts:
            config = part.member.config
            images, positions, reasons = read_many(files, boxes, config.data)
            if not images:
                return [], np.empty(0, dtype=np.int64), reasons
            flip = config.inference.tta == "flip"
            batch = to_batch(images, config)
            scores = score_batch(part.models, batch, config.transforms, flip)
            for together, one in zip(by_fold, scores, strict=True):
                together |= apply_temperatures(one, self.temperatures)
        heads = [head for part in self.parts for head in part.member.heads]
        return [score_frame(scores, heads) for scores in by_fold], np.array(positions), reasons


def load_fold_scorer(run: Run) -> FoldScorer:
    """Load the models of every fold of a run.

    Raises
    ------
    RunInvalid
        If the run has no folds or their weights are missing.
    WeightsInvalid
        If weights are not safetensors or do not fit the configuration.
    """
    config, device = run.config(), distributed.device()
    parts = []
    for member in members_of(config):
        names = [member.file_name(f"fold_{fold}") for fold in range(config.run.folds)]
        paths = [run.weights / f"{name}.safetensors" for name in names]
        missing = [path.name for path in paths if not path.is_file()]
        if missing or not paths:
            what = ", ".join(missing) or "models of folds"
            message = f"{run.weights}: no {what}. Expected one per fold. Train the run again."
            raise RunInvalid(message)
        size = input_size(member.config)
        models = [load_model(path, member.config.model, member.heads, size) for path in paths]
        parts.append(Loaded(member, tuple(model.to(device) for model in models)))
    calibrated = (run.folder / CALIBRATION).is_file()
    temperatures = run.read_json(CALIBRATION).get("temperature", {}) if calibrated else {}
    return FoldScorer(tuple(parts), temperatures)


def score_dataset(
    run: Run, dataset: Dataset, rows: pd.DataFrame, axis: str
) -> tuple[NDArray[np.float64], NDArray[np.int64], dict[str, str]]:
    """Probabilities of an axis by every fold, for rows of a data set.

    Returns
    -------
    scores : ndarray of shape (folds, N, C)
        Probabilities of the rows that could be read.
    kept : ndarray of shape (N,), int
        Their positions.
    skipped : dict of str to str
        Path of every other row, and the reason.

    Raises
    ------
    NoImageUsable
        If no image could be read.
    """
    scorer = load_fold_scorer(run)
    parts, kept, skipped = [], [], dict[str, str]()
    for part in progress(list(chunks(len(rows))), None, f"{dataset.name}, {CHUNK} at a time"):
        chunk = rows.iloc[part]
        files = [str(dataset.image_path(path)) for path in chunk["path"]]
        tables, positions, reasons = scorer.score_files(files, chunk[list(BOX)].to_numpy(float))
        skipped |= {chunk["path"].iloc[at]: reason for at, reason in reasons.items()}
        if tables:
            parts.append(np.array([table[score_columns(axis)].to_numpy(float) for table in tables]))
            kept.append(part.start + positions)
    if not parts:
        message = f"{dataset.name}: no image could be read. Run `ingest verify {dataset.name}`."
        raise NoImageUsable(message)
    return np.concatenate(parts, axis=1), np.concatenate(kept), skipped
