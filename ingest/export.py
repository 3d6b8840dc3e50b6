"""Export a data set: gate, layout, credits; whole or not at all."""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ingest.atomic import atomic_folder, clear_leftovers
from ingest.dataset import Dataset
from ingest.errors import IngestError, NothingUsable, WrongUsage
from ingest.exporters import EXPORTERS
from ingest.licences.credits import write_credits
from ingest.licences.gate import pass_gate

NO_PLACE = "has no known class, which this format needs"


class FormatUnknown(WrongUsage, IngestError):
    """No export format of that name."""


@dataclass(frozen=True)
class Exported:
    """What an export did.

    Attributes
    ----------
    folder : Path
        What was written.
    n_images : int
        Images in it.
    skipped : list of dict
        Path and reason of every image left out.
    """

    folder: Path
    n_images: int
    skipped: list[dict[str, str]] = field(default_factory=list)


def export(
    dataset: Dataset, format_name: str, out: Path, purpose: str | None = None, share: bool = False
) -> Exported:
    """Write a data set in a layout other programs read, with whom to credit.

    Parameters
    ----------
    dataset : Dataset
        What to export; its label overlays are resolved.
    format_name : str
        One of `EXPORTERS`.
    out : Path
        Folder to make; it must not hold anything yet.
    purpose : {"commercial", "research"}, optional
        As of `gate.pass_gate`.
    share : bool
        Whether the result is to be passed on, which needs the permission to redistribute.

    Raises
    ------
    LicenceRefused
        If a licence stands in the way.
    WrongUsage
        If the format is unknown or `out` holds something.
    NothingUsable
        If no image could be exported; nothing is left behind.
    """
    if format_name not in EXPORTERS:
        message = f"format {format_name!r} is unknown. Expected one of {', '.join(EXPORTERS)}."
        raise FormatUnknown(message)
    _refuse_filled(out)
    passage = pass_gate([dataset], "share" if share else "export", purpose)
    records, missing = _there(dataset, dataset.records())
    clear_leftovers(out)
    with atomic_folder(out) as folder:
        places = EXPORTERS[format_name](dataset, records, folder)
        if not places:
            message = f"{dataset.name}: no image can be exported as {format_name}: each {NO_PLACE}."
            raise NothingUsable(message)
        kept = records[records["image_id"].isin(places)]
        images = kept.assign(path=[places[key] for key in kept["image_id"]])
        title = f"Images of {dataset.name}, exported for {passage.purpose} use."
        write_credits(folder, images, passage.statements, title)
    left_out = records.loc[~records["image_id"].isin(places), "path"]
    skipped = [*missing, *({"path": path, "reason": NO_PLACE} for path in left_out)]
    return Exported(out, len(kept), skipped)


def _refuse_filled(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        message = f"--out {out}: is there already. Expected a new or empty folder. Name another."
        raise WrongUsage(message)


def _there(dataset: Dataset, records: pd.DataFrame) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """Records whose file is there, and the others with the reason."""
    there = [dataset.image_path(path).is_file() for path in records["path"]]
    missing = records.loc[[not found for found in there], "path"]
    return records[there], [{"path": path, "reason": "its file is missing"} for path in missing]
