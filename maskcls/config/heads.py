"""What a network predicts: heads over one or several axes, and how heads become 18 classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest import taxonomy
from maskcls.errors import ArgumentRefused

WORDS = {"mask": taxonomy.MASKS, "gender": taxonomy.GENDERS, "age": taxonomy.AGE_GROUPS}
TARGETS = {"all": taxonomy.AXES, **{axis: (axis,) for axis in taxonomy.AXES}}


@dataclass(frozen=True)
class Head:
    """One output of the network: the joint classes of one or several axes.

    Attributes
    ----------
    axes : tuple of str
        In the order of `taxonomy.AXES`; the last one counts fastest.
    """

    axes: tuple[str, ...]

    @property
    def name(self) -> str:
        """Axes joined by ``_and_``; safe as a module name."""
        return "_and_".join(self.axes)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of classes of every axis."""
        return tuple(len(WORDS[axis]) for axis in self.axes)

    @property
    def n_classes(self) -> int:
        """Number of joint classes."""
        return int(np.prod(self.shape))

    def allowed(self, codes: Mapping[str, NDArray]) -> NDArray[np.bool_]:
        """Which joint classes agree with what is known of every row.

        Parameters
        ----------
        codes : mapping of str to ndarray of shape (N,), int
            Class of every axis, -1 where unknown.

        Returns
        -------
        ndarray of shape (N, n_classes), bool
            One true value where all axes are known, all true where none is.
        """
        grid = np.indices(self.shape).reshape(len(self.axes), -1)
        allowed = np.ones((len(codes[self.axes[0]]), self.n_classes), dtype=bool)
        for axis, of_class in zip(self.axes, grid, strict=True):
            code = np.asarray(codes[axis])[:, None]
            allowed &= (code < 0) | (code == of_class[None, :])
        return allowed

    def axis_scores(self, scores: NDArray, axis: str) -> NDArray:
        """Probabilities of one axis, shape (N, n), from joint ones, shape (N, n_classes)."""
        joint = scores.reshape(len(scores), *self.shape)
        others = tuple(i + 1 for i, name in enumerate(self.axes) if name != axis)
        return joint.sum(axis=others)


def parse_heads(names: Sequence[str], target: str) -> tuple[Head, ...]:
    """Heads from texts such as ``mask`` or ``gender+age``, cut down to the axes of a target.

    Raises
    ------
    ArgumentRefused
        If an axis is unknown, asked twice, or missing.

    Examples
    --------
    >>> [head.axes for head in parse_heads(["mask", "gender+age"], "all")]
    [('mask',), ('gender', 'age')]
    >>> [head.axes for head in parse_heads(["mask+gender+age"], "age")]
    [('age',)]
    """
    asked = [axis for name in names for axis in name.split("+")]
    if sorted(asked) != sorted(taxonomy.AXES):
        message = (
            f"model.heads is {list(names)}; expected each of {', '.join(taxonomy.AXES)} once, "
            "joined by '+' where they are predicted together"
        )
        raise ArgumentRefused(message)
    heads = []
    for name in names:
        wanted = [a for a in taxonomy.AXES if a in name.split("+") and a in TARGETS[target]]
        if wanted:
            heads.append(Head(tuple(wanted)))
    return tuple(heads)


def class_scores(scores: Mapping[str, NDArray], heads: Sequence[Head]) -> NDArray[np.float64]:
    """Probabilities of the 18 classes: the product of the heads', shape (N, 18).

    Parameters
    ----------
    scores : mapping of str to ndarray of shape (N, n_classes)
        Head name to probabilities; the heads together hold every axis once.
    heads : sequence of Head
        The heads.
    """
    codes = dict(
        zip(taxonomy.AXES, taxonomy.split_class(np.arange(taxonomy.N_CLASSES)), strict=True)
    )
    product = np.ones((len(scores[heads[0].name]), taxonomy.N_CLASSES))
    for head in heads:
        column = np.ravel_multi_index([codes[axis] for axis in head.axes], head.shape)
        product *= scores[head.name][:, column]
    return product
