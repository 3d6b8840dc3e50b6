"""Pull a data set: gate, get, unpack, read, check, publish whole or not at all."""

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ingest.adapters.base import SourceFiles
from ingest.adapters.reading import read_layout
from ingest.atomic import atomic_folder, clear_leftovers
from ingest.card import read_details, skipped_list, write_card
from ingest.dataset import Dataset, check_name
from ingest.errors import IngestError, NothingUsable, WrongUsage
from ingest.licences.acceptances import (
    Acceptance,
    make_acceptance,
    read_acceptances,
    write_acceptance,
)
from ingest.licences.gate import pass_statement, row_refusal
from ingest.licences.terms import PURPOSES, Purpose, check_purpose
from ingest.manifests.read import load_manifest
from ingest.manifests.types import Manifest, statement_dict
from ingest.pseudo_labels import note_labels, noted_labels
from ingest.pulling.acquire import Acquired, VerificationFailed, acquire
from ingest.pulling.choices import choose
from ingest.pulling.collect import Collected, collect
from ingest.records import records_frame, write_records
from ingest.reporting import Reporter, Silent


@dataclass(frozen=True)
class Pulled:
    """What a pull did.

    Attributes
    ----------
    dataset : Dataset
        The published data set.
    n_records, n_subjects : int
        Images and people found.
    verification : {"verified", "unverified-local"}
        Whether hashes and counts are the published ones.
    skipped : list of dict
        Path and reason of every file left out.
    label_problems : list of dict
        Path and reason of every label left empty.
    warnings : list of str
        What differs from the manifest.
    """

    dataset: Dataset
    n_records: int
    n_subjects: int
    verification: str
    skipped: list[dict[str, str]]
    label_problems: list[dict[str, str]]
    warnings: list[str]


def pull(
    name: str,
    root: Path,
    *,
    source: str | None = None,
    purpose: str | None = None,
    accepted: str | None = None,
    strict: bool = False,
    answers: Sequence[str] = (),
    reporter: Reporter | None = None,
) -> Pulled:
    """Pull one data set into ``<root>/<name>/``.

    Parameters
    ----------
    name : str
        Name of a manifest, or path of a ``.toml`` file.
    root : Path
        Folder of all data sets.
    source : str, optional
        Folder, file or web address to take the files from.
    purpose : {"commercial", "research"}, optional
        What the data set is for; default commercial, the strict one.
    accepted : str, optional
        The data set's name, to take on what its licence leaves unclear.
    strict : bool
        Whether a hash or count that is not the published one is an error.
    answers : sequence of str
        ``question=answer`` for each question the manifest asks.
    reporter : Reporter, optional
        Who shows progress.

    Raises
    ------
    LicenceRefused, VerificationFailed, NothingUsable, WrongUsage, IngestError
        And nothing published.
    """
    manifest = choose(load_manifest(name), answers)
    check_name(manifest.name)
    wanted = check_purpose(purpose) or PURPOSES[0]
    acceptances = _through_the_gate(manifest, root, wanted, accepted)
    reporter = reporter or Silent()
    target = root / manifest.name
    _refuse_composites(Dataset(target))
    work = root / ".downloads" / manifest.name
    clear_leftovers(target)
    got = acquire(manifest, source, work, reporter)
    got.warnings += _changed_since(Dataset(target), got)
    try:
        with atomic_folder(target) as folder:
            refusal = partial(row_refusal, purpose=wanted, acceptances=acceptances)
            collected = _read(manifest, got, folder, reporter, refusal)
            if strict:
                _require_verified(manifest, got)
            details = {
                **_origin(manifest, got, wanted, acceptances),
                **({"choices": sorted(answers)} if answers else {}),
                **_counts(manifest, collected),
            }
            _write(manifest, collected, Dataset(folder), details)
            _keep_overlays(target, folder)
    finally:
        shutil.rmtree(work / "unpacked", ignore_errors=True)
    shutil.rmtree(work, ignore_errors=True)
    with suppress(OSError):  # other downloads may wait there to be continued
        work.parent.rmdir()
    return _summary(Dataset(target), details)


def _through_the_gate(
    manifest: Manifest, root: Path, purpose: Purpose, accepted: str | None
) -> list[Acceptance]:
    """Acceptances the set rests on, here or later; a new one that helps nothing is not written."""
    if accepted is not None and accepted != manifest.name:
        message = f"--accept {accepted}: is not the data set pulled. Expected {manifest.name}."
        raise WrongUsage(message)
    statement = statement_dict(manifest.license, manifest.name)
    acceptances = read_acceptances(root, manifest.name)
    new = [make_acceptance(statement, purpose)] if accepted else []
    pass_statement(manifest.name, statement, purpose, [*acceptances, *new])
    if new and new[0]["accepted"]:
        acceptances = write_acceptance(root, new[0])
    return acceptances


