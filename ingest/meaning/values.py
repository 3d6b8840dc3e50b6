"""What a source's fields mean: turns what an adapter found into values of the record table."""

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest import taxonomy
from ingest.licences.terms import NOASSERTION
from ingest.meaning.dates import completed_years, parse_date
from ingest.meaning.rules import AXIS_WORDS, NAME_FIELDS
from ingest.meaning.spreadsheet import undamaged

Fields = Mapping[str, str]
ReadRule = Callable[[str, Mapping[str, Any], Fields], dict[str, Any]]
_YEAR = re.compile(r"[0-9]{4}")
_MAX_AGE = 130
_MOST_REMEMBERED = 20_000
"""Texts of one column: names of people, which hardly repeat, are not kept without end."""


@dataclass
class Meaning:
    """Values of one image, and what could not be read.

    Attributes
    ----------
    values : dict
        Record columns: mask, gender, age and their origins, subject, split, wear_state.
    problems : list of str
        Labels of the source that could not be understood; they are left empty.
    """

    values: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def _as_list(rules: Any) -> list[Any]:
    return rules if isinstance(rules, list) else [rules]


def understand(labels: Mapping[str, Any], fields: Fields) -> Meaning:
    """Apply a manifest's ``[labels]`` to the fields of one image; see `Understanding`."""
    return Understanding(labels)(fields)


class Understanding:
    """Applies a manifest's ``[labels]`` to the fields of image after image.

    Several rules of one axis are tried in order; the first that gives a value wins, and one
    that contradicts it leaves the axis empty, as a problem. What a few texts mean is worked out
    once: a table of 500,000 rows has a hundred ages and two genders.

    Parameters
    ----------
    labels : mapping
        A manifest's ``[labels]``.
    """

    def __init__(self, labels: Mapping[str, Any]) -> None:
        read: dict[str, ReadRule] = dict.fromkeys(AXIS_WORDS, _word)
        read |= {"age": _age} | dict.fromkeys(NAME_FIELDS, _name)
        self._columns = [_Column(name, _as_list(labels[name]), rule)
                         for name, rule in read.items() if name in labels]  # fmt: skip

    def __call__(self, fields: Fields) -> Meaning:
        """What the fields of one image mean."""
        values, problems = dict[str, Any](), list[str]()
        for column in self._columns:
            said, wrong = column.read(fields)
            values.update(said)
            problems += wrong
        if values.get("mask") == "not_worn":
            values["wear_state"] = "none"
        return Meaning(values, problems)


_Part = tuple[Mapping[str, Any], list[str]]
"""Values of some columns of the record table, and problems."""


class _Column:
    """The rules of one axis or name, and what they made of the texts they met."""

    def __init__(self, name: str, rules: list[Any], read: ReadRule) -> None:
        self._name, self._rules, self._read = name, rules, read
        self._fields = tuple(dict.fromkeys(one for rule in rules for one in _fields_of(rule)))
        self._known: dict[tuple[str | None, ...], _Part] = {}
        as_it_stands = read is _name and [rule.keys() for rule in rules] == [{"field"}]
        self._copied = rules[0]["field"] if as_it_stands and name != "license" else None

    def read(self, fields: Fields) -> _Part:
        if self._copied is not None:  # a name is worth no memory: it hardly repeats
            text = fields.get(self._copied, "").strip()
            return ({self._name: text} if text else {}), []
        key = tuple(map(fields.get, self._fields))
        part = self._known.get(key)
        if part is None:
            part = self._work_out(fields)
            if len(self._known) < _MOST_REMEMBERED:
                self._known[key] = part
        return part

    def _work_out(self, fields: Fields) -> _Part:
        found, problems = list[dict[str, Any]](), list[str]()
        for rule in self._rules:
            try:
                value = self._read(self._name, rule, fields)
            except ValueError as error:
                problems.append(f"{self._name}: {error}")
                continue
            if value:
                found.append(value)
        name = self._name
        if any(value[name] != found[0].get(name) for value in found[1:] if name in value):
            said = ", ".join(str(value.get(name)) for value in found)
            problems.append(f"{name}: the source contradicts itself ({said})")
            return {}, problems
        return (found[0] if found else {}), problems


def _fields_of(rule: Mapping[str, Any]) -> list[str]:
    """Every field a rule may look at."""
    taken = [name.removesuffix("?") for name in rule.get("taken", ())]
    one = [rule[key] for key in ("field", "born") if key in rule]
    return [*one, *taken, *rule.get("within", ())]


