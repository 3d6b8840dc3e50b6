"""Further classifiers that may turn a label down: ONNX files with a manifest and a licence."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ingest.images import ImageRejected, open_image, upright_rgb
from ingest.licences.terms import Purpose
from ingest.manifests.schema import Field, list_of, one_of
from ingest.onnx_model import ModelInvalid, OnnxModel, open_model, pass_licence, read_about
from synth.pseudo.strata import WORDS

NO_VOTE = -1
_FIELDS = (
    Field("axis", required=True, check=one_of(*WORDS)),
    Field("classes", list, required=True, check=list_of(str)),
)


@dataclass(frozen=True)
class Voter:
    """A classifier that others made.

    Attributes
    ----------
    model : OnnxModel
        Its manifest has ``axis`` and ``classes`` (the outputs in order) besides.
    """

    model: OnnxModel

    @property
    def about(self) -> dict[str, Any]:
        """What its manifest says."""
        return self.model.about

    def vote(self, files: Sequence[str], boxes: NDArray[np.float64]) -> NDArray[np.int64]:
        """Class of every file, `NO_VOTE` where it cannot be read, shape (N,).

        Parameters
        ----------
        files : sequence of str
            Images.
        boxes : ndarray of shape (N, 4), float
            Face boxes x0, y0, x1, y1 in pixels, NaN where unknown.
        """
        return np.array([self._one(*one) for one in zip(files, boxes, strict=True)], dtype=np.int64)

    def _one(self, file: str, box: NDArray[np.float64]) -> int:
        try:
            picture = Image.fromarray(upright_rgb(open_image(file)))
        except ImageRejected:
            return NO_VOTE
        height, width = self.about["size"]
        if not np.isnan(box).any():
            margin = self.about.get("margin", 0.0) * max(box[2] - box[0], box[3] - box[1])
            picture = picture.crop(tuple(np.round(box + margin * np.array([-1, -1, 1, 1]))))
        pixels = np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR))
        best = int(self.model.run(pixels).argmax())
        return WORDS[self.about["axis"]].index(self.about["classes"][best])


def load_voters(paths: Sequence[Path], axis: str, purposes: Sequence[Purpose]) -> list[Voter]:
    """Voters of some manifests, each let through the licence gate for every purpose.

    Raises
    ------
    ModelInvalid
        With every problem of every manifest's fields, or where the model does not fit them.
    RuntimeMissing
        If onnxruntime is not installed.
    LicenceRefused
        If a licence stands in the way.
    """
    voters = []
    for path in paths:
        about = read_about(path, _FIELDS)
        if wrong := _inconsistent(about, axis):
            raise ModelInvalid(path, wrong)
        pass_licence(path, about, "train", purposes)
        model, expected = open_model(path, about, "--voter"), len(about["classes"])
        if model.n_outputs not in (None, expected):
            text = f"{about['model']} gives {model.n_outputs} scores. Expected {expected}"
            raise ModelInvalid(path, [text])
        voters.append(Voter(model))
    return voters


def _inconsistent(about: dict[str, Any], axis: str) -> list[str]:
    problems = []
    if about["axis"] != axis:
        problems.append(f"axis is '{about['axis']}'. Expected {axis}, which is asked for")
    if sorted(about["classes"]) != sorted(WORDS[about["axis"]]):
        expected = ", ".join(WORDS[about["axis"]])
        problems.append(f"classes are {about['classes']}. Expected {expected}, in any order")
    return problems
