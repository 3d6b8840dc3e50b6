"""The network: a timm backbone with one last layer per predicted group of axes."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ingest.atomic import atomic_path
from maskcls.config.heads import Head
from maskcls.config.sections import ModelConfig
from maskcls.errors import ArgumentRefused, BackboneUnknown, PretrainedUnavailable, WeightsInvalid
from maskcls.network.layers import YEARS, make_classifier, make_years

WAYS_OUT = "Give a file with --weights FILE, or train from scratch with --no-pretrained."


@dataclass(frozen=True)
class BackboneSource:
    """Where the first weights of a backbone come from.

    Attributes
    ----------
    kind : {"scratch", "timm", "file"}
        Random numbers, timm's pretrained weights, or a file of the user's.
    name : str
        timm's name with its tag, or the file.
    license : str
        As timm records it; ``NOASSERTION`` where nobody says.
    path : Path or None
        File of the weights.
    """

    kind: str
    name: str
    license: str = ""
    path: Path | None = None


class FaceClassifier(nn.Module):
    """Backbone, optional extra layer, dropout, and a last layer per head.

    Parameters
    ----------
    config : ModelConfig
        The network.
    heads : sequence of Head
        What it predicts.
    size : (int, int), optional
        Height and width of its input in pixels, for backbones that are made for one size.
    """

    def __init__(
        self, config: ModelConfig, heads: Sequence[Head], size: tuple[int, int] | None = None
    ) -> None:
        super().__init__()
        self.size = size
        self.backbone = make_backbone(config.backbone, size)
        # Any: torch types every attribute of a module as Tensor or Module.
        width: Any = self.backbone.head_hidden_size or self.backbone.num_features
        self.neck: nn.Module = nn.Identity()
        if config.hidden:
            self.neck = nn.Sequential(nn.Linear(width, config.hidden), nn.ReLU())
            width = config.hidden
        self.dropout = nn.Dropout(config.dropout)
        self.samples = config.dropout_samples
        layers = {head.name: make_classifier(head, width, config) for head in heads}
        if config.age_years and any("age" in head.axes for head in heads):
            layers[YEARS] = make_years(width)
        self.heads = nn.ModuleDict(layers)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Logits of every head, shape (B, n_classes), from normalised images (B, 3, H, W).

        In training the outputs are the mean over the dropout samples. With ``age_years`` the
        age in years is among them, shape (B, 1), by the name `layers.YEARS`.
        """
        features = self.neck(self.backbone(images))
        samples = [self.dropout(features) for _ in range(self.samples if self.training else 1)]
        return {
            name: torch.stack([head(sample) for sample in samples]).mean(dim=0)
            for name, head in self.heads.items()
        }


def make_backbone(name: str, size: tuple[int, int] | None, **options: Any) -> nn.Module:
    """Timm's model without classifier, made for a size of input where it has to be."""
    import timm

    found: Any = timm.get_pretrained_cfg(name)
    if size and found is not None and found.fixed_input_size and size != found.input_size[1:]:
        options["img_size"] = size
    return timm.create_model(name, num_classes=0, **options)


def check_input(config: ModelConfig, heads: Sequence[Head], size: tuple[int, int]) -> None:
    """Refuse a backbone that cannot take images of a size.

    Raises
    ------
    ArgumentRefused
        With what the backbone says.
    """
    try:
        model = FaceClassifier(config, heads, size).eval()
        with torch.inference_mode():
            model(torch.zeros(2, 3, *size))
    except (AssertionError, RuntimeError, TypeError, ValueError) as error:
        said = " ".join(str(error).split())[:200]
        message = (
            f"model.backbone {config.backbone!r}: cannot take images of {size[0]}×{size[1]} pixels "
            f"({said}). Expected a size it can be made for, often 224×224. Set data.size."
        )
        raise ArgumentRefused(message) from error


def check_backbone(name: str) -> None:
    """Refuse a backbone that timm does not have.

    Raises
    ------
    BackboneUnknown
        With the nearest names.
    """
    import timm

    if timm.is_model(name):
        return
    near = get_close_matches(name, timm.list_models(), n=5, cutoff=0.5)
    message = (
        f"model.backbone {name!r}: timm has no such model. "
        f"Nearest: {', '.join(near) or 'none'}. `timm.list_models()` gives them all."
    )
    raise BackboneUnknown(message)


