"""Format ``huggingface``: a folder that the library `datasets` loads, with its card."""

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from ingest.card import licence_url, read_details
from ingest.dataset import Dataset
from ingest.exporters.base import label_table, place, rows_of, suffix
from ingest.licences.terms import effective_expression, licence, split_expression

_SPLITS = {"train": "train", "val": "validation", "valid": "validation", "eval": "test",
           "validation": "validation", "test": "test"}  # fmt: skip
_NUMBERS = {"class": pa.int64(), "width": pa.int32(), "height": pa.int32(),
            **dict.fromkeys(("age", "age_low", "age_high"), pa.float32())}  # fmt: skip
_MACHINE = {"pseudo", "synthetic", "estimated"}
_HUB_IDS = {"CC0-1.0", "CC-BY-2.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-ND-4.0", "CC-BY-NC-2.0",
            "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC-BY-NC-ND-4.0", "MIT", "Apache-2.0"}  # fmt: skip


def write(dataset: Dataset, records: pd.DataFrame, folder: Path) -> dict[str, str]:
    """Write ``data/<split>/`` with its ``metadata.parquet``, and ``README.md``, the card."""
    table = label_table(records)
    pairs = zip(records["image_id"], records["path"], strict=True)
    table.insert(0, "file_name", [f"images/{key}{suffix(path)}" for key, path in pairs])
    splits = table["split"].astype(object).map(_SPLITS).fillna("train")
    places: dict[str, str] = {}
    for split, part in table.groupby(splits.to_numpy(), sort=True):
        inside = f"data/{split}"
        for path, row in zip(records.loc[part.index, "path"], rows_of(part), strict=True):
            places[row["image_id"]] = f"{inside}/{row['file_name']}"
            place(dataset, path, folder / inside / row["file_name"])
        _write_metadata(part, folder / inside / "metadata.parquet")
    (folder / "README.md").write_text(_card(dataset, records, sorted(set(splits))), "utf-8")
    return places


def _write_metadata(table: pd.DataFrame, path: Path) -> None:
    """Write a table with types that do not depend on which columns happen to be empty."""
    kinds = {name: _NUMBERS.get(name, pa.string()) for name in table}
    plain = table.astype({name: object for name, kind in kinds.items() if kind == pa.string()})
    pq.write_table(pa.Table.from_pandas(plain, pa.schema(kinds), preserve_index=False), path)


def _card(dataset: Dataset, records: pd.DataFrame, splits: list[str]) -> str:
    card, details = dataset.card(), read_details(dataset)
    header = yaml.safe_dump(_header(dataset, records, splits), sort_keys=False, allow_unicode=True)
    title = " ".join(str(card.get("alternateName") or dataset.name).split())
    description = str(card.get("description") or "").strip()
    caveats = "\n".join(f"- {text}" for text in details.get("caveats", []))
    return (
        f"---\n{header}---\n\n# {title}\n\n{description}\n\n## What to know\n\n"
        f"{caveats or '- Nothing was noted.'}\n\n## Licence and credit\n\n"
        f"{effective_expression(records['license'].astype('str').unique())}. NOTICE has the "
        "sentences, ATTRIBUTION.csv whom to credit for each image.\n"
    )


def _header(dataset: Dataset, records: pd.DataFrame, splits: list[str]) -> dict[str, Any]:
    origins = {str(origin) for axis in ("mask", "gender", "age")
               for origin in records[f"{axis}_origin"].dropna().unique()}  # fmt: skip
    files = [{"split": split, "path": f"data/{split}/**"} for split in splits]
    return {
        **_licence(records),
        "pretty_name": dataset.name,
        "task_categories": ["image-classification"],
        "annotations_creators": ["machine-generated" if origins & _MACHINE else "found"],
        "source_datasets": ["extended"],
        "configs": [{"config_name": "default", "data_files": files}],
    }


def _licence(records: pd.DataFrame) -> dict[str, str]:
    """Keys of the hub for a licence; it knows ids of its own, in lower case, one at a time."""
    ids = sorted({part for value in records["license"].astype("str").unique()
                  for part in split_expression(value)})  # fmt: skip
    if len(ids) == 1 and licence(ids[0]).id in _HUB_IDS:
        return {"license": ids[0].lower()}
    if len(ids) == 1:
        link = licence_url(ids[0]) or "NOTICE"
        return {"license": "other", "license_name": ids[0], "license_link": link}
    return {"license": "other", "license_name": effective_expression(ids), "license_link": "NOTICE"}
