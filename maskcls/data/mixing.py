"""Which rows of the real set and of the extras may teach, validate or are kept apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.dataset import Dataset, list_datasets, open_dataset
from maskcls.config.sections import Config
from maskcls.errors import ArgumentRefused
from maskcls.data.extras import Extra, extras_of, only_teach
from maskcls.config.heads import TARGETS
from maskcls.data.rows import BOX, labelled, load_rows, taught, useful

FIRST_CHOICE = "boostcamp_mask"


@dataclass(frozen=True)
class Mix:
    """The rows of a run, the real set's first.

    Attributes
    ----------
    rows : DataFrame
        As of `rows.load_rows`, with ``role``: 0 for the real set, i for the i-th extra; and
        ``unlabelled``: whether it is of a set whose missing labels are guessed.
    datasets : tuple of Dataset
        By role.
    extras : tuple of Extra
        The extra of role i is ``extras[i - 1]``.
    left_out : dict of str to int
        Data set to number of images without any label asked for, which are not in the mix; of an
        unlabelled set they are.
    """

    rows: pd.DataFrame
    datasets: tuple[Dataset, ...]
    extras: tuple[Extra, ...]
    left_out: dict[str, int]

    @property
    def data(self) -> NDArray[np.int64]:
        """Rows of the real set."""
        return np.flatnonzero(self.rows["role"].to_numpy() == 0)


@dataclass(frozen=True)
class Split:
    """What one model is taught and judged on, as row numbers of the mix.

    Attributes
    ----------
    fold : int or None
        None where everything teaches.
    train : ndarray of int
        Rows of the real set that teach.
    extras : tuple of ndarray of int
        Rows of every extra that teach.
    validation : ndarray of int
        Rows of the real set that judge.
    holdout : ndarray of int
        Rows made from photos of validation people: scored apart, they select nothing.
    withheld : ndarray of int
        Other extra rows of validation people: neither taught nor scored.
    """

    fold: int | None
    train: NDArray[np.int64]
    extras: tuple[NDArray[np.int64], ...]
    validation: NDArray[np.int64]
    holdout: NDArray[np.int64]
    withheld: NDArray[np.int64]

    @property
    def teaching(self) -> NDArray[np.int64]:
        """All rows that teach."""
        return np.concatenate([self.train, *self.extras])

    @property
    def name(self) -> str:
        """``fold_<n>``, or ``all``."""
        return "all" if self.fold is None else f"fold_{self.fold}"


def choose_data(root: Path, extras: Sequence[str]) -> str:
    """Name of the data set to take when none was given.

    ``boostcamp_mask`` if it is there, else the only real data set with labels.

    Raises
    ------
    ArgumentRefused
        If there is none or several; the message lists the candidates.
    """
    there = [dataset for dataset in list_datasets(root) if dataset.name not in extras]
    if any(dataset.name == FIRST_CHOICE for dataset in there):
        return FIRST_CHOICE
    real = [dataset.name for dataset in there if _is_labelled_and_real(dataset)]
    if len(real) == 1:
        return real[0]
    message = (
        f"{root}: no --data given, and the real data sets with labels here are: "
        f"{', '.join(real) or 'none'}. Name one with --data, or pull one with `ingest pull`."
    )
    raise ArgumentRefused(message)


def _is_labelled_and_real(dataset: Dataset) -> bool:
    rows = load_rows(dataset)
    return not rows["composite"].any() and bool(labelled(rows, TARGETS["all"]).any())


def load_mix(root: Path, config: Config) -> Mix:
    """Read the real set and the extras of a configuration.

    Raises
    ------
    ArgumentRefused
        If an extra is named twice or is the real set, if no image has a label asked for (or,
        in an unlabelled set, none lacks one), or if the real set holds composites and does not
        stand in for one.
    DatasetNotFound
        If a data set is not there.
    """
    extras = extras_of(config.run)
    names = [config.run.data, *(extra.name for extra in extras)]
    _refuse_repeated(names)
    datasets = tuple(open_dataset(root, name) for name in names)
    parts, left_out = [], {}
    for role, dataset in enumerate(datasets):
        least = _least_confidence(config, role)
        rows = load_rows(dataset, config.run.train_age_boundaries, least)
        rows = only_teach(rows, dataset.name, config.mixing)
        known = useful(rows, TARGETS[config.run.target])
        left_out[dataset.name] = int((~known).sum())
        unlabelled = role > 0 and extras[role - 1].unlabelled
        if unlabelled:
            _refuse_nothing_lacking(dataset, rows, config)
        else:
            _refuse_nothing_known(dataset, known, config)
            rows = rows[known]
        parts.append(rows.assign(role=role, unlabelled=unlabelled))
    _refuse_composites(datasets[0], parts[0], config.run.stand_in)
    rows = share_boxes(pd.concat(parts, ignore_index=True))
    return Mix(rows, datasets, extras, left_out)


def _least_confidence(config: Config, role: int) -> float:
    """Confidence from which labels that a model guessed teach.

    None of the real set's teach a run of one axis: it is there to label others, and would learn
    what runs like it have said.
    """
    alone = role == 0 and config.run.target != "all"
    return float("inf") if alone else config.mixing.min_confidence


def _refuse_nothing_known(dataset: Dataset, known: NDArray[np.bool_], config: Config) -> None:
    if known.any():
        return
    message = (
        f"{dataset.folder}: no image has a label of '{config.run.target}'. Expected some. "
        "See `ingest show` for what it labels."
    )
    raise ArgumentRefused(message)


def _refuse_nothing_lacking(dataset: Dataset, rows: pd.DataFrame, config: Config) -> None:
    codes = taught(rows)
    if any((codes[axis] < 0).any() for axis in TARGETS[config.run.target]):
        return
    message = (
        f"--unlabelled {dataset.name}: every image has its label of '{config.run.target}', so "
        "there is nothing to guess. Expected a set that lacks some. Pass it as --extra."
    )
    raise ArgumentRefused(message)


def share_boxes(rows: pd.DataFrame) -> pd.DataFrame:
    """Give a photo without a face box the box of what was made from it, and the other way.

    Framing real photos and composites differently would let a network tell them apart by it.
    """
    photo = rows["parent_id"].where(rows["parent_id"].notna(), rows["image_id"])
    known = rows[list(BOX)].groupby(photo.to_numpy()).transform("first")
    same_frame = rows[["width", "height"]].groupby(photo.to_numpy()).transform("nunique").eq(1)
    fillable = rows[BOX[0]].isna() & same_frame.all(axis=1)
    boxes = rows[list(BOX)].where(~fillable, known)
    return rows.assign(**{name: boxes[name] for name in BOX})


def _refuse_repeated(names: list[str]) -> None:
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        message = (
            f"data set {', '.join(repeated)} is named more than once. Expected every data set "
            "once, as --data or as --extra. Leave one out."
        )
        raise ArgumentRefused(message)


def _refuse_composites(dataset: Dataset, rows: pd.DataFrame, stand_in: bool) -> None:
    if stand_in or not rows["composite"].any():
        return
    message = (
        f"--data {dataset.name}: {int(rows['composite'].sum())} of {len(rows)} images are "
        "composites. Expected real photos, since they validate. Pass it as --extra, or add "
        "--stand-in for a trial whose figures are marked as not real."
    )
    raise ArgumentRefused(message)


def split_mix(mix: Mix, fold_of: NDArray[np.int64] | None, fold: int | None) -> Split:
    """Rows of one fold; with no fold, everything teaches.

    Parameters
    ----------
    mix : Mix
        The rows.
    fold_of : ndarray of int, or None
        Fold of every row of the real set, in the order of ``mix.data``.
    fold : int or None
        The fold that validates.
    """
    data, empty = mix.data, np.empty(0, dtype=np.int64)
    judged = np.zeros(len(data), dtype=bool) if fold_of is None else fold_of == fold
    related = related_to(mix.rows, data[judged])
    role = mix.rows["role"].to_numpy()
    extras = tuple(
        np.flatnonzero((role == number) & ~related) for number in range(1, len(mix.datasets))
    )
    made = mix.rows["composite"].to_numpy() | mix.rows["parent_id"].notna().to_numpy()
    made &= ~mix.rows["unlabelled"].to_numpy(dtype=bool)
    apart = (role > 0) & related
    return Split(
        fold,
        data[~judged],
        extras,
        data[judged] if fold is not None else empty,
        np.flatnonzero(apart & made),
        np.flatnonzero(apart & ~made),
    )


def related_to(rows: pd.DataFrame, people: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Rows that show a person, or come from a photo or file, of the given rows."""
    given = rows.iloc[people]
    parents = rows["parent_id"]
    return (
        rows["subject_id"].isin(given["subject_id"])
        | rows["sha256"].isin(given["sha256"])
        | (parents.notna() & parents.isin([*given["image_id"], *given["parent_id"].dropna()]))
    ).to_numpy()
