"""Read a configuration: from tables and ``section.key=value`` texts, refusing what is wrong."""

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_type_hints

from maskcls.config.coerce import Mismatch, coerce
from maskcls.config.sections import AT_LEAST, BELOW, SECTIONS, Config, valid_keys
from maskcls.errors import ConfigInvalid

SET = "--set"


def build_config(settings: Mapping[str, Any], where: Path | str) -> Config:
    """Configuration from tables; keys left out take their default.

    Parameters
    ----------
    settings : mapping
        Section to table of keys, as read from TOML.
    where : Path or str
        Named in the error.

    Raises
    ------
    ConfigInvalid
        With every unknown key, wrong type and value out of range.
    """
    problems: list[str] = []
    sections = {}
    for name, table in settings.items():
        if name not in SECTIONS or not isinstance(table, Mapping):
            problems.append(f"unknown section '{name}'; expected one of {', '.join(SECTIONS)}")
            continue
        values = _section_values(name, table, problems)
        sections[name] = SECTIONS[name](**values)
    if not problems:
        config = Config(**sections)
        problems += _out_of_range(config)
    if problems:
        raise ConfigInvalid(where, problems)
    return config


def _section_values(name: str, table: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    hints = get_type_hints(SECTIONS[name])
    values = {}
    for key, value in table.items():
        if key not in hints:
            problems.append(_unknown_key(f"{name}.{key}"))
            continue
        try:
            values[key] = coerce(value, hints[key])
        except Mismatch as mismatch:
            problems.append(f"{name}.{key} is {value!r}; expected {mismatch}")
    return values


def _unknown_key(key: str) -> str:
    near = get_close_matches(key, valid_keys(), n=3, cutoff=0.6)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    return f"unknown key '{key}'. {hint}Valid keys: {', '.join(valid_keys())}"


def _out_of_range(config: Config) -> list[str]:
    problems = []
    for key in valid_keys():
        section, name = key.split(".")
        value = getattr(getattr(config, section), name)
        numbers = value if isinstance(value, tuple) else (value,)
        if key in AT_LEAST and any(number < AT_LEAST[key] for number in numbers):
            problems.append(f"{key} is {value}; expected at least {AT_LEAST[key]}")
        if key in BELOW and any(number >= BELOW[key] for number in numbers):
            problems.append(f"{key} is {value}; expected less than {BELOW[key]}")
    if config.run.folds == 1:
        problems.append("run.folds is 1; expected 2 or more, or none")
    low, high = config.run.train_age_boundaries
    if not 0 < low < high:
        problems.append(f"run.train_age_boundaries is {low:g},{high:g}; expected two rising ages")
    return problems


def parse_assignments(assignments: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Tables from ``section.key=value`` texts; a value is read as TOML, else as plain text.

    Raises
    ------
    ConfigInvalid
        If a text has no ``=`` or its key no section.

    Examples
    --------
    >>> parse_assignments(["model.backbone=resnet10t", "data.size=96"])
    {'model': {'backbone': 'resnet10t'}, 'data': {'size': 96}}
    """
    tables: dict[str, dict[str, Any]] = {}
    problems = []
    for text in assignments:
        key, equals, value = text.partition("=")
        section, dot, name = key.strip().partition(".")
        if not equals or not dot:
            problems.append(f"{text!r}; expected section.key=value, such as train.epochs=10")
            continue
        tables.setdefault(section, {})[name] = _toml_value(value.strip())
    if problems:
        raise ConfigInvalid(SET, problems)
    return tables


def _toml_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def merge(*tables: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Sections with the keys of all tables; later ones win."""
    merged: dict[str, dict[str, Any]] = {}
    for table in tables:
        for section, values in table.items():
            merged[section] = {**merged.get(section, {}), **values}
    return merged
