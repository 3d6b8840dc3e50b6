"""The page on which a person keeps, changes or skips each suspected label, and saves the fixes."""

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from ingest.atomic import write_text
from ingest.dataset import Dataset
from ingest.report.thumbnails import data_uri
from maskcls.config.heads import WORDS

_LONGEST = 420
_YEARS = {"<30": "25", "30-59": "45", ">=60": "65"}
"""Ages that the page proposes for a group; whoever reviews writes a better one."""


def write_review(path: Path, dataset: Dataset, found: pd.DataFrame, most: int) -> Path:
    """Write the page: one file that works from disk and sends nothing.

    Parameters
    ----------
    path : Path
        File to write.
    dataset : Dataset
        Whose images they are.
    found : DataFrame
        Suspects with ``path`` and ``old``, in order; one that two methods found is shown once.
    most : int
        Most suspects per axis.
    """
    once = found.sort_values("rank", kind="stable").drop_duplicates(["image_id", "axis"])
    shown = once.groupby("axis", sort=False).head(most)
    items = [_item(dataset, row) for row in shown.to_dict("records")]
    script = _asset("review.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    style = files("ingest.report").joinpath("page.css").read_text(encoding="utf-8")
    template = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string(_asset("review.html"))
    labels = "".join(f"{i['path']}{i['axis']}{i['old']}" for i in items)
    html = template.render(
        name=dataset.name, items=items, script=Markup(script), script_hash=digest,
        style=Markup(style + _asset("review.css")),
        review_id=hashlib.sha256(labels.encode()).hexdigest()[:16],
    )  # fmt: skip
    write_text(path, html)
    return path


def _asset(name: str) -> str:
    return files("maskcls.relabelling").joinpath(name).read_text(encoding="utf-8")


def _item(dataset: Dataset, row: Mapping[Any, Any]) -> dict[str, Any]:
    votes = row["votes_against"]
    by = f"{votes:.0f} votes for it" if votes == votes else f"label quality {row['score']:.2f}"
    people = f"{row['people_of_label']:.0f} people are labelled {row['label']}"
    care = "; few, so look twice" if row["rare"] else ""
    return {
        "path": row["path"],
        "axis": row["axis"],
        "old": row["old"],
        "label": row["label"],
        "proposed": row["proposed"],
        "new": _YEARS[row["proposed"]] if row["axis"] == "age" else row["proposed"],
        "words": WORDS[row["axis"]],
        "detail": f"{row['axis']}: {row['verdict']}, {by}; {people}{care}",
        "picture": data_uri(dataset.image_path(row["path"]), longest=_LONGEST),
    }