def find_source(backbone: str, pretrained: bool, weights: str) -> BackboneSource:
    """Where the first weights come from, with nothing fetched yet.

    Raises
    ------
    BackboneUnknown, ArgumentRefused
        If timm does not know the backbone, or has no pretrained weights for it.
    """
    import timm

    check_backbone(backbone)
    if weights:
        return BackboneSource("file", Path(weights).name, "NOASSERTION", Path(weights))
    if not pretrained:
        return BackboneSource("scratch", backbone)
    found: Any = timm.get_pretrained_cfg(backbone, allow_unregistered=False)
    if found is None or not found.hf_hub_id:
        message = f"model.backbone {backbone!r}: timm has no pretrained weights for it. {WAYS_OUT}"
        raise ArgumentRefused(message)
    name = f"{found.architecture}.{found.tag}" if found.tag else found.architecture
    return BackboneSource("timm", name, found.license or "NOASSERTION")


def fetch_weights(source: BackboneSource) -> Path | None:
    """File of the first weights, downloaded into the hub's own cache if it is not there.

    Raises
    ------
    PretrainedUnavailable
        If the hub cannot be reached or does not give the file.
    WeightsInvalid
        If the user's file does not exist.
    """
    if source.kind == "file" and source.path and not source.path.is_file():
        message = f"--weights {source.path}: no such file. Expected safetensors."
        raise WeightsInvalid(message)
    if source.kind != "timm":
        return source.path
    import timm
    from huggingface_hub import snapshot_download

    found: Any = timm.get_pretrained_cfg(source.name)
    repo, _, revision = found.hf_hub_id.partition("@")
    filename = found.hf_hub_filename or "model.safetensors"
    try:
        folder = snapshot_download(
            repo, revision=revision or None, allow_patterns=[filename], etag_timeout=10
        )
    except OSError as error:
        message = (
            f"pretrained weights '{source.name}' could not be fetched from the model hub "
            f"({type(error).__name__}). Expected a network connection. {WAYS_OUT}"
        )
        raise PretrainedUnavailable(message) from error
    path = Path(folder) / filename
    if not path.is_file():
        message = (
            f"pretrained weights '{source.name}': the hub has no file {filename}. "
            f"Expected safetensors. {WAYS_OUT}"
        )
        raise PretrainedUnavailable(message)
    return path


def load_backbone(model: FaceClassifier, source: BackboneSource, path: Path | None) -> None:
    """Put the first weights into a model's backbone; nothing to do from scratch.

    Raises
    ------
    WeightsInvalid
        If the file is not safetensors or does not fit the backbone.
    """
    if source.kind == "timm":
        overlay = {"file": str(path)}
        pretrained = make_backbone(
            source.name, model.size, pretrained=True, pretrained_cfg_overlay=overlay
        )
        model.backbone.load_state_dict(pretrained.state_dict())
    elif path is not None:
        state = read_weights(path)
        prefix = "backbone."
        own = {key.removeprefix(prefix): v for key, v in state.items() if key.startswith(prefix)}
        _load_fitting(model.backbone, own or state, path)


def read_weights(path: Path) -> dict[str, Tensor]:
    """Tensors of a safetensors file.

    Raises
    ------
    WeightsInvalid
        If it is no such file.
    """
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        message = f"{path}: not readable as safetensors ({error}). Expected such a file."
        raise WeightsInvalid(message) from error


def _load_fitting(module: nn.Module, state: dict[str, Tensor], path: Path) -> None:
    """Load what fits; a classifier of the file's own is left aside, anything else is refused."""
    own = module.state_dict()
    missing = [key for key in own if key not in state]
    wrong = [key for key in own if key in state and own[key].shape != state[key].shape]
    if missing or wrong:
        message = (
            f"{path}: {len(missing)} tensors missing and {len(wrong)} of another shape "
            f"({', '.join((missing + wrong)[:3])}). Expected weights of the configured "
            "model.backbone. Give its file, or set the backbone it belongs to."
        )
        raise WeightsInvalid(message)
    module.load_state_dict({key: state[key] for key in own})


def save_model(model: FaceClassifier, path: Path) -> None:
    """Write a model's weights as safetensors, atomically; the same weights, the same bytes."""
    state = {key: value.detach().cpu().contiguous() for key, value in model.state_dict().items()}
    with atomic_path(path) as temporary:
        # One key only: safetensors writes several in an order that changes from run to run.
        save_file(state, temporary, {"format": "pt"})


def load_model(
    path: Path, config: ModelConfig, heads: Sequence[Head], size: tuple[int, int] | None = None
) -> FaceClassifier:
    """Model with the weights of a run, ready to score.

    Raises
    ------
    WeightsInvalid
        If the file is not safetensors or does not fit the configuration.
    """
    model = FaceClassifier(config, heads, size)
    _load_fitting(model, read_weights(path), path)
    return model.eval().requires_grad_(False)
