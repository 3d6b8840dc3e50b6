"""The separate models a run may consist of: each with its heads, rows and settings."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest import taxonomy
from maskcls.config.heads import WORDS, Head, parse_heads
from maskcls.config.read import build_config, merge
from maskcls.config.sections import Config
from maskcls.errors import ConfigInvalid

GROUPS = "model.groups"
_KEYS = {"heads", "rows", "set"}
_SHARED = ("run", "mixing", "inference")


@dataclass(frozen=True)
class Member:
    """One model of a run.

    Attributes
    ----------
    name : str
        Part of its file names; '' where it is the only one.
    config : Config
        With the settings that differ for it.
    heads : tuple of Head
        What it predicts.
    rows : mapping of str to list of str
        Axis to the words of the rows that teach it; other axes may be anything.
    """

    name: str
    config: Config
    heads: tuple[Head, ...]
    rows: Mapping[str, list[str]] = field(default_factory=dict)

    def teaches(self, rows: pd.DataFrame) -> NDArray[np.bool_]:
        """Which rows of a mix may teach this model."""
        kept = np.ones(len(rows), dtype=bool)
        for axis, words in self.rows.items():
            kept &= rows[f"taught_{axis}"].isin([WORDS[axis].index(word) for word in words])
        return kept

    def file_name(self, split: str) -> str:
        """Stem of the weights of a split."""
        return f"{split}.{self.name}" if self.name else split


def members_of(config: Config) -> tuple[Member, ...]:
    """Models of a run, by ``model.groups``; one if there are none.

    Raises
    ------
    ConfigInvalid, ArgumentRefused
        If groups are not tables of heads, rows and settings, or heads are not the three axes.
    """
    if not config.model.groups:
        return (Member("", config, parse_heads(config.model.heads, config.run.target)),)
    if problems := [text for i, group in enumerate(config.model.groups)
                    for text in _problems(f"[{i}]", group)]:  # fmt: skip
        raise ConfigInvalid(GROUPS, problems)
    parse_heads([name for group in config.model.groups for name in group["heads"]], "all")
    made = [_member(config, group, f"{GROUPS}[{i}]") for i, group in enumerate(config.model.groups)]
    return tuple(member for member in made if member.heads)


def _problems(where: str, group: Mapping[str, Any]) -> list[str]:
    problems = [f"{where} has no key '{key}'; expected {', '.join(sorted(_KEYS))}"
                for key in sorted(set(group) - _KEYS)]  # fmt: skip
    heads, rows, changes = group.get("heads"), group.get("rows", {}), group.get("set", {})
    if not isinstance(heads, list) or not heads or not all(isinstance(h, str) for h in heads):
        problems.append(f"{where}.heads is {heads!r}; expected a list of heads")
    if not isinstance(rows, dict) or not isinstance(changes, dict):
        return [*problems, f"{where}: rows and set; expected tables"]
    for axis, words in rows.items():
        if not isinstance(words, list) or not set(words) <= set(WORDS.get(axis, ())):
            known = ", ".join(WORDS.get(axis, taxonomy.AXES))
            problems.append(f"{where}.rows.{axis} is {words!r}; expected a list of {known}")
    problems += [f"{where}.set.{name}; expected a section that may differ between models"
                 for name in _SHARED if name in changes]  # fmt: skip
    return problems


def _member(config: Config, group: Mapping[str, Any], where: str) -> Member:
    axes = [axis for name in group["heads"] for axis in name.split("+")]
    heads = [
        Head(tuple(a for a in head.axes if a in axes))
        for head in parse_heads(_completed(group["heads"]), config.run.target)
        if set(head.axes) & set(axes)
    ]
    single = replace(config, model=replace(config.model, groups=()))
    tables = merge(dataclasses.asdict(single), group.get("set", {}))
    tables["model"] = {**tables["model"], "heads": list(group["heads"]), "groups": ()}
    name = "_and_".join(axes)
    return Member(name, build_config(tables, where), tuple(heads), group.get("rows", {}))


def _completed(heads: list[str]) -> list[str]:
    """Heads with the axes that other groups predict, each alone."""
    asked = {axis for name in heads for axis in name.split("+")}
    return [*heads, *(axis for axis in taxonomy.AXES if axis not in asked)]
