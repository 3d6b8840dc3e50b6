"""Plots as inline SVG in the page's own colours: readable light, dark, and in black and white.

Figures are drawn in stand-in colours that become CSS variables; kinds differ by hatching too.
"""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib
import numpy as np
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

INK, SOFT = "#010203", "#010204"
FIRST, SECOND, THIRD = "#010205", "#010206", "#010207"
_VARIABLES = {
    INK: "currentColor",
    SOFT: "var(--line)",
    FIRST: "var(--first)",
    SECOND: "var(--second)",
    THIRD: "var(--third)",
}
SERIES = ((FIRST, ""), (SECOND, "////"), (THIRD, "...."))
"""Colour and hatching of the first, second and third series."""
_DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (2, 2)))
_STYLE: dict[str, Any] = {
    "axes.edgecolor": INK,
    "axes.grid": True,
    "axes.grid.axis": "x",
    "axes.axisbelow": True,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 9,
    "grid.color": SOFT,
    "grid.linewidth": 0.6,
    "hatch.linewidth": 0.8,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": INK,
    "ytick.color": INK,
}


@contextmanager
def _drawing(name: str, width: float, height: float) -> Iterator[Figure]:
    style: Any = {**_STYLE, "svg.hashsalt": name}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(width, height), layout="constrained")
        figure.patch.set_alpha(0)
        yield figure


def _to_svg(figure: Figure, name: str, description: str) -> Markup:
    buffer = io.StringIO()
    for axes in figure.axes:
        axes.patch.set_alpha(0)
    FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, variable)
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'(url\(#|xlink:href="#)', rf"\g<1>{name}-", svg)
    label = escape(description)
    return Markup(svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1))


def stacked_histogram(
    name: str,
    edges: Sequence[float],
    series: Sequence[tuple[str, Sequence[int]]],
    boundaries: Sequence[float],
    axis_label: str,
    description: str,
) -> Markup:
    """Counts over bins, series stacked, with dashed lines at the boundaries.

    Parameters
    ----------
    name : str
        Prefix of the ids inside the SVG; unique on the page.
    edges : sequence of float, length N + 1
        Bin edges, ascending.
    series : sequence of (str, sequence of int of length N)
        Name and counts, bottom first; at most three.
    boundaries : sequence of float
        Where to draw a line, in the units of the edges.
    axis_label, description : str
        Label of the x axis; what the plot shows, for those who do not see it.
    """
    with _drawing(name, 7.4, 2.5) as figure:
        axes = figure.add_subplot()
        axes.grid(False, axis="x")
        axes.grid(True, axis="y")
        below = np.zeros(len(edges) - 1)
        for (label, counts), (colour, hatch) in zip(series, SERIES, strict=False):
            axes.bar(
                edges[:-1],
                counts,
                np.diff(edges) * 0.92,
                below,
                align="edge",
                color=colour,
                edgecolor=INK,
                linewidth=0.6,
                hatch=hatch,
                label=label,
            )
            below = below + np.asarray(counts)
        top = max(float(below.max(initial=0)), 1.0)
        for boundary in boundaries:
            axes.axvline(boundary, color=INK, linewidth=1.1, linestyle=(0, (4, 3)))
            axes.text(boundary, top * 1.13, f" {boundary:g}", va="top", fontsize=9, weight="bold")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set(xlabel=axis_label, ylabel="images", ylim=(0, top * 1.15))
        _legend_above(axes, len(series))
        return _to_svg(figure, name, description)  # fmt: skip


def _legend_above(axes: Axes, n_series: int) -> None:
    if n_series > 1:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=n_series, borderaxespad=0.3)


