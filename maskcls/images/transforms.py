"""Augmentations by name, every parameter stated, each image with a seed of its own."""

import inspect
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maskcls.errors import ConfigInvalid

# Without it, importing albumentations asks a package index for its newest release.
os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")
import albumentations

from maskcls.images import policies

_IMAGE_TRANSFORMS = (
    "Affine", "CenterCrop", "CoarseDropout", "ColorJitter", "Downscale", "GaussNoise",
    "GaussianBlur",
    "HorizontalFlip", "HueSaturationValue", "ImageCompression", "Perspective",
    "RandomBrightnessContrast", "RandomGridShuffle", "RandomResizedCrop", "Resize", "Rotate",
    "Sharpen", "ToGray",
)  # fmt: skip
TRANSFORMS = {
    **{name: getattr(albumentations, name) for name in _IMAGE_TRANSFORMS},
    "AutoAugment": policies.AutoAugment,
    "RandAugment": policies.RandAugment,
}
_OF_ANNOTATIONS = {"mask_interpolation", "fill_mask"}


class Augment:
    """Transforms applied in order; the same seed and image give the same result.

    Parameters
    ----------
    specs : sequence of dict
        ``name`` and every parameter of each transform.
    where : str
        Configuration key named in errors.

    Raises
    ------
    ConfigInvalid
        With every unknown name, missing or unknown parameter and value refused.
    """

    def __init__(self, specs: Sequence[dict[str, Any]], where: str) -> None:
        problems = [f"[{i}] {text}" for i, spec in enumerate(specs) for text in _problems(spec)]
        if problems:
            raise ConfigInvalid(where, problems)
        try:
            built = [_build(spec) for spec in specs]
        except ValueError as error:
            lines = [line.strip() for line in str(error).splitlines() if line.strip()]
            raise ConfigInvalid(where, ["; ".join(lines)]) from error
        self.compose = albumentations.Compose(built) if built else None

    def __call__(self, image: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
        """Transform one image, shape (H, W, 3), RGB uint8."""
        if self.compose is None:
            return image
        self.compose.set_random_seed(seed)
        return self.compose(image=image)["image"]


def _build(spec: dict[str, Any]) -> Any:
    values = {
        key: tuple(v) if isinstance(v, list) else v for key, v in spec.items() if key != "name"
    }
    return TRANSFORMS[spec["name"]](**values)


def _problems(spec: dict[str, Any]) -> list[str]:
    name = spec.get("name")
    if name not in TRANSFORMS:
        return [f"name is {name!r}; expected one of {', '.join(TRANSFORMS)}"]
    parameters = dict(inspect.signature(TRANSFORMS[name].__init__).parameters)
    parameters.pop("self")
    given = set(spec) - {"name"}
    needed = {key for key, p in parameters.items() if p.default is not None} - _OF_ANNOTATIONS
    problems = [f"{name}: unknown parameter '{key}'; expected {', '.join(parameters)}"
                for key in sorted(given - set(parameters))]  # fmt: skip
    problems += [
        f"{name}: '{key}' is not stated; every parameter must be, since defaults change"
        for key in sorted(needed - given)
    ]
    return problems
