"""TOML with addresses: which line of the file each key stands on."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Address = tuple[str | int, ...]


@dataclass(frozen=True)
class TomlDocument:
    """A parsed TOML file that knows where its keys are.

    Attributes
    ----------
    values : dict
        The document, as `tomllib` gives it.
    lines : dict of Address to int
        Line (from 1) of every table and key; ``("distribution", 0, "sha256")`` is an address.
    """

    values: dict[str, Any]
    lines: dict[Address, int] = field(default_factory=dict)

    def line(self, address: Address) -> int:
        """Line of an address, else of the nearest table around it, else 1."""
        while address:
            if address in self.lines:
                return self.lines[address]
            address = address[:-1]
        return 1


def parse_toml(text: str) -> TomlDocument:
    """Parse TOML and find the line of every key.

    Raises
    ------
    tomllib.TOMLDecodeError
        If the text is no TOML; the message names line and column.
    """
    values = tomllib.loads(text)
    lines: dict[Address, int] = {}
    table: Address = ()
    counts: dict[Address, int] = {}
    for number, statement in _statements(text):
        if statement.lstrip().startswith("["):
            table = _table_address(statement, counts)
            lines.setdefault(table, number)
        else:
            for address in _addresses(tomllib.loads(statement)):
                lines.setdefault(table + address, number)
    return TomlDocument(values, lines)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Statements with their first line: the fewest lines that are TOML on their own.

    A statement ends at a line's end unless a bracket or a quote is open, and then its
    beginning alone is no TOML: so the shortest beginning that parses is the statement.
    """
    held: list[str] = []
    start = 1
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if not held:
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            start = number
        held.append(line)
        statement = "\n".join(held)
        try:
            tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        yield start, statement
        held = []


def _table_address(header: str, counts: dict[Address, int]) -> Address:
    """Address of a ``[table]`` or ``[[array]]`` header; `counts` numbers the arrays' items."""
    node: Any = tomllib.loads(header)
    address: Address = ()
    while isinstance(node, dict) and node:
        key, node = next(iter(node.items()))
        address += (key,)
        if isinstance(node, list):
            counts[address] = counts.get(address, -1) + 1
        if address in counts:
            address += (counts[address],)
    return address


def _addresses(value: Any) -> Iterator[Address]:
    """Address of every key inside a value, inline tables and arrays included."""
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in items:
        yield (key,)
        for address in _addresses(inner):
            yield (key, *address)
