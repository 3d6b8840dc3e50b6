"""What is different: against an earlier audit of the same mix, and against another data set."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ingest import taxonomy
from ingest.audit.findings import SEVERITIES, CheckResult, Finding, Table, counted, found
from ingest.audit.mix import Mix
from ingest.audit.predictions import label_codes
from ingest.errors import IngestError, ProblemsFound, WrongUsage

CHECK = "change"
_AXES = (*taxonomy.AXES, "class")


class BaselineInvalid(ProblemsFound, WrongUsage, IngestError):
    """An earlier audit that cannot be compared with."""


def read_baseline(path: Path) -> dict[str, Any]:
    """Read the JSON of an earlier audit.

    Raises
    ------
    BaselineInvalid
        If it is none.
    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        for finding in report["findings"]:
            str(finding["id"]), int(finding["count"]), SEVERITIES.index(finding["severity"])
        table = report["checks"]["balance"]["tables"]["cells"]
        pd.DataFrame(table["rows"], columns=table["columns"])["images"].astype(int)
    except (OSError, ValueError, KeyError, TypeError) as error:
        problem = f"is no report of `ingest audit --json` ({type(error).__name__}: {error})"
        raise BaselineInvalid(path, [problem]) from error
    return report


def check_change(
    mix: Mix,
    findings: Sequence[Finding],
    baseline: dict[str, Any] | None,
    other: Mix | None,
) -> CheckResult:
    """Set an audit beside an earlier one, a mix beside another data set, or both.

    Parameters
    ----------
    mix : Mix
        What is audited.
    findings : sequence of Finding
        What all other checks found.
    baseline : dict, optional
        As of `read_baseline`.
    other : Mix, optional
        The data set to compare with.
    """
    tables, sentences, news = [], [], list[Finding]()
    if baseline is not None:
        moved, cells = finding_changes(findings, baseline), cell_changes(mix, baseline)
        tables += [Table("findings", "Findings against the baseline", moved),
                   Table("cells", "Pictures per class against the baseline", cells)]  # fmt: skip
        sentences.append(_since(moved, str(baseline.get("made", ""))))
        news = _new_findings(moved)
    if other is not None:
        tables += [
            Table("shares", "Share of every word here and there", word_shares(mix, other)),
            Table("records", "Pictures and people here and there", overlap(mix, other)),
        ]
        sentences.append(_beside(mix, other))
    return CheckResult(CHECK, "What changed", " ".join(sentences), tuple(tables), tuple(news))


def finding_changes(findings: Sequence[Finding], baseline: dict[str, Any]) -> pd.DataFrame:
    """One row per finding that is new, gone, or of another count or severity.

    What the baseline itself found changed is no finding about the data.
    """
    now = {f.id: (f.severity, f.count, f.title) for f in findings}
    old = {str(f["id"]): (str(f["severity"]), int(f["count"]), str(f.get("title", "")))
           for f in baseline["findings"]
           if not str(f["id"]).startswith(f"{CHECK}.")}  # fmt: skip
    rows = [
        {
            "finding": name,
            "change": _kind(old.get(name), now.get(name)),
            "severity": now.get(name, old.get(name, ("note",)))[0],
            "before": old[name][1] if name in old else 0,
            "now": now[name][1] if name in now else 0,
            "title": now[name][2] if name in now else old[name][2],
        }
        for name in sorted(old.keys() | now.keys())
        if old.get(name, ())[:2] != now.get(name, ())[:2]
    ]
    table = pd.DataFrame(rows, columns=["finding", "change", "severity", "before", "now", "title"])
    order = table["severity"].map(SEVERITIES.index) if len(table) else table["severity"]
    return table.iloc[np.argsort(order.to_numpy(), kind="stable")].reset_index(drop=True)


def _kind(old: tuple | None, now: tuple | None) -> str:
    if old is None or now is None:
        return "new" if old is None else "gone"
    weight = SEVERITIES.index(old[0]) - SEVERITIES.index(now[0])
    return "worse" if (weight, now[1]) > (0, old[1]) else "better"


