"""Adapters: one per layout in which sources store images and labels, by name."""

from ingest.adapters import boostcamp, filename_pattern, folders, listing, table, voc
from ingest.adapters.base import Adapter

ADAPTERS: dict[str, Adapter] = {
    "boostcamp": boostcamp.ADAPTER,
    "filename_pattern": filename_pattern.ADAPTER,
    "folders": folders.ADAPTER,
    "listing": listing.ADAPTER,
    "table": table.ADAPTER,
    "voc": voc.ADAPTER,
}
