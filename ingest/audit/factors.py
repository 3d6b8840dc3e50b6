"""What could give a label away besides the face: one block of features per factor."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.audit.measures import Measures

_MOST_WORDS = 40


@dataclass(frozen=True)
class Factor:
    """One thing that may predict a label.

    Attributes
    ----------
    name : str
        For people.
    features : ndarray of shape (N, F), float
        Its numbers, for the measured rows.
    names : tuple of str
        Name of every feature; of those that are no word to choose, with its unit.
    is_word : bool
        Whether each feature tells if one word is there (1) or not (0).
    """

    name: str
    features: NDArray[np.float64]
    names: tuple[str, ...]
    is_word: bool = False


def factors_of(records: pd.DataFrame, measures: Measures) -> list[Factor]:
    """Every factor of the measured rows of a mix.

    Parameters
    ----------
    records : DataFrame
        Rows of the mix, in the order of ``measures.facts``.
    measures : Measures
        What was measured in them.
    """
    facts = measures.facts
    pixels = (records["width"] * records["height"]).astype(float)
    size = pd.DataFrame({"bytes": facts["file_bytes"], "bytes per pixel":
                         facts["file_bytes"] / pixels})  # fmt: skip
    return [
        _words("source", records["origin_source"].where(records["origin_source"].notna(),
                                                        records["source"])),
        _words("file format", facts["format"]),
        _numbers("JPEG quality", facts[["jpeg_quality"]].set_axis(["JPEG quality"], axis=1)),
        _numbers("file size", size),
        _numbers("resolution", records[["width", "height"]]),
        _numbers("brightness", facts[["brightness", "contrast", "glare"]]),
        _numbers("sharpness", facts[["sharpness"]]),
        _numbers("traces of composing", facts[["lower_noise"]].set_axis(["detail below"], axis=1)),
    ]  # fmt: skip


def _words(name: str, values: pd.Series) -> Factor:
    kept = values.astype(str).value_counts().index[:_MOST_WORDS]
    features = np.stack([(values.astype(str) == word).to_numpy(float) for word in kept], axis=1)
    return Factor(name, features, tuple(f"{name} is {word}" for word in kept), is_word=True)


def _numbers(name: str, frame: pd.DataFrame) -> Factor:
    # No quality at all (a PNG) is a value of its own, below every other.
    features = frame.astype(float).fillna(-1.0).to_numpy()
    return Factor(name, features, tuple(str(column) for column in frame))