def stacked_bars(
    name: str,
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[int]]],
    description: str,
) -> Markup:
    """Horizontal bars, one per label, first on top, with the sum written at the end.

    Parameters
    ----------
    name : str
        Prefix of the ids inside the SVG; unique on the page.
    labels : sequence of str, length N
        Names of the bars.
    series : sequence of (str, sequence of int of length N)
        Name and counts, left first; at most three.
    description : str
        What the plot shows, for those who do not see it.
    """
    with _drawing(name, 7.4, 0.75 + 0.3 * len(labels)) as figure:
        axes = figure.add_subplot()
        rows, left = np.arange(len(labels)), np.zeros(len(labels))
        for (label, counts), (colour, hatch) in zip(series, SERIES, strict=False):
            axes.barh(
                rows,
                counts,
                0.66,
                left,
                color=colour,
                edgecolor=INK,
                linewidth=0.6,
                hatch=hatch,
                label=label,
            )
            left = left + np.asarray(counts)
        for row, total in zip(rows, left, strict=True):
            axes.annotate(
                f"{int(total):,}",
                (total, row),
                (4, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
            )
        axes.set(yticks=rows, yticklabels=labels, xlim=(0, max(left.max(initial=0), 1) * 1.1))
        axes.invert_yaxis()
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.tick_params(axis="y", length=0)
        _legend_above(axes, len(series))
        return _to_svg(figure, name, description)  # fmt: skip


def spread_in_limits(
    name: str,
    panels: Sequence[str],
    rows: Sequence[str],
    spreads: dict[tuple[str, str], tuple[float, float, float, float, float]],
    limits: dict[tuple[str, str], tuple[float, float]],
    description: str,
) -> Markup:
    """Spread of shares (0–1) beside the limits they must keep, one panel per quantity.

    Parameters
    ----------
    name : str
        Prefix of the ids inside the SVG; unique on the page.
    panels, rows : sequence of str
        Quantities side by side, and groups below each other.
    spreads : dict of (row, panel) to five floats
        Lowest, 5 %, median, 95 % and highest value, 0–1.
    limits : dict of (row, panel) to (float, float)
        Lowest and highest value allowed, 0–1; a pair left out may be anything.
    description : str
        What the plot shows, for those who do not see it.
    """
    with _drawing(name, 7.4, 0.9 + 0.32 * len(rows)) as figure:
        every = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for axes, panel in zip(every, panels, strict=True):
            for y, row in enumerate(rows):
                _limit_bar(axes, y, limits.get((row, panel)))
                _spread_bar(axes, y, spreads.get((row, panel)))
            axes.set(
                xlim=(-0.03, 1.03),
                ylim=(len(rows) - 0.4, -0.6),
                xticks=[0, 0.5, 1],
                xticklabels=["0", "½", "1"],
            )
            axes.set_title(panel, fontsize=9, loc="left", weight="bold")
            axes.tick_params(axis="y", length=0)
        every[0].set(yticks=range(len(rows)), yticklabels=rows)
        return _to_svg(figure, name, description)  # fmt: skip


def _limit_bar(axes: Axes, y: int, limits: tuple[float, float] | None) -> None:
    if limits:
        low, high = limits
        axes.barh(y, max(high - low, 0.012), 0.7, low, color="none", edgecolor=SECOND,
                  hatch="////", linewidth=0.8)  # fmt: skip


def _spread_bar(axes: Axes, y: int, spread: tuple[float, ...] | None) -> None:
    if spread:
        lowest, low, median, high, highest = spread
        axes.plot([lowest, highest], [y, y], color=INK, linewidth=1)
        axes.plot([low, high], [y, y], color=INK, linewidth=5, solid_capstyle="butt")
        axes.plot([median], [y], "o", color=FIRST, markeredgecolor=INK, markersize=6)


def curves(
    name: str,
    series: Sequence[tuple[str, Sequence[float], Sequence[float]]],
    axis_labels: tuple[str, str],
    limit: float,
    description: str,
) -> Markup:
    """Shares (0–1) over shares, one stepped line per series, with a dashed line not to cross.

    Parameters
    ----------
    name : str
        Prefix of the ids inside the SVG; unique on the page.
    series : sequence of (str, x, y)
        Name and points, x ascending; at most three.
    axis_labels : (str, str)
        Labels of the x and the y axis.
    limit : float
        Highest y that is wanted.
    description : str
        What the plot shows, for those who do not see it.
    """
    with _drawing(name, 7.4, 2.7) as figure:
        axes = figure.add_subplot()
        axes.grid(True, axis="both")
        highest = limit
        for (label, x, y), (colour, _), dashes in zip(series, SERIES, _DASHES, strict=False):
            axes.step(x, y, where="post", color=colour, linestyle=dashes, label=label)
            highest = max(highest, *y)
        axes.axhline(limit, color=INK, linewidth=1.1, linestyle=(0, (4, 3)))
        axes.set(xlabel=axis_labels[0], ylabel=axis_labels[1], xlim=(0, 1), ylim=(0, 1.1 * highest))
        _legend_above(axes, len(series))
        return _to_svg(figure, name, description)
