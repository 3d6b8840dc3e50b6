"""The guard: no person, photo or file may be on both sides of a split."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from maskcls.errors import LeakageFound
from maskcls.data.mixing import Mix, Split

SHOWN = 3


def check_mix(mix: Mix) -> None:
    """Refuse extras that show the real set's photos under other people's names.

    Files that recur under another ``subject_id``, and composites whose ``subject_id`` is not
    their photo's, mean that the two sets name the same people differently: their other
    pictures could not be kept apart.

    Raises
    ------
    LeakageFound
        Naming the data sets, the number of images and some of them.
    """
    rows = mix.rows
    data, extra = rows[rows["role"] == 0], rows[rows["role"] > 0]
    by_file = data.groupby("sha256")["subject_id"].agg(set)
    by_photo = data.set_index("image_id")["subject_id"].map(lambda subject: {subject})
    for column, known in (("sha256", by_file), ("parent_id", by_photo)):
        linked = extra[extra[column].isin(known.index)]
        subjects = zip(linked["subject_id"], known.reindex(linked[column]), strict=True)
        foreign = np.array([own not in theirs for own, theirs in subjects], dtype=bool)
        if foreign.any():
            _refuse_namespace(linked[foreign], mix.datasets[0].name, column)


def _refuse_namespace(rows: pd.DataFrame, data: str, column: str) -> None:
    what = "the same files as" if column == "sha256" else "pictures made from photos of"
    message = (
        f"{', '.join(sorted(rows['dataset'].unique()))}: {len(rows)} images are {what} "
        f"'{data}' under another subject_id ({_some(rows['image_id'])}). Expected one subject_id "
        "per person in all data sets. Give both manifests the same subject_namespace and pull "
        "again, or leave the set out."
    )
    raise LeakageFound(message)


def check_split(rows: pd.DataFrame, split: Split) -> None:
    """Refuse a split in which a person, photo or file both teaches and judges.

    Raises
    ------
    LeakageFound
        Naming the column, the number of values shared and some of them.
    """
    judged = np.concatenate([split.validation, split.holdout])
    check_apart(rows.iloc[split.teaching], rows.iloc[judged], f"fold {split.fold}")


def check_apart(taught: pd.DataFrame, judged: pd.DataFrame, where: str) -> None:
    """Refuse two tables of rows that share a subject, a file, or a photo and its child.

    Raises
    ------
    LeakageFound
        At the first kind of link found.
    """
    pairs = (
        ("subject_id", "subject_id"),
        ("sha256", "sha256"),
        ("parent_id", "image_id"),
        ("image_id", "parent_id"),
        ("parent_id", "parent_id"),
    )
    for of_taught, of_judged in pairs:
        shared = np.intersect1d(
            taught[of_taught].dropna().astype(str), judged[of_judged].dropna().astype(str)
        )
        if len(shared):
            message = (
                f"{where}: {len(shared)} values of {of_taught} that teach are judged as "
                f"{of_judged} ({_some(shared)}). Expected every person on one side only. "
                "Report this split; nothing was trained on it."
            )
            raise LeakageFound(message)


def person_groups(rows: pd.DataFrame) -> NDArray[np.int64]:
    """Number of the group of every row; a group is one person, or people who share a file.

    One file under two people joins them: splitting them would put it on both sides.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    subject = pd.factorize(rows["subject_id"])[0]
    file = pd.factorize(rows["sha256"])[0] + subject.max() + 1
    size = file.max() + 1
    links = coo_array((np.ones(len(rows)), (subject, file)), shape=(size, size))
    return connected_components(links, directed=False)[1][subject].astype(np.int64)


def _some(found: Iterable[object]) -> str:
    values = list(found)
    more = ", …" if len(values) > SHOWN else ""
    return ", ".join(str(value) for value in values[:SHOWN]) + more
