"""The audit as a page: which blocks show which table, and the plots drawn from them."""

import datetime
from typing import Any

import pandas as pd

from ingest import taxonomy
from ingest.audit.cell_ages import BIN_YEARS
from ingest.audit.checks import LIMITS, Audit, verdict
from ingest.audit.confounding import STRONG
from ingest.audit.findings import SEVERITIES, CheckResult, Finding, PictureRow, rows_of
from ingest.audit.mix import KINDS, Mix
from ingest.report import page, plots
from ingest.report.thumbnails import data_uri

MOST_ROWS = 200
_SERIES = tuple((kind, kind) for kind in KINDS)


def audit_page(audit: Audit, made: datetime.datetime, thumbnails: bool = True) -> page.Page:
    """Page of an audit.

    Parameters
    ----------
    audit : Audit
        What was found; nothing is computed here.
    made : datetime
        When, with its time zone.
    thumbnails : bool
        Whether to put pictures into the page.
    """
    answer, why = verdict(audit)
    return page.Page(
        kicker="Data audit",
        title=" + ".join(audit.mix.names),
        verdict=answer,
        level=audit.level,
        lead=why,
        facts=_facts(audit),
        notices=[_notice(finding) for finding in audit.findings],
        sections=[_section(audit.mix, result, thumbnails) for result in audit.results],
        footnotes=[*LIMITS, f"Made {made:%d %B %Y, %H:%M} UTC by ingest audit."],
    )


def _facts(audit: Audit) -> list[page.Fact]:
    records, cells = audit.mix.records, audit.result("balance").table("cells")
    kinds = records["kind"].value_counts()
    terms = audit.result("licence").table("effective").iloc[0]
    return [
        page.Fact(f"{int(kinds.get('real', 0)):,}", "real pictures"),
        page.Fact(f"{int(kinds.get('synthetic', 0)):,}", "composites"),
        page.Fact(f"{records['subject_id'].nunique():,}", "people"),
        page.Fact(f"{int((cells['images'] > 0).sum())} of 18", "classes with pictures",
                  f"{int((cells['real'] > 0).sum())} with real ones"),
        page.Fact({"yes": "yes", "no": "no"}.get(terms["commercial"], "unclear"),
                  "commercial use granted", str(terms["license"])),
    ]  # fmt: skip


def _notice(finding: Finding) -> page.Notice:
    return page.Notice(
        anchor=f"finding-{finding.id}",
        level=finding.severity,
        title=finding.title,
        action=finding.action,
        section=finding.check,
        items=finding.items,
        more=finding.count - len(finding.items),
    )


def _section(mix: Mix, result: CheckResult, thumbnails: bool) -> page.Section:
    severities = {finding.severity for finding in result.findings}
    level = next((word for word in SEVERITIES if word in severities), "good")
    rows = [(row.title, _thumbs(mix, row)) for row in result.pictures if thumbnails]
    blocks: list[page.Block] = [*_drawings(result, dict(rows)), *_tables(result)]
    return page.Section(result.id, result.title, result.sentence, blocks, level)


def _tables(result: CheckResult) -> list[page.TableView]:
    return [
        page.table_view(f"{result.id}-{table.name}", table.caption, table.frame, MOST_ROWS)
        for table in result.tables
        if len(table.frame)
    ]


Thumbs = dict[str, list[page.Thumb]]


def _thumbs(mix: Mix, row: PictureRow) -> list[page.Thumb]:
    return [
        page.Thumb(data_uri(mix.dataset(p.dataset).image_path(p.path), p.face), p.caption)
        for p in row.pictures
    ]


def _drawings(result: CheckResult, thumbs: Thumbs) -> list[page.Block]:
    if result.id == "balance":
        return _balance_blocks(result, thumbs)
    draw = {
        "ages": _age_blocks,
        "coverage": _coverage_blocks,
        "licence": _quote_blocks,
        "confounding": _shortcut_blocks,
    }.get(result.id)
    drawn = draw(result) if draw else []
    return [*drawn, page.Gallery(list(thumbs.items()))] if thumbs else drawn


def _balance_blocks(result: CheckResult, thumbs: Thumbs) -> list[page.Block]:
    states = result.table("wear_states")
    blocks: list[page.Block] = [class_grid(result.table("cells"), thumbs)]
    if len(states):
        svg = plots.stacked_bars(
            "wear-states",
            states["wear_state"].tolist(),
            [(kind, states[kind].tolist()) for kind in KINDS],
            "Images per wear state, real and synthetic; the numbers are in the table below.",
        )
        blocks.append(page.Chart(svg, "Images per wear state."))
    return blocks


def class_grid(cells: pd.DataFrame, thumbs: Thumbs) -> page.Grid:
    """The 18 classes as a grid, mask and gender down, age across; bars share one scale."""
    largest = max(int(cells["images"].max()), 1)
    rows = []
    for (mask, gender), part in cells.groupby(["mask", "gender"], sort=False):
        first = gender == taxonomy.GENDERS[0]
        shown = [_grid_cell(row, largest, thumbs) for row in rows_of(part)]
        group = str(mask).replace("_", " ") if first else ""
        rows.append(page.GridRow(str(gender), shown, group, len(taxonomy.GENDERS)))
    caption = "Pictures and people in each of the 18 classes"
    return page.Grid(caption, ("under 30", "30 to 59", "60 and over"), rows, _SERIES)


