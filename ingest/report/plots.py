"""Plots for a page, readable in any theme and in print: kinds differ by hatching, too."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from ingest.report.drawing import FIRST, INK, SECOND, SERIES, drawing, to_svg

Series = Sequence[tuple[str, Sequence[int]]]
"""Names and counts, one count per bin or bar; at most three."""
_DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (2, 2)))


def stacked_histogram(
    name: str,
    edges: Sequence[float],
    series: Series,
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
    with drawing(name, 7.4, 2.5) as figure:
        axes = figure.add_subplot()
        top = max(float(_stack(axes, edges, series).max(initial=0)), 1.0)
        _mark_boundaries(axes, boundaries, top)
        axes.set(xlabel=axis_label, ylabel="images", ylim=(0, top * 1.15))
        _legend_above(axes, len(series))
        return to_svg(figure, name, description)


@dataclass(frozen=True)
class Panel:
    """One histogram of several: its title, its series, and an outline to hold them against."""

    title: str
    series: Series
    outline: Sequence[float] = ()


def histogram_panels(
    name: str,
    edges: Sequence[float],
    panels: Sequence[Panel],
    boundaries: Sequence[float],
    axis_label: str,
    outline_label: str,
    description: str,
) -> Markup:
    """Stacked histograms over the same bins, two beside each other, each to its own height.

    Parameters
    ----------
    name : str
        Prefix of the ids inside the SVG; unique on the page.
    edges : sequence of float, length N + 1
        Bin edges, ascending.
    panels : sequence of Panel
        With counts, and outlines, of length N.
    boundaries : sequence of float
        Where to draw a line, in the units of the edges.
    axis_label, outline_label, description : str
        Label of the x axis; what the outlines are; what the plot shows, for those who do not
        see it.
    """
    n_lines = -(-len(panels) // 2)
    with drawing(name, 7.4, 0.6 + 1.35 * n_lines) as figure:
        every = figure.subplots(n_lines, 2, sharex=True, squeeze=False).ravel()
        for axes, panel in zip(every, panels, strict=False):
            heights = [*_stack(axes, edges, panel.series), *panel.outline]
            top = max(float(np.max(heights, initial=0)), 1.0)
            if len(panel.outline):
                axes.stairs(panel.outline, edges, color=INK, linewidth=1.8, label=outline_label)
            _mark_boundaries(axes, boundaries, top)
            axes.set(ylim=(0, top * 1.2))
            axes.set_title(panel.title, fontsize=9, loc="left", weight="bold")
        for axes in every[-2:]:
            axes.set_xlabel(axis_label)
        found = {
            label: handle
            for axes in every
            for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
        }
        figure.legend(found.values(), found.keys(), loc="outside upper left", ncols=4)
        return to_svg(figure, name, description)  # fmt: skip


def _stack(axes: Axes, edges: Sequence[float], series: Series) -> NDArray[np.float64]:
    """Draw bars on each other; their heights together, shape (N,)."""
    axes.grid(False, axis="x")
    axes.grid(True, axis="y")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    below = np.zeros(len(edges) - 1)
    widths = np.diff(edges) * 0.92
    for (label, counts), (colour, hatch) in zip(series, SERIES, strict=False):
        axes.bar(edges[:-1], counts, widths, below, align="edge", color=colour, edgecolor=INK,
                 linewidth=0.6, hatch=hatch, label=label)  # fmt: skip
        below = below + np.asarray(counts)
    return below


def _mark_boundaries(axes: Axes, boundaries: Sequence[float], top: float) -> None:
    for boundary in boundaries:
        axes.axvline(boundary, color=INK, linewidth=1.1, linestyle=(0, (4, 3)))
        axes.text(boundary, top * 1.13, f" {boundary:g}", va="top", fontsize=9, weight="bold")


def _legend_above(axes: Axes, n_series: int) -> None:
    if n_series > 1:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=n_series, borderaxespad=0.3)


def stacked_bars(
    name: str,
    labels: Sequence[str],
    series: Series,
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
    with drawing(name, 7.4, 0.75 + 0.3 * len(labels)) as figure:
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
        return to_svg(figure, name, description)  # fmt: skip


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
    with drawing(name, 7.4, 0.9 + 0.32 * len(rows)) as figure:
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
        return to_svg(figure, name, description)  # fmt: skip


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
    with drawing(name, 7.4, 2.7) as figure:
        axes = figure.add_subplot()
        axes.grid(True, axis="both")
        highest = limit
        for (label, x, y), (colour, _), dashes in zip(series, SERIES, _DASHES, strict=False):
            axes.step(x, y, where="post", color=colour, linestyle=dashes, label=label)
            highest = max(highest, *y)
        axes.axhline(limit, color=INK, linewidth=1.1, linestyle=(0, (4, 3)))
        axes.set(xlabel=axis_labels[0], ylabel=axis_labels[1], xlim=(0, 1), ylim=(0, 1.1 * highest))
        _legend_above(axes, len(series))
        return to_svg(figure, name, description)
