"""What there is to say about data sets, manifests and licences, as plain values and as text."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ingest.card import read_details
from ingest.dataset import Dataset, list_datasets
from ingest.licences.terms import effective_expression, effective_terms
from ingest.manifests.read import load_manifest, manifest_names
from ingest.manifests.types import Manifest
from ingest.pulling.pull import Pulled

_SHOWN = 20


def catalogue(root: Path) -> list[dict[str, Any]]:
    """Every data set there is a manifest of or that lies below the root, by name."""
    rows = {name: _manifest_row(load_manifest(name)) for name in manifest_names()}
    for dataset in list_datasets(root):
        rows.setdefault(dataset.name, {"name": dataset.name, "title": "", "license": ""})
        rows[dataset.name] |= _dataset_row(dataset)
    return [rows[name] for name in sorted(rows)]


def _manifest_row(manifest: Manifest) -> dict[str, Any]:
    return {
        "name": manifest.name,
        "title": manifest.title,
        "license": manifest.license.id,
        "declared_images": manifest.declared.get("images"),
        "pulled": False,
    }


def _dataset_row(dataset: Dataset) -> dict[str, Any]:
    details = read_details(dataset)
    records = dataset.records()
    return {
        "title": str(dataset.card().get("alternateName", "")),
        "license": effective_expression(records["license"].astype("str").unique()),
        "pulled": True,
        "images": len(records),
        "subjects": int(records["subject_id"].nunique()),
        "purpose": details.get("purpose"),
        "verification": details.get("verification"),
        "parents": details.get("parents", []),
    }


def catalogue_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """A catalogue as a table for people."""
    lines = [("NAME", "IMAGES HERE", "LICENCE", "TITLE")]
    for row in rows:
        here = str(row["images"]) if row.get("pulled") else "-"
        lines.append((row["name"], here, row["license"], row["title"]))
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    padded = ([cell.ljust(width) for cell, width in zip(line, widths, strict=False)] + [line[3]]
              for line in lines)  # fmt: skip
    return "\n".join("  ".join(line) for line in padded)


def show(name: str, root: Path) -> str:
    """Manifest and data set of a name, whichever there are.

    Raises
    ------
    UnknownManifest
        If there is neither.
    """
    there = next((dataset for dataset in list_datasets(root) if dataset.name == name), None)
    known = there is None or name in manifest_names()
    parts = [manifest_text(load_manifest(name))] if known else []
    return "\n\n".join([*parts, *([dataset_text(there)] if there else [])])


def pulled_notes(pulled: Pulled) -> list[str]:
    """Warnings and left-out files of a pull, a line each."""
    return [
        *(f"warning: {text}" for text in pulled.warnings),
        *listing("skipped", pulled.skipped),
        *listing("label left empty", pulled.label_problems),
    ]


def pulled_text(pulled: Pulled) -> str:
    """Result of a pull, for people."""
    return (
        f"{pulled.dataset.name}: {pulled.n_records} images of {pulled.n_subjects} people in "
        f"{pulled.dataset.folder}, {len(pulled.skipped)} skipped, {pulled.verification}"
    )


def manifest_text(manifest: Manifest) -> str:
    """All that a manifest says, for people."""
    statement = manifest.license
    quote = f'"{statement.quote}"' if statement.quote else "no sentence is known"
    lines = [
        f"{manifest.name}: {manifest.title}",
        " ".join(manifest.description.split()),
        f"homepage     {manifest.homepage}",
        f"cite as      {manifest.citation or '-'}",
        f"licence      {statement.id}",
        f"  stated by  {statement.stated_by}: {quote}",
        f"  at         {statement.url or '-'}, read on {statement.read_on}",
        f"  credit     {statement.attribution or '-'}",
        *([f"  note       {statement.note}"] if statement.note else []),
        f"terms        {_terms_text(effective_terms([statement.id]))}",
        *(f"{name.replace('_', ' '):<13}{text}" for name, text in manifest.about.items()),
        f"subjects     {manifest.subject_namespace}:…",
        *([f"made of      {', '.join(manifest.derived_from)}"] if manifest.derived_from else []),
        f"layout       {manifest.layout['adapter']}",
        *(f"file         {_file_text(file)}" for file in manifest.distribution),
        *(f"question     {_choice_text(*one)}" for one in manifest.choices.items()),
        *(f"note         {caveat}" for caveat in manifest.caveats),
    ]
    return "\n".join(lines)


def _choice_text(name: str, choice: Mapping[str, Any]) -> str:
    answers = " or ".join(f"--choose {name}={answer}" for answer in choice["answers"])
    return f"{choice['question']} ({answers})"


def _file_text(file: Any) -> str:
    origin = ", ".join([file.content_url, *file.mirrors]) if file.content_url else file.instructions
    return f"{file.name} ({file.known_hash or 'no published hash: ' + file.hash_note}) {origin}"


def _terms_text(terms: Mapping[str, str]) -> str:
    return ", ".join(f"{term} {value}" for term, value in terms.items())


def dataset_text(dataset: Dataset) -> str:
    """What lies on disk and how it came there, for people."""
    row = _dataset_row(dataset)
    details = read_details(dataset)
    lines = [
        f"{dataset.name}: {row['title']}",
        f"folder        {dataset.folder}",
        f"images        {row['images']} of {row['subjects']} people",
        f"licence       {row['license']}",
        f"purpose       {row['purpose']}",
        f"verification  {row['verification']}",
        f"parents       {', '.join(row['parents']) or '-'}",
        f"made by       {details.get('made_by', '-')}",
        *(f"warning       {text}" for text in details.get("warnings", [])),
        *listing("skipped", details.get("skipped", [])),
        *listing("label left empty", details.get("label_problems", [])),
        *(_acceptance_text(one) for one in details.get("acceptances", [])),
    ]
    return "\n".join(lines)


def _acceptance_text(one: Mapping[str, Any]) -> str:
    terms = ", ".join(str(term) for term in one.get("accepted") or [])
    return (
        f"accepted      {one.get('license')} for {one.get('purpose')} use by {one.get('user')} "
        f"on {one.get('date')}: {terms}"
    )


def listing(label: str, items: Sequence[Mapping[str, str]]) -> list[str]:
    """Paths with reasons, the first few of them; the rest are in the card."""
    lines = [f"{label}: {item.get('path')}: {item.get('reason')}" for item in items[:_SHOWN]]
    if len(items) > _SHOWN:
        lines.append(f"{label}: … and {len(items) - _SHOWN} more, listed in dataset.json")
    return lines
