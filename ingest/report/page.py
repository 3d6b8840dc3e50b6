"""What an HTML page is made of, and how it becomes one self-contained file.

Whatever text a page carries is untrusted and escaped; the only markup let through is what
`ingest.report.plots` drew. A content security policy allows the page's own script and nothing else.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import jinja2
import pandas as pd
from markupsafe import Markup, escape

from ingest.report.text import as_text, heading

LEVELS = {"problem": "Problem", "warning": "Warning", "note": "Note", "good": "Good"}


@dataclass(frozen=True)
class Fact:
    """A number at the head of the page, what it counts, and a word more."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True)
class Notice:
    """One thing that wants attention.

    Attributes
    ----------
    anchor : str
        Id of the element, for deep links.
    level : str
        A key of `LEVELS`.
    title, action : str
        What it is, and what can be done.
    section : str
        Anchor of the section it belongs to.
    items : sequence of str
        Which ones.
    more : int
        How many more there are than `items` names.
    """

    anchor: str
    level: str
    title: str
    action: str
    section: str
    items: Sequence[str] = ()
    more: int = 0


@dataclass(frozen=True)
class TableView:
    """A table that sorts and filters; `rows` hold (text, sort key) pairs."""

    anchor: str
    caption: str
    columns: Sequence[tuple[str, bool]]
    rows: Sequence[Sequence[tuple[str, str]]]
    total: int
    kind: str = "table"


@dataclass(frozen=True)
class Chart:
    """A drawing as inline SVG with its caption."""

    svg: Markup
    caption: str
    kind: str = "chart"


@dataclass(frozen=True)
class Thumb:
    """A picture as a data URI (empty if it could not be read) with its caption."""

    source: str
    caption: str


@dataclass(frozen=True)
class Gallery:
    """Rows of pictures; each row is a title and the pictures that belong together."""

    rows: Sequence[tuple[str, Sequence[Thumb]]]
    kind: str = "gallery"


@dataclass(frozen=True)
class GridCell:
    """A cell of a class grid: a value, a word below it, bar parts (share 0–1), flag, pictures."""

    value: str
    detail: str
    parts: Sequence[tuple[str, float]] = ()
    flag: str = ""
    thumbs: Sequence[Thumb] = ()


@dataclass(frozen=True)
class GridRow:
    """A row of a class grid; `group` is given on the first row of its group, with its length."""

    name: str
    cells: Sequence[GridCell]
    group: str = ""
    group_rows: int = 1


@dataclass(frozen=True)
class Grid:
    """Classes laid out by their attributes; `legend` names the kinds of bar parts."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[GridRow]
    legend: Sequence[tuple[str, str]]
    kind: str = "grid"


@dataclass(frozen=True)
class Quote:
    """A sentence somebody else wrote, and where."""

    text: str
    about: str
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class Quotes:
    """Sentences quoted under one heading."""

    title: str
    quotes: Sequence[Quote]
    kind: str = "quotes"


Block = TableView | Chart | Gallery | Grid | Quotes


@dataclass(frozen=True)
class Section:
    """A part of the page: a heading, one sentence, and blocks in order."""

    anchor: str
    title: str
    sentence: str
    blocks: Sequence[Block] = ()
    level: str = "good"


@dataclass(frozen=True)
class Page:
    """A whole page.

    Attributes
    ----------
    kicker, title : str
        What kind of page, and about what.
    verdict, level : str
        The answer in one sentence, and its weight (a key of `LEVELS`).
    lead : str
        A sentence that explains the verdict.
    facts : sequence of Fact
        Numbers at the head.
    notices : sequence of Notice
        What wants attention, worst first.
    opening : sequence of Block
        Shown before the sections.
    sections : sequence of Section
        The parts.
    footnotes : sequence of str
        What the page does not tell.
    """

    kicker: str
    title: str
    verdict: str
    level: str
    lead: str
    facts: Sequence[Fact] = ()
    notices: Sequence[Notice] = ()
    opening: Sequence[Block] = ()
    sections: Sequence[Section] = ()
    footnotes: Sequence[str] = field(default=())


def table_view(
    anchor: str, caption: str, frame: pd.DataFrame, most_rows: int | None = None
) -> TableView:
    """Table of a page from a tidy frame: headings from column names, numbers made readable.

    Parameters
    ----------
    anchor : str
        Id for deep links.
    caption : str
        What one row is.
    frame : DataFrame
        Plain columns with snake_case names.
    most_rows : int, optional
        Show only so many; the page then says how many there are in all.
    """
    numeric = [_is_number(frame[name]) for name in frame]
    columns = [(heading(str(name)), number) for name, number in zip(frame, numeric, strict=True)]
    shown = frame.head(most_rows) if most_rows else frame
    names = [str(name) for name in frame]
    rows = [
        [as_text(value, name) for name, value in zip(names, row, strict=True)]
        for row in shown.itertuples(index=False, name=None)
    ]
    return TableView(anchor, caption, columns, rows, len(frame))


def _is_number(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def render(page: Page) -> str:
    """HTML of a page: one file that needs no other and no network."""
    script = _asset("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return _template().render(
        page=page,
        levels=LEVELS,
        style=Markup(_asset("page.css")),
        script=Markup(script),
        script_hash=digest,
    )


def code_spans(text: str) -> Markup:
    """Text with everything escaped and what stands between backticks set as code.

    Examples
    --------
    >>> code_spans("run `ls` <now>")
    Markup('run <code>ls</code> &lt;now&gt;')
    """
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    coded = (Markup("<code>{}</code>").format(part) if i % 2 else escape(part)
             for i, part in enumerate(parts))  # fmt: skip
    return Markup("").join(coded)


def _asset(name: str) -> str:
    return files("ingest.report").joinpath(name).read_text(encoding="utf-8")


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.DictLoader({name: _asset(name) for name in ("page.html", "blocks.html")}),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["code"] = code_spans
    return environment.get_template("page.html")
