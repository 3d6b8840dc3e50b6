"""The data sets of one audit as one table: which rows are there, and where their photos are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ingest import records as rec
from ingest.dataset import Dataset, list_datasets, open_dataset
from ingest.errors import NothingUsable, WrongUsage

REAL, SYNTHETIC = "real", "synthetic"
KINDS = (REAL, SYNTHETIC)
_LONGEST_CHAIN = 8


@dataclass(frozen=True)
class Mix:
    """Several data sets seen as one.

    Attributes
    ----------
    root : Path
        Folder they were found in; photos of composites are looked for there too.
    datasets : tuple of Dataset
        In the order asked for.
    records : DataFrame
        Their rows with labels resolved and four more columns: ``dataset`` (its name), ``kind``
        (real or synthetic), ``cell`` (class 0–17 or -1) and ``age_group`` (0–2 or -1).
    cards : dict of str to dict
        The ``maskcls`` part of each data set's card.
    """

    root: Path
    datasets: tuple[Dataset, ...]
    records: pd.DataFrame
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Names of the data sets."""
        return [dataset.name for dataset in self.datasets]

    def dataset(self, name: str) -> Dataset:
        """The data set of that name, of the mix or of the root it lies in."""
        return next((d for d in self.datasets if d.name == name), Dataset(self.root / name))


def open_mix(root: Path, names: Sequence[str]) -> Mix:
    """Read several data sets as one mix.

    Raises
    ------
    WrongUsage
        If a name is given twice or no data set has it.
    NothingUsable
        If they hold no image at all.
    """
    if repeated := sorted({name for name in names if list(names).count(name) > 1}):
        message = f"{', '.join(repeated)}: named twice. Expected each data set once."
        raise WrongUsage(message)
    datasets = tuple(open_dataset(root, name) for name in names)
    records = pd.concat([_rows(dataset) for dataset in datasets], ignore_index=True)
    if records.empty:
        message = f"{', '.join(names)}: no images. Expected at least one. Pull or make it again."
        raise NothingUsable(message)
    cards = {d.name: dict(d.card().get("maskcls") or {}) for d in datasets}
    return Mix(root, datasets, records, cards)


def _rows(dataset: Dataset) -> pd.DataFrame:
    rows = dataset.records()
    composite = rec.is_composite(rows)
    plain = rows.astype({name: object for name in rows if rows[name].dtype == "category"})
    return plain.assign(
        dataset=dataset.name,
        kind=np.where(composite, SYNTHETIC, REAL),
        cell=rec.class_indices(rows),
        age_group=rec.age_group_index(rows),
    )


_PHOTO_COLUMNS = ["image_id", "parent_id", "dataset", "path", "source", "subject_id",
                  "license", "split"]  # fmt: skip


def find_photos(mix: Mix) -> pd.DataFrame:
    """Rows that pictures made from another may come from, by ``image_id``.

    The mix itself and, where a parent is not in it, every other data set of the root.
    """
    here = mix.records[_PHOTO_COLUMNS].drop_duplicates("image_id").set_index("image_id")
    wanted = set(mix.records["parent_id"].dropna()) - set(here.index)
    parts = [here]
    for dataset in list_datasets(mix.root) if wanted else []:
        if dataset.name not in mix.names:
            rows = _rows(dataset)[_PHOTO_COLUMNS]
            parts.append(rows.set_index("image_id"))
    every = pd.concat(parts)
    return every[~every.index.duplicated()]


def origin_ids(made: pd.DataFrame, photos: pd.DataFrame) -> pd.Series:
    """Key of the original photo each row was made from, followed through copies of copies.

    Parameters
    ----------
    made : DataFrame
        Rows with a ``parent_id``.
    photos : DataFrame
        As of `find_photos`.

    Returns
    -------
    Series of str
        As long as `made`; null where the chain ends at a picture that is nowhere to be found.
    """
    origin = made["parent_id"].astype(object)
    parent_of = photos["parent_id"].astype(object)
    for _ in range(_LONGEST_CHAIN):
        further = origin.map(parent_of)
        if not further.notna().any():
            break
        origin = further.where(further.notna(), origin)
    return origin.where(origin.isin(photos.index), None)
