"""Further classifiers that may turn a label down: ONNX files with a manifest and a licence."""

import datetime
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ingest.fetch import file_hash
from ingest.gate import pass_statement
from ingest.images import ImageRejected, open_image, upright_rgb
from ingest.licences import Purpose
from ingest.schema import Field, check_table, list_of, matches, one_of, where
from synth.errors import VoterInvalid, VoterUnavailable
from synth.pseudo.strata import WORDS

NO_VOTE = -1


def _numbers(value: Any) -> str | None:
    wrong = [one for one in value if type(one) not in (int, float)]
    return f"holds {wrong[0]!r}. Expected a number in each place" if wrong else None


_FIELDS = (
    Field("model", required=True),
    Field("sha256", required=True, check=matches("[0-9a-f]{64}", "64 hex digits")),
    Field("axis", required=True, check=one_of(*WORDS)),
    Field("classes", list, required=True, check=list_of(str)),
    Field("size", list, required=True, check=list_of(int)),
    Field("mean", list, required=True, check=_numbers),
    Field("std", list, required=True, check=_numbers),
    Field("margin", float),
    Field("training_data", required=True),
    Field("license", dict, required=True),
)
_LICENSE = (
    Field("id", required=True),
    Field("quote", required=True),
    Field("url", required=True),
    Field("stated_by", required=True, check=one_of("owner", "third-party")),
    Field("read_on", datetime.date),
)


@dataclass(frozen=True)
class Voter:
    """A classifier that others made.

    Attributes
    ----------
    about : dict
        What its manifest says.
    session : object
        onnxruntime's session of the model.
    """

    about: dict[str, Any]
    session: Any

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
        scaled = (pixels / 255.0 - self.about["mean"]) / self.about["std"]
        batch = scaled.transpose(2, 0, 1)[None].astype(np.float32)
        scores = self.session.run(None, {self.session.get_inputs()[0].name: batch})[0]
        return WORDS[self.about["axis"]].index(self.about["classes"][int(scores[0].argmax())])


def load_voters(paths: Sequence[Path], axis: str, purposes: Sequence[Purpose]) -> list[Voter]:
    """Voters of some manifests, each let through the licence gate for every purpose.

    Raises
    ------
    VoterInvalid
        With every problem of every manifest's fields, or where the model does not fit them.
    VoterUnavailable
        If onnxruntime is not installed.
    LicenceRefused
        If a licence stands in the way.
    """
    voters = []
    for path in paths:
        about = _read(path, axis)
        for purpose in sorted(set(purposes)):
            statement = {name: str(value) for name, value in about["license"].items()}
            statement["license"] = statement.pop("id")
            pass_statement(path.stem, statement, purpose, (), use="train")
        voters.append(Voter(about, _open(path, about)))
    return voters


def _read(path: Path, axis: str) -> dict[str, Any]:
    try:
        about = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise VoterInvalid(path, [f"is no TOML: {error}"]) from error
    problems = check_table(about, _FIELDS)
    if isinstance(about.get("license"), dict):
        problems += check_table(about["license"], _LICENSE, ("license",))
    if texts := [f"{where(one.address)} {one.text}" for one in problems]:
        raise VoterInvalid(path, texts)
    if wrong := _inconsistent(about, axis):
        raise VoterInvalid(path, wrong)
    return about


def _inconsistent(about: dict[str, Any], axis: str) -> list[str]:
    problems = []
    if about["axis"] != axis:
        problems.append(f"axis is '{about['axis']}'. Expected {axis}, which is asked for")
    if sorted(about["classes"]) != sorted(WORDS[about["axis"]]):
        expected = ", ".join(WORDS[about["axis"]])
        problems.append(f"classes are {about['classes']}. Expected {expected}, in any order")
    for name, length in (("size", 2), ("mean", 3), ("std", 3)):
        if len(about[name]) != length or (name != "mean" and min(about[name]) <= 0):
            problems.append(f"{name} is {about[name]}. Expected {length} numbers above 0")
    return problems


def _open(path: Path, about: dict[str, Any]) -> Any:
    model = path.parent / about["model"]
    if not model.is_file():
        raise VoterInvalid(path, [f"model '{about['model']}' is not beside it"])
    if (found := file_hash(model)) != about["sha256"]:
        raise VoterInvalid(path, [f"sha256 of {about['model']} is {found}, not {about['sha256']}"])
    try:
        import onnxruntime
    except ImportError as error:
        message = "--voter: onnxruntime is not installed. Install it: pip install 'maskcls[onnx]'."
        raise VoterUnavailable(message) from error
    state = onnxruntime.capi.onnxruntime_pybind11_state
    try:
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    except (state.Fail, state.InvalidProtobuf, state.InvalidGraph, state.InvalidArgument) as error:
        raise VoterInvalid(path, [f"{about['model']} is no ONNX model: {error}"]) from error
    _check_shapes(path, about, session)
    return session


def _check_shapes(path: Path, about: dict[str, Any], session: Any) -> None:
    wanted = [3, *about["size"]]
    given = session.get_inputs()[0].shape[1:]
    sizes = session.get_outputs()[0].shape
    fits = [isinstance(g, int) and g != w for g, w in zip(given, wanted, strict=False)]
    n = len(about["classes"])
    if len(given) != 3 or any(fits) or (isinstance(sizes[-1], int) and sizes[-1] != n):
        text = f"{about['model']} takes {given} and gives {sizes}. Expected {wanted} and {n} scores"
        raise VoterInvalid(path, [text])
