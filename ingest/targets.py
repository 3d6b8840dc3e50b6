"""How many pictures each of the 18 classes should have, has and lacks, and of what ages."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest import taxonomy
from ingest.errors import IngestError, ProblemsFound, WrongUsage
from ingest.records import class_indices

_COLUMNS = ("class", "count")


@dataclass(frozen=True)
class Target:
    """What the classes are meant to be.

    Attributes
    ----------
    name : str
        Where it comes from.
    goal : ndarray of shape (18,), int
        Images wanted of each class.
    ages : tuple of 18 ndarray, float, optional
        Years of each class's pictures, where they are known; None if only counts are.
    """

    name: str
    goal: NDArray[np.int64]
    ages: tuple[NDArray[np.float64], ...] | None = None


def target_of_records(records: pd.DataFrame, name: str) -> Target:
    """Target that a data set is: its classes lifted to their median, and its people's ages."""
    return Target(name, goal_of_median(cell_counts(records)), cell_ages(records))


class TargetsInvalid(ProblemsFound, WrongUsage, IngestError):
    """A table of target counts that cannot be meant."""


def cell_counts(records: pd.DataFrame) -> NDArray[np.int64]:
    """Images of each class, shape (18,); rows without a class are not counted."""
    classes = class_indices(records)
    return np.bincount(classes[classes >= 0], minlength=taxonomy.N_CLASSES)


def cell_ages(records: pd.DataFrame) -> tuple[NDArray[np.float64], ...]:
    """Years of the pictures of each of the 18 classes, ascending, where they are known."""
    classes, years = class_indices(records), records["age"].astype(float).to_numpy()
    known = ~np.isnan(years)
    return tuple(np.sort(years[(classes == index) & known]) for index in range(taxonomy.N_CLASSES))


def goal_of_median(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Goal that lifts every class to the median of the classes that have images at all.

    Parameters
    ----------
    counts : ndarray of shape (18,), int
        As of `cell_counts`.

    Returns
    -------
    ndarray of shape (18,), int
        Never below `counts`.

    Examples
    --------
    >>> import numpy as np
    >>> goal_of_median(np.array([5, 1, 0] * 6))[:3].tolist()
    [5, 3, 3]
    """
    filled = counts[counts > 0]
    median = int(np.median(filled)) if filled.size else 0
    return np.maximum(counts, median)


def shortfall(counts: NDArray[np.int64], goal: NDArray[np.int64]) -> NDArray[np.int64]:
    """Images each class lacks to its goal, 0 where it has enough."""
    return np.maximum(goal - counts, 0)


def read_goal(path: Path) -> NDArray[np.int64]:
    """Read a table of counts: CSV with the columns ``class`` and ``count``.

    A class is its number, 0 to 17, or its words, such as ``incorrect female >=60``. Classes
    that are not named are wanted 0 times.

    Returns
    -------
    ndarray of shape (18,), int

    Raises
    ------
    TargetsInvalid
        With every problem and its line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TargetsInvalid(path, [f"cannot be read ({error})"]) from error
    rows = csv.DictReader(lines)
    if missing := [name for name in _COLUMNS if name not in (rows.fieldnames or [])]:
        problems = [f"line 1: no column '{name}'. Expected class,count" for name in missing]
        raise TargetsInvalid(path, problems)
    goal, named, problems = np.zeros(taxonomy.N_CLASSES, dtype=np.int64), set[int](), list[str]()
    for row in rows:
        at, index = f"line {rows.line_num}", _class_of(row["class"])
        count = (row["count"] or "").strip()
        if index is None:
            problems.append(f"{at}: class {row['class']!r}. Expected 0–17 or words like "
                            f"{taxonomy.CLASS_NAMES[-1]!r}")  # fmt: skip
        elif index in named:
            problems.append(f"{at}: class {row['class']!r} is named twice")
        if not count.isdecimal():
            problems.append(f"{at}: count {count!r}. Expected a whole number, 0 or more")
        if index is not None and count.isdecimal():
            goal[index] = int(count)
            named.add(index)
    if problems:
        raise TargetsInvalid(path, problems)
    return goal


def _class_of(text: str | None) -> int | None:
    word = " ".join((text or "").split())
    if word in taxonomy.CLASS_NAMES:
        return taxonomy.CLASS_NAMES.index(word)
    if word.isdecimal() and int(word) < taxonomy.N_CLASSES:
        return int(word)
    return None
