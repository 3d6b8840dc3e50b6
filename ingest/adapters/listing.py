"""Layout `listing`: the manifest itself lists every image with its fields."""

from collections.abc import Iterator, Mapping
from typing import Any

from ingest.adapters.base import Adapter, Entry, Skipped, SourceFiles, check_texts
from ingest.manifests.schema import Field, Problem, check_table, relative_path
from ingest.manifests.toml_lines import Address

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
        problems += check_texts(item.get("fields"), (*here, "fields"))
    return problems


ADAPTER = Adapter(read, (Field("items", list, required=True),), check_items)
