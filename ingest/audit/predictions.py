"""Out-of-fold predictions of a trained model, read with care: what it says of pictures unseen."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ingest import taxonomy
from ingest.errors import IngestError, ProblemsFound, WrongUsage

CLASSES = "class"
WORDS: dict[str, tuple[str, ...]] = {
    "mask": taxonomy.MASKS,
    "gender": taxonomy.GENDERS,
    "age": taxonomy.AGE_GROUPS,
    CLASSES: taxonomy.CLASS_NAMES,
}
"""Axes, and the 18 classes, with their words in order."""
_ROUNDING = 0.02


class PredictionsInvalid(ProblemsFound, WrongUsage, IngestError):
    """A table of predictions that cannot be used."""


def score_columns(axis: str) -> list[str]:
    """Columns with the probabilities of an axis, or of the 18 classes."""
    if axis == CLASSES:
        return [f"score_{index:02d}" for index in range(taxonomy.N_CLASSES)]
    return [f"score_{axis}_{word}" for word in WORDS[axis]]


def read_predictions(path: Path) -> pd.DataFrame:
    """Read a table of out-of-fold predictions, as `maskcls train` writes it.

    Parameters
    ----------
    path : Path
        Parquet with ``image_id`` and ``score_<axis>_<word>`` of one axis at least; ``score_00``
        to ``score_17`` besides if the 18 classes are predicted.

    Returns
    -------
    DataFrame
        Indexed by ``image_id``: the score columns, float, and ``fold`` if the table has it.

    Raises
    ------
    PredictionsInvalid
        With every problem.
    """
    try:
        table = pq.read_table(path).to_pandas()
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise PredictionsInvalid(path, [f"cannot be read as parquet: {reason}"]) from error
    if problems := _problems(table):
        raise PredictionsInvalid(path, problems)
    columns = [name for axis in axes_of(table) for name in score_columns(axis)]
    scores = table.set_index("image_id")[columns].astype(float)
    return scores.assign(fold=table["fold"].to_numpy()) if "fold" in table else scores


def axes_of(table: pd.DataFrame) -> list[str]:
    """Axes (and `CLASSES`) that a table has all probabilities of."""
    return [axis for axis in WORDS if set(score_columns(axis)) <= set(table)]


def _problems(table: pd.DataFrame) -> list[str]:
    if "image_id" not in table:
        return ["no column 'image_id'. Expected the oof.parquet of a training run"]
    axes = axes_of(table)
    if not axes:
        expected = ", ".join(repr(name) for name in score_columns("mask"))
        return [f"no probabilities. Expected columns such as {expected}"]
    problems = []
    if repeated := int(table["image_id"].duplicated().sum()):
        problems.append(f"{repeated} rows repeat an image_id. Expected one row per image")
    for axis in axes:
        scores = table[score_columns(axis)].to_numpy(float)
        sound = np.isfinite(scores).all(axis=1) & (scores >= -_ROUNDING).all(axis=1)
        sound &= np.abs(scores.sum(axis=1) - 1) <= _ROUNDING
        if bad := int((~sound).sum()):
            problems.append(f"{bad} rows whose {axis} scores are no probabilities. "
                            "Expected numbers of 0 to 1 that sum to 1")  # fmt: skip
    return problems


def label_codes(records: pd.DataFrame, axis: str) -> NDArray[np.int64]:
    """Index into `WORDS` of the label every row has now, -1 where it has none."""
    if axis == CLASSES:
        return records["cell"].to_numpy(np.int64)
    if axis == "age":
        return records["age_group"].to_numpy(np.int64)
    values = pd.Categorical(records[axis].astype(object), categories=WORDS[axis])
    return values.codes.astype(np.int64)
