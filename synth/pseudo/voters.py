"""Further classifiers that may turn a label down: ONNX files with a model manifest."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Voter:
    """PLACEHOLDER."""

    name: str
    about: dict[str, Any]

    def vote(self, files: Sequence[str], boxes: NDArray) -> NDArray[np.int64]:
        """PLACEHOLDER."""
        raise NotImplementedError


def load_voters(paths: Sequence[Path], axis: str, purposes: Sequence[str]) -> list[Voter]:
    """PLACEHOLDER."""
    return []
