"""Age ranges that a spreadsheet turned into dates, such as ``9-Mar`` for ``3-9``."""

import re
from collections.abc import Collection

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_MONTH = re.compile(
    r"(\d{1,4})[- ]([A-Za-z]{3})[a-z]*|([A-Za-z]{3})[a-z]*[- ](\d{1,4})", re.ASCII
)
_ISO = re.compile(r"\d{4}-(\d{2})-(\d{2})(?:[ T]00:00:00)?", re.ASCII)


def undamaged(text: str, ranges: Collection[str]) -> str | None:
    """Range that a text is or was before a spreadsheet took it for a date; None if it is none.

    Parameters
    ----------
    text : str
        Cell of a table.
    ranges : collection of str
        Ranges of the source, such as ``3-9``.

    Examples
    --------
    >>> undamaged("9-Mar", ["0-2", "3-9", "10-19"])
    '3-9'
    >>> undamaged("Oct-19", ["0-2", "3-9", "10-19"])
    '10-19'
    """
    if text in ranges:
        return text
    known = set(ranges)
    numbers = _numbers(text)
    found = {f"{a}-{b}" for a, b in (numbers, numbers[::-1])} & known if numbers else set()
    return found.pop() if len(found) == 1 else None


def _numbers(text: str) -> tuple[int, int] | None:
    if match := _DAY_MONTH.fullmatch(text):
        day, month = match[1] or match[4], (match[2] or match[3]).lower()
        if month in _MONTHS:
            return _MONTHS.index(month) + 1, int(day) % 100
    if match := _ISO.fullmatch(text):
        return int(match[1]), int(match[2])
    return None
