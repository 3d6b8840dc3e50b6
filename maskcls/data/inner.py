"""People who teach nothing and decide which epoch is kept, so that a fold's score is not chosen."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from maskcls.errors import ArgumentRefused
from maskcls.data.folds import assign_folds
from maskcls.data.leakage import check_apart, person_groups
from maskcls.data.mixing import Mix, Split, related_to

PARTS = 5
"""One part of so many is set aside; of fewer people, one person at least."""
FLATTERED = (
    "which epoch was kept, or when training stopped, followed from the score of the people who are "
    "scored here, so figures out of fold are a little too high"
)
INSTEAD = "train.select_on=inner avoids it"


def set_aside(mix: Mix, split: Split, seed: int) -> tuple[Split, NDArray[np.int64]]:
    """A split without some of the people who teach, and their rows of the real set.

    Pictures of them in the extras do not teach either. Validation stays as it is.

    Parameters
    ----------
    mix : Mix
        The rows.
    split : Split
        Of one fold.
    seed : int
        Decides who is set aside.

    Raises
    ------
    ArgumentRefused
        If fewer than two people teach.
    """
    real = mix.rows.iloc[split.train]
    people = len(np.unique(person_groups(real))) if len(real) else 0
    if people < 2:
        message = (
            f"train.select_on='inner': {people} people teach {split.name}. Expected two or more, "
            "to set one aside. Ask for more folds, or for train.select_on=validation."
        )
        raise ArgumentRefused(message)
    part_of, _ = assign_folds(real, min(PARTS, people), seed)
    judges = split.train[part_of == 0]
    related = related_to(mix.rows, judges)
    left = replace(
        split,
        train=split.train[part_of != 0],
        extras=tuple(rows[~related[rows]] for rows in split.extras),
    )
    check_apart(mix.rows.iloc[left.teaching], mix.rows.iloc[judges], f"{split.name}, set aside")
    return left, judges
