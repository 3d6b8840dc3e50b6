"""Images of a source turned into rows of the record table; the broken ones listed."""

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.adapters.base import Entry, Skipped
from ingest.image_check import ImageFacts, check_image
from ingest.images import ImageRejected
from ingest.manifests.types import Manifest
from ingest.meaning.values import Understanding, understand
from ingest.pulling.crops import crop_face, face_columns
from ingest.records import image_id, to_json


@dataclass
class Collected:
    """What became of a source's images.

    Attributes
    ----------
    rows : list of dict
        One per record.
    skipped : list of (str, str)
        Path and reason of each file left out.
    label_problems : list of (str, str)
        Path and text of each label that could not be understood and was left empty.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    label_problems: list[tuple[str, str]] = field(default_factory=list)


def collect(
    manifest: Manifest,
    found: Iterable[Entry | Skipped],
    images: Path,
    *,
    move: bool,
    refusal: Callable[[str], str | None] = lambda license_id: None,
) -> Collected:
    """Check every image and put the sound ones below `images`, byte for byte.

    Parameters
    ----------
    manifest : Manifest
        Says what the fields mean.
    found : iterable of Entry or Skipped
        What the adapter yields.
    images : Path
        Folder to put them in, under the paths of the entries.
    move : bool
        Whether the files may be moved; else they are copied.
    refusal : callable
        Says why an image under a licence of its own cannot be had, or None.
    """
    collected, meaning_of = Collected(), Understanding(manifest.labels)
    for entry in found:
        if isinstance(entry, Skipped):
            collected.skipped.append((_printable(entry.path), entry.reason))
        elif (reason := _refused(manifest, entry, refusal)) is not None:
            collected.skipped.append((_printable(entry.path), reason))
        else:
            _take(manifest, meaning_of, entry, images, collected, move=move)
    return collected


def _refused(manifest: Manifest, entry: Entry, refusal: Callable[[str], str | None]) -> str | None:
    """Why an image's own licence, where its source states one for each, forbids the use."""
    if "license" not in manifest.labels:
        return None
    rule = {"license": manifest.labels["license"]}
    return refusal(understand(rule, entry.fields).values.get("license", manifest.license.id))


def _printable(path: str) -> str:
    return path.encode("utf-8", "backslashreplace").decode()


def _take(
    manifest: Manifest,
    meaning_of: Understanding,
    entry: Entry,
    images: Path,
    collected: Collected,
    *,
    move: bool,
) -> None:
    path = _printable(entry.path)
    if path != entry.path:
        collected.skipped.append((path, "its name is not UTF-8"))
        return
    target = images / path
    try:
        facts = _put(entry, target, move=move)
    except ImageRejected as error:
        collected.skipped.append((path, str(error)))
        return
    row, problems = _row(manifest, meaning_of, entry, facts)
    collected.rows.append(row)
    collected.label_problems += [(path, problem) for problem in problems]


def _put(entry: Entry, target: Path, *, move: bool) -> ImageFacts:
    """Check an image and put it into its place; a face that is cut out is made there."""
    if entry.box is not None and entry.box.crop:
        content = crop_face(entry.file, entry.box)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        return check_image(target)
    facts = check_image(entry.file)
    _place(entry.file, target, move=move)
    return facts


def _row(
    manifest: Manifest, meaning_of: Understanding, entry: Entry, facts: ImageFacts
) -> tuple[dict[str, Any], list[str]]:
    fields = entry.fields | facts.fields
    meaning = meaning_of(fields)
    values = meaning.values
    subject = values.pop("subject", entry.path)
    row = {
        "image_id": image_id(manifest.name, entry.path),
        "sha256": facts.sha256,
        "path": entry.path,
        "width": facts.width,
        "height": facts.height,
        "source": manifest.name,
        "source_fields": to_json(fields),
        "subject_id": f"{manifest.subject_namespace}:{subject}",
        "license": manifest.license.id,
        "attribution": manifest.license.attribution or None,
        **face_columns(entry.box, facts.width, facts.height),
        **values,
    }
    return row, meaning.problems


def _place(source: Path, target: Path, *, move: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if move:
        os.replace(source, target)
    else:
        shutil.copyfile(source, target)
