"""Exporters: one per layout that other programs read, by name."""

from ingest.exporters import boostcamp, csv_table, huggingface, imagefolder, webdataset
from ingest.exporters.base import Exporter

EXPORTERS: dict[str, Exporter] = {
    "csv": csv_table.write,
    "imagefolder": imagefolder.write,
    "boostcamp": boostcamp.write,
    "webdataset": webdataset.write,
    "huggingface": huggingface.write,
}
