"""Blend images of a batch by mixup or CutMix, seeded by batch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from maskcls.config.sections import TrainConfig


@dataclass(frozen=True)
class Blend:
    """How the images of one batch are blended with each other.

    Attributes
    ----------
    order : Tensor of shape (B,), int
        Partner of every image.
    share : float
        Part of each result that is the image itself, 0–1.
    box : (int, int, int, int) or None
        Top, bottom, left and right of what the partner replaces; None for mixup.
    """

    order: Tensor
    share: float
    box: tuple[int, int, int, int] | None = None

    def of(self, images: Tensor) -> Tensor:
        """Blended images, shape (B, 3, H, W)."""
        partner = images[self.order.to(images.device)]
        if self.box is None:
            return self.share * images + (1 - self.share) * partner
        top, bottom, left, right = self.box
        result = images.clone()
        result[:, :, top:bottom, left:right] = partner[:, :, top:bottom, left:right]
        return result


def draw_blend(config: TrainConfig, shape: Sequence[int], seed: int) -> Blend | None:
    """Blend of one batch, or None if neither mixup nor CutMix is asked for.

    Parameters
    ----------
    config : TrainConfig
        Its ``mixup`` and ``cutmix``.
    shape : sequence of int
        Shape of the batch (B, 3, H, W).
    seed : int
        Decides everything.

    References
    ----------
    .. [1] Zhang et al., "mixup", 2018, arXiv:1710.09412.
    .. [2] Yun et al., "CutMix", 2019, 10.1109/ICCV.2019.00612.
    """
    if not (config.mixup or config.cutmix):
        return None
    rng = np.random.default_rng([seed, 1])
    cut = bool(config.cutmix) and (not config.mixup or rng.random() < 0.5)
    alpha = config.cutmix if cut else config.mixup
    share = float(rng.beta(alpha, alpha))
    order = torch.from_numpy(rng.permutation(shape[0]))
    if not cut:
        return Blend(order, share)
    height, width = shape[2:]
    box = _box(rng, height, width, share)
    area = (box[1] - box[0]) * (box[3] - box[2])
    return Blend(order, 1 - area / (height * width), box)


def _box(
    rng: np.random.Generator, height: int, width: int, share: float
) -> tuple[int, int, int, int]:
    """Rectangle of about ``1 - share`` of the image, cut off at its border."""
    side = np.sqrt(1 - share)
    y, x = rng.integers(height), rng.integers(width)
    dy, dx = round(height * side) // 2, round(width * side) // 2
    return (
        int(max(y - dy, 0)), int(min(y + dy, height)), int(max(x - dx, 0)), int(min(x + dx, width))
    )  # fmt: skip
