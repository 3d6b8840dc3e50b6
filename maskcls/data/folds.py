"""Which fold every person belongs to: stratified by class, whole by person."""

import warnings

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest import taxonomy
from maskcls.errors import ArgumentRefused, LeakageFound
from maskcls.data.leakage import person_groups

RARE = "rare"


def assign_folds(
    rows: pd.DataFrame, n_folds: int, seed: int
) -> tuple[NDArray[np.int64], list[str]]:
    """Fold of every row and what a reader should be warned of.

    Parameters
    ----------
    rows : DataFrame
        ``subject_id``, ``sha256`` and the classes ``mask``, ``gender``, ``age`` (-1 unknown).
    n_folds : int
        At least 2.
    seed : int
        Decides the shuffle.

    Returns
    -------
    folds : ndarray of shape (N,), int
        0 to ``n_folds - 1``; no person in two folds, no fold empty.
    warnings : list of str
        Classes with fewer people than folds: some folds cannot hold them.

    Raises
    ------
    ArgumentRefused
        If there are fewer people than folds.
    """
    groups = person_groups(rows)
    n_groups = len(np.unique(groups))
    if n_groups < n_folds:
        message = (
            f"--folds {n_folds}: the data set shows {n_groups} people. Expected at least one per "
            "fold. Ask for fewer folds, or --folds none."
        )
        raise ArgumentRefused(message)
    strata, rare = _strata(rows, groups, n_folds)
    folds = _stratified(strata, groups, n_folds, seed)
    if len(np.unique(folds)) < n_folds:
        folds = _by_size(groups, n_folds, seed)
    check_folds(rows, folds, n_folds)
    return folds, [_warning(name, count, n_folds) for name, count in rare]


def _strata(
    rows: pd.DataFrame, groups: NDArray, n_folds: int
) -> tuple[NDArray, list[tuple[str, int]]]:
    """Class of every row by what is known; classes of too few people pooled into one."""
    names = pd.Series([_cell(*codes) for codes in rows[list(taxonomy.AXES)].to_numpy()])
    people = pd.Series(groups).groupby(names).nunique()
    few = people[people < n_folds]
    return names.where(~names.isin(few.index), RARE).to_numpy(), [
        (str(name), int(n)) for name, n in few.items()
    ]


def _cell(mask: int, gender: int, age: int) -> str:
    words = (taxonomy.MASKS, taxonomy.GENDERS, taxonomy.AGE_GROUPS)
    return " ".join(
        w[c] if c >= 0 else "?" for w, c in zip(words, (mask, gender, age), strict=True)
    )


def _stratified(strata: NDArray, groups: NDArray, n_folds: int, seed: int) -> NDArray[np.int64]:
    from sklearn.model_selection import StratifiedGroupKFold

    folds = np.full(len(strata), -1, dtype=np.int64)
    if len(strata) < n_folds or pd.Series(strata).value_counts().max() < n_folds:
        return folds
    splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # Rare classes are pooled and reported by us, with their names.
        warnings.filterwarnings("ignore", message="The least populated class")
        for fold, (_, rows) in enumerate(splitter.split(strata, strata, groups)):
            folds[rows] = fold
    return folds


def _by_size(groups: NDArray, n_folds: int, seed: int) -> NDArray[np.int64]:
    """Largest group first, each to the smallest fold: no fold stays empty."""
    names, sizes = np.unique(groups, return_counts=True)
    shuffled = np.random.default_rng(seed).permutation(len(names))
    order = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    filled, fold_of = np.zeros(n_folds, dtype=np.int64), {}
    for group in order:
        fold_of[names[group]] = int(filled.argmin())
        filled[filled.argmin()] += sizes[group]
    return np.array([fold_of[group] for group in groups], dtype=np.int64)


def check_folds(rows: pd.DataFrame, folds: NDArray[np.int64], n_folds: int) -> None:
    """Refuse folds that share a person or a file, or of which one is empty.

    Raises
    ------
    LeakageFound
        Naming what is shared.
    """
    if sorted(set(folds.tolist())) != list(range(n_folds)):
        message = f"folds {sorted(set(folds.tolist()))} hold rows; expected all of 0–{n_folds - 1}."
        raise LeakageFound(message)
    for column in ("subject_id", "sha256"):
        spread = pd.Series(folds).groupby(rows[column].to_numpy()).nunique()
        if (spread > 1).any():
            shared = spread[spread > 1].index[0]
            message = (
                f"folds: {column} {shared} is in more than one fold. Expected every person in one "
                "fold. Nothing was trained."
            )
            raise LeakageFound(message)


def _warning(name: str, people: int, n_folds: int) -> str:
    return f"class '{name}' has {people} people for {n_folds} folds: some folds cannot judge it"
