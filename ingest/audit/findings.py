"""What a check hands back: tidy tables, one sentence, findings and pictures; nothing is drawn."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ingest import taxonomy

SEVERITIES = ("problem", "warning", "note")
"""Worst first: a problem stands against training, a warning wants a decision, a note informs."""

RULES = {
    "acceptance": "pictures used on terms somebody had to accept",
    "ages": "a class whose people are of other ages than the target's",
    "change": "findings that the baseline did not have",
    "conflicting-labels": "the same picture, or nearly, under different labels",
    "confounding": "something else than the face that gives a label away",
    "coverage": "composites whose measured coverage contradicts their label",
    "derived-sets": "data sets made from the same pictures",
    "duplicates": "files with the same bytes or pixels",
    "empty-cell": "a class of the 18 without a picture",
    "few-subjects": "a class shown by too few people",
    "integrity": "missing, broken or changed files, another count than declared",
    "label-issues": "labels that trained models contradict",
    "leakage": "a person or photo on both sides of a split",
    "licence": "use forbidden, unclear or without evidence",
    "near-duplicates": "pictures that differ by scale, crop, mirroring or compression only",
    "provenance": "composites that cannot be traced to their photo",
    "quality": "pictures that are blurred, dark, glaring, tiny, or without a usable face",
    "skipped": "files of the source that were left out",
    "synthetic-only": "a class without a real picture",
    "unverified": "a source not checked against a published hash",
}
"""What `--fail-on` takes, and what each rule stands for. Notes may have rules of their own."""


@dataclass(frozen=True)
class Finding:
    """One thing a check found.

    Attributes
    ----------
    id : str
        ``<check>.<what>``: stable, for programs.
    rule : str
        Name `--fail-on` knows it by.
    severity : {"problem", "warning", "note"}
        How much it weighs.
    title : str
        The finding in one line, with its number.
    action : str
        What the owner of the data can do.
    count : int
        How many images, subjects or classes it concerns.
    items : tuple of str
        Which ones, at most `MOST_ITEMS` of them.
    """

    id: str
    rule: str
    severity: str
    title: str
    action: str
    count: int
    items: tuple[str, ...] = ()

    @property
    def check(self) -> str:
        """The check it comes from."""
        return self.id.split(".")[0]


MOST_ITEMS = 50


def found(
    identity: str,
    severity: str,
    what: Sequence[object] | pd.Series,
    title: str,
    action: str,
    rule: str | None = None,
) -> list[Finding]:
    """One finding about the things in `what`, or none if it is empty.

    Parameters
    ----------
    identity : str
        ``<check>.<what>``; the last part is the rule unless `rule` says otherwise.
    severity : {"problem", "warning", "note"}
        How much it weighs.
    what : sequence
        The images, people or classes concerned; the first `MOST_ITEMS` are named.
    title : str
        The finding, to be read after its number: "17 " + title.
    action : str
        What the owner of the data can do.
    rule : str, optional
        Name `--fail-on` knows it by.

    Raises
    ------
    ValueError
        If `--fail-on` would not know a finding that is more than a note.
    """
    rule = rule or identity.split(".")[1]
    if severity != "note" and rule not in RULES:
        message = f"{identity}: rule {rule!r} is not among {sorted(RULES)}"
        raise ValueError(message)
    if not len(what):
        return []
    items = tuple(str(value) for value in list(what)[:MOST_ITEMS])
    return [Finding(identity, rule, severity, title, action, len(what), items)]


@dataclass(frozen=True)
class Table:
    """A tidy table of a check.

    Attributes
    ----------
    name : str
        Its key in the JSON.
    caption : str
        What one row is.
    frame : DataFrame
        Plain columns with snake_case names; no index to keep.
    """

    name: str
    caption: str
    frame: pd.DataFrame


@dataclass(frozen=True)
class Picture:
    """One image worth looking at.

    Attributes
    ----------
    dataset, path : str
        Data set's name and the image's path in it.
    caption : str
        Why it is shown.
    face : (float, float, float, float), optional
        Face box x0, y0, x1, y1 in pixels of the upright image: the part worth seeing.
    """

    dataset: str
    path: str
    caption: str
    face: tuple[float, float, float, float] | None = None


def picture_of(row: Any, caption: str) -> Picture:
    """Picture of a row of the mix (a named tuple of `rows_of`)."""
    face = (row.face_x0, row.face_y0, row.face_x1, row.face_y1)
    known = all(pd.notna(edge) for edge in face)
    return Picture(row.dataset, row.path, caption, face if known else None)


def label_of(row: Any) -> str:
    """Class of a row of the mix in words, for captions."""
    return taxonomy.class_name(int(row.cell)) if row.cell >= 0 else "no class"


@dataclass(frozen=True)
class PictureRow:
    """Pictures that belong together, with what they have in common."""

    title: str
    pictures: tuple[Picture, ...]


@dataclass(frozen=True)
class CheckResult:
    """All that one check found out.

    Attributes
    ----------
    id : str
        Name of the check.
    title : str
        Its heading.
    sentence : str
        What its tables mean.
    tables : tuple of Table
        Its numbers.
    findings : tuple of Finding
        What wants attention, in no particular order.
    pictures : tuple of PictureRow
        Worst cases or examples.
    """

    id: str
    title: str
    sentence: str
    tables: tuple[Table, ...] = ()
    findings: tuple[Finding, ...] = ()
    pictures: tuple[PictureRow, ...] = field(default=())

    def table(self, name: str) -> pd.DataFrame:
        """Frame of the table of that name.

        Raises
        ------
        ValueError
            If there is none; the message lists those that are there.
        """
        frames = {table.name: table.frame for table in self.tables}
        if name not in frames:
            message = f"check {self.id!r} has no table {name!r}; it has {sorted(frames)}"
            raise ValueError(message)
        return frames[name]


def rows_of(frame: pd.DataFrame) -> Iterator[Any]:
    """Rows as named tuples, typed as what they are: anything."""
    yield from frame.itertuples()


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """Findings, worst first, then by how much they concern."""
    return sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), -f.count, f.id))


def said(value: Any, otherwise: str) -> str:
    """A word of a table as text, or another where the table holds none.

    Examples
    --------
    >>> said("train", "none"), said(float("nan"), "none")
    ('train', 'none')
    """
    return otherwise if pd.isna(value) else str(value)


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """A number with its noun.

    Examples
    --------
    >>> counted(1, "image"), counted(1200, "image"), counted(2, "class", "classes")
    ('1 image', '1,200 images', '2 classes')
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
