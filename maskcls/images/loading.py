"""Rows to batches: what a loader gives the network, in training and in scoring."""

import os
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset

from maskcls import distributed
from maskcls.config.sections import Config
from maskcls.data.samplers import Draw, MixedSampler, SharedSampler
from maskcls.images.reading import ImageStore
from maskcls.images.transforms import Augment

MOST_WORKERS = 8
Batch = tuple[torch.Tensor, ...]
"""Images of shape (B, 3, H, W), RGB uint8, and row numbers of shape (B,); where labels are guessed
also the images as they are scored, for the rows that need them."""


def check_transforms(config: Config) -> Augment:
    """Augmentation of training images; refuses a configuration that cannot be built.

    Raises
    ------
    ConfigInvalid
        With every problem of ``transforms``.
    """
    Augment(config.transforms.always, "transforms.always")
    Augment((*config.transforms.always, *config.transforms.strong), "transforms.strong")
    return Augment((*config.transforms.always, *config.transforms.train), "transforms")


class TrainingImages(Dataset[Batch]):
    """Augmented images, by `Draw`.

    Parameters
    ----------
    store, config : ImageStore, Config
        The images, and how they are changed.
    unlabelled : ndarray of shape (N,), bool, optional
        Rows whose labels are guessed on the image as it is scored.
    """

    def __init__(
        self, store: ImageStore, config: Config, unlabelled: NDArray[np.bool_] | None = None
    ) -> None:
        self.store, self.unlabelled = store, unlabelled
        self.augment = self.of_unlabelled = check_transforms(config)
        self.plain = Augment(config.transforms.always, "transforms.always")
        if config.self_training.consistency:
            strong = (*config.transforms.always, *config.transforms.strong)
            self.of_unlabelled = Augment(strong, "transforms.strong")

    def __getitem__(self, draw: Draw) -> Batch:
        """Image and row number of one draw, and the image to guess on."""
        image, row = self.store[draw.row], torch.tensor(draw.row)
        if self.unlabelled is None:
            return _tensor(self.augment(image, draw.seed)), row
        if not self.unlabelled[draw.row]:
            changed = _tensor(self.augment(image, draw.seed))
            return changed, row, changed
        changed = _tensor(self.of_unlabelled(image, draw.seed))
        return changed, row, _tensor(self.plain(image, 0))


class ScoredImages(Dataset[Batch]):
    """Images as they are scored, by position among `rows`."""

    def __init__(self, store: ImageStore, rows: NDArray[np.int64], config: Config) -> None:
        self.store, self.rows = store, rows
        self.augment = Augment(config.transforms.always, "transforms.always")

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, position: int) -> Batch:
        """Image and row number at a position."""
        row = int(self.rows[position])
        return _tensor(self.augment(self.store[row], 0)), torch.tensor(row)


def count_workers(config: Config) -> int:
    """Loader processes of this training process, by ``data.workers``."""
    if config.data.workers >= 0:
        return config.data.workers
    if not torch.cuda.is_available():
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(max((cores or 1) // distributed.local_size() - 1, 0), MOST_WORKERS)


def input_size(config: Config) -> tuple[int, int]:
    """Height and width of what the network is given, in pixels."""
    blank = np.zeros((*config.data.size, 3), dtype=np.uint8)
    height, width = Augment(config.transforms.always, "transforms.always")(blank, 0).shape[:2]
    return height, width


def to_batch(images: Sequence[NDArray[np.uint8]], config: Config) -> torch.Tensor:
    """Batch of shape (B, 3, H, W), uint8, from arrays as of `reading.read_image`."""
    augment = Augment(config.transforms.always, "transforms.always")
    return torch.stack([_tensor(augment(image, 0)) for image in images])


def _tensor(image: NDArray[np.uint8]) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)).copy())


def training_loader(
    store: ImageStore,
    sampler: MixedSampler,
    config: Config,
    unlabelled: NDArray[np.bool_] | None = None,
) -> DataLoader[Batch]:
    """Batches of one epoch after another, the last one left out as ``train.drop_last`` says.

    A last batch of a single image always is: batch normalisation would have no variance. An
    epoch of less than one batch is kept. Several processes share every batch.
    """
    batch_size = config.train.batch_size // distributed.size()
    part, workers = SharedSampler(sampler), count_workers(config)
    rest = len(part) % batch_size
    unwanted = rest == 1 or (config.train.drop_last and rest > 0)
    return DataLoader(
        TrainingImages(store, config, unlabelled),
        batch_size=batch_size,
        sampler=part,
        num_workers=workers,
        persistent_workers=workers > 0,
        pin_memory=torch.cuda.is_available(),
        drop_last=unwanted and len(part) > batch_size,
    )


def scoring_loader(store: ImageStore, rows: NDArray[np.int64], config: Config) -> DataLoader[Batch]:
    """Batches of the given rows, in order, unaugmented."""
    return DataLoader(
        ScoredImages(store, rows, config),
        batch_size=config.train.batch_size,
        num_workers=0 if store.kept is not None else count_workers(config),
        pin_memory=torch.cuda.is_available(),
    )
