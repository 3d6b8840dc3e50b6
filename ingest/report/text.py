"""How names and numbers of a table read on a page."""

import math
import numbers

import pandas as pd

_SHARES = ("share", "share_low", "share_high", "agree", "noise", "here_share", "there_share",
           "difference", "recognised")  # fmt: skip
_WORDS = {"p05": "5 %", "p95": "95 %", "sha256": "SHA-256", "url": "URL"}
_LONGEST = 300


def heading(name: str) -> str:
    """Column heading from a snake_case name.

    Examples
    --------
    >>> heading("subjects_real"), heading("n_images"), heading("macro_f1"), heading("p95")
    ('Subjects real', 'Images', 'Macro F1', '95 %')
    """
    if name in _WORDS:
        return _WORDS[name]
    words = name.removeprefix("n_").replace("_", " ").replace("f1", "F1")
    return words[:1].upper() + words[1:]


def as_text(value: object, column: str = "") -> tuple[str, str]:
    """A cell's text and the key it sorts by.

    Examples
    --------
    >>> as_text(12345), as_text(0.25, "share"), as_text(None), as_text("b")
    (('12,345', '12345'), ('25.0 %', '0.25'), ('–', ''), ('b', 'b'))
    """
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return "–", ""
    if isinstance(value, bool):
        return ("yes" if value else "no"), str(int(value))
    if isinstance(value, numbers.Integral):
        return f"{int(value):,}", str(int(value))
    if isinstance(value, numbers.Real):
        number = float(value)
        return _real(number, column), repr(number)
    text = str(value)
    return (text if len(text) <= _LONGEST else text[:_LONGEST] + " …"), text[:_LONGEST]


def _real(number: float, column: str) -> str:
    if math.isinf(number):
        return "∞"
    if column in _SHARES:
        return f"{100 * number:.1f} %"
    return f"{number:,.2f}"
