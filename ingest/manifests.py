"""Manifests: all facts of a data set or model in one TOML file, checked before they are used."""

import datetime
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from ingest import manifest_fields
from ingest.errors import AnswerIsNo, IngestError, WrongUsage
from ingest.schema import Problem, where
from ingest.toml_lines import TomlDocument, parse_toml


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


@dataclass(frozen=True)
class LicenceStatement:
    """What a source says about its licence, who says so and where.

    Attributes
    ----------
    id : str
        SPDX id or expression, ``LicenseRef-…`` or ``NOASSERTION``.
    quote : str
        The sentence, word for word; empty where none is known.
    url : str
        Where it stands.
    read_on : date
        When it was read.
    stated_by : {"owner", "third-party", "nobody"}
        Whose sentence it is; a third party's is second-hand.
    attribution : str
        Credit line.
    note : str
        What the reader should know besides.
    """

    id: str
    read_on: datetime.date
    stated_by: str
    quote: str = ""
    url: str = ""
    attribution: str = ""
    note: str = ""


@dataclass(frozen=True)
class Distribution:
    """One file that the source publishes.

    Attributes
    ----------
    name : str
        File name to store it under.
    content_url : str
        ``https://…``, or ``package:<package>/<path>`` for a file of an installed package;
        empty if it has to be fetched by hand.
    sha256, md5 : str
        Published hash; both empty where the source publishes none (`hash_note` says why).
    content_size : int
        Bytes, 0 if unknown.
    instructions : str
        What to do where a login, a form or a purchase stands in the way.
    """

    name: str
    content_url: str = ""
    sha256: str = ""
    md5: str = ""
    content_size: int = 0
    hash_note: str = ""
    instructions: str = ""

    @property
    def known_hash(self) -> str | None:
        """``sha256:…`` or ``md5:…``, None if the source publishes no hash."""
        if self.sha256:
            return f"sha256:{self.sha256}"
        return f"md5:{self.md5}" if self.md5 else None


@dataclass(frozen=True)
class Manifest:
    """All facts of one data set.

    Attributes
    ----------
    name, title, description, homepage, citation : str
        What it is, where it lives and how to cite it.
    subject_namespace : str
        Prefix of its subjects; sets made of the same pictures share it.
    derived_from : list of str
        Names of the data sets whose pictures these are.
    license : LicenceStatement
        Licence, quoted.
    distribution : list of Distribution
        Files to get.
    layout : dict
        Adapter and its options.
    labels : dict
        What the fields mean.
    declared : dict
        Counts the source declares: images, subjects.
    caveats : list of str
        What a user should know: biases, traps, second-hand facts.
    file : str
        Where the manifest was read from.
    """

    name: str
    title: str
    description: str
    homepage: str
    subject_namespace: str
    license: LicenceStatement
    layout: dict[str, Any]
    labels: dict[str, Any]
    distribution: list[Distribution]
    citation: str = ""
    derived_from: list[str] = field(default_factory=list)
    declared: dict[str, int] = field(default_factory=dict)
    caveats: list[str] = field(default_factory=list)
    file: str = ""


@dataclass(frozen=True)
class ModelManifest:
    """All facts of one model that others made and we use.

    Attributes
    ----------
    name, title, description, homepage, citation : str
        As of `Manifest`.
    license : LicenceStatement
        Licence of the weights, quoted. For a family such as timm's weights, where every file
        has its own, `license_per_file` is true and the caller brings the recorded id.
    distribution : list of Distribution
        Its files.
    training_data : str
        What is known of the data it was trained on.
    """

    name: str
    title: str
    description: str
    homepage: str
    license: LicenceStatement
    distribution: list[Distribution] = field(default_factory=list)
    license_per_file: bool = False
    citation: str = ""
    training_data: str = ""
    caveats: list[str] = field(default_factory=list)
    file: str = ""


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


def statement_dict(statement: LicenceStatement, dataset: str) -> Mapping[str, str]:
    """A licence statement as plain text values, as cards and acceptances keep it."""
    return {
        "dataset": dataset,
        "license": statement.id,
        "quote": statement.quote,
        "url": statement.url,
        "stated_by": statement.stated_by,
        "read_on": statement.read_on.isoformat(),
        "attribution": statement.attribution,
    }
