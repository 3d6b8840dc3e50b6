"""What a user has accepted about unclear licences: one file per data set or model."""

import datetime
import getpass
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingest.atomic import write_json
from ingest.errors import IngestError
from ingest.licences.terms import Purpose, acceptable_terms

Acceptance = dict[str, Any]


def acceptance_path(root: Path, name: str) -> Path:
    """Where the acceptances of a data set or model are kept below the data root."""
    return root / "acceptances" / f"{name}.json"


def read_acceptances(root: Path, name: str) -> list[Acceptance]:
    """Acceptances given for a data set or model, the oldest first.

    Raises
    ------
    IngestError
        If the file is not a JSON array of objects.
    """
    path = acceptance_path(root, name)
    if not path.is_file():
        return []
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        content = error
    if not isinstance(content, list) or not all(isinstance(one, dict) for one in content):
        message = f"{path}: expected a JSON array of acceptances. Remove it and accept again."
        raise IngestError(message)
    return content


def make_acceptance(statement: Mapping[str, str], purpose: Purpose) -> Acceptance:
    """What the user takes on: all that a licence leaves unclear, for one purpose.

    Parameters
    ----------
    statement : mapping
        Licence statement as of `manifests.read.statement_dict`: data set, licence, quote.
    purpose : {"commercial", "research"}
        The one purpose it is accepted for.
    """
    return {
        **statement,
        "purpose": purpose,
        "accepted": list(acceptable_terms(statement["license"], purpose)),
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        "user": _user(),
    }


def write_acceptance(root: Path, acceptance: Acceptance) -> list[Acceptance]:
    """Keep an acceptance; give all of that data set, the new one last."""
    same = (acceptance["license"], acceptance["purpose"])
    name = acceptance["dataset"]
    kept = [
        one
        for one in read_acceptances(root, name)
        if (one.get("license"), one.get("purpose")) != same
    ]
    write_json(acceptance_path(root, name), [*kept, acceptance])
    return [*kept, acceptance]


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def accepted_terms(acceptances: list[Acceptance], license_id: str, purpose: Purpose) -> set[str]:
    """Terms of a licence that the acceptances cover for a purpose.

    What was accepted for commercial use holds for research too, which asks for less.
    """
    return {
        str(term)
        for one in acceptances
        if one.get("license") == license_id and one.get("purpose") in (purpose, "commercial")
        for term in one.get("accepted") or ()
    }
