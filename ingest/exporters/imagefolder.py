"""Format ``imagefolder``: a folder per class, as torchvision and others read it."""

import re
from pathlib import Path

import pandas as pd

from ingest import taxonomy
from ingest.dataset import Dataset
from ingest.exporters.base import label_table, place, rows_of, suffix, with_class

_AGES = {"<30": "under-30", "30-59": "30-59", ">=60": "60-and-over"}


def folder_name(index: int) -> str:
    """Folder of a class; its first two digits are the class's number.

    Examples
    --------
    >>> folder_name(11)
    '11_incorrect_female_60-and-over'
    """
    mask, gender, group = taxonomy.class_name(index).split(" ")
    return f"{index:02d}_{re.sub('_', '-', mask)}_{gender}_{_AGES[group]}"


def write(dataset: Dataset, records: pd.DataFrame, folder: Path) -> dict[str, str]:
    """Write ``<class>/<image_id>.<suffix>`` and ``labels.csv``; rows without a class stay out.

    Only classes that have images get a folder, since readers refuse empty ones: the number in
    the folder's name is the class, its place in the listing need not be.
    """
    known = with_class(records)
    places: dict[str, str] = {}
    for row in rows_of(known[["image_id", "class", "path"]]):
        key = row["image_id"]
        places[key] = f"{folder_name(row['class'])}/{key}{suffix(row['path'])}"
        place(dataset, row["path"], folder / places[key])
    table = label_table(known)
    table.insert(0, "path", [places[key] for key in table["image_id"]])
    table.to_csv(folder / "labels.csv", index=False)
    return places
