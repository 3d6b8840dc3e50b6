"""The sets that only teach: as asked for, how often each is drawn, and which axes it teaches."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ingest import taxonomy
from maskcls.config.sections import MixingConfig, RunConfig
from maskcls.errors import ArgumentRefused

DEFAULT_RATIO = 0.5


@dataclass(frozen=True)
class Extra:
    """A data set that only teaches.

    Attributes
    ----------
    name : str
        The data set.
    ratio : float
        Its samples per sample of the real set and epoch.
    unlabelled : bool
        Whether the labels it lacks are guessed while training (see `maskcls.training.self_training`).
    """

    name: str
    ratio: float = DEFAULT_RATIO
    unlabelled: bool = False


def extras_of(run: RunConfig) -> tuple[Extra, ...]:
    """Every set that only teaches, labelled ones first.

    Raises
    ------
    ArgumentRefused
        If a ratio is no number of 0 or more.
    """
    return (
        *(parse_extra(text) for text in run.extra),
        *(parse_extra(text, unlabelled=True) for text in run.unlabelled),
    )


def parse_extra(text: str, unlabelled: bool = False) -> Extra:
    """Read ``NAME`` or ``NAME:RATIO``.

    Raises
    ------
    ArgumentRefused
        If the ratio is no number of 0 or more.

    Examples
    --------
    >>> parse_extra("synth_v1:0.25")
    Extra(name='synth_v1', ratio=0.25, unlabelled=False)
    """
    name, colon, ratio = text.partition(":")
    try:
        value = float(ratio) if colon else DEFAULT_RATIO
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        option = "--unlabelled" if unlabelled else "--extra"
        message = (
            f"{option} {text}: the ratio is {ratio!r}. Expected its samples per real sample, a "
            f"number of 0 or more. Write {option} {name}:0.5, for one of them to two real photos."
        )
        raise ArgumentRefused(message)
    return Extra(name, value, unlabelled)


def only_teach(rows: pd.DataFrame, name: str, mixing: MixingConfig) -> pd.DataFrame:
    """Rows of a data set that teach no other axes than ``mixing.teaches`` allows it."""
    axes = mixing.teaches.get(name, taxonomy.AXES)
    return rows.assign(**{f"taught_{axis}": -1 for axis in taxonomy.AXES if axis not in axes})


def check_teaches(mixing: MixingConfig, extras: Sequence[str]) -> list[str]:
    """What is wrong with ``mixing.teaches``, given the names of the extras."""
    problems = []
    for name, axes in mixing.teaches.items():
        if name not in extras:
            known = ", ".join(extras) or "none"
            problems.append(f"mixing.teaches names '{name}'; expected one of the extras ({known})")
        if not isinstance(axes, list) or not axes or set(map(str, axes)) - set(taxonomy.AXES):
            expected = ", ".join(taxonomy.AXES)
            problems.append(f"mixing.teaches.{name} is {axes!r}; expected a list of {expected}")
    return problems
