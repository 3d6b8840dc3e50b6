"""Probabilities of images from one or several models, and the table they are kept in."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from ingest import taxonomy
from maskcls.config.heads import Head, class_scores
from maskcls.config.sections import TransformsConfig
from maskcls.images.loading import Batch
from maskcls.network.layers import YEARS
from maskcls.network.models import FaceClassifier
from maskcls.scores.metrics import CELLS, score_columns, target_column

HeadScores = dict[str, NDArray[np.float64]]
"""Head name to probabilities of shape (N, n_classes)."""


def normalise(images: Tensor, config: TransformsConfig) -> Tensor:
    """Float input of the network from RGB uint8 images of shape (B, 3, H, W)."""
    mean = torch.tensor(config.mean, device=images.device).view(1, 3, 1, 1)
    std = torch.tensor(config.std, device=images.device).view(1, 3, 1, 1)
    return (images.float() / 255 - mean) / std


def score_batch(
    models: Sequence[FaceClassifier], images: Tensor, config: TransformsConfig, flip: bool = False
) -> list[HeadScores]:
    """Probabilities of every model for RGB uint8 images of shape (B, 3, H, W).

    With `flip` they are the mean over the images and their mirror images.
    """
    device = next(models[0].parameters()).device
    with torch.inference_mode():
        inputs = normalise(images.to(device), config)
        views = [inputs, inputs.flip(3)] if flip else [inputs]
        return [_mean([_probabilities(model(view)) for view in views]) for model in models]


def _probabilities(outputs: dict[str, Tensor]) -> HeadScores:
    return {
        name: value.double().softmax(dim=1).cpu().numpy()
        for name, value in outputs.items()
        if name != YEARS
    }


def _mean(parts: Sequence[HeadScores]) -> HeadScores:
    return {name: np.mean([part[name] for part in parts], axis=0) for name in parts[0]}


def score_all(
    models: Sequence[FaceClassifier],
    batches: Iterable[Batch],
    config: TransformsConfig,
    flip: bool = False,
) -> HeadScores:
    """Mean probabilities of the models for all batches, in order."""
    parts = [_mean(score_batch(models, images, config, flip)) for images, _ in batches]
    if not parts:
        return {}
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def score_frame(scores: HeadScores, heads: Sequence[Head]) -> pd.DataFrame:
    """Columns ``score_<axis>_<word>``, and ``score_00`` to ``_17`` if all axes are predicted."""
    columns: dict[str, NDArray] = {}
    for head in heads:
        for axis in head.axes:
            values = head.axis_scores(scores[head.name], axis)
            columns.update(zip(score_columns(axis), values.T, strict=True))
    if {axis for head in heads for axis in head.axes} == set(taxonomy.AXES):
        columns.update(zip(score_columns(CELLS), class_scores(scores, heads).T, strict=True))
    return pd.DataFrame(columns).astype("float32")


def target_frame(rows: pd.DataFrame) -> pd.DataFrame:
    """Columns ``target`` and ``target_<axis>`` by the scoring boundaries; -1 unknown."""
    codes = {axis: rows[axis].to_numpy() for axis in taxonomy.AXES}
    frame = {target_column(axis): codes[axis] for axis in taxonomy.AXES}
    joint = taxonomy.class_index(codes["mask"], codes["gender"], codes["age"])
    return pd.DataFrame({target_column(CELLS): joint, **frame})


def predictions_frame(
    rows: pd.DataFrame, scores: HeadScores, heads: Sequence[Head], fold: int
) -> pd.DataFrame:
    """Table of predictions: one row per image with its fold, targets and probabilities."""
    return predictions_table(rows, score_frame(scores, heads), fold)


def predictions_table(rows: pd.DataFrame, scores: pd.DataFrame, fold: int) -> pd.DataFrame:
    """Table of predictions from rows and their probabilities as of `score_frame`."""
    about = rows[["image_id", "dataset", "subject_id", "parent_id"]].reset_index(drop=True)
    about.insert(1, "fold", fold)
    years = rows["years"].reset_index(drop=True) if "years" in rows else np.nan
    return pd.concat([about.assign(years=years), target_frame(rows), scores], axis=1)


def photos_beside(oof: pd.DataFrame, holdout: pd.DataFrame) -> pd.DataFrame:
    """Real photos that held-out composites were made from, unless a bare copy is among them.

    A set of nothing but masked faces could not tell whether bare ones are told apart.
    """
    masked = holdout["target_mask"] != 2
    copied = holdout.loc[~masked, "parent_id"].dropna()
    parents = holdout.loc[masked, "parent_id"].dropna()
    return oof[oof["image_id"].isin(parents) & ~oof["image_id"].isin(copied)]
