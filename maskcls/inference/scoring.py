"""A finished run, loaded to score images: its models, heads and configuration."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from maskcls import distributed
from maskcls.config.heads import Head
from maskcls.config.members import Member, members_of
from maskcls.config.sections import Config, DataConfig
from maskcls.errors import RunInvalid
from maskcls.images.loading import input_size, to_batch
from maskcls.images.reading import read_many
from maskcls.network.models import FaceClassifier, load_model
from maskcls.runs.folder import CALIBRATION, Run
from maskcls.scores.calibration import apply_temperatures
from maskcls.scores.probabilities import HeadScores, score_batch, score_frame
from maskcls.scores.voting import vote

CHUNK = 64


@dataclass(frozen=True)
class Loaded:
    """One kind of model of a run, from every fold."""

    member: Member
    models: tuple[FaceClassifier, ...]


@dataclass(frozen=True)
class Scorer:
    """Models of a run that score together.

    Attributes
    ----------
    parts : tuple of Loaded
        The run's models; more than one where groups of heads have their own.
    config : Config
        Of the run.
    temperatures : dict of str to float
        Of the heads that were calibrated.
    """

    parts: tuple[Loaded, ...]
    config: Config
    temperatures: dict[str, float]

    @property
    def heads(self) -> tuple[Head, ...]:
        """What is predicted."""
        return tuple(head for part in self.parts for head in part.member.heads)

    def _head_scores(self, images: dict[DataConfig, list[NDArray[np.uint8]]]) -> HeadScores:
        inference, together = self.config.inference, {}
        for part in self.parts:
            config = part.member.config
            batch = to_batch(images[config.data], config)
            scores = score_batch(part.models, batch, config.transforms, inference.tta == "flip")
            for name in scores[0]:
                stacked = np.stack([one[name] for one in scores])
                together[name] = vote(stacked, inference.vote)
        return apply_temperatures(together, self.temperatures)

    def score_files(
        self, files: Sequence[str], boxes: NDArray
    ) -> tuple[pd.DataFrame, NDArray[np.int64], dict[int, str]]:
        """Probabilities of image files.

        Parameters
        ----------
        files : sequence of str
            Images.
        boxes : ndarray of shape (N, 4), float
            Face boxes in pixels, NaN where unknown.

        Returns
        -------
        scores : DataFrame
            As of `probabilities.score_frame`, one row per image read.
        positions : ndarray of int
            Position of every row among the files.
        reasons : dict of int to str
            Why the other files could not be used.
        """
        images, positions = {}, list[int]()
        reasons: dict[int, str] = {}
        for way in {part.member.config.data for part in self.parts}:
            images[way], positions, reasons = read_many(files, boxes, way)
        if not positions:
            return pd.DataFrame(), np.empty(0, dtype=np.int64), reasons
        frame = score_frame(self._head_scores(images), self.heads)
        return frame, np.array(positions), reasons


def load_scorer(run: Run) -> Scorer:
    """Load every model of a run; where it was refitted on everybody, that model alone.

    Raises
    ------
    RunInvalid
        If its folder holds no weights.
    WeightsInvalid
        If weights are not safetensors or do not fit its configuration.
    """
    config = run.config()
    parts = tuple(_load(run, member) for member in members_of(config))
    calibrated = (run.folder / CALIBRATION).is_file()
    temperatures = run.read_json(CALIBRATION).get("temperature", {}) if calibrated else {}
    return Scorer(parts, config, temperatures)


def _load(run: Run, member: Member) -> Loaded:
    device = distributed.device()
    size = input_size(member.config)
    models = tuple(
        load_model(path, member.config.model, member.heads, size).to(device)
        for path in weight_files(run, member)
    )
    return Loaded(member, models)


def weight_files(run: Run, member: Member) -> list[Path]:
    """Files of a member's models: of everybody if there is one, else of every fold.

    Raises
    ------
    RunInvalid
        If there are none.
    """
    suffix = f".{member.name}.safetensors" if member.name else ".safetensors"
    there = {path.name.removesuffix(suffix): path for path in run.weights.glob(f"*{suffix}")}
    paths = [there["all"]] if "all" in there else [there[name] for name in sorted(there)]
    if not paths:
        message = f"{run.weights}: no weights *{suffix}. Expected some. Train the run again."
        raise RunInvalid(message)
    return paths


def chunks(n: int) -> Iterator[slice]:
    """Slices of at most `CHUNK` positions, in order."""
    for start in range(0, n, CHUNK):
        yield slice(start, start + CHUNK)
