"""Layout `listing`: the manifest itself lists every image with its fields."""

from collections.abc import Iterator, Mapping
from typing import Any

from ingest.adapters.base import Adapter, Entry, Skipped, SourceFiles
from ingest.schema import Field, Problem, check_table, relative_path
from ingest.toml_lines import Address

_ITEM = (Field("path", required=True, check=relative_path), Field("fields", dict, required=True))


def read(files: SourceFiles, options: Mapping[str, Any]) -> Iterator[Entry | Skipped]:
    """Yield the listed images; one that is not there is skipped with that reason."""
    for item in options["items"]:
        file = files.find(item["path"])
        if file is None:
            yield Skipped(item["path"], "is listed by the manifest but missing")
        else:
            yield Entry(item["path"], file, dict(item["fields"]))


def check_items(options: Mapping[str, Any], at: Address) -> list[Problem]:
    """Every problem of the listed items."""
    problems = []
    for number, item in enumerate(options["items"]):
        here = (*at, "items", number)
        if not isinstance(item, dict):
            problems.append(Problem(here, f"is {item!r}. Expected a table"))
            continue
        problems += check_table(item, _ITEM, here)
        fields = item.get("fields")
        problems += [
            Problem((*here, "fields", name), f"is {value!r}. Expected text")
            for name, value in (fields.items() if isinstance(fields, dict) else ())
            if not isinstance(value, str)
        ]
    return problems


ADAPTER = Adapter(read, (Field("items", list, required=True),), check_items)
