"""What may be done with a mix of data sets, pulled or not, and whom to credit for it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ingest.card import read_details
from ingest.dataset import list_datasets
from ingest.licences.credits import write_credits
from ingest.licences.terms import (
    TERMS,
    USES,
    effective_expression,
    effective_terms,
    licence_table,
    use_answers,
)
from ingest.manifests.read import load_manifest
from ingest.manifests.types import statement_dict

SHOWN = 20
"""Credits shown of one data set."""
_CREDIT_COLUMNS = ["path", "source", "license", "attribution", "url"]


def table_text() -> str:
    """The licence table, for people."""
    head = f"{'LICENCE':<26}" + "".join(f"{term:<16}" for term in TERMS)
    rows = [f"{row.id:<26}" + "".join(f"{row.term(term):<16}" for term in TERMS)
            for row in licence_table().values()]  # fmt: skip
    return "\n".join([head, *rows])


def mix_of(names: Sequence[str], root: Path) -> dict[str, Any]:
    """Licences of a mix of data sets: pulled ones by their rows, others by their manifest.

    Returns
    -------
    dict
        ``licenses`` (name to ids), ``effective``, ``terms``, ``uses`` (as of
        `terms.use_answers`) and ``credits``.
    """
    licenses: dict[str, list[str]] = {}
    credits: dict[str, list[str]] = {}
    there = {dataset.name: dataset for dataset in list_datasets(root)}
    for name in names:
        if name in there:
            records = there[name].records()
            licenses[name] = sorted(records["license"].astype("str").unique())
            credits[name] = sorted(str(c) for c in records["attribution"].dropna().unique())
        else:
            statement = statement_dict(load_manifest(name).license, name)
            licenses[name] = [statement["license"]]
            credits[name] = [statement["attribution"]] if statement["attribution"] else []
    every = [one for ids in licenses.values() for one in ids]
    return {
        "licenses": licenses,
        "effective": effective_expression(every),
        "terms": effective_terms(every),
        "uses": use_answers(every),
        "credits": credits,
    }


def mix_text(mix: Mapping[str, Any]) -> str:
    """What may be done with a mix and whom to credit, for people."""
    lines = [f"{name}: {', '.join(ids)}" for name, ids in mix["licenses"].items()]
    lines += [f"together: {mix['effective']}"]
    lines += [f"  {term:<16}{value}" for term, value in mix["terms"].items()]
    lines += _uses(mix["uses"])
    for name, credits in mix["credits"].items():
        lines += [f"credit for {name}: {credit}" for credit in credits[:SHOWN]]
        if len(credits) > SHOWN:
            lines.append(f"credit for {name}: … and {len(credits) - SHOWN} more in its records")
    return "\n".join(lines)


_ANSWERS = {"allowed": "yes", "refused": "no", "needs-acceptance": "not settled"}


def _uses(uses: Sequence[Mapping[str, str]]) -> list[str]:
    """A line for each use and purpose, with what stands in the way."""
    words = {str(use): text for use, text in USES.items()}
    lines = []
    for one in uses:
        why = f" ({one['reasons']})" if one["reasons"] else ""
        lines.append(f"{words[one['use']]}, {one['purpose']}: {_ANSWERS[one['answer']]}{why}")
    return lines


def write_mix_credits(names: Sequence[str], root: Path, out: Path) -> None:
    """Write ``NOTICE`` and ``ATTRIBUTION.csv`` of a mix into a folder.

    Images are those of the pulled sets, as ``<data set>/<path>``; a set that was not pulled has
    its licence sentence in ``NOTICE`` alone.
    """
    there = {dataset.name: dataset for dataset in list_datasets(root)}
    tables = [pd.DataFrame(columns=_CREDIT_COLUMNS, dtype=object)]
    statements: list[Mapping[str, Any]] = []
    for name in names:
        if name not in there:
            statements.append(statement_dict(load_manifest(name).license, name))
            continue
        records = there[name].records()[_CREDIT_COLUMNS].astype(object)
        tables.append(records.assign(path=f"{name}/" + records["path"]))
        statements += [s for s in read_details(there[name]).get("statements", [])
                       if s not in statements]  # fmt: skip
    images = pd.concat(tables, ignore_index=True)
    write_credits(out, images, statements, f"A mix of {', '.join(names)}.")
