"""A finished run, loaded to score images: its models, heads and configuration."""

from collections.abc import Sequence
from dataclasses import dataclass

from numpy.typing import NDArray

from maskcls.config import Config
from maskcls.errors import RunInvalid
from maskcls.heads import Head, parse_heads
from maskcls.inference import HeadScores, score_batch
from maskcls.loading import to_batch
from maskcls.models import FaceClassifier, load_model, pick_device
from maskcls.runs import Run


@dataclass(frozen=True)
class Scorer:
    """Models of a run that score together, by the mean of their probabilities.

    Attributes
    ----------
    models : tuple of FaceClassifier
        One per fold.
    heads : tuple of Head
        What they predict.
    config : Config
        Of the run.
    """

    models: tuple[FaceClassifier, ...]
    heads: tuple[Head, ...]
    config: Config

    def scores(self, images: Sequence[NDArray]) -> HeadScores:
        """Probabilities of every head for arrays as of `images.read_image`."""
        return score_batch(self.models, to_batch(images, self.config), self.config.transforms)


def load_scorer(run: Run) -> Scorer:
    """Load every model of a run.

    Raises
    ------
    RunInvalid
        If its folder holds no weights.
    WeightsInvalid
        If weights are not safetensors or do not fit its configuration.
    """
    config = run.config()
    heads = parse_heads(config.model.heads, config.run.target)
    paths = sorted(run.weights.glob("*.safetensors"))
    if not paths:
        message = f"{run.weights}: no weights. Expected *.safetensors. Train the run again."
        raise RunInvalid(message)
    device = pick_device()
    models = tuple(load_model(path, config.model, heads).to(device) for path in paths)
    return Scorer(models, heads, config)
