"""Where a network looks: the parts of an image that speak for a class."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from maskcls.config.heads import Head
from maskcls.network.models import FaceClassifier


def grad_cam(
    model: FaceClassifier, head: Head, axis: str, inputs: Tensor, classes: Tensor
) -> NDArray[np.float32]:
    """How much every place of the images speaks for a class of an axis, shape (N, H, W), 0–1.

    Parameters
    ----------
    model : FaceClassifier
        In evaluation mode.
    head : Head
        The one that predicts `axis`, alone or with others.
    axis : str
        One of its axes.
    inputs : Tensor of shape (N, 3, H, W)
        Normalised images, on the model's device.
    classes : Tensor of shape (N,), int
        Class of the axis looked for in every image.

    Returns
    -------
    ndarray
        Each image's map is scaled to a maximum of 1; all 0 where nothing speaks for the class.

    References
    ----------
    .. [1] Selvaraju et al., "Grad-CAM", 2017, 10.1109/ICCV.2017.74.
    """
    # Any: torch types every attribute of a module as Tensor or Module.
    backbone: Any = model.backbone
    with torch.enable_grad():
        places, features = _places(backbone, inputs.detach().requires_grad_())
        logits = model.heads[head.name](model.neck(backbone.forward_head(features)))
        wanted = _logit_of(logits, head, axis, classes).sum()
        (gradient,) = torch.autograd.grad(wanted, places)
    maps = _as_maps(places.detach(), backbone), _as_maps(gradient, backbone)
    found = (maps[1].mean(dim=(2, 3), keepdim=True) * maps[0]).sum(dim=1, keepdim=True).relu()
    found = functional.interpolate(found.float(), size=inputs.shape[2:], mode="bilinear")[:, 0]
    highest = found.amax(dim=(1, 2), keepdim=True).clamp(min=torch.finfo(found.dtype).tiny)
    return (found / highest).cpu().numpy()


def _places(backbone: Any, inputs: Tensor) -> tuple[Tensor, Tensor]:
    """Activations to explain, and what the backbone's own head goes on with.

    Of a vision transformer those before its last attention: behind it the class token has
    collected all, and no gradient reaches the patches.
    """
    last = getattr(backbone, "blocks", [None])[-1]
    if not hasattr(last, "norm1"):
        features = backbone.forward_features(inputs)
        return features, features
    kept: list[Tensor] = []
    handle = last.norm1.register_forward_hook(lambda module, given, output: kept.append(output))
    try:
        features = backbone.forward_features(inputs)
    finally:
        handle.remove()
    return kept[0], features


def _logit_of(logits: Tensor, head: Head, axis: str, classes: Tensor) -> Tensor:
    """Logit of one class of an axis, joined over the classes of the head's other axes."""
    joint = logits.reshape(len(logits), *head.shape).movedim(head.axes.index(axis) + 1, 1)
    chosen = joint[torch.arange(len(logits)), classes]
    return chosen.flatten(1).logsumexp(dim=1) if chosen.ndim > 1 else chosen


def _as_maps(values: Tensor, backbone: Any) -> Tensor:
    """Shape (N, C, h, w) of what may be that, (N, h, w, C), or tokens (N, prefix + h * w, C)."""
    if values.ndim == 3:
        values = values[:, getattr(backbone, "num_prefix_tokens", 0) :]
        height, width = backbone.patch_embed.grid_size
        return values.reshape(len(values), height, width, -1).movedim(3, 1)
    is_last = values.shape[1] != backbone.num_features and values.shape[3] == backbone.num_features
    return values.movedim(3, 1) if is_last else values
