"""Tables of what a TOML file may hold, and every way a given file departs from them."""

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from ingest.manifests.toml_lines import Address

Check = Callable[[Any], str | None]
"""Gives what is wrong with a value, or None."""

_KIND_NAMES = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "an array",
    dict: "a table",
    datetime.date: "a date such as 2025-01-31",
}


@dataclass(frozen=True)
class Field:
    """One key that a table may hold.

    Attributes
    ----------
    name : str
        The key.
    kind : type
        Type of its value; `datetime.date` excludes times, `object` is checked elsewhere.
    required : bool
        Whether the table must have it.
    check : callable, optional
        Gives what is wrong with a value of the right kind, or None.
    """

    name: str
    kind: type = str
    required: bool = False
    check: Check | None = None


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a file, at an address inside it."""

    address: Address
    text: str


def where(address: Address) -> str:
    """An address as people write it.

    Examples
    --------
    >>> where(("distribution", 0, "sha256"))
    'distribution[0].sha256'
    """
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in address]
    return "".join(parts).lstrip(".")


def check_table(
    table: Mapping[str, Any], fields: tuple[Field, ...], address: Address = ()
) -> list[Problem]:
    """Every key that is missing, unknown, of the wrong kind or wrong in its value."""
    known = {field.name: field for field in fields}
    problems = [
        Problem((*address, field.name), "is missing. It is required")
        for field in fields
        if field.required and field.name not in table
    ]
    for name, value in table.items():
        if name not in known:
            problems.append(Problem((*address, name), _unknown(name, list(known))))
        elif text := _wrong(value, known[name]):
            problems.append(Problem((*address, name), text))
    return problems


def _unknown(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    hint = f". Did you mean '{close[0]}'?" if close else f". Known are {', '.join(sorted(known))}"
    return f"is not a known key{hint}"


def _wrong(value: Any, field: Field) -> str | None:
    if field.kind is object:
        return None
    kinds = (int, float) if field.kind is float else (field.kind,)
    wrong_kind = not isinstance(value, kinds) or (
        isinstance(value, bool) and field.kind is not bool
    )
    if wrong_kind or isinstance(value, datetime.datetime):
        return f"is {value!r}. Expected {_KIND_NAMES[field.kind]}"
    if field.kind is str and field.required and not value.strip():
        return "is empty. It is required"
    return field.check(value) if field.check else None


def one_of(*words: str) -> Check:
    """Check that a value is one of some words."""

    def check(value: Any) -> str | None:
        return None if value in words else f"is {value!r}. Expected one of {', '.join(words)}"

    return check


def matches(pattern: str, expected: str) -> Check:
    """Check that a text matches a regular expression as a whole."""
    compiled = re.compile(pattern)

    def check(value: Any) -> str | None:
        return None if compiled.fullmatch(value) else f"is {value!r}. Expected {expected}"

    return check


def list_of(kind: type) -> Check:
    """Check that an array holds values of one kind only."""

    def check(value: Any) -> str | None:
        wrong = [item for item in value if not isinstance(item, kind) or isinstance(item, bool)]
        return f"holds {wrong[0]!r}. Expected {_KIND_NAMES[kind]} in each place" if wrong else None

    return check


def is_regex(value: Any) -> str | None:
    """Say why a text is no regular expression, or None."""
    try:
        re.compile(value)
    except re.error as error:
        return f"is no regular expression ({error})"
    return None


def relative_path(value: Any) -> str | None:
    """Say why a text is no relative path with ``/``, or None."""
    parts = value.split("/")
    if not value or value.startswith("/") or ".." in parts or "\\" in value or "\x00" in value:
        return f"is {value!r}. Expected a relative path with '/', without '..'"
    return None
