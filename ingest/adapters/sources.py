"""Index files of a `table` layout: which there are, and how each is read into rows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingest.adapters.base import LayoutMismatch, SourceFiles, check_texts
from ingest.adapters.matlab import read_matlab
from ingest.adapters.tables import read_rows
from ingest.manifests.schema import Field, Problem, check_table, list_of, relative_path
from ingest.manifests.toml_lines import Address

Source = str | Mapping[str, Any]
Row = dict[str, str]
_FIELDS = (
    Field("file", check=relative_path),
    Field("lists", dict),
    Field("fields", dict),
    Field("delimiter"),
    Field("header", list, check=list_of(str)),
    Field("variable"),
    Field("dates", list, check=list_of(str)),
)


def source_name(source: Source) -> str:
    """File of a source, for messages; of parallel lists the first."""
    if isinstance(source, str):
        return source
    return source.get("file") or next(iter(source["lists"].values()))


def read_source(files: SourceFiles, source: Source) -> list[Row] | None:
    """Rows of one index; None if it is not there.

    Parameters
    ----------
    files : SourceFiles
        Where to look for it.
    source : str or mapping
        A file name, or a table with ``file`` (CSV, text, JSON, YAML or MATLAB) or ``lists``
        (column name to a text file with one value per line, parallel to the others), fixed
        ``fields``, and for text ``delimiter`` and ``header`` (names of the columns of a file
        without a heading), for MATLAB ``variable`` and ``dates`` (columns of serial numbers).

    Raises
    ------
    LayoutMismatch
        If it is there and cannot be read.
    """
    if isinstance(source, str):
        source = {"file": source}
    rows = _lists(files, source["lists"]) if "lists" in source else _file(files, source)
    if rows is None:
        return None
    fixed = source.get("fields", {})
    return [row | fixed for row in rows] if fixed else rows


def _file(files: SourceFiles, source: Mapping[str, Any]) -> list[Row] | None:
    path = files.find(source["file"])
    if path is None:
        return None
    if path.suffix.lower() == ".mat":
        return read_matlab(path, source.get("variable", ""), source.get("dates", ()))
    return list(read_rows(path, source.get("delimiter", ""), source.get("header")))


def _lists(files: SourceFiles, lists: Mapping[str, str]) -> list[Row] | None:
    found = {column: files.find(name) for column, name in lists.items()}
    if all(path is None for path in found.values()):
        return None
    columns = {}
    for column, path in found.items():
        if path is None:
            message = f"the list {lists[column]} is missing. Expected it beside the others."
            raise LayoutMismatch(message)
        columns[column] = _lines(path)
    lengths = {lists[column]: len(values) for column, values in columns.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} {length}" for name, length in lengths.items())
        message = f"parallel lists differ in length ({said}). Expected one line per image in each."
        raise LayoutMismatch(message)
    return [dict(zip(columns, values, strict=True))
            for values in zip(*columns.values(), strict=True)]  # fmt: skip


def _lines(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    return [line.strip() for line in text.rstrip("\n").split("\n")] if text.strip() else []


def check_sources(sources: list[Any], at: Address) -> list[Problem]:
    """Every problem of ``tables``."""
    problems = []
    for number, source in enumerate(sources):
        here = (*at, number)
        if isinstance(source, str):
            wrong = relative_path(source)
            problems += [Problem(here, wrong)] if wrong else []
        elif isinstance(source, dict):
            problems += check_table(source, _FIELDS, here)
            problems += check_texts(source.get("fields"), (*here, "fields"))
            problems += _check_kind(source, here)
        else:
            problems.append(Problem(here, f"is {source!r}. Expected a file name or a table"))
    return problems


def _check_kind(source: Mapping[str, Any], at: Address) -> list[Problem]:
    if ("file" in source) == ("lists" in source):
        return [Problem(at, "needs either 'file' or 'lists'")]
    lists = source.get("lists")
    if isinstance(lists, dict):
        wrong = [Problem((*at, "lists", name), f"is {path!r}. Expected a relative path")
                 for name, path in lists.items()
                 if not isinstance(path, str) or relative_path(path)]  # fmt: skip
        return wrong if lists else [Problem((*at, "lists"), "is empty")]
    if str(source.get("file")).lower().endswith(".mat") and not source.get("variable"):
        return [Problem((*at, "variable"), "is missing. A MATLAB file needs it")]
    return []
