"""Which pictures are too poor to learn from: blurred, dark, glaring, flat, tiny, or faceless."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ingest.audit.findings import (
    CheckResult,
    Finding,
    PictureRow,
    Table,
    counted,
    found,
    picture_of,
    rows_of,
)
from ingest.audit.measures import Measures
from ingest.audit.mix import FACE, Mix

CHECK = "quality"
_MOST_PICTURES = 6


@dataclass(frozen=True)
class Limit:
    """A way to be poor.

    Attributes
    ----------
    name : str
        Its word.
    measure : str
        Column of `measured_rows`.
    low, high : float
        What lies below or above is poor; infinite where that side is never.
    says : str
        What it is, to be read after a number of pictures.
    """

    name: str
    measure: str
    low: float
    high: float
    says: str

    def broken(self, values: pd.Series) -> pd.Series:
        """Which values lie outside; unknown ones do not."""
        return (values < self.low) | (values > self.high)


_NEVER = float("inf")
LIMITS = (
    Limit("blurred", "sharpness", 25.0, _NEVER, "without fine detail"),
    Limit("dark", "brightness", 40.0, _NEVER, "too dark"),
    Limit("bright", "brightness", -_NEVER, 225.0, "too bright"),
    Limit("glare", "glare", -_NEVER, 0.4, "burnt out over more than 40 % of their area"),
    Limit("flat", "contrast", 12.0, _NEVER, "with hardly any contrast"),
    Limit("small", "shorter_side", 64.0, _NEVER, "smaller than 64 pixels"),
    Limit("small-face", "face_side", 48.0, _NEVER, "with a face of less than 48 pixels"),
    Limit("aspect", "aspect", -_NEVER, 2.5, "more than 2.5 times as long as wide"),
    Limit("no-face", "faces", 0.5, _NEVER, "in which no face is found"),
    Limit("several-faces", "faces", -_NEVER, 1.5, "with several faces"),
    Limit("cut-off", "face_inside", 0.9, _NEVER, "whose face is cut off at the edge"),
    Limit("turned-away", "turn", -_NEVER, 45.0, "of a head turned by more than 45 degrees"),
)
"""The face limits apply to pictures that `ingest.audit.face_check` looked at."""


def check_quality(mix: Mix, measures: Measures, faces: pd.DataFrame | None = None) -> CheckResult:
    """Hold every measured picture against the limits.

    Parameters
    ----------
    mix : Mix
        What is audited.
    measures : Measures
        What was measured in its pictures.
    faces : DataFrame, optional
        As of `ingest.audit.face_check.find_faces`; None if nobody asked for it.
    """
    measured = measured_rows(mix.records, measures, faces)
    poor = poor_pictures(mix.records, measured)
    return CheckResult(
        CHECK,
        "Picture quality",
        _sentence(measured, poor, faces is not None),
        (
            Table("limits", "One row per way to be poor", limit_table(measured, poor)),
            Table("measures", "How the pictures measure", spread_table(measured)),
            Table("poor", "One row per picture and limit it breaks, worst first",
                  poor.drop(columns="row")),
        ),
        tuple(_findings(poor)),
        tuple(_pictures(mix.records, poor)),
    )  # fmt: skip


def measured_rows(
    records: pd.DataFrame, measures: Measures, faces: pd.DataFrame | None
) -> pd.DataFrame:
    """Every measure a limit speaks of, for the measured rows; unknown ones are NaN."""
    facts = measures.facts
    rows = records.loc[facts.index]
    sides = rows[["width", "height"]].astype(float)
    box = rows[FACE].astype(float)
    face_side = np.minimum(box["face_x1"] - box["face_x0"], box["face_y1"] - box["face_y0"])
    table = facts[["sharpness", "brightness", "contrast", "glare"]].astype(float).assign(
        shorter_side=sides.min(axis=1),
        aspect=sides.max(axis=1) / sides.min(axis=1),
        face_side=face_side,
    )  # fmt: skip
    if faces is None:
        return table.assign(faces=np.nan, face_inside=np.nan, turn=np.nan)
    looked = faces.reindex(facts.index)
    found_side = looked["face_side"]
    return table.assign(
        faces=looked["faces"],
        face_inside=looked["face_inside"],
        turn=looked["turn"],
        face_side=found_side.where(found_side.notna(), face_side),
    )


def poor_pictures(records: pd.DataFrame, measured: pd.DataFrame) -> pd.DataFrame:
    """One row per picture and limit it breaks: ``limit``, ``dataset``, ``path``, ``value``."""
    parts = []
    for limit in LIMITS:
        values = measured[limit.measure]
        worst_first = values[limit.broken(values)].sort_values(
            ascending=limit.low > -_NEVER, kind="stable"
        )
        where = records.loc[worst_first.index, ["dataset", "path"]]
        where.insert(0, "limit", limit.name)
        parts.append(where.assign(value=worst_first, row=worst_first.index))
    return pd.concat(parts, ignore_index=True)


def limit_table(measured: pd.DataFrame, poor: pd.DataFrame) -> pd.DataFrame:
    """Every limit with how many pictures it was held against and how many break it."""
    broken = poor["limit"].value_counts()
    table = pd.DataFrame(
        {
            "limit": [limit.name for limit in LIMITS],
            "measure": [limit.measure.replace("_", " ") for limit in LIMITS],
            "lowest": [limit.low if limit.low > -_NEVER else None for limit in LIMITS],
            "highest": [limit.high if limit.high < _NEVER else None for limit in LIMITS],
            "images": [int(measured[limit.measure].notna().sum()) for limit in LIMITS],
            "poor": [int(broken.get(limit.name, 0)) for limit in LIMITS],
        }
    )
    return table[table["images"] > 0].reset_index(drop=True)


def spread_table(measured: pd.DataFrame) -> pd.DataFrame:
    """Lowest, 5 %, median, 95 % and highest value of every measure that is known."""
    shares = {"lowest": 0.0, "p05": 0.05, "median": 0.5, "p95": 0.95, "highest": 1.0}
    spread = measured.quantile(list(shares.values())).T.set_axis(list(shares), axis=1)
    return spread.dropna(how="all").rename_axis("measure").reset_index()


def _sentence(measured: pd.DataFrame, poor: pd.DataFrame, looked_for_faces: bool) -> str:
    n_poor = poor["row"].nunique()
    text = f"{len(measured) - n_poor:,} of {counted(len(measured), 'picture')} break no limit."
    if looked_for_faces:
        return text + " Faces were looked for in real pictures; a worn mask may hide one."
    return text + " Faces were not looked for; `--faces` does."


def _findings(poor: pd.DataFrame) -> list[Finding]:
    actions = {
        "no-face": "Look at them: a picture without a face teaches nothing about masks, but a worn "
        "mask may hide one.",
        "several-faces": "One label cannot fit several faces: crop each to its own.",
    }
    plain = "Look at the worst of them below, and leave out what you could not label yourself."
    findings: list[Finding] = []
    for limit in LIMITS:
        part = poor[poor["limit"] == limit.name]
        findings += found(
            f"{CHECK}.{limit.name}", "warning", part["path"],
            f"{counted(len(part), 'picture')} {limit.says}",
            actions.get(limit.name, plain), rule=CHECK,
        )  # fmt: skip
    return findings


def _pictures(records: pd.DataFrame, poor: pd.DataFrame) -> list[PictureRow]:
    rows = []
    for limit in LIMITS:
        worst = poor[poor["limit"] == limit.name].head(_MOST_PICTURES)
        shown = records.loc[worst["row"]].assign(value=worst["value"].to_numpy(), face_x0=np.nan)
        pictures = tuple(
            picture_of(row, f"{limit.measure.replace('_', ' ')} {row.value:.3g}, {row.path}")
            for row in rows_of(shown)
        )
        if pictures:
            rows.append(PictureRow(limit.name.replace("-", " "), pictures))
    return rows
