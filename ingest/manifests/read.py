"""Manifests: all facts of a data set or model in one TOML file, checked before they are used."""

import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from ingest.errors import AnswerIsNo, IngestError, WrongUsage
from ingest.manifests import fields as manifest_fields
from ingest.manifests.schema import Problem, where
from ingest.manifests.toml_lines import TomlDocument, parse_toml
from ingest.manifests.types import Distribution, LicenceStatement, Manifest, ModelManifest


class ManifestInvalid(AnswerIsNo, IngestError):
    """A manifest with problems, each with its line.

    Attributes
    ----------
    problems : list of str
        ``<file>:<line>: <key> <what is wrong>``, in the order of the lines.
    """

    def __init__(self, name: str, problems: list[tuple[int, str]]) -> None:
        self.problems = [f"{name}:{line}: {text}" for line, text in sorted(set(problems))]
        super().__init__("\n".join(self.problems))

    @classmethod
    def of_lines(cls, lines: list[str]) -> "ManifestInvalid":
        """Join the problems of several files."""
        error = cls("", [])
        error.problems = lines
        error.args = ("\n".join(lines),)
        return error


class UnknownManifest(WrongUsage, IngestError):
    """No manifest of that name."""


def _folder(kind: str) -> Traversable:
    return resources.files("external_manifests") / kind


def manifest_names(kind: str = "datasets") -> list[str]:
    """Names of the manifests that come with the package; `kind` is datasets or models."""
    names = (entry.name for entry in _folder(kind).iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def load_manifest(name: str) -> Manifest:
    """Manifest of a data set, by name or by the path of a ``.toml`` file.

    Raises
    ------
    UnknownManifest
        If there is none; the message lists those there are.
    ManifestInvalid
        With every problem and its line.
    """
    text, file = _read(name, "datasets")
    return parse_manifest(text, file)


def load_model(name: str) -> ModelManifest:
    """Manifest of a model, by name; errors as of `load_manifest`."""
    text, file = _read(name, "models")
    return parse_model(text, file)


def check_files(files: Sequence[str]) -> list[Manifest]:
    """Check the manifests in some files; problems of all of them are reported together.

    Raises
    ------
    ManifestInvalid
        With every problem of every file.
    """
    sound: list[Manifest] = []
    problems: list[str] = []
    for file in files:
        try:
            sound.append(parse_manifest(_read(file, "datasets")[0], file))
        except ManifestInvalid as error:
            problems += error.problems
    if problems:
        raise ManifestInvalid.of_lines(problems)
    return sound


def _read(name: str, kind: str) -> tuple[str, str]:
    if name.endswith(".toml") or "/" in name:
        try:
            return Path(name).read_text(encoding="utf-8"), name
        except UnicodeDecodeError as error:
            raise ManifestInvalid(name, [(1, f"is not UTF-8 text ({error.reason})")]) from error
    names = manifest_names(kind)
    if name in names:
        text = (_folder(kind) / f"{name}.toml").read_text(encoding="utf-8")
        return text, f"external_manifests/{kind}/{name}.toml"
    noun = "data set" if kind == "datasets" else "model"
    close = get_close_matches(name, names, n=1)
    hint = f"Did you mean {close[0]!r}?" if close else f"There are {', '.join(names)}."
    message = f"no manifest of a {noun} {name!r}. {hint} `ingest list` shows them all."
    raise UnknownManifest(message)


def parse_manifest(text: str, file: str) -> Manifest:
    """Data set manifest from TOML text; `file` names it in messages.

    Raises
    ------
    ManifestInvalid
        With every problem and its line.
    """
    document = _document(text, file)
    _refuse(document, manifest_fields.check_dataset(document.values), file)
    values = dict(document.values)
    return Manifest(**_typed(values), file=file)


def parse_model(text: str, file: str) -> ModelManifest:
    """Model manifest from TOML text; errors as of `parse_manifest`."""
    document = _document(text, file)
    _refuse(document, manifest_fields.check_model(document.values), file)
    return ModelManifest(**_typed(dict(document.values)), file=file)


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    values["license"] = LicenceStatement(**values["license"])
    values["distribution"] = [Distribution(**row) for row in values.get("distribution", [])]
    return values


def _document(text: str, file: str) -> TomlDocument:
    try:
        return parse_toml(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        reason = str(error)
        line = getattr(error, "lineno", None) or _line_in(reason)
        raise ManifestInvalid(file, [(line, f"is no TOML: {reason}")]) from error


def _line_in(reason: str) -> int:
    words = reason.partition("at line ")[2].split(",")[0]
    return int(words) if words.isdigit() else 1


def _refuse(document: TomlDocument, problems: list[Problem], file: str) -> None:
    if problems:
        lines = [(document.line(p.address), f"{where(p.address)} {p.text}") for p in problems]
        raise ManifestInvalid(file, lines)
