"""How an image file becomes the uint8 array that transforms start from, and who keeps it."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from os import cpu_count
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from ingest.cli_support import progress
from ingest.faces.person import on_grey
from ingest.images import ImageRejected, open_image, upright
from maskcls.config.sections import DataConfig
from maskcls.images.crops import crop_area

_BYTES_PER_MB = 2**20


def read_image(
    path: Path | str, config: DataConfig, box: Sequence[float] | None = None
) -> NDArray[np.uint8]:
    """Decode an image upright, remove its background if asked, crop and resize it.

    Parameters
    ----------
    path : Path or str
        A file Pillow reads; EXIF orientation is applied.
    config : DataConfig
        Size (height, width) in pixels, the crop, and whether the background stays.
    box : sequence of 4 floats, optional
        Face box x0, y0, x1, y1 in pixels of the upright image; NaN where unknown.

    Returns
    -------
    ndarray of shape (height, width, 3), uint8
        RGB.

    Raises
    ------
    ImageRejected
        If the file is missing, no image, damaged or too large.
    """
    photo = upright(open_image(path))
    if config.background == "removed":
        photo = Image.fromarray(on_grey(np.asarray(photo)))
    height, width = config.size
    area = crop_area(box, photo.size, config)
    resized = photo.resize((width, height), Image.Resampling.BILINEAR, area, reducing_gap=3.0)
    return np.asarray(resized)


class ImageStore:
    """The images of a table of rows: read once, kept in shared memory if they fit.

    Parameters
    ----------
    files : sequence of str
        Path of every row.
    boxes : ndarray of shape (N, 4), float
        Face box of every row, NaN where unknown.
    config : DataConfig
        Size, crop and the memory allowed.
    """

    def __init__(self, files: Sequence[str], boxes: NDArray, config: DataConfig) -> None:
        self.files, self.boxes, self.config = list(files), np.asarray(boxes, float), config
        height, width = config.size
        fits = len(self.files) * height * width * 3 <= config.cache_mb * _BYTES_PER_MB
        shape = (len(self.files), height, width, 3)
        self.kept = torch.empty(shape, dtype=torch.uint8).share_memory_() if fits else None

    def read_all(self, label: str = "reading images") -> dict[int, str]:
        """Read every image; give the reason for every row that cannot be used."""
        with ThreadPoolExecutor(cpu_count()) as pool:
            results = pool.map(self._keep, range(len(self.files)))
            reasons = dict(enumerate(progress(results, len(self.files), label)))
        return {row: reason for row, reason in reasons.items() if reason}

    def only(self, rows: NDArray[np.int64]) -> "ImageStore":
        """The store of some of the rows, renumbered; nothing is read again."""
        part = copy(self)
        part.files = [self.files[row] for row in rows]
        part.boxes = self.boxes[rows]
        if self.kept is not None:
            part.kept = self.kept[torch.from_numpy(rows)].share_memory_()
        return part

    def _keep(self, row: int) -> str:
        try:
            image = read_image(self.files[row], self.config, self.boxes[row])
        except ImageRejected as error:
            return str(error)
        if self.kept is not None:
            self.kept[row] = torch.from_numpy(np.array(image))
        return ""

    def __getitem__(self, row: int) -> NDArray[np.uint8]:
        if self.kept is not None:
            return self.kept[row].numpy()
        return read_image(self.files[row], self.config, self.boxes[row])


def read_many(
    files: Iterable[str], boxes: NDArray, config: DataConfig
) -> tuple[list[NDArray[np.uint8]], list[int], dict[int, str]]:
    """Read some images: the arrays, their positions, and the reasons of those left out."""
    store = list(files)
    images, positions, reasons = [], [], {}
    with ThreadPoolExecutor(cpu_count()) as pool:
        futures = [pool.submit(read_image, f, config, b) for f, b in zip(store, boxes, strict=True)]
    for position, future in enumerate(futures):
        try:
            images.append(future.result())
            positions.append(position)
        except ImageRejected as error:
            reasons[position] = str(error)
    return images, positions, reasons
