"""What a source's fields mean: turns what an adapter found into values of the record table."""

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest import taxonomy
from ingest.schema import Field, Problem, check_table, list_of, one_of
from ingest.toml_lines import Address

Fields = Mapping[str, str]
ReadRule = Callable[[str, Mapping[str, Any], Fields], dict[str, Any]]
AXIS_WORDS = {"mask": taxonomy.MASKS, "gender": taxonomy.GENDERS}
NAME_FIELDS = ("subject", "split", "license", "attribution", "url")
"""Columns that a manifest may fill from a field as it stands, beside the three axes."""
_FULL_DATE = re.compile(r"(\d{4})[-:/](\d{1,2})[-:/](\d{1,2})", re.ASCII)
_YEAR = re.compile(r"[0-9]{4}")
_MAX_AGE = 130

_WORD_FIELDS = (
    Field("assume"),
    Field("field"),
    Field("values", dict),
    Field("ranges", dict),
)
_AGE_FIELDS = (
    Field("field"),
    Field("bins", dict),
    Field("born"),
    Field("taken", list, check=list_of(str)),
    Field("estimated_year", int),
    Field("origin", check=one_of("label", "estimated")),
)
_NAME_FIELDS = (Field("field", required=True), Field("values", dict))


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


def check_labels(labels: Mapping[str, Any], address: Address) -> list[Problem]:
    """Every problem of a manifest's ``[labels]``."""
    known = tuple(Field(name, object) for name in (*taxonomy.AXES, *NAME_FIELDS))
    problems = check_table(labels, known, address)
    for name, rules in labels.items():
        if name not in {field.name for field in known}:
            continue
        for number, rule in enumerate(_as_list(rules)):
            at = (*address, name, number) if isinstance(rules, list) else (*address, name)
            problems += _check_rule(name, rule, at)
    return problems


def _as_list(rules: Any) -> list[Any]:
    return rules if isinstance(rules, list) else [rules]


def _check_rule(name: str, rule: Any, at: Address) -> list[Problem]:
    if not isinstance(rule, dict):
        return [Problem(at, f"is {rule!r}. Expected a table")]
    if name == "age":
        return check_table(rule, _AGE_FIELDS, at) + _check_age(rule, at)
    if name in AXIS_WORDS:
        return check_table(rule, _WORD_FIELDS, at) + _check_words(name, rule, at)
    return check_table(rule, _NAME_FIELDS, at) + [
        Problem((*at, "values", key), f"is {value!r}. Expected text")
        for key, value in _table(rule, "values").items()
        if not isinstance(value, str)
    ]


