"""What a manifest holds, once it has been checked: plain values with names."""

import datetime
from dataclasses import dataclass, field
from typing import Any


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
        ``https://…``, ``gdrive:<file id>``, ``hf:<owner>/<name>[@<revision>]/<path>``, or
        ``package:<package>/<path>`` for a file of an installed package; empty if it has to be
        fetched by hand.
    mirrors : list of str
        Addresses to try next, in order.
    part_urls : list of str
        Addresses of the parts of a split file, in order; they are joined.
    parts : str
        Pattern of the names of such parts in a folder the user passes.
    sha256, md5 : str
        Published hash; both empty where the source publishes none (`hash_note` says why).
    content_size : int
        Bytes, 0 if unknown.
    instructions : str
        What to do where a login, a form or a purchase stands in the way.
    """

    name: str
    content_url: str = ""
    mirrors: list[str] = field(default_factory=list)
    part_urls: list[str] = field(default_factory=list)
    parts: str = ""
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
    about : dict of str to str
        In words: ages, how many are over 60, gender.
    choices : dict
        Questions that whoever pulls must answer (see `choices`).
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
    about: dict[str, str] = field(default_factory=dict)
    choices: dict[str, Any] = field(default_factory=dict)
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


def statement_dict(statement: LicenceStatement, dataset: str) -> dict[str, str]:
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
