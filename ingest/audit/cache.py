"""What was measured before, kept per file content, so that an audit resumes and repeats fast."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

FOLDER = ".audit"
_BATCH = 500
_TABLE = "create table if not exists measured (key text primary key, facts text, data blob)"

Entry = tuple[str, dict[str, Any], bytes]
"""Key, plain values, and bytes of an array."""


class Cache:
    """A table of measurements by the hash of the file they were made of.

    Parameters
    ----------
    connection : sqlite3.Connection
        Where it lies.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._connection.execute(_TABLE)

    def known(self, keys: Iterable[str]) -> set[str]:
        """Those of the keys that were measured before."""
        here = {key for (key,) in self._connection.execute("select key from measured")}
        return here.intersection(keys)

    def read(self, keys: Iterable[str]) -> Iterator[Entry]:
        """Entries of the keys that are there, in the table's order."""
        wanted = set(keys)
        for key, facts, data in self._connection.execute("select key, facts, data from measured"):
            if key in wanted:
                yield key, json.loads(facts), data

    def add(self, entries: Iterable[Entry]) -> None:
        """Store entries as they come, for good after every few hundred."""
        for count, (key, facts, data) in enumerate(entries, start=1):
            row = (key, json.dumps(facts), data)
            self._connection.execute("insert or replace into measured values (?, ?, ?)", row)
            if count % _BATCH == 0:
                self._connection.commit()
        self._connection.commit()


@contextmanager
def open_cache(root: Path, name: str) -> Iterator[Cache]:
    """Cache below a data root; a damaged one is begun anew, an unwritable root goes without.

    Parameters
    ----------
    root : Path
        Folder of all data sets.
    name : str
        What is measured, with the version of how.
    """
    with closing(_connect(root / FOLDER / f"{name}.sqlite")) as connection:
        cache = Cache(connection)
        try:
            yield cache
        finally:
            connection.commit()


def _connect(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _sound(path)
    except (sqlite3.OperationalError, OSError):
        return sqlite3.connect(":memory:")
    except sqlite3.DatabaseError:
        path.unlink()
        return _sound(path)


def _sound(path: Path) -> sqlite3.Connection:
    """A connection that has shown it can write."""
    connection = sqlite3.connect(path, timeout=60)
    try:
        connection.execute(_TABLE)
        connection.execute("pragma user_version = 1")
        connection.commit()
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection
