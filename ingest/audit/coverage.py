"""Whether the measured coverage of every composite agrees with the wear state it is labelled."""

from typing import Any

import numpy as np
import pandas as pd

from ingest import taxonomy
from ingest.audit.findings import (
    CheckResult,
    Finding,
    Picture,
    PictureRow,
    Table,
    counted,
    found,
    picture_of,
    rows_of,
)
from ingest.audit.mix import SYNTHETIC, Mix

CHECK = "coverage"
_ROUNDING = 1e-6
"""Coverage is stored as float32: a limit met exactly must not fail by its rounding."""
_MOST_PICTURES = 8


def check_coverage(mix: Mix) -> CheckResult:
    """Compare measured coverage with the limits of the taxonomy, per wear state and region."""
    made = mix.records[mix.records["kind"] == SYNTHETIC]
    wrong = outside_limits(made)
    unmeasured = made[made[_columns()].isna().any(axis=1)]
    return CheckResult(
        CHECK,
        "Measured coverage of composites",
        _sentence(made, wrong, len(unmeasured)),
        (
            Table("regions", "One row per wear state and face region: covered share, 0–1",
                  region_table(made)),
            Table("outside", "Composites outside the limits of their wear state", wrong),
        ),
        tuple(_findings(wrong, unmeasured)),
        tuple(_pictures(made, wrong)),
    )  # fmt: skip


def _columns() -> list[str]:
    return [f"coverage_{region}" for region in taxonomy.REGIONS]


def region_table(made: pd.DataFrame) -> pd.DataFrame:
    """Spread of the measured coverage beside its limits, for each wear state measured."""
    rows = []
    for name, state in taxonomy.WEAR_STATES.items():
        part = made[(made["wear_state"] == name) & made[_columns()].notna().any(axis=1)]
        for region in taxonomy.REGIONS if len(part) else ():
            values: Any = part[f"coverage_{region}"].astype(float)
            low, high = state.limits.get(region, (0.0, 1.0))
            outside = (values < low - _ROUNDING) | (values > high + _ROUNDING)
            rows.append(
                {
                    "wear_state": name,
                    "region": region,
                    "images": int(values.notna().sum()),
                    "lowest": values.min(),
                    "p05": values.quantile(0.05),
                    "median": values.median(),
                    "p95": values.quantile(0.95),
                    "highest": values.max(),
                    "limit_low": low,
                    "limit_high": high,
                    "outside": int(outside.sum()),
                }
            )
    columns = ["wear_state", "region", "images", "lowest", "p05", "median", "p95", "highest",
               "limit_low", "limit_high", "outside"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def outside_limits(made: pd.DataFrame) -> pd.DataFrame:
    """Composites whose coverage contradicts their wear state, one row per image and region."""
    rows = []
    for name, state in taxonomy.WEAR_STATES.items():
        part = made[made["wear_state"] == name]
        for region, (low, high) in state.limits.items():
            values = part[f"coverage_{region}"].astype(float)
            bad = (values < low - _ROUNDING) | (values > high + _ROUNDING)
            limits = {"limit_low": low, "limit_high": high}
            where = part.loc[bad, ["dataset", "path", "wear_state"]]
            rows.append(where.assign(region=region, covered=values[bad], **limits))
    return pd.concat(rows, ignore_index=True)


def _sentence(made: pd.DataFrame, wrong: pd.DataFrame, unmeasured: int) -> str:
    if made.empty:
        return "There are no composites, so there is nothing to measure."
    measured = len(made) - unmeasured
    if not measured:
        return (
            f"{counted(unmeasured, 'composite')} were never measured: whether they cover what "
            "their wear state says is not known."
        )
    bad = len(wrong[["dataset", "path"]].drop_duplicates())
    said = (
        f"{measured - bad:,} of {counted(measured, 'measured composite')} cover nostrils, mouth, "
        "chin and eyes as far as their wear state says."
    )
    return said + (f" {counted(unmeasured, 'composite')} never measured." if unmeasured else "")


def _findings(wrong: pd.DataFrame, unmeasured: pd.DataFrame) -> list[Finding]:
    bad = wrong.drop_duplicates(["dataset", "path"])
    return [
        *found(
            f"{CHECK}.outside-limits", "problem", bad["path"],
            f"{counted(len(bad), 'composite')} whose coverage contradicts the wear state",
            "Their label is wrong by its own definition: make them again.",
            rule=CHECK,
        ),
        *found(
            f"{CHECK}.unmeasured", "warning", unmeasured["path"],
            f"{counted(len(unmeasured), 'composite')} without a measured coverage",
            "Their wear state rests on the word of whoever made them. Composites of `synth masks` "
            "are measured.",
            rule=CHECK,
        ),
    ]  # fmt: skip


def _pictures(made: pd.DataFrame, wrong: pd.DataFrame) -> list[PictureRow]:
    bad = made.merge(wrong[["dataset", "path"]].drop_duplicates()).head(_MOST_PICTURES)
    groups = {"outside the limits": bad} if len(bad) else {}
    for name in sorted(set(made["wear_state"].dropna())):
        part = made[made["wear_state"] == name].drop_duplicates("subject_id")
        groups[name] = part.head(_MOST_PICTURES // 2)
    return [
        PictureRow(name, tuple(_measured(row) for row in rows_of(group)))
        for name, group in groups.items()
    ]


def _measured(row: Any) -> Picture:
    shares = {name: getattr(row, f"coverage_{name}") for name in taxonomy.REGIONS}
    said = ", ".join(f"{name} {share:.2f}" for name, share in shares.items() if not np.isnan(share))
    return picture_of(row, f"{row.wear_state}: covered {said or 'not measured'}, {row.path}")
