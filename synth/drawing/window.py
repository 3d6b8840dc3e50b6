"""Part of a photo that some work is confined to."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Slices = tuple[slice, slice]


class Window(NamedTuple):
    """A rectangle of pixels.

    Attributes
    ----------
    x0, y0 : int
        Its top-left pixel in the photo.
    width, height : int
        Its size.
    """

    x0: int
    y0: int
    width: int
    height: int

    @classmethod
    def around(
        cls, points: NDArray[np.floating], margin: float, shape: tuple[int, ...]
    ) -> "Window":
        """Smallest window with all points of shape (N, 2 or 3) and a margin, inside the photo.

        Parameters
        ----------
        points : ndarray of shape (N, 2 or 3)
            (x, y) in pixels.
        margin : float
            Pixels.
        shape : tuple of int
            Of the photo, (H, W, …); the window holds at least one of its pixels.
        """
        x, y = points[:, 0], points[:, 1]
        x0 = min(max(math.floor(x.min() - margin), 0), shape[1] - 1)
        y0 = min(max(math.floor(y.min() - margin), 0), shape[0] - 1)
        x1 = max(min(math.ceil(x.max() + margin), shape[1]), x0 + 1)
        y1 = max(min(math.ceil(y.max() + margin), shape[0]), y0 + 1)
        return cls(x0, y0, x1 - x0, y1 - y0)

    @property
    def slices(self) -> Slices:
        """Rows and columns of the photo."""
        return slice(self.y0, self.y0 + self.height), slice(self.x0, self.x0 + self.width)

    def grown(self, margin: int, shape: tuple[int, ...]) -> "Window":
        """The window with a margin on all sides, as far as a photo of this shape goes."""
        x0, y0 = max(self.x0 - margin, 0), max(self.y0 - margin, 0)
        x1 = min(self.x0 + self.width + margin, shape[1])
        y1 = min(self.y0 + self.height + margin, shape[0])
        return Window(x0, y0, x1 - x0, y1 - y0)

    def shared(self, other: "Window") -> tuple[Slices, Slices]:
        """Part in common with another window, as rows and columns of this one and of that."""
        left, top = max(self.x0, other.x0), max(self.y0, other.y0)
        width = max(min(self.x0 + self.width, other.x0 + other.width) - left, 0)
        height = max(min(self.y0 + self.height, other.y0 + other.height) - top, 0)
        here, there = (Window(left - w.x0, top - w.y0, width, height) for w in (self, other))
        return here.slices, there.slices