def _grid_cell(row: Any, largest: int, thumbs: Thumbs) -> page.GridCell:
    if not row.images:
        return page.GridCell("0", "no pictures", flag="empty")
    people = f"{row.subjects:,} {'person' if row.subjects == 1 else 'people'}"
    parts = [(kind, getattr(row, kind) / largest) for kind in KINDS if getattr(row, kind)]
    flag = "" if row.real else "synthetic only"
    name = f"{row.mask} {row.gender} {row.age_group}"
    detail = f"{row.real:,} real, {row.synthetic:,} synthetic; {people}"
    return page.GridCell(f"{row.images:,}", detail, parts, flag, thumbs.get(name, ()))


def _age_blocks(result: CheckResult) -> list[page.Block]:
    table = result.table("histogram")
    if table.empty:
        return []
    edges = [*table["from_year"].tolist(), int(table["to_year"].iloc[-1])]
    svg = plots.stacked_histogram(
        "ages",
        edges,
        [(kind, table[kind].tolist()) for kind in KINDS],
        taxonomy.AGE_BOUNDARIES,
        "age in years",
        "Images by age, real and synthetic; the numbers are in the table below.",
    )
    caption = "Known ages. Dashed: where the second and third age group begin."
    by_class = result.table("by_class")
    return [page.Chart(svg, caption), *([_class_ages(by_class)] if len(by_class) else [])]


def _class_ages(table: pd.DataFrame) -> page.Chart:
    low, high = int(table["from_year"].min()), int(table["to_year"].max())
    edges = list(range(low, high + BIN_YEARS, BIN_YEARS))
    svg = plots.histogram_panels(
        "class-ages",
        edges,
        [_age_panel(table, edges, mask, gender)
         for mask in taxonomy.MASKS for gender in taxonomy.GENDERS],
        taxonomy.AGE_BOUNDARIES,
        "age in years",
        "as the target",
        "Images by age for each mask and gender; the numbers are in the table by class.",
    )  # fmt: skip
    caption = "Known ages inside the 18 classes: three of them, between dashed lines, per panel."
    if "as_target" in table:
        caption += " Line: how each class would be divided if its ages were the target's."
    return page.Chart(svg, caption)


def _age_panel(table: pd.DataFrame, edges: list[int], mask: str, gender: str) -> plots.Panel:
    names = [f"{mask} {gender} {group}" for group in taxonomy.AGE_GROUPS]
    bins = table[table["class"].isin(names)].drop(columns=["class", "to_year"])
    counts = bins.groupby("from_year").sum().reindex(edges[:-1], fill_value=0)
    outline = counts["as_target"].tolist() if "as_target" in counts else []
    series = [(kind, counts[kind].tolist()) for kind in KINDS]
    return plots.Panel(f"{mask.replace('_', ' ')}, {gender}", series, outline)


def _coverage_blocks(result: CheckResult) -> list[page.Block]:
    table = result.table("regions")
    if table.empty:
        return []
    spreads, limits = {}, {}
    for row in rows_of(table):
        key = (row.wear_state, row.region)
        spreads[key] = (row.lowest, row.p05, row.median, row.p95, row.highest)
        if (row.limit_low, row.limit_high) != (0.0, 1.0):
            limits[key] = (row.limit_low, row.limit_high)
    svg = plots.spread_in_limits(
        "coverage",
        taxonomy.REGIONS,
        list(dict.fromkeys(table["wear_state"])),
        spreads,
        limits,
        "Covered share of each face region per wear state, beside the limits of the label.",
    )
    caption = (
        "Covered share of each region. Dot: median; thick: 5 % to 95 %; thin: all. "
        "Hatched: what the wear state allows; none where it allows anything."
    )
    return [page.Chart(svg, caption)]


def _shortcut_blocks(result: CheckResult) -> list[page.Block]:
    table = result.table("factors")
    table = table[table["label"].isin(taxonomy.AXES)]
    if table.empty:
        return []
    spreads = {
        (row.factor, row.label): _around(row.informedness, row.margin) for row in rows_of(table)
    }
    panels = [axis for axis in taxonomy.AXES if axis in set(table["label"])]
    factors = list(dict.fromkeys(table["factor"]))
    harmless = {(factor, axis): (0.0, STRONG) for factor in factors for axis in panels}
    svg = plots.spread_in_limits(
        "shortcuts",
        panels,
        factors,
        spreads,
        harmless,
        "How well each factor alone tells one word of each axis from the others, 0 guessing, "
        "1 knowing; the numbers are in the table below.",
    )
    caption = (
        "How well each factor alone tells a label, of people not seen before: 0 guesses, 1 knows. "
        "Dot: measured; bar: its margin. Beyond the hatched part it is a shortcut."
    )
    return [page.Chart(svg, caption)]


def _around(value: float, margin: float) -> tuple[float, float, float, float, float]:
    low, high = max(0.0, value - margin), min(1.0, value + margin)
    return low, low, max(0.0, value), high, high


def _quote_blocks(result: CheckResult) -> list[page.Block]:
    quoted = result.table("sources")
    quoted = quoted[quoted["quote"] != ""]
    quotes = [
        page.Quote(
            row.quote,
            f"{row.source}: {row.license}",
            row.url,
            f"Stated by {str(row.stated_by).replace('-', ' ')}, read {row.read_on}.",
        )
        for row in rows_of(quoted)
    ]
    return [page.Quotes("The sentences this rests on", quotes)] if quotes else []
