"""Which faces are judged together, and what is promised of each such stratum."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest import taxonomy
from synth.pseudo.priors import Scored, Shift, estimate_shift, thin
from synth.pseudo.thresholds import Choice, choose

WORDS = {"mask": taxonomy.MASKS, "gender": taxonomy.GENDERS, "age": taxonomy.AGE_GROUPS}
CONTEXT = {"gender": ("age", "wear"), "mask": ("age",), "age": ("wear",)}
"""What besides the predicted word makes a stratum."""
ANY = "any"


@dataclass(frozen=True)
class Stratum:
    """People of one predicted word in one context.

    Attributes
    ----------
    word : str
        What is predicted.
    context : dict of str to str
        ``age`` (a word of the age groups) and ``wear`` (bare or masked); `ANY` where the faces
        to be labelled do not say.
    choice : Choice
        What can be promised.
    shift : Shift
        How the classes are divided in the context; the labelled people were thinned to the
        target's shares if it is significant.
    n_faces, n_people : int
        To be labelled, before any is turned down.
    """

    word: str
    context: dict[str, str]
    choice: Choice
    shift: Shift
    n_faces: int
    n_people: int

    @property
    def name(self) -> str:
        """Words of the stratum, such as ``female, >=60, bare``."""
        return ", ".join([self.word, *self.context.values()])


def age_words(codes: NDArray[np.int64]) -> NDArray[np.object_]:
    """Words of the age groups, `ANY` where the code is -1."""
    return np.array([*taxonomy.AGE_GROUPS, ANY], dtype=object)[codes]


def wear_words(codes: NDArray[np.int64]) -> NDArray[np.object_]:
    """``masked`` for worn and incorrect masks, ``bare`` for none, `ANY` where unknown."""
    return np.array(["masked", "masked", "bare", ANY], dtype=object)[codes]


def judged(
    about: pd.DataFrame, scores: NDArray[np.float64], truth: NDArray[np.int64] | None = None
) -> pd.DataFrame:
    """Table that strata are made of.

    Parameters
    ----------
    about : DataFrame
        ``subject_id``, ``age`` and ``wear`` (words), and whatever else is to be kept.
    scores : ndarray of shape (N, C)
        Calibrated probabilities.
    truth : ndarray of shape (N,), int, optional
        Class of every row, none of them -1.

    Returns
    -------
    DataFrame
        With ``predicted``, ``confidence`` (0–1), ``p0``, ``p1``, …, and where the truth is
        given ``truth`` and ``wrong``.
    """
    table = about.reset_index(drop=True).assign(
        predicted=scores.argmax(axis=1), confidence=scores.max(axis=1)
    )
    table[[f"p{index}" for index in range(scores.shape[1])]] = scores
    if truth is not None:
        table = table.assign(truth=truth, wrong=table["predicted"] != truth)
    return table


def make_strata(
    labelled: pd.DataFrame, target: pd.DataFrame, axis: str, min_precision: float
) -> list[Stratum]:
    """Every stratum that occurs among the faces to be labelled.

    Parameters
    ----------
    labelled, target : DataFrame
        As of `judged`, with and without truth.
    axis : {"gender", "mask", "age"}
        What is labelled.
    min_precision : float
        Share of people who must be right, 0–1.
    """
    names = list(CONTEXT[axis])
    strata = []
    for values, faces in target.groupby(names, sort=True):
        context = dict(zip(names, map(str, values), strict=True))
        strata += _of_context(_like(labelled, context), faces, context, axis, min_precision)
    return strata


def _like(rows: pd.DataFrame, context: dict[str, str]) -> pd.DataFrame:
    """Rows of a context; where a word is `ANY`, of all its words."""
    for name, word in context.items():
        if word != ANY:
            rows = rows[rows[name] == word]
    return rows


def _of_context(
    labelled: pd.DataFrame, faces: pd.DataFrame, context: dict[str, str], axis: str, least: float
) -> list[Stratum]:
    shift = shift_between(labelled, faces, len(WORDS[axis]))
    kept = labelled
    if shift.significant and len(labelled):
        kept = labelled[thin(labelled["truth"].to_numpy(), list(labelled["subject_id"]), shift)]
    strata = []
    for code, word in enumerate(WORDS[axis]):
        of_word = faces[faces["predicted"] == code]
        if not len(of_word):
            continue
        rows = kept[kept["predicted"] == code]
        if labelled["truth"].nunique() < 2:  # nobody who could be taken for this class by mistake
            rows = rows.iloc[:0]
        strata.append(
            Stratum(word, context, choose(rows, least), shift, len(of_word),
                    of_word["subject_id"].nunique())
        )  # fmt: skip
    return strata


def shift_between(labelled: pd.DataFrame, faces: pd.DataFrame, n_classes: int) -> Shift:
    """Shares of the classes among labelled people and, estimated, among the faces."""
    known, unknown = (_scored(rows, n_classes) for rows in (labelled, faces))
    return estimate_shift(known, labelled["truth"].to_numpy(), unknown)


def _scored(rows: pd.DataFrame, n_classes: int) -> Scored:
    scores = rows[[f"p{index}" for index in range(n_classes)]].to_numpy(dtype=float)
    return Scored(scores, list(rows["subject_id"]))


def accept(
    target: pd.DataFrame, strata: Sequence[Stratum], axis: str
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which faces get the label predicted, and the position of each one's stratum.

    A face of which the models of the folds, or other voters, say different things (``agreed`` is
    false) gets none, however sure the one that decides is.
    """
    names = list(CONTEXT[axis])
    position = {(s.word, *(s.context[name] for name in names)): i for i, s in enumerate(strata)}
    words = np.array(WORDS[axis], dtype=object)[target["predicted"]]
    columns = [words, *(target[name] for name in names)]
    stratum = np.array([position[key] for key in zip(*columns, strict=True)], dtype=np.int64)
    limits = [s.choice.chosen.threshold if s.choice.chosen else np.inf for s in strata]
    sure = target["confidence"].to_numpy() >= np.array(limits)[stratum]
    return sure & target["agreed"].to_numpy(), stratum
