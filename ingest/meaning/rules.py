"""What the rules of a manifest's ``[labels]`` must and may hold."""

from collections.abc import Mapping
from typing import Any

from ingest import taxonomy
from ingest.licences.terms import check_expression
from ingest.manifests.schema import Field, Problem, check_table, is_regex, list_of, one_of
from ingest.manifests.toml_lines import Address

AXIS_WORDS = {"mask": (*taxonomy.MASKS, *taxonomy.WEAR_STATES), "gender": taxonomy.GENDERS}
"""Words of an axis; a wear state says the mask and how it sits."""
NAME_FIELDS = ("subject", "split", "license", "attribution", "url")
"""Columns that a manifest may fill from a field as it stands, beside the three axes."""
_NONE = Field("none", list, check=list_of(str))
_WORD_FIELDS = (
    Field("assume"),
    Field("field"),
    Field("values", dict),
    Field("ranges", dict),
    Field("origin", check=one_of("label", "estimated", "synthetic")),
    _NONE,
)
_AGE_FIELDS = (
    Field("field"),
    Field("bins", dict),
    Field("born"),
    Field("taken", list, check=list_of(str)),
    Field("estimated_year", int),
    Field("origin", check=one_of("label", "estimated")),
    _NONE,
)
_NAME_FIELDS = (
    Field("field", required=True),
    Field("values", dict),
    Field("pattern", check=is_regex),
    Field("within", list, check=list_of(str)),
    Field("number", bool),
    _NONE,
)


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
    return check_table(rule, _NAME_FIELDS, at) + _check_values(name, rule, at)


def _check_values(name: str, rule: Mapping[str, Any], at: Address) -> list[Problem]:
    problems = []
    for key, value in _table(rule, "values").items():
        wrong = None if isinstance(value, str) else f"is {value!r}. Expected text"
        if wrong is None and name == "license":
            wrong = check_expression(value)
        if wrong is not None:
            problems.append(Problem((*at, "values", key), wrong))
    return problems


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
