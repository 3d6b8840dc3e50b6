"""``dataset.json``: what a data set is, in Croissant 1.1 with RAI fields, and how it came to be."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ingest.atomic import write_json
from ingest.columns import COLUMNS
from ingest.croissant import CONFORMS_TO, CONTEXT, DATA_TYPES, RAI_CONFORMS_TO
from ingest.dataset import Dataset
from ingest.errors import IngestError
from ingest.fetch import file_hash
from ingest.licences.terms import NOASSERTION, licence, split_expression

_RECORDS = "records.parquet"
_TEXTS = ("purpose", "verification", "manifest")
_LISTS: dict[str, type] = {
    "acceptances": dict,
    "statements": dict,
    "skipped": dict,
    "label_problems": dict,
    "parents": str,
    "warnings": str,
    "caveats": str,
    "files": dict,
}


def write_card(
    dataset: Dataset,
    records: pd.DataFrame,
    *,
    title: str,
    description: str,
    details: Mapping[str, Any],
    name: str | None = None,
    url: str = "",
    citation: str = "",
) -> None:
    """Write the card of a data set whose record table is already on disk.

    Parameters
    ----------
    dataset : Dataset
        Where it lies; ``records.parquet`` must be there, since its hash is part of the card.
    records : DataFrame
        Its record table.
    title, description : str
        For people.
    details : mapping
        Kept under the key ``maskcls``. Known are purpose, verification, acceptances,
        statements, manifest, declared, found, skipped ([{path, reason}]), parents and made_by.
    name : str, optional
        Name of the data set; default its folder's.
    url, citation : str
        Homepage and how to cite it.
    """
    name = name or dataset.name
    composed = bool((records["mask_origin"].astype(object) == "synthetic").any())
    card = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [CONFORMS_TO, RAI_CONFORMS_TO],
        "name": name,
        "alternateName": title,
        "description": description,
        **({"url": url} if url else {}),
        "version": "1.0.0",
        "license": _licence_urls(records),
        **({"citeAs": citation} if citation else {}),
        **_creators(records, name),
        **_responsible_ai(records, details, composed),
        "distribution": _distribution(dataset),
        "recordSet": [_record_set()],
        "maskcls": dict(details),
    }
    write_json(dataset.card_path, card)


def read_details(dataset: Dataset) -> dict[str, Any]:
    """What `write_card` kept under ``maskcls``; empty if there is no card.

    Raises
    ------
    IngestError
        If the card, which anyone may have edited, holds something else there.
    """
    details = dataset.card().get("maskcls", {})
    if not isinstance(details, dict):
        details = {"maskcls": details}
    wrong = [name for name in ("maskcls", *_TEXTS)
             if not isinstance(details.get(name) or "", str)]  # fmt: skip
    wrong += [name for name, kind in _LISTS.items()
              if not _is_list_of(details.get(name, []), kind)]  # fmt: skip
    if wrong:
        message = (
            f"{dataset.card_path}: {', '.join(wrong)} cannot be read. Expected what the commands "
            f"write there. Pull or make {dataset.name} again."
        )
        raise IngestError(message)
    return details


def _is_list_of(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(one, kind) for one in value)


def licence_url(name: str) -> str:
    """Address of a licence: SPDX's page of an SPDX id, else the licence table's; may be empty."""
    row = licence(name)
    if row.id.startswith("LicenseRef-") or row.id == NOASSERTION:
        return row.url
    return f"https://spdx.org/licenses/{row.id}.html"


def _licence_urls(records: pd.DataFrame) -> list[str]:
    names = sorted({part for value in records["license"].dropna().unique()
                    for part in split_expression(str(value))})  # fmt: skip
    return [licence_url(name) or name for name in names]


def _creators(records: pd.DataFrame, name: str) -> dict[str, Any]:
    credits = sorted({str(value) for value in records["attribution"].dropna().unique()})
    shown = credits if 0 < len(credits) <= 20 else [f"see the attribution of each record of {name}"]
    return {"creator": [{"@type": "sc:Organization", "name": credit} for credit in shown]}


def _responsible_ai(
    records: pd.DataFrame, details: Mapping[str, Any], composed: bool
) -> dict[str, Any]:
    origins = {axis: sorted(str(o) for o in records[f"{axis}_origin"].dropna().unique())
               for axis in ("mask", "gender", "age")}  # fmt: skip
    said = "; ".join(f"{axis}: {', '.join(words) or 'none'}" for axis, words in origins.items())
    card = {
        "rai:dataCollection": "Collected by the sources named in the records, not by us.",
        "rai:dataAnnotationProtocol": f"Origin of the labels: {said}.",
        "rai:personalSensitiveInformation": ["Gender", "Age", "Face"],
        "rai:dataUseCases": "Training and testing classifiers of mask wear, gender and age.",
        "rai:dataLimitations": _limitations(details),
    }
    if composed:
        card["rai:machineAnnotationTools"] = [str(details.get("made_by", "synth masks"))]
        card["rai:dataManipulationProtocol"] = (
            "Face masks were composed on photographs; each record's recipe says how."
        )
    return card


def _limitations(details: Mapping[str, Any]) -> str:
    caveats = details.get("caveats") or ["None are declared."]
    skipped = len(details.get("skipped", ()))
    return " ".join([*caveats, f"{skipped} files were left out."])


def _distribution(dataset: Dataset) -> list[dict[str, Any]]:
    return [
        {
            "@type": "cr:FileObject",
            "@id": _RECORDS,
            "name": _RECORDS,
            "description": "One row per image.",
            "contentUrl": _RECORDS,
            "contentSize": f"{dataset.records_path.stat().st_size} B",
            "encodingFormat": "application/x-parquet",
            "sha256": file_hash(dataset.records_path),
        }
    ]


def _record_set() -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": "records",
        "name": "records",
        "description": "Images with their labels, origins and licences.",
        "key": {"@id": "records/image_id"},
        "field": [_field(column.name, column.kind) for column in COLUMNS],
    }


def _field(name: str, kind: str) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"records/{name}",
        "name": name,
        "description": f"Column {name}.",
        "dataType": DATA_TYPES[kind],
        "source": {"fileObject": {"@id": _RECORDS}, "extract": {"column": name}},
    }


def skipped_list(skipped: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """Skipped files as the card lists them, sorted by path."""
    return [{"path": path, "reason": reason} for path, reason in sorted(skipped)]
