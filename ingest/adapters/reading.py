"""Reading a layout: its adapter, then what every layout may ask for: joins, face boxes, ignores."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ingest.adapters import ADAPTERS
from ingest.adapters.base import Box, Entry, LayoutMismatch, Skipped, SourceFiles, numbered
from ingest.adapters.tables import read_rows

Found = Iterable[Entry | Skipped]


def read_layout(files: SourceFiles, layout: Mapping[str, Any]) -> Iterator[Entry | Skipped]:
    """Yield an `Entry` or `Skipped` per image of a source.

    Parameters
    ----------
    files : SourceFiles
        The source.
    layout : mapping
        A manifest's ``[layout]``. Beside the adapter's options: ``join`` (tables whose rows are
        joined by a field), ``box`` (fields that hold a face box, to keep or to crop to) and
        ``ignore`` (a pattern of paths that belong to the layout and are no images of it).

    Raises
    ------
    LayoutMismatch
        If nothing fits.
    """
    found: Found = ADAPTERS[layout["adapter"]].read(files, layout)
    for join in layout.get("join", ()):
        found = _joined(files, found, join)
    if "box" in layout:
        found = _boxed(found, layout["box"])
    ignored = re.compile(layout["ignore"]) if "ignore" in layout else None
    for one in found:
        if not (isinstance(one, Skipped) and ignored and ignored.fullmatch(one.path)):
            yield one


def _joined(files: SourceFiles, found: Found, join: Mapping[str, Any]) -> Iterator[Entry | Skipped]:
    path = files.find(join["file"])
    if path is None and not join.get("optional", False):
        message = f"the table {join['file']} is missing. Expected it beside the images."
        raise LayoutMismatch(message)
    rows = {_key(row.get(join["on"], "")): row for row in read_rows(path)} if path else {}
    for one in found:
        if isinstance(one, Entry):
            one = replace(
                one, fields=rows.get(_key(one.fields.get(join["key"], "")), {}) | one.fields
            )
        yield one


def _key(text: str) -> str:
    """Value two tables are joined by: 00042 and 42 are the same number."""
    return text.lstrip("0") or "0" if text.isdecimal() else text


def _boxed(found: Found, options: Mapping[str, Any]) -> Iterator[Entry | Skipped]:
    crop = options.get("crop", False)
    counts: Counter[str] = Counter()
    without = 0
    for one in found:
        if isinstance(one, Entry):
            box = _box(one.fields, options)
            if crop and box is None:
                without += 1
                continue
            path = numbered(one.path, counts[one.path]) if crop else one.path
            counts[one.path] += 1
            one = replace(one, path=path, box=box)
        yield one
    if without:
        yield Skipped("(index)", f"{without} entries have no face box to crop to")


def _box(fields: Mapping[str, str], options: Mapping[str, Any]) -> Box | None:
    try:
        x0, y0, x1, y1 = (float(fields.get(name, "")) for name in options["fields"])
    except ValueError:
        return None
    if not all(map(math.isfinite, (x0, y0, x1, y1))) or x1 <= x0 or y1 <= y0:
        return None
    return Box(x0, y0, x1, y1, options.get("relative", False), options.get("crop", False),
               float(options.get("margin", 0.0)))  # fmt: skip
