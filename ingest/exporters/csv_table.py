"""Format ``csv``: the images as they lie, a table of labels, and a card that can be read."""

from pathlib import Path

import pandas as pd

from ingest.card import read_details, write_card
from ingest.dataset import Dataset
from ingest.exporters.base import label_table, place, rows_of
from ingest.records import write_records


def write(dataset: Dataset, records: pd.DataFrame, folder: Path) -> dict[str, str]:
    """Write ``labels.csv``, ``images/`` and the record table with its Croissant card."""
    places: dict[str, str] = {}
    for row in rows_of(records[["image_id", "path"]]):
        places[row["image_id"]] = f"images/{row['path']}"
        place(dataset, row["path"], folder / "images" / row["path"])
    table = label_table(records)
    table.insert(0, "path", [places[key] for key in table["image_id"]])
    table.to_csv(folder / "labels.csv", index=False)
    copy = Dataset(folder)
    write_records(records, copy.records_path)
    card = dataset.card()
    write_card(
        copy,
        records,
        title=str(card.get("alternateName") or dataset.name),
        description=str(card.get("description") or dataset.name),
        details=read_details(dataset),
        name=dataset.name,
        url=str(card.get("url", "")),
        citation=str(card.get("citeAs", "")),
    )
    return places
