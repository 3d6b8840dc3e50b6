"""Adapters: one per layout in which sources store images and labels, by name."""

from ingest.adapters import filename_pattern, listing, table
from ingest.adapters.base import Adapter

ADAPTERS: dict[str, Adapter] = {
    "filename_pattern": filename_pattern.ADAPTER,
    "listing": listing.ADAPTER,
    "table": table.ADAPTER,
}
