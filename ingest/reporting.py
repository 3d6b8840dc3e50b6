"""How long work tells about itself, without knowing who listens."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Advance = Callable[[int, int | None], None]
"""Called with the bytes just received and, if known, the total."""


class Reporter(Protocol):
    """Someone who shows progress."""

    def items(self, items: Iterable[Item], total: int | None, label: str) -> Iterator[Item]:
        """Pass items through, showing how far they are."""
        ...

    def bytes(self, label: str) -> Advance:
        """Give a function to be told of received bytes."""
        ...


class Silent:
    """Shows nothing."""

    def items(self, items: Iterable[Item], total: int | None, label: str) -> Iterator[Item]:
        """Pass items through."""
        yield from items

    def bytes(self, label: str) -> Advance:
        """Give a function that does nothing."""
        return lambda received, total: None