def cell_changes(mix: Mix, baseline: dict[str, Any]) -> pd.DataFrame:
    """Pictures of every class before and now."""
    table = baseline["checks"]["balance"]["tables"]["cells"]
    old = pd.DataFrame(table["rows"], columns=table["columns"])["images"].astype(int)
    before = old.reindex(range(taxonomy.N_CLASSES), fill_value=0).to_numpy()
    cells = mix.records["cell"].to_numpy(np.int64)
    now = np.bincount(cells[cells >= 0], minlength=taxonomy.N_CLASSES)
    names = [taxonomy.class_name(cell) for cell in range(taxonomy.N_CLASSES)]
    frame = pd.DataFrame({"class": names, "before": before, "now": now, "more": now - before})
    return frame[frame["more"] != 0].reset_index(drop=True)


def word_shares(mix: Mix, other: Mix) -> pd.DataFrame:
    """Share of every word of each axis, and of each class, in both; largest difference first."""
    rows = []
    for axis in _AXES:
        names = taxonomy.CLASS_NAMES if axis == "class" else _words(axis)
        here, there = (_shares(one.records, axis, len(names)) for one in (mix, other))
        rows += [
            {"axis": axis, "value": name, "here_share": here[i], "there_share": there[i],
             "difference": here[i] - there[i]}
            for i, name in enumerate(names)
            if here[i] or there[i]
        ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["axis", "value", "here_share", "there_share",
                                        "difference"])  # fmt: skip
    order = np.argsort(-table["difference"].abs().to_numpy(), kind="stable")
    return table.iloc[order].reset_index(drop=True)


def _words(axis: str) -> tuple[str, ...]:
    return {"mask": taxonomy.MASKS, "gender": taxonomy.GENDERS, "age": taxonomy.AGE_GROUPS}[axis]


def _shares(records: pd.DataFrame, axis: str, n_words: int) -> np.ndarray:
    codes = label_codes(records, axis)
    counts = np.bincount(codes[codes >= 0], minlength=n_words)
    return counts / max(counts.sum(), 1)


def overlap(mix: Mix, other: Mix) -> pd.DataFrame:
    """What both have: pictures by key and by bytes, people, and labels that differ."""
    one, two = (m.records.drop_duplicates("image_id").set_index("image_id") for m in (mix, other))
    both = one.index.intersection(two.index)
    labels = ["mask", "wear_state", "gender", "age_group"]
    mine, theirs = (frame.loc[both, labels].astype(object).fillna("") for frame in (one, two))
    relabelled = int((mine != theirs).any(axis=1).sum())
    return pd.DataFrame(
        [
            _common("pictures, by key", set(one.index), set(two.index)),
            _common("pictures, by bytes", set(one["sha256"]), set(two["sha256"])),
            _common("people", set(one["subject_id"]), set(two["subject_id"])),
            {"what": "pictures of both labelled differently", "here": relabelled,
             "there": relabelled, "both": relabelled},
        ]
    )  # fmt: skip


def _common(what: str, here: set, there: set) -> dict[str, object]:
    return {"what": what, "here": len(here), "there": len(there), "both": len(here & there)}


def _since(moved: pd.DataFrame, made: str) -> str:
    number = moved["change"].value_counts()
    when = f" of {made[:10]}" if made else ""
    return (
        f"Against the baseline{when}: {counted(int(number.get('new', 0)), 'new finding')}, "
        f"{int(number.get('gone', 0)):,} gone, {int(number.get('worse', 0)):,} worse, "
        f"{int(number.get('better', 0)):,} better."
    )


def _beside(mix: Mix, other: Mix) -> str:
    table = word_shares(mix, other)
    name = " + ".join(other.names)
    if table.empty:
        return f"Neither the mix nor {name} has labels to compare."
    worst = table.iloc[0]
    return (
        f"Beside {name} the largest difference is {worst['axis']} {worst['value']}: "
        f"{worst['here_share']:.0%} here, {worst['there_share']:.0%} there."
    )


def _new_findings(moved: pd.DataFrame) -> list[Finding]:
    grown = moved[moved["change"].isin(["new", "worse"]) & (moved["severity"] != "note")]
    return found(
        f"{CHECK}.worse", "warning", grown["finding"],
        f"{counted(len(grown), 'finding')} that the baseline did not have, or less of",
        "Something since then brought them in; the table says by how much.",
        rule=CHECK,
    )  # fmt: skip