def _refuse_composites(dataset: Dataset) -> None:
    """Protect a set that was made here: it could not be had again by pulling."""
    try:
        parents = read_details(dataset).get("parents")
    except IngestError:
        return  # a broken card is one of the reasons to pull again
    if parents:
        message = (
            f"{dataset.folder}: holds a data set made from {', '.join(parents)}, not a pulled "
            "one. Give the manifest another name, or remove the folder."
        )
        raise WrongUsage(message)


def _read(
    manifest: Manifest,
    got: Acquired,
    folder: Path,
    reporter: Reporter,
    refusal: Callable[[str], str | None],
) -> Collected:
    files = SourceFiles(got.roots)
    entries = list(read_layout(files, manifest.layout))
    found = reporter.items(entries, len(entries), manifest.name)
    images = folder / "images"
    images.mkdir()
    collected = collect(manifest, found, images, move=got.movable, refusal=refusal)
    collected.skipped += [(link, "is a link; links are not followed") for link in files.links]
    if not collected.rows:
        reasons = Counter(reason for _, reason in collected.skipped).most_common(3)
        said = "; ".join(f"{reason}: {count}" for reason, count in reasons) or "nothing fits"
        message = (
            f"{manifest.name}: no usable image among {len(files)} files ({said}). "
            f"Compare their layout with `ingest show {manifest.name}`."
        )
        raise NothingUsable(message)
    got.warnings += _miscounted(manifest, collected)
    return collected


def _changed_since(earlier: Dataset, got: Acquired) -> list[str]:
    """Files that are not those of the last pull, whose hashes were recorded then."""
    try:
        files = read_details(earlier).get("files") or []
    except IngestError:
        return []  # never pulled, or with a broken card: nothing to compare with
    seen = {file.get("name"): file.get("sha256") for file in files}
    return [
        f"{file['name']}: sha256 is {file['sha256']}, at the last pull it was {before}"
        for file in got.files
        if (before := seen.get(file["name"])) not in (None, file["sha256"])
    ]


def _miscounted(manifest: Manifest, collected: Collected) -> list[str]:
    found = _found(collected)
    return [
        f"{found[what]} {what} found, {declared} declared"
        for what, declared in manifest.declared.items()
        if found[what] != declared
    ]


def _found(collected: Collected) -> dict[str, int]:
    return {
        "images": len(collected.rows),
        "subjects": len({row["subject_id"] for row in collected.rows}),
        "skipped": len(collected.skipped),
        "label_problems": len(collected.label_problems),
    }


def _require_verified(manifest: Manifest, got: Acquired) -> None:
    if got.warnings or not got.verified:
        problems = got.warnings or ["no published hash vouches for these files"]
        text = "\n".join(f"{manifest.name}: {problem}" for problem in problems)
        message = f"{text}\nNothing was published. Leave out --strict to keep it as unverified."
        raise VerificationFailed(message)


def _origin(
    manifest: Manifest, got: Acquired, purpose: Purpose, acceptances: list[Acceptance]
) -> dict[str, Any]:
    verified = got.verified and not got.warnings
    return {
        "purpose": purpose,
        "verification": "verified" if verified else "unverified-local",
        "acceptances": acceptances,
        "statements": [statement_dict(manifest.license, manifest.name)],
        "manifest": manifest.file,
        "derived_from": manifest.derived_from,
        "files": got.files,
        "warnings": got.warnings,
        "caveats": manifest.caveats,
        "parents": [],
        "made_by": f"ingest pull {manifest.name}",
    }


def _counts(manifest: Manifest, collected: Collected) -> dict[str, Any]:
    return {
        "declared": manifest.declared,
        "found": _found(collected),
        "skipped": skipped_list(collected.skipped),
        "label_problems": skipped_list(collected.label_problems),
    }


def _write(
    manifest: Manifest, collected: Collected, dataset: Dataset, details: dict[str, Any]
) -> None:
    records = records_frame(sorted(collected.rows, key=lambda row: str(row["path"])))
    write_records(records, dataset.records_path)
    write_card(
        dataset,
        records,
        title=manifest.title,
        description=manifest.description,
        details=details,
        name=manifest.name,
        url=manifest.homepage,
        citation=manifest.citation,
    )


def _keep_overlays(old: Path, new: Path) -> None:
    """Carry corrections and pseudo labels over a re-pull, and what the labels may be used for."""
    if (old / "labels").is_dir():
        shutil.copytree(old / "labels", new / "labels")
        if labels := noted_labels(Dataset(old)):
            note_labels(Dataset(new), labels)


def _summary(dataset: Dataset, details: dict[str, Any]) -> Pulled:
    return Pulled(
        dataset,
        details["found"]["images"],
        details["found"]["subjects"],
        details["verification"],
        details["skipped"],
        details["label_problems"],
        details["warnings"],
    )
