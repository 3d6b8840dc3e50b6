"""Plots of a classifier's scores: intervals by class, confusion, confidence against accuracy."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from ingest.report.drawing import FIRST, INK, SECOND, drawing, to_svg

_WIDTH = 7.4
"""Inches, as all plots of a page."""
_DEEPEST = 0.6
"""Opacity of a cell that holds its whole row: the number on it stays readable."""


def intervals(
    name: str,
    rows: Sequence[tuple[str, float, tuple[float, float] | None]],
    axis_label: str,
    description: str,
) -> Markup:
    """Values (0–1) as dots with their intervals, one below the other.

    Parameters
    ----------
    name : str
        Prefix of the ids inside the SVG; unique on the page.
    rows : sequence of (str, float, (float, float) or None)
        Name, value and interval, from top to bottom.
    axis_label, description : str
        Label of the x axis; what the plot shows, for those who do not see it.
    """
    with drawing(name, _WIDTH, 0.7 + 0.27 * len(rows)) as figure:
        axes = figure.add_subplot()
        for y, (_, value, interval) in enumerate(rows):
            if interval is not None:
                axes.plot(interval, [y, y], color=INK, linewidth=1.4, solid_capstyle="butt")
            axes.plot([value], [y], "o", color=FIRST, markeredgecolor=INK, markersize=6)
        axes.set(xlim=(0, 1.02), ylim=(len(rows) - 0.4, -0.6), xlabel=axis_label)
        axes.set(yticks=range(len(rows)), yticklabels=[row[0] for row in rows])
        axes.tick_params(axis="y", length=0)
        return to_svg(figure, name, description)


def confusion(
    name: str,
    true: Sequence[str],
    predicted: Sequence[str],
    counts: ArrayLike,
    description: str,
) -> Markup:
    """Counts of true by predicted classes; a cell is the darker, the more of its row it holds.

    Parameters
    ----------
    name : str
        Prefix of the ids inside the SVG; unique on the page.
    true, predicted : sequence of str
        Names of rows and columns.
    counts : array_like of shape (len(true), len(predicted)), int
        Images.
    description : str
        What the plot shows, for those who do not see it.
    """
    table = np.asarray(counts, dtype=float)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    slanted = len(predicted) > 4
    with drawing(name, _WIDTH, (1.6 if slanted else 0.9) + 0.34 * len(true)) as figure:
        axes = figure.add_subplot()
        axes.grid(False)
        for (y, x), share in np.ndenumerate(shares):
            correct = true[y] == predicted[x]
            axes.add_patch(
                Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, facecolor=FIRST if correct else SECOND,
                          alpha=_DEEPEST * share, linewidth=0)
            )  # fmt: skip
            if table[y, x]:
                weight = "bold" if correct else "normal"
                axes.text(x, y, f"{table[y, x]:,.0f}", ha="center", va="center", weight=weight)
        axes.set(xlim=(-0.5, len(predicted) - 0.5), ylim=(len(true) - 0.5, -0.5))
        axes.set(yticks=range(len(true)), yticklabels=true, ylabel="true")
        axes.set_xticks(range(len(predicted)), predicted, rotation=35 if slanted else 0,
                        ha="right" if slanted else "center")  # fmt: skip
        axes.set_xlabel("predicted")
        axes.tick_params(length=0)
        return to_svg(figure, name, description)


def reliability(
    name: str,
    confidence: Sequence[float],
    accuracy: Sequence[float],
    counts: Sequence[int],
    description: str,
) -> Markup:
    """Accuracy over confidence, both 0–1, on the diagonal where confidence says what is true.

    Parameters
    ----------
    name : str
        Prefix of the ids inside the SVG; unique on the page.
    confidence, accuracy : sequence of float
        Means of each bin.
    counts : sequence of int
        Images of each bin; dots grow with them.
    description : str
        What the plot shows, for those who do not see it.
    """
    with drawing(name, _WIDTH, 2.7) as figure:
        axes = figure.add_subplot()
        axes.grid(True, axis="both")
        axes.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle=(0, (4, 3)))
        axes.plot(confidence, accuracy, color=FIRST, linewidth=1)
        sizes = 20 + 160 * np.asarray(counts) / max(1, *counts)
        axes.scatter(confidence, accuracy, sizes, color=FIRST, edgecolor=INK, zorder=3)
        axes.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1.02), ylim=(0, 1.05))
        return to_svg(figure, name, description)
