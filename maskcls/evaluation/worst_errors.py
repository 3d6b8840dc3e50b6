"""The errors a run is surest of: which they are, and where the network looked."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from ingest import taxonomy
from ingest.dataset import open_dataset
from ingest.errors import MaskclsError
from ingest.report.page import Gallery, Thumb
from ingest.report.thumbnails import array_uri
from maskcls.config.heads import WORDS
from maskcls.data.mixing import load_mix
from maskcls.data.rows import BOX, load_rows
from maskcls.evaluation.fold_scores import load_fold_scorer
from maskcls.evaluation.gradcam import grad_cam
from maskcls.images.loading import to_batch
from maskcls.images.reading import read_many
from maskcls.inference.ensemble import ENSEMBLE
from maskcls.inference.scoring import Loaded, load_scorer
from maskcls.runs.folder import Run
from maskcls.scores.metrics import classes_scored, decided, score_columns, target_column
from maskcls.scores.probabilities import normalise

Say = Callable[[str], None]
SHOWN = 6
"""Errors of an axis; of one person at most one."""
LARGE = 224
"""Pixels of the longer side of a picture."""


def worst_errors(predictions: pd.DataFrame) -> list[dict[str, Any]]:
    """The surest wrong decisions of every axis, surest first.

    Parameters
    ----------
    predictions : DataFrame
        As of `probabilities.predictions_table`.

    Returns
    -------
    list of dict
        ``axis``, ``image_id``, ``dataset``, ``fold``, the words ``true`` and ``decided``, and the
        probability of each.
    """
    return [error for axis in taxonomy.AXES if axis in classes_scored(predictions)
            for error in _of_axis(predictions, axis)]  # fmt: skip


def _of_axis(predictions: pd.DataFrame, axis: str) -> Iterator[dict[str, Any]]:
    known = predictions[predictions[target_column(axis)] >= 0]
    truth, found = known[target_column(axis)].to_numpy(dtype=int), decided(known, axis)
    scores, places = known[score_columns(axis)].to_numpy(dtype=float), np.arange(len(known))
    margin = scores[places, found] - scores[places, truth]
    order = np.argsort(-margin, kind="stable")
    wrong = order[(found != truth)[order]]
    first = ~known["subject_id"].iloc[wrong].duplicated().to_numpy()
    for place in wrong[first][:SHOWN]:
        row = known.iloc[place]
        yield {
            "axis": axis, **{key: str(row[key]) for key in ("image_id", "dataset")},
            "fold": int(row["fold"]), "true": WORDS[axis][truth[place]],
            "decided": WORDS[axis][found[place]],
            "score_true": float(scores[place, truth[place]]),
            "score_decided": float(scores[place, found[place]]),
        }  # fmt: skip


def error_pictures(
    run: Run, result: Mapping[str, Any], data: str | None, root: Any, say: Say
) -> dict[str, Gallery]:
    """Pictures of the worst errors of an evaluation, by part of it.

    Every row is one error: what the network is given, what speaks for the class decided, and
    what speaks for the true one, by the model that was not taught the person.

    Parameters
    ----------
    run : Run
        The run evaluated; of an ensemble there are none.
    result : dict
        As of `evaluate.evaluate`.
    data : str or None
        The data set it was evaluated on; None for its own.
    root : Path
        Folder of all data sets.
    say : callable
        Is told why there are no pictures.
    """
    if (run.folder / ENSEMBLE).is_file():
        say("no pictures: several networks decide together. Evaluate one of the ensemble's runs.")
        return {}
    try:
        rows = load_rows(open_dataset(root, data)) if data else load_mix(root, run.config()).rows
    except MaskclsError as error:
        say(f"no pictures: {error}")
        return {}
    parts = load_scorer(run).parts if data else load_fold_scorer(run).parts
    rows = rows.set_index("image_id")
    return {
        part: Gallery([row for error in errors if (row := _row(error, rows, parts, data))])
        for part, errors in result["worst_errors"].items()
    }


def _row(
    error: Mapping[str, Any], rows: pd.DataFrame, parts: tuple[Loaded, ...], data: str | None
) -> tuple[str, list[Thumb]] | None:
    """Title and pictures of one error; None if its image cannot be read any more."""
    axis, words = error["axis"], WORDS[error["axis"]]
    part = next(p for p in parts if any(axis in head.axes for head in p.member.heads))
    if error["image_id"] not in rows.index:
        return None
    row, config = rows.loc[error["image_id"]], part.member.config
    box = row[list(BOX)].to_numpy(dtype=float)[None]
    images, _, _ = read_many([row["file"]], box, config.data)
    if not images:
        return None
    batch = to_batch(images, config)
    models = part.models if data else (part.models[error["fold"]],)
    seen = [
        _seen(part, models, axis, batch, words.index(error[key])) for key in ("decided", "true")
    ]
    given = batch[0].permute(1, 2, 0).numpy()
    surest, right = (f"{error[key]} {error[f'score_{key}']:.2f}" for key in ("decided", "true"))
    captions = ("what the network is given", f"for {error['decided']}", f"for {error['true']}")
    pictures = [given, *(overlay(given, heat) for heat in seen)]
    return f"{axis}: {surest}, true {right} – {row['path']}", [
        Thumb(array_uri(picture, LARGE), f"{caption} ({row['path']})")
        for picture, caption in zip(pictures, captions, strict=True)
    ]


def _seen(
    part: Loaded, models: Any, axis: str, batch: torch.Tensor, code: int
) -> NDArray[np.float32]:
    """Map of one class for one image, the mean of the models', shape (H, W)."""
    head = next(head for head in part.member.heads if axis in head.axes)
    maps = []
    for model in models:
        device = next(model.parameters()).device
        inputs = normalise(batch.to(device), part.member.config.transforms)
        maps.append(grad_cam(model, head, axis, inputs, torch.tensor([code], device=device))[0])
    return np.mean(maps, axis=0)


def overlay(image: NDArray[np.uint8], heat: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The image in grey, coloured where the map is high.

    Parameters
    ----------
    image : ndarray of shape (H, W, 3), RGB uint8
        What the network is given.
    heat : ndarray of shape (H, W), float
        0–1.
    """
    from matplotlib import colormaps

    grey = image.mean(axis=2, keepdims=True)
    colour = colormaps["inferno"](heat)[..., :3] * 255
    share = 0.65 * heat[..., None]
    return np.clip(grey * (1 - share) + colour * share, 0, 255).astype(np.uint8)
