"""Labels that the unlabelled sets lack, guessed by the model as it learns, and what they teach.

A guess is made on the plain image, over the cells: the joint classes of all axes the model
predicts. Cells that a label of the source rules out are left out; the others are weighted so that
the guesses of many batches get the shares of the labelled rows (distribution alignment [1]_). What
is confident then is taught like a label [2]_, on the image as training images are changed or, for
consistency, on a strongly changed one [3]_.

References
----------
.. [1] Berthelot et al., "ReMixMatch", 2020, arXiv:1911.09785.
.. [2] Lee, "Pseudo-Label", 2013, ICML workshop on challenges in representation learning.
.. [3] Sohn et al., "FixMatch", 2020, arXiv:2001.07685.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ingest import taxonomy
from maskcls.config.heads import WORDS, Head
from maskcls.config.sections import SelfTrainingConfig

NO_GUESS = -1
ASSUMED = 0.1
"""Part of the moving average that is taken to have the wanted shares: no cell is weighted up more
than ten times because it has hardly come up."""
_LITTLE = 1e-12


def joint_head(heads: Sequence[Head]) -> Head:
    """The cells: all axes of some heads as one."""
    axes = [axis for head in heads for axis in head.axes]
    return Head(tuple(axis for axis in taxonomy.AXES if axis in axes))


def cell_shares(allowed: NDArray[np.bool_], draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of every cell among the rows that have all labels, shape (K,), none of them 0.

    Parameters
    ----------
    allowed : ndarray of shape (N, K), bool
        Cells that agree with each row's labels; rows of several are passed over.
    draws : ndarray of shape (N,)
        How often an epoch draws each row. Half a draw is added to every cell.
    """
    known = allowed.sum(axis=1) == 1
    counts = draws[known] @ allowed[known] + 0.5
    return counts / counts.sum()


def align(
    scores: NDArray[np.float64], mean: NDArray[np.float64], shares: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Probabilities of shape (B, K) weighted by wanted over found shares; every row sums to 1.

    Parameters
    ----------
    scores : ndarray of shape (B, K)
        Probabilities; 0 where a label rules a cell out.
    mean, shares : ndarray of shape (K,)
        Shares that the guesses have had, and that they are to have.
    """
    return _normalised(scores * shares / ((1 - ASSUMED) * mean + ASSUMED * shares))


def _normalised(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return scores / scores.sum(axis=1, keepdims=True)


@contextmanager
def as_scored(model: nn.Module) -> Iterator[None]:
    """The model as it scores images; every part is back in its mode afterwards."""
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for part, training in modes:
            part.training = training


class Guesser:
    """Guesses of one model, the last of every row, and what their shares have been.

    Parameters
    ----------
    heads : sequence of Head
        What the model predicts.
    codes : mapping of str to ndarray of shape (N,), int
        Class of every axis that is taught, of all rows of the mix; -1 where unknown.
    unlabelled : ndarray of shape (N,), bool
        Rows whose missing labels are guessed.
    draws : ndarray of shape (N,)
        How often an epoch draws every row.
    config : SelfTrainingConfig
        The rules.

    Attributes
    ----------
    mean : ndarray of shape (K,)
        Moving average of the probabilities before they were aligned.
    words : ndarray of shape (N, A), int
        Class of every axis that a row's last guess taught; -1 for none.
    confidence : ndarray of shape (N, A)
        Of those guesses, 0–1; NaN for none.
    """

    def __init__(
        self,
        heads: Sequence[Head],
        codes: Mapping[str, NDArray[np.int64]],
        unlabelled: NDArray[np.bool_],
        draws: NDArray[np.float64],
        config: SelfTrainingConfig,
    ) -> None:
        self.heads, self.config, self.unlabelled = tuple(heads), config, unlabelled
        self.cells = joint_head(heads)
        self.codes = np.stack([codes[axis] for axis in self.cells.axes], axis=1)
        self.allowed = [head.allowed(codes) for head in self.heads]
        self.shares = np.full(self.cells.n_classes, 1 / self.cells.n_classes)
        if config.alignment == "labelled":
            self.shares = cell_shares(self.cells.allowed(codes)[~unlabelled], draws[~unlabelled])
        self.mean = self.shares.copy()
        self.words = np.full(self.codes.shape, NO_GUESS)
        self.confidence = np.full(self.codes.shape, np.nan)

    def scores_of(
        self, of_heads: Mapping[str, NDArray[np.float64]], rows: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Probability of every cell, those that a label rules out at 0, shape (B, K).

        Parameters
        ----------
        of_heads : mapping of str to ndarray of shape (B, n_classes)
            Head name to probabilities.
        rows : ndarray of shape (B,), int
            Row numbers of the mix.
        """
        grid = np.indices(self.cells.shape).reshape(len(self.cells.axes), -1)
        code = dict(zip(self.cells.axes, grid, strict=True))
        scores = np.ones((len(rows), self.cells.n_classes))
        for head, allowed in zip(self.heads, self.allowed, strict=True):
            column = np.ravel_multi_index([code[axis] for axis in head.axes], head.shape)
            scores *= _normalised((of_heads[head.name] + _LITTLE) * allowed[rows])[:, column]
        return scores

    def guess(
        self, scores: NDArray[np.float64], rows: NDArray[np.int64]
    ) -> dict[str, NDArray[np.bool_]]:
        """What every head is taught of some rows: what is known, and what is guessed confidently.

        Parameters
        ----------
        scores : ndarray of shape (B, K)
            As of `scores_of`.
        rows : ndarray of shape (B,), int
            Their row numbers.

        Returns
        -------
        dict of str to ndarray of shape (B, n_classes), bool
            Head name to the classes allowed.
        """
        memory = self.config.memory
        self.mean = memory * self.mean + (1 - memory) * scores.mean(axis=0)
        if self.config.alignment != "none":
            scores = align(scores, self.mean, self.shares)
        codes = {}
        for place, axis in enumerate(self.cells.axes):
            of_axis, known = self.cells.axis_scores(scores, axis), self.codes[rows, place]
            sure = (known < 0) & (of_axis.max(axis=1) >= self.config.threshold)
            self.words[rows, place] = np.where(sure, of_axis.argmax(axis=1), NO_GUESS)
            self.confidence[rows, place] = np.where(sure, of_axis.max(axis=1), np.nan)
            codes[axis] = np.where(known < 0, self.words[rows, place], known)
        return {head.name: head.allowed(codes) for head in self.heads}

    def state_dict(self) -> dict[str, Tensor]:
        """What a resumed run must know."""
        state = {"mean": self.mean, "words": self.words, "confidence": self.confidence}
        return {name: torch.from_numpy(values.copy()) for name, values in state.items()}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state as of `state_dict`."""
        for name, values in state.items():
            setattr(self, name, values.cpu().numpy())

    def table(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Last guesses that taught, one row per image and axis.

        Parameters
        ----------
        rows : DataFrame
            ``image_id`` and ``dataset`` of all rows of the mix.

        Returns
        -------
        DataFrame
            ``dataset``, ``image_id``, ``axis``, ``value`` (the word), ``confidence`` (0–1).
        """
        place, axis = np.nonzero(self.words >= 0)
        names = np.array(self.cells.axes, dtype=object)[axis]
        words = [
            WORDS[name][code] for name, code in zip(names, self.words[place, axis], strict=True)
        ]
        about = rows[["dataset", "image_id"]].iloc[place].reset_index(drop=True)
        confidence = self.confidence[place, axis].astype("float32")
        return about.assign(axis=names, value=words, confidence=confidence)