def _text(rule: Mapping[str, Any], name: str, fields: Fields) -> str:
    """A field's text; empty if it is one of those by which the source says nothing."""
    text = fields.get(rule[name], "").strip()
    return "" if text in rule.get("none", ()) else text


def _word(axis: str, rule: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    if "assume" in rule:
        return _said(axis, rule["assume"], "assumed")
    text = _text(rule, "field", fields)
    if not text:
        return {}
    word = rule["values"].get(text) if "values" in rule else _in_ranges(text, rule["ranges"])
    if word is None:
        message = f"{rule['field']} is {text!r}, which the manifest gives no meaning"
        raise ValueError(message)
    return _said(axis, word, rule.get("origin", "label"))


def _said(axis: str, word: str, origin: str) -> dict[str, Any]:
    values = {axis: word, f"{axis}_origin": origin}
    if axis == "mask" and word in taxonomy.WEAR_STATES:
        values |= {"mask": taxonomy.WEAR_STATES[word].mask, "wear_state": word}
    return values


def _in_ranges(text: str, ranges: Mapping[str, list[int]]) -> str | None:
    if not text.isdecimal():
        return None
    number = int(text)
    return next((word for word, (low, high) in ranges.items() if low <= number <= high), None)


def _name(name: str, rule: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    text = _text(rule, "field", fields)
    if not text:
        return {}
    word = rule.get("values", {}).get(text)
    if word is None and name == "license":
        # The source's own word for it is no licence; what it permits is not known.
        return {name: NOASSERTION}
    return {name: _named(rule, text, fields) if word is None else word}


def _named(rule: Mapping[str, Any], text: str, fields: Fields) -> str:
    """A name as a rule wants it: a part of the text, a plain number, with what it lies within."""
    if "pattern" in rule:
        match = re.fullmatch(rule["pattern"], text)
        if match is None:
            message = f"{rule['field']} is {text!r}, which does not follow the manifest's pattern"
            raise ValueError(message)
        text = next((group for group in match.groups() if group), text)
    if rule.get("number", False) and text.isdecimal():
        text = text.lstrip("0") or "0"
    return "/".join([*(fields.get(name, "") for name in rule.get("within", ())), text])


def _age(axis: str, rule: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    if "born" in rule:
        return _age_at_photo(rule, fields)
    text = _text(rule, "field", fields)
    if not text:
        return {}
    origin = {"age_origin": rule.get("origin", "label")}
    if "bins" in rule:
        low, high = (*_bin(rule, text), None)[:2]
        return {"age_low": low, "age_high": high, **origin}
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]+)?", text) or float(text) > _MAX_AGE:
        message = f"{rule['field']} is {text!r}. Expected 0 to {_MAX_AGE} years"
        raise ValueError(message)
    return {"age": float(text), **origin}


def _bin(rule: Mapping[str, Any], text: str) -> list[int]:
    name = undamaged(text, rule["bins"])
    if name is None:
        message = f"{rule['field']} is {text!r}, which is none of the manifest's bins"
        raise ValueError(message)
    return rule["bins"][name]


def _age_at_photo(rule: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """Age in completed years on the day of the photo.

    The first field of ``taken`` that holds a believable date counts: a full date makes a
    label; a year alone, a field marked ``?`` and the manifest's year make an estimate, dated
    1 July where only the year is known.
    """
    text = _text(rule, "born", fields)
    if not text:
        return {}
    born = parse_date(text)
    if born is None:
        message = f"{rule['born']} is {text!r}. Expected a date such as 1950-01-31"
        raise ValueError(message)
    for name in rule.get("taken", []):
        taken, exact = _photo_date(fields.get(name.removesuffix("?"), "").strip())
        if taken and 0 <= completed_years(born, taken) <= _MAX_AGE:
            origin = "label" if exact and not name.endswith("?") else "estimated"
            return {"age": float(completed_years(born, taken)), "age_origin": origin}
    if "estimated_year" not in rule:
        return {}
    age = completed_years(born, datetime.date(rule["estimated_year"], 7, 1))
    if not 0 <= age <= _MAX_AGE:
        message = f"born {text} gives an age of {age} in {rule['estimated_year']}"
        raise ValueError(message)
    return {"age": float(age), "age_origin": "estimated"}


def _photo_date(text: str) -> tuple[datetime.date | None, bool]:
    if _YEAR.fullmatch(text) and text != "0000":
        return datetime.date(int(text), 7, 1), False
    return parse_date(text), True
