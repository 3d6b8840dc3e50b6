"""Whether the files are those that were recorded, and what was left out on the way."""

import unicodedata
from typing import Any

import pandas as pd

from ingest.audit.files import CHANGED, MISSING, RESIZED, SOUND, UNREADABLE, unlisted
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
from ingest.audit.mix import Mix

CHECK = "integrity"
VERIFIED, MADE = "verified", "made-here"
_MOST_PICTURES = 8
_STATES = (SOUND, MISSING, UNREADABLE, CHANGED, RESIZED)


def check_integrity(mix: Mix, files: pd.DataFrame) -> CheckResult:
    """Compare records, files and what the source declared.

    Parameters
    ----------
    mix : Mix
        What is audited.
    files : DataFrame
        As of `ingest.audit.files.read_files`.
    """
    sets, skipped = dataset_table(mix, files), skipped_files(mix)
    names = colliding_names(mix.records)
    return CheckResult(
        CHECK,
        "Integrity of the files",
        _sentence(files, skipped),
        (
            Table("datasets", "One row per data set: declared, found and usable files", sets),
            Table("broken", "Recorded files that are not usable as they are",
                  broken_files(mix, files)),
            Table("names", "Files of one data set whose names differ in case or accents only",
                  names),
            Table("warnings", "Noted when the data sets were pulled or made", card_warnings(mix)),
            Table("skipped_reasons", "Why files of the source were skipped",
                  count_reasons(skipped)),
            Table("skipped", "Files of the source that did not become records", skipped),
        ),
        (*_findings(mix, files, sets, skipped), *_of_names(names)),
        tuple(_pictures(mix, files)),
    )  # fmt: skip


def dataset_table(mix: Mix, files: pd.DataFrame) -> pd.DataFrame:
    """Per data set: declared, found, recorded, skipped, each file state, unlisted, verification."""
    rows = []
    for dataset in mix.datasets:
        card = mix.cards[dataset.name]
        here = mix.records["dataset"] == dataset.name
        states = files.loc[here, "state"].value_counts()
        rows.append(
            {
                "dataset": dataset.name,
                "verification": _verification(card, mix.records.loc[here, "parent_id"]),
                "declared": _images(card.get("declared")),
                "found": _images(card.get("found")),
                "records": int(here.sum()),
                "skipped": len(card.get("skipped") or []),
                **{state.replace(" ", "_"): int(states.get(state, 0)) for state in _STATES},
                "unlisted": sum(1 for _ in unlisted(dataset, mix.records.loc[here, "path"])),
            }
        )
    table = pd.DataFrame(rows)
    return table.astype({"declared": "Int64", "found": "Int64"})


def _verification(card: dict[str, Any], parents: pd.Series) -> str:
    """A set made here of other pictures rests on those; it has no publisher to verify against."""
    if parents.notna().all():
        return MADE
    return str(card.get("verification") or "unknown")


def _images(value: object) -> int | None:
    """Number of images in what a card declares or found: a number, or counts by what."""
    if isinstance(value, dict):
        value = value.get("images")
    return value if isinstance(value, int) else None


def broken_files(mix: Mix, files: pd.DataFrame) -> pd.DataFrame:
    """Recorded files in any state but sound, each with its reason."""
    bad = files["state"] != SOUND
    where = mix.records.loc[bad, ["dataset", "path"]]
    return where.join(files.loc[bad, ["state", "reason"]]).reset_index(drop=True)


def colliding_names(records: pd.DataFrame) -> pd.DataFrame:
    """Groups of files of one data set that many a file system takes for one: ``paths`` of each."""
    folded = [unicodedata.normalize("NFC", path).casefold() for path in records["path"]]
    places = records[["dataset", "path"]].assign(name=folded)
    twice = places[places.duplicated(["dataset", "name"], keep=False)]
    groups = twice.groupby(["dataset", "name"])["path"]
    table = pd.DataFrame({"files": groups.size(), "paths": groups.agg(", ".join)})
    return table.reset_index().drop(columns="name")


def skipped_files(mix: Mix) -> pd.DataFrame:
    """Files the data sets' cards list as skipped: data set, path, reason."""
    rows = [
        {"dataset": name, "path": str(item.get("path")), "reason": str(item.get("reason"))}
        for name, card in mix.cards.items()
        for item in card.get("skipped") or []
    ]
    return pd.DataFrame(rows, columns=["dataset", "path", "reason"])


