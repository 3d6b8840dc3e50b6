"""Photos of known people that come with installed packages, and one face mesher."""

from collections.abc import Iterator

import matplotlib.cbook
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from ingest.faces import FaceMesher


@pytest.fixture(scope="session")
def photos() -> dict[str, NDArray[np.uint8]]:
    """The two packaged portraits by first name, each (H, W, 3), RGB uint8."""
    path = matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    return {
        "eileen": np.array(data.astronaut()[:300, 70:370]),
        "grace": np.array(Image.open(path).convert("RGB")),
    }


@pytest.fixture(scope="session")
def mesher() -> Iterator[FaceMesher]:
    """The face mesher all tests share."""
    with FaceMesher() as shared:
        yield shared
