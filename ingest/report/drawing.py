"""How a figure becomes inline SVG in the page's own colours.

Figures are drawn in stand-in colours that become CSS variables, one drawing for every theme.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
from markupsafe import Markup, escape
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

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
def drawing(name: str, width: float, height: float) -> Iterator[Figure]:
    """Give an empty figure of so many inches; `name` decides the ids inside its SVG."""
    style: Any = {**_STYLE, "svg.hashsalt": name}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(width, height), layout="constrained")
        figure.patch.set_alpha(0)
        yield figure


def to_svg(figure: Figure, name: str, description: str) -> Markup:
    """SVG of a figure.

    Parameters
    ----------
    figure : Figure
        Drawn in the colours of this module.
    name : str
        Prefix of the ids inside the SVG; unique on the page.
    description : str
        What it shows, for those who do not see it.
    """
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
