"""Labels that models contradict: who is suspected, of what, and how strongly.

Two ways to find them. *Vote*: every model was taught on one fifth of the people and votes on the
others, so a photo gets four votes; three or four against its label make it a candidate, two
against two a doubt. *Confident*: out-of-fold probabilities are held against the typical
confidence of each class [1]_.

References
----------
.. [1] Northcutt, Jiang & Chuang, "Confident Learning", 2021, doi:10.1613/jair.1.12125.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from numpy.typing import NDArray

CANDIDATE, DOUBT = "candidate", "doubt"
RARE = 20
"""People below which a class is too small for what models say of it to be trusted."""
COLUMNS = ("method", "axis", "image_id", "subject_id", "label", "proposed", "verdict",
           "votes_against", "score", "people_of_label", "rare")  # fmt: skip


def by_vote(
    about: pd.DataFrame,
    labels: NDArray[np.int64],
    scores: NDArray[np.float64],
    words: tuple[str, ...],
    axis: str,
) -> pd.DataFrame:
    """Suspects of one axis by the votes of models that were taught on other people.

    Parameters
    ----------
    about : DataFrame
        ``image_id`` and ``subject_id`` of N rows.
    labels : ndarray of shape (N,), int
        Class of every row; -1 for none, which is passed over.
    scores : ndarray of shape (M, N, C)
        Probabilities by every model; NaN where a model was taught the person and has no vote.
    words : tuple of str
        Words of the C classes.
    axis : str
        Their axis.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, most votes against first.
    """
    votes = np.where(np.isnan(scores[..., 0]), -1, np.nan_to_num(scores).argmax(axis=2))
    counts = np.stack([(votes == code).sum(axis=0) for code in range(len(words))], axis=1)
    mean = np.nanmean(scores, axis=0)
    rows = np.arange(len(labels))
    others = counts + 0.5 * mean  # ties between other classes go to the likelier
    others[rows, labels] = -1
    proposed = others.argmax(axis=1)
    cast, against = counts.sum(axis=1), counts[rows, proposed]
    verdict = np.where(2 * against > cast, CANDIDATE, np.where(2 * against == cast, DOUBT, ""))
    margin = mean[rows, labels] - mean[rows, proposed]
    found = _table(about, labels, proposed, words, axis).assign(
        method="vote", verdict=verdict, votes_against=against, score=(1 + margin) / 2
    )
    found = found[(labels >= 0) & (cast > 0) & (verdict != "")]
    return _ranked(found, ["votes_against", "score"], [False, True])


def by_confidence(
    about: pd.DataFrame,
    labels: NDArray[np.int64],
    scores: NDArray[np.float64],
    words: tuple[str, ...],
    axis: str,
) -> pd.DataFrame:
    """Suspects of one axis by confident learning; arguments as of `by_vote`, scores (N, C).

    Classes that no label names are left out, since nothing is known of how sure models are of
    them. Labels of low quality that confident learning does not call wrong are listed after those
    that it does, as doubts, as many again.
    """
    known = labels >= 0
    present = np.unique(labels[known])
    if len(present) < 2:
        return pd.DataFrame(columns=COLUMNS)
    given = np.searchsorted(present, labels[known])
    inside = scores[known][:, present] + 1e-9
    inside /= inside.sum(axis=1, keepdims=True)
    wrong = find_label_issues(given, inside, filter_by="prune_by_noise_rate", n_jobs=1)
    quality = get_label_quality_scores(given, inside, method="normalized_margin",
                                       adjust_pred_probs=_all_sure(given, inside))  # fmt: skip
    others = inside.copy()
    others[np.arange(len(given)), given] = -1
    proposed = present[others.argmax(axis=1)]
    found = _table(about[known], labels[known], proposed, words, axis).assign(
        method="confident", verdict=np.where(wrong, CANDIDATE, DOUBT), votes_against=np.nan,
        score=quality,
    )  # fmt: skip
    doubted = found[(inside.argmax(axis=1) != given) & ~wrong].nsmallest(
        max(wrong.sum(), 1), "score"
    )
    return _ranked(pd.concat([found[wrong], doubted]), ["verdict", "score"], [True, True])


def _all_sure(given: NDArray[np.int64], scores: NDArray[np.float64]) -> bool:
    """Whether every class has some confidence that scores can be adjusted by."""
    means = [scores[given == code, code].mean() for code in np.unique(given)]
    return bool(min(means) > 0.01)


def _table(
    about: pd.DataFrame,
    labels: NDArray[np.int64],
    proposed: NDArray[np.int64],
    words: tuple[str, ...],
    axis: str,
) -> pd.DataFrame:
    named = np.array([*words, ""], dtype=object)
    table = about[["image_id", "subject_id"]].reset_index(drop=True)
    people = table.groupby(labels)["subject_id"].nunique()
    of_label = people.reindex(labels).to_numpy()
    return table.assign(
        axis=axis, label=named[labels], proposed=named[proposed], people_of_label=of_label,
        rare=of_label < RARE,
    )  # fmt: skip


def _ranked(found: pd.DataFrame, by: list[str], ascending: list[bool]) -> pd.DataFrame:
    """Rare classes last: there a model contradicts many labels that are right."""
    ranked = found.sort_values(["rare", *by, "image_id"], ascending=[True, *ascending, True])
    return ranked[list(COLUMNS)].reset_index(drop=True)


def precision_at(found: pd.DataFrame, wrong: set[str]) -> Iterator[tuple[int, float, float]]:
    """Precision and recall among the first k suspects.

    Parameters
    ----------
    found : DataFrame
        Suspects of one axis and method, in order.
    wrong : set of str
        Images whose label of that axis is wrong.

    Yields
    ------
    k, precision, recall : int, float, float
        For k a half, once and twice the number of wrong labels, and all suspects.
    """
    hit = found["image_id"].isin(wrong).to_numpy()
    if not wrong or not len(hit):
        return
    n = len(wrong)
    for k in sorted({min(k, len(hit)) for k in (max(n // 2, 1), n, 2 * n, len(hit))}):
        yield k, float(hit[:k].mean()), float(hit[:k].sum() / n)
