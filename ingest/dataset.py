"""A data set on disk: ``<root>/<name>/`` with images, records, label overlays and its card."""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ingest import labels
from ingest.errors import DatasetNotFound, IngestError, RecordsInvalid, WrongUsage
from ingest.records import read_records

ROOT_VARIABLE = "MASKCLS_DATA"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


def data_root(option: Path | str | None = None) -> Path:
    """Folder of all data sets: `option`, else ``$MASKCLS_DATA``, else ``./data``."""
    return Path(option or os.environ.get(ROOT_VARIABLE) or "data")


def check_name(name: str) -> str:
    """Return a data-set name unchanged if it is safe as a folder name.

    Raises
    ------
    WrongUsage
        If it is not letters, digits, ``_``, ``-`` and ``.``, beginning with a letter or digit.
    """
    if not _NAME.fullmatch(name):
        message = (
            f"data set name {name!r} cannot be used. Expected letters, digits, '_', '-' and '.', "
            "beginning with a letter or digit."
        )
        raise WrongUsage(message)
    return name


@dataclass(frozen=True)
class Dataset:
    """One data set below the data root.

    Attributes
    ----------
    folder : Path
        Its folder; the folder's name is the data set's.
    """

    folder: Path

    @property
    def name(self) -> str:
        """Name of the data set."""
        return self.folder.name

    @property
    def images(self) -> Path:
        """Folder that the paths of the records are relative to."""
        return self.folder / "images"

    @property
    def records_path(self) -> Path:
        """The record table's file."""
        return self.folder / "records.parquet"

    @property
    def card_path(self) -> Path:
        """``dataset.json``: Croissant metadata with licences, acceptances and verification."""
        return self.folder / "dataset.json"

    def records(self) -> pd.DataFrame:
        """Record table with label overlays resolved."""
        overlays = labels.read_overlays(self.folder)
        return labels.resolve(read_records(self.records_path), overlays)

    def image_path(self, relative: str) -> Path:
        """Path of an image of the records, refused if it leaves the data set."""
        return safe_image_path(self.images, relative)

    def card(self) -> dict[str, Any]:
        """Content of ``dataset.json``; empty if there is none.

        Raises
        ------
        IngestError
            If the file is not a JSON object.
        """
        if not self.card_path.is_file():
            return {}
        try:
            card = json.loads(self.card_path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            message = f"{self.card_path}: not readable as JSON ({error}). Pull the data set again."
            raise IngestError(message) from error
        if not isinstance(card, dict):
            message = f"{self.card_path}: expected a JSON object. Pull the data set again."
            raise IngestError(message)
        return card


def list_datasets(root: Path) -> list[Dataset]:
    """Every finished data set below the root, by name."""
    return [Dataset(path.parent) for path in sorted(root.glob("[!.]*/records.parquet"))]


def open_dataset(root: Path, name: str) -> Dataset:
    """Open a data set by name.

    Raises
    ------
    DatasetNotFound
        If there is none; the message lists those that are there.
    """
    dataset = Dataset(root / check_name(name))
    if dataset.records_path.is_file():
        return dataset
    there = ", ".join(found.name for found in list_datasets(root)) or "none"
    message = (
        f"{root}: no data set {name!r}. There: {there}. "
        f"Pull it with `ingest pull {name}`, or make it with `synth masks`."
    )
    raise DatasetNotFound(message)


def safe_image_path(images: Path, relative: str) -> Path:
    """Path of an image inside its data set; refuses one that leaves it, links included.

    Raises
    ------
    RecordsInvalid
        If the path resolves outside `images`.
    """
    path = images / relative
    root = os.path.realpath(images)
    if os.path.commonpath([root, os.path.realpath(path)]) != root:
        raise RecordsInvalid(images, [f"image path {relative!r} leaves the data set"])
    return path
