"""The data sets of one audit as one table: which rows are there, and where their photos are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ingest import records as rec
from ingest.card import read_details
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
        Their rows with labels resolved and six more columns: ``dataset`` (its name), ``kind``
        (real or synthetic), ``cell`` (class 0–17 or -1), ``age_group`` (0–2 or -1), and
        ``origin_id`` and ``origin_source``: key and source of the photo a picture was made from,
        its own if it is one, null if the photo is nowhere to be found.
    photos : DataFrame
        Every picture one of them may come from, by ``image_id``: the mix itself and, where a
        parent is not in it, every other data set of the root.
    cards : dict of str to dict
        The ``maskcls`` part of each data set's card.
    """

    root: Path
    datasets: tuple[Dataset, ...]
    records: pd.DataFrame
    photos: pd.DataFrame
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
    photos = _photos(root, names, records)
    cards = {d.name: read_details(d) for d in datasets}
    return Mix(root, datasets, _with_origin(records, photos), photos, cards)


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


FACE = ["face_x0", "face_y0", "face_x1", "face_y1"]
_PHOTO_COLUMNS = ["image_id", "parent_id", "dataset", "path", "source", "subject_id",
                  "license", "split", "width", "height", *FACE]  # fmt: skip


def _photos(root: Path, names: Sequence[str], records: pd.DataFrame) -> pd.DataFrame:
    here = records[_PHOTO_COLUMNS].drop_duplicates("image_id").set_index("image_id")
    wanted = set(records["parent_id"].dropna()) - set(here.index)
    others = [d for d in list_datasets(root) if d.name not in names] if wanted else []
    parts = [_rows(dataset)[_PHOTO_COLUMNS].set_index("image_id") for dataset in others]
    every = pd.concat([here, *parts])
    return every[~every.index.duplicated()].astype({"parent_id": object})


def _with_origin(records: pd.DataFrame, photos: pd.DataFrame) -> pd.DataFrame:
    made = records["parent_id"].notna()
    origin = records["image_id"].astype(object).where(~made, _origin_ids(records, photos))
    return records.assign(origin_id=origin, origin_source=origin.map(photos["source"]))


def _origin_ids(records: pd.DataFrame, photos: pd.DataFrame) -> pd.Series:
    """Follow parents through copies of copies; null where a photo is nowhere to be found."""
    origin = records["parent_id"].astype(object)
    for _ in range(_LONGEST_CHAIN):
        further = origin.map(photos["parent_id"])
        if not further.notna().any():
            break
        origin = further.where(further.notna(), origin)
    return origin.where(origin.isin(photos.index), None)
