"""Dates as sources write them, and ages worked out from them."""

import datetime
import re

_FULL_DATE = re.compile(r"(\d{4})[-:/](\d{1,2})[-:/](\d{1,2})", re.ASCII)
_DAYS_BEFORE_ORDINAL = 366
"""MATLAB counts days from 1 January of the year 0, Python from that of the year 1."""


def from_datenum(number: float) -> datetime.date | None:
    """Date of a MATLAB serial date number; None where there is no such date.

    Examples
    --------
    >>> from_datenum(730486.0)
    datetime.date(2000, 1, 1)
    """
    try:
        return datetime.date.fromordinal(int(number) - _DAYS_BEFORE_ORDINAL)
    except (ValueError, OverflowError):
        return None


def parse_date(text: str) -> datetime.date | None:
    """Date at the beginning of a text, ISO or EXIF style; None if there is none.

    Examples
    --------
    >>> parse_date("2009:02:06 12:30:04")
    datetime.date(2009, 2, 6)
    """
    if not (match := _FULL_DATE.match(text)):
        return None
    try:
        return datetime.date(*(int(part) for part in match.groups()))
    except ValueError:
        return None


def completed_years(born: datetime.date, day: datetime.date) -> int:
    """Age in completed years on a day; someone born on 29 February ages on 1 March.

    Examples
    --------
    >>> completed_years(datetime.date(1956, 11, 19), datetime.date(1998, 7, 1))
    41
    """
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
