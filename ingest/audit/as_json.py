"""The audit for programs: everything in the tables, in the form of ``docs/audit.schema.json``."""

import datetime
import math
from typing import Any

import pandas as pd

from ingest.audit.checks import Audit, verdict
from ingest.audit.findings import CheckResult, rows_of
from ingest.taxonomy import CLASS_NAMES

SCHEMA_VERSION = "1"


def audit_dict(audit: Audit, made: datetime.datetime) -> dict[str, Any]:
    """The audit as plain values, ready for JSON.

    Parameters
    ----------
    audit : Audit
        What was found.
    made : datetime
        When, with its time zone.
    """
    answer, why = verdict(audit)
    return {
        "schema_version": SCHEMA_VERSION,
        "made": made.isoformat(timespec="seconds"),
        "datasets": audit.mix.names,
        "purpose": audit.purpose,
        "classes": list(CLASS_NAMES),
        "verdict": {"level": audit.level, "text": answer, "reason": why},
        "findings": [
            {
                "id": finding.id,
                "check": finding.check,
                "rule": finding.rule,
                "severity": finding.severity,
                "title": finding.title,
                "action": finding.action,
                "count": finding.count,
                "items": list(finding.items),
            }
            for finding in audit.findings
        ],
        "duplicates": {"near": _near(audit.result("duplicates").table("near"))},
        "checks": {result.id: _check(result) for result in audit.results},
    }


def _near(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "pair": [row.path, row.other_path],
            "datasets": [row.dataset, row.other_dataset],
            "distance": int(row.distance),
            "similarity": round(float(row.similarity), 4),
        }
        for row in rows_of(table)
    ]


def _check(result: CheckResult) -> dict[str, Any]:
    return {
        "title": result.title,
        "sentence": result.sentence,
        "tables": {
            table.name: {
                "caption": table.caption,
                "columns": [str(name) for name in table.frame],
                "rows": _rows(table.frame),
            }
            for table in result.tables
        },
    }


def _rows(frame: pd.DataFrame) -> list[list[object]]:
    return [[_plain(v) for v in row] for row in frame.itertuples(index=False, name=None)]


def _plain(value: Any) -> object:
    if value is None or value is pd.NA:
        return None
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
