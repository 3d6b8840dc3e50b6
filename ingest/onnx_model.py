"""What a model that the user brings is: an ONNX file, and a manifest beside it with its licence."""

import datetime
import math
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.errors import IngestError, ProblemsFound, WrongUsage
from ingest.fetch import file_hash
from ingest.licences.gate import pass_statement
from ingest.licences.terms import Purpose, Use
from ingest.manifests.schema import Field, check_table, list_of, matches, one_of, where


class ModelInvalid(ProblemsFound, WrongUsage, IngestError):
    """The manifest of a model, or the model itself, with problems, all of them listed."""


class RuntimeMissing(IngestError):
    """Models need a library that is not installed."""


def numbers(value: Any) -> str | None:
    """Say why an array does not hold numbers only, or None."""
    wrong = [one for one in value if type(one) not in (int, float) or not math.isfinite(one)]
    return f"holds {wrong[0]!r}. Expected a number in each place" if wrong else None


def _not_negative(value: float) -> str | None:
    return None if value >= 0 else f"is {value!r}. Expected 0 or more"


_FIELDS = (
    Field("model", required=True),
    Field("sha256", required=True, check=matches("[0-9a-f]{64}", "64 hex digits")),
    Field("size", list, required=True, check=list_of(int)),
    Field("mean", list, required=True, check=numbers),
    Field("std", list, required=True, check=numbers),
    Field("margin", float, check=_not_negative),
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
class OnnxModel:
    """A model that others made, ready to run.

    Attributes
    ----------
    about : dict
        What its manifest says: ``model``, ``sha256``, ``size`` (height, width), ``mean`` and
        ``std`` (of RGB, 0–1), ``margin`` (around a face box, share of its longer side),
        ``training_data``, ``license``, and what the manifest's reader asked for besides.
    session : object
        onnxruntime's session of the model.
    """

    about: dict[str, Any]
    session: Any

    def run(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """First output of the model for one image.

        Parameters
        ----------
        image : ndarray of shape (H, W, 3), uint8
            RGB, of the size the model takes.

        Returns
        -------
        ndarray of shape (K,), float32

        Raises
        ------
        ModelInvalid
            If it cannot be run on an image of that size.
        """
        scaled = (image / 255.0 - self.about["mean"]) / self.about["std"]
        batch = scaled.transpose(2, 0, 1)[None].astype(np.float32)
        try:
            return np.ravel(self.session.run(None, {self._input: batch})[0]).astype(np.float32)
        except _runtime_errors() as error:
            reason = f"cannot be run on {self.about['size']}: {str(error).splitlines()[0]}"
            raise ModelInvalid(self.about["model"], [reason]) from error

    @cached_property
    def _input(self) -> str:
        return self.session.get_inputs()[0].name

    @property
    def n_outputs(self) -> int | None:
        """Numbers in the first output; None if the model leaves that open."""
        size = self.session.get_outputs()[0].shape[-1]
        return size if isinstance(size, int) else None


def read_about(path: Path, own: tuple[Field, ...]) -> dict[str, Any]:
    """Read the manifest of a model.

    Parameters
    ----------
    path : Path
        TOML with the keys of `OnnxModel` and those of `own`.
    own : tuple of Field
        Keys of this kind of model.

    Raises
    ------
    ModelInvalid
        With every problem.
    """
    try:
        about = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ModelInvalid(path, [f"is no TOML: {error}"]) from error
    problems = check_table(about, (*_FIELDS, *own))
    if isinstance(about.get("license"), dict):
        problems += check_table(about["license"], _LICENSE, ("license",))
    if texts := [f"{where(one.address)} {one.text}" for one in problems]:
        raise ModelInvalid(path, texts)
    if wrong := _wrong_lengths(about):
        raise ModelInvalid(path, wrong)
    return about


def _wrong_lengths(about: dict[str, Any]) -> list[str]:
    return [
        f"{name} is {about[name]}. Expected {length} numbers above 0"
        for name, length in (("size", 2), ("mean", 3), ("std", 3))
        if len(about[name]) != length or (name != "mean" and min(about[name]) <= 0)
    ]


def pass_licence(path: Path, about: dict[str, Any], use: Use, purposes: Iterable[Purpose]) -> None:
    """Ask the licence gate for a model of `read_about`, once for each purpose.

    Raises
    ------
    LicenceRefused
        If the licence stands in the way.
    """
    for purpose in sorted(set(purposes)):
        statement = {name: str(value) for name, value in about["license"].items()}
        statement["license"] = statement.pop("id")
        pass_statement(path.stem, statement, purpose, (), use=use)


def open_model(path: Path, about: dict[str, Any], option: str) -> OnnxModel:
    """Open the ONNX file beside a manifest, after its hash was compared.

    Parameters
    ----------
    path : Path
        The manifest.
    about : dict
        As of `read_about`.
    option : str
        What asked for it, for messages.

    Raises
    ------
    ModelInvalid
        If it is missing, another file, no ONNX, or takes other images than the manifest says.
    RuntimeMissing
        If onnxruntime is not installed.
    """
    file = path.parent / about["model"]
    if not file.is_file():
        raise ModelInvalid(path, [f"model '{about['model']}' is not beside it"])
    if (found := file_hash(file)) != about["sha256"]:
        raise ModelInvalid(path, [f"sha256 of {about['model']} is {found}, not {about['sha256']}"])
    try:
        import onnxruntime
    except ImportError as error:
        message = f"{option}: onnxruntime is not installed. Run: pip install 'maskcls[onnx]'"
        raise RuntimeMissing(message) from error
    try:
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    except _runtime_errors() as error:
        raise ModelInvalid(path, [f"{about['model']} is no ONNX model: {error}"]) from error
    _check_input(path, about, session)
    return OnnxModel(about, session)


def _runtime_errors() -> tuple[type[Exception], ...]:
    """What onnxruntime raises on models that are damaged or do not fit; it has no common base."""
    import onnxruntime

    state = onnxruntime.capi.onnxruntime_pybind11_state
    return (state.Fail, state.InvalidProtobuf, state.InvalidGraph, state.InvalidArgument,
            state.NotImplemented, state.RuntimeException)  # fmt: skip


def _check_input(path: Path, about: dict[str, Any], session: Any) -> None:
    wanted, given = [3, *about["size"]], session.get_inputs()[0].shape[1:]
    fits = [not isinstance(g, int) or g == w for g, w in zip(given, wanted, strict=False)]
    if len(given) != 3 or not all(fits):
        text = f"{about['model']} takes {given}. Expected {wanted} (channels, height, width)"
        raise ModelInvalid(path, [text])