def count_reasons(skipped: pd.DataFrame) -> pd.DataFrame:
    """Skipped files counted by data set and reason, most frequent first."""
    counts = skipped.groupby(["dataset", "reason"]).size().reset_index(name="files")
    return counts.sort_values(["files", "dataset", "reason"], ascending=[False, True, True])


def card_warnings(mix: Mix) -> pd.DataFrame:
    """What was noted when the data sets were pulled or made."""
    rows = [
        {"dataset": name, "warning": str(warning)}
        for name, card in mix.cards.items()
        for warning in card.get("warnings") or []
    ]
    return pd.DataFrame(rows, columns=["dataset", "warning"])


def _sentence(files: pd.DataFrame, skipped: pd.DataFrame) -> str:
    sound = int((files["state"] == SOUND).sum())
    text = f"{sound:,} of {counted(len(files), 'recorded file')} are there, whole and unchanged."
    if len(skipped):
        text += f" {counted(len(skipped), 'file')} of the sources were skipped, each with a reason."
    return text


def _findings(
    mix: Mix, files: pd.DataFrame, sets: pd.DataFrame, skipped: pd.DataFrame
) -> list[Finding]:
    again = "Pull or make the data set again; `ingest verify` checks the same without a report."
    findings: list[Finding] = []
    for state, says in (
        (MISSING, "missing"),
        (UNREADABLE, "unreadable"),
        (CHANGED, "not the bytes that were recorded"),
        (RESIZED, "of another size than recorded"),
    ):
        paths = mix.records.loc[files["state"] == state, "path"]
        findings += found(
            f"{CHECK}.{state.replace(' ', '-')}", "problem", paths,
            f"{counted(len(paths), 'recorded file')} {says}", again, rule=CHECK,
        )  # fmt: skip
    return [*findings, *_of_sets(sets), *_of_skipped(skipped, len(files))]


def _of_sets(sets: pd.DataFrame) -> list[Finding]:
    unverified = sets[~sets["verification"].isin([VERIFIED, MADE])]
    pulled = sets[sets["verification"] != MADE]
    short = pulled[(pulled["declared"] != pulled["found"]).fillna(False)]
    stray = sets[sets["unlisted"] > 0]
    return [
        *found(
            f"{CHECK}.unverified", "warning", unverified["dataset"],
            f"{counted(len(unverified), 'data set')} not verified against a published hash",
            "What was pulled may differ from what the source published. Pull from the source's "
            "own address, or keep a note of where the files came from.",
            rule="unverified",
        ),
        *found(
            f"{CHECK}.declared-count", "warning", short["dataset"],
            f"{counted(len(short), 'data set')} with another number of files than declared",
            "Compare the table: an incomplete copy trains an incomplete model.",
            rule=CHECK,
        ),
        *found(
            f"{CHECK}.unlisted", "note", stray["dataset"],
            f"{counted(int(stray['unlisted'].sum()), 'file')} in images folders without a record",
            "They are used by nothing; remove them or pull again.",
            rule=CHECK,
        ),
    ]  # fmt: skip


def _of_skipped(skipped: pd.DataFrame, n_records: int) -> list[Finding]:
    many = len(skipped) > n_records / 20
    return found(
        f"{CHECK}.skipped",
        "warning" if many else "note",
        skipped["path"],
        f"{counted(len(skipped), 'file')} of the sources skipped",
        "The reasons are in the table; a picture without a usable face makes no composite.",
        rule="skipped",
    )


def _of_names(names: pd.DataFrame) -> list[Finding]:
    return found(
        f"{CHECK}.names",
        "warning",
        names["paths"],
        f"{counted(len(names), 'group')} of files whose names differ in case or accents only",
        "Copied to a disk that does not tell them apart, one overwrites the other: rename them.",
        rule=CHECK,
    )


def _pictures(mix: Mix, files: pd.DataFrame) -> list[PictureRow]:
    """Files that are there, but not as they were recorded."""
    rows = []
    for state in (CHANGED, RESIZED):
        part = mix.records[files["state"] == state].head(_MOST_PICTURES)
        if len(part):
            shown = part.assign(reason=files.loc[part.index, "reason"])
            pictures = tuple(picture_of(row, f"{row.reason}: {row.dataset}/{row.path}")
                             for row in rows_of(shown))  # fmt: skip
            rows.append(PictureRow(state, pictures))
    return rows