def _table(rule: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = rule.get(name)
    return value if isinstance(value, dict) else {}


def _check_words(name: str, rule: Mapping[str, Any], at: Address) -> list[Problem]:
    words = AXIS_WORDS[name]
    problems = []
    if ("assume" in rule) == ("field" in rule):
        problems.append(Problem(at, "needs either 'assume' or 'field'"))
    if "field" in rule and ("values" in rule) == ("ranges" in rule):
        problems.append(Problem(at, "needs 'values' or 'ranges' to say what the field means"))
    said: dict[Address, Any] = {("assume",): rule.get("assume")} if "assume" in rule else {}
    said |= {("values", key): word for key, word in _table(rule, "values").items()}
    said |= {("ranges", key): key for key in _table(rule, "ranges")}
    problems += _check_ranges(_table(rule, "ranges"), (*at, "ranges"))
    expected = ", ".join(words)
    return problems + [
        Problem((*at, *key), f"means {word!r}. Expected one of {expected}")
        for key, word in said.items()
        if word not in words
    ]


def _check_ranges(ranges: Mapping[str, Any], at: Address) -> list[Problem]:
    return [
        Problem((*at, key), f"is {pair!r}. Expected two whole numbers, the lower first")
        for key, pair in ranges.items()
        if not (_integers(pair) and len(pair) == 2 and pair[0] <= pair[1])
    ]


def _integers(values: Any) -> bool:
    return isinstance(values, list) and all(type(value) is int for value in values)


def _check_age(rule: Mapping[str, Any], at: Address) -> list[Problem]:
    problems = []
    if ("field" in rule) == ("born" in rule):
        problems.append(Problem(at, "needs either 'field' (an age) or 'born' (a date of birth)"))
    if "born" in rule and not rule.get("taken") and "estimated_year" not in rule:
        problems.append(Problem(at, "needs 'taken' or 'estimated_year' beside 'born'"))
    problems += [
        Problem((*at, "bins", key), f"is {pair!r}. Expected [low, high] or [low] in years")
        for key, pair in _table(rule, "bins").items()
        if not (_integers(pair) and len(pair) in (1, 2) and pair == sorted(pair))
    ]
    return problems


def understand(labels: Mapping[str, Any], fields: Fields) -> Meaning:
    """Apply a manifest's ``[labels]`` to the fields of one image.

    Several rules of one axis are tried in order; the first that gives a value wins, and one
    that contradicts it leaves the axis empty, as a problem.
    """
    meaning = Meaning()
    for axis in AXIS_WORDS:
        _apply(axis, labels, fields, meaning, _word)
    _apply("age", labels, fields, meaning, _age)
    for name in NAME_FIELDS:
        _apply(name, labels, fields, meaning, _name)
    if meaning.values.get("mask") == "not_worn":
        meaning.values["wear_state"] = "none"
    return meaning


def _apply(
    axis: str, labels: Mapping[str, Any], fields: Fields, meaning: Meaning, read: ReadRule
) -> None:
    found: list[dict[str, Any]] = []
    for rule in _as_list(labels.get(axis, [])):
        try:
            value = read(axis, rule, fields)
        except ValueError as error:
            meaning.problems.append(f"{axis}: {error}")
            continue
        if value:
            found.append(value)
    if any(value[axis] != found[0][axis] for value in found[1:] if axis in value):
        said = ", ".join(str(value.get(axis)) for value in found)
        meaning.problems.append(f"{axis}: the source contradicts itself ({said})")
    elif found:
        meaning.values |= found[0]


def _word(axis: str, rule: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    if "assume" in rule:
        return {axis: rule["assume"], f"{axis}_origin": "assumed"}
    text = fields.get(rule["field"], "").strip()
    if not text:
        return {}
    word = rule["values"].get(text) if "values" in rule else _in_ranges(text, rule["ranges"])
    if word is None:
        message = f"{rule['field']} is {text!r}, which the manifest gives no meaning"
        raise ValueError(message)
    return {axis: word, f"{axis}_origin": "label"}


def _in_ranges(text: str, ranges: Mapping[str, list[int]]) -> str | None:
    if not text.isdecimal():
        return None
    number = int(text)
    return next((word for word, (low, high) in ranges.items() if low <= number <= high), None)


def _name(name: str, rule: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    text = fields.get(rule["field"], "").strip()
    return {name: rule.get("values", {}).get(text, text)} if text else {}


def _age(axis: str, rule: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    if "born" in rule:
        return _age_at_photo(rule, fields)
    text = fields.get(rule["field"], "").strip()
    if not text:
        return {}
    origin = {"age_origin": rule.get("origin", "label")}
    if "bins" in rule:
        if text not in rule["bins"]:
            message = f"{rule['field']} is {text!r}, which is none of the manifest's bins"
            raise ValueError(message)
        low, high = (*rule["bins"][text], None)[:2]
        return {"age_low": low, "age_high": high, **origin}
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]+)?", text) or float(text) > _MAX_AGE:
        message = f"{rule['field']} is {text!r}. Expected 0 to {_MAX_AGE} years"
        raise ValueError(message)
    return {"age": float(text), **origin}


def _age_at_photo(rule: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """Age in completed years on the day of the photo.

    The first field of ``taken`` that holds a believable date counts: a full date makes a
    label; a year alone, a field marked ``?`` and the manifest's year make an estimate, dated
    1 July where only the year is known.
    """
    text = fields.get(rule["born"], "").strip()
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


def parse_date(text: str) -> datetime.date | None:
    """Date at the beginning of a text, ISO or EXIF style; None if there is none.

    Examples
    --------
    >>> parse_date("2009:02:06 12:30:04")
    datetime.date(2009, 2, 6)
    """
    if not (match := _FULL_DATE.match(text)):
        return None
    try:
        return datetime.date(*(int(part) for part in match.groups()))
    except ValueError:
        return None


def completed_years(born: datetime.date, day: datetime.date) -> int:
    """Age in completed years on a day; someone born on 29 February ages on 1 March.

    Examples
    --------
    >>> completed_years(datetime.date(1956, 11, 19), datetime.date(1998, 7, 1))
    41
    """
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
