"""What a manifest must and may hold: one line per key."""

import datetime
from collections.abc import Mapping
from typing import Any

from ingest.adapters import ADAPTERS
from ingest.licences.terms import NOASSERTION, check_expression
from ingest.manifests.schema import Field, Problem, check_table, list_of, matches, one_of
from ingest.meaning.rules import check_labels
from ingest.pulling.choices import check_choices

UNSEEN = "LicenseRef-unseen-"
"""Ids of terms that were not read but are treated as forbidding; the note says why."""
_NAME = matches(r"[a-z0-9][a-z0-9_]*", "lower-case letters, digits and '_'")
_URL = matches(r"https?://\S+", "a web address")
_ADDRESS = (
    r"https://\S+|package:[A-Za-z_][A-Za-z0-9_]*/\S+|gdrive:[A-Za-z0-9_-]+"
    r"|hf:[\w.-]+/[\w.-]+(@[\w.-]+)?/\S+"
)
_ADDRESS_TEXT = (
    "an https address, gdrive:<file id>, hf:<owner>/<name>[@<revision>]/<path> or "
    "package:<package>/<path>"
)
_CONTENT_URL = matches(f"({_ADDRESS})?", _ADDRESS_TEXT)
_PARTS = matches(r"[^/\\\x00]*[?*][^/\\\x00]*", "a file name with * or ?, without folders")


def _addresses(value: Any) -> str | None:
    wrong = list_of(str)(value)
    return wrong or next((text for one in value if (text := _CONTENT_URL(one))), None)


_COMMON = (
    Field("name", required=True, check=_NAME),
    Field("title", required=True),
    Field("description", required=True),
    Field("homepage", required=True, check=_URL),
    Field("citation"),
    Field("caveats", list, check=list_of(str)),
    Field("license", dict, required=True),
    Field("distribution", list),
)
_DATASET = (
    *_COMMON,
    Field("subject_namespace", required=True, check=_NAME),
    Field("derived_from", list, check=list_of(str)),
    Field("layout", dict, required=True),
    Field("labels", dict, required=True),
    Field("declared", dict),
    Field("choices", dict),
    Field("about", dict),
)
_MODEL = (*_COMMON, Field("license_per_file", bool), Field("training_data"))
_LICENSE = (
    Field("id", required=True, check=check_expression),
    Field("quote"),
    Field("url"),
    Field("read_on", datetime.date, required=True),
    Field("stated_by", required=True, check=one_of("owner", "third-party", "nobody")),
    Field("attribution"),
    Field("note"),
)
_DISTRIBUTION = (
    Field("name", required=True, check=matches(r"[^/\\\x00]+", "a file name without folders")),
    Field("content_url", check=_CONTENT_URL),
    Field("mirrors", list, check=_addresses),
    Field("part_urls", list, check=_addresses),
    Field("parts", check=_PARTS),
    Field("sha256", check=matches(r"[0-9a-f]{64}", "64 hex digits in lower case")),
    Field("md5", check=matches(r"[0-9a-f]{32}", "32 hex digits in lower case")),
    Field("content_size", int),
    Field("hash_note"),
    Field("instructions"),
)
_ABOUT = (Field("ages", required=True), Field("over_60", required=True),
          Field("gender", required=True))  # fmt: skip
_DECLARED = (Field("images", int), Field("subjects", int))


def check_dataset(values: Mapping[str, Any]) -> list[Problem]:
    """Every problem of a data set's manifest."""
    problems = check_table(values, _DATASET) + _check_common(values)
    for name, check in (
        ("layout", _check_layout),
        ("labels", check_labels),
        ("choices", check_choices),
    ):
        if isinstance(values.get(name), dict):
            problems += check(values[name], (name,))
    for name, fields in (("declared", _DECLARED), ("about", _ABOUT)):
        if isinstance(values.get(name), dict):
            problems += check_table(values[name], fields, (name,))
    if not values.get("distribution"):
        problems.append(Problem(("distribution",), "is missing. At least one file is required"))
    return problems


def check_model(values: Mapping[str, Any]) -> list[Problem]:
    """Every problem of a model's manifest."""
    return check_table(values, _MODEL) + _check_common(values)


def _check_common(values: Mapping[str, Any]) -> list[Problem]:
    problems: list[Problem] = []
    if isinstance(values.get("license"), dict):
        problems += check_table(values["license"], _LICENSE, ("license",))
        problems += _check_evidence(values["license"])
    rows = values.get("distribution", [])
    for number, row in enumerate(rows if isinstance(rows, list) else []):
        at = ("distribution", number)
        if not isinstance(row, dict):
            problems.append(Problem(at, f"is {row!r}. Expected a table"))
            continue
        problems += check_table(row, _DISTRIBUTION, at) + _check_obtainable(row, number)
    return problems


def _check_evidence(row: Mapping[str, Any]) -> list[Problem]:
    known = row.get("stated_by") != "nobody"
    problems = [
        Problem(("license", name), "is missing. A licence someone states needs it")
        for name in ("quote", "url")
        if known and not row.get(name)
    ]
    guarded = str(row.get("id")).startswith(UNSEEN) and row.get("note")
    if not known and row.get("id") != NOASSERTION and not guarded:
        text = f"is {row.get('id')!r}. Expected {NOASSERTION} where nobody states a licence"
        problems.append(Problem(("license", "id"), text))
    return problems


def _check_obtainable(row: Mapping[str, Any], number: int) -> list[Problem]:
    at = ("distribution", number)
    problems = []
    if not any(row.get(name) for name in ("content_url", "part_urls", "instructions")):
        problems.append(Problem(at, "has neither 'content_url' nor 'instructions'"))
    if not (row.get("sha256") or row.get("md5") or row.get("hash_note")):
        text = "has no sha256. Every file needs one, or 'hash_note' saying why none is published"
        problems.append(Problem(at, text))
    return problems


def _check_layout(layout: Mapping[str, Any], at: tuple[str, ...]) -> list[Problem]:
    name = layout.get("adapter")
    if not isinstance(name, str) or name not in ADAPTERS:
        known = ", ".join(sorted(ADAPTERS))
        return [Problem((*at, "adapter"), f"is {name!r}. Expected one of {known}")]
    options = {key: value for key, value in layout.items() if key != "adapter"}
    return ADAPTERS[name].check(options, at)
