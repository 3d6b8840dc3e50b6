"""torchvision's augmentation policies as transforms with a seed of their own."""

from typing import Any

import albumentations
import numpy as np
import torch
from numpy.typing import NDArray
from torchvision.transforms import v2


class _Policy(albumentations.ImageOnlyTransform):
    """Apply a policy of torchvision with numbers drawn from this transform's generator."""

    policy: Any

    def get_params(self) -> dict[str, Any]:
        """Seed of one image."""
        return {"seed": self.py_random.randrange(2**31)}

    def apply(self, img: NDArray[np.uint8], seed: int = 0, **params: Any) -> NDArray[np.uint8]:
        """Transform one image, shape (H, W, 3), RGB uint8; torch's own generator is left alone."""
        image = torch.from_numpy(np.ascontiguousarray(img.transpose(2, 0, 1)).copy())
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            changed = self.policy(image)
        return np.ascontiguousarray(changed.numpy().transpose(1, 2, 0))


class RandAugment(_Policy):
    """So many operations of one strength, drawn at random.

    Parameters
    ----------
    num_ops, magnitude : int
        Number of operations, and their strength of 30.
    p : float
        Probability of transforming an image at all.

    References
    ----------
    .. [1] Cubuk et al., "RandAugment", 2020, 10.1109/CVPRW50498.2020.00359.
    """

    def __init__(self, num_ops: int = 2, magnitude: int = 9, p: float = 0.5) -> None:
        super().__init__(p=p)
        self.policy = v2.RandAugment(num_ops, magnitude)


class AutoAugment(_Policy):
    """One of the policies found on ImageNet, CIFAR-10 or SVHN.

    Parameters
    ----------
    policy : {"imagenet", "cifar10", "svhn"}
        Where it was found.
    p : float
        Probability of transforming an image at all.

    References
    ----------
    .. [1] Cubuk et al., "AutoAugment", 2019, 10.1109/CVPR.2019.00020.
    """

    def __init__(self, policy: str = "imagenet", p: float = 0.5) -> None:
        super().__init__(p=p)
        self.policy = v2.AutoAugment(v2.AutoAugmentPolicy(policy))
