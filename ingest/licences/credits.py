"""Whom to credit and under what terms: ``NOTICE`` and ``ATTRIBUTION.csv`` of a mix of images."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ingest.atomic import atomic_path, write_text
from ingest.card import licence_url
from ingest.licences.terms import effective_expression, effective_terms, licence, split_expression

_COLUMNS = ("path", "source", "license", "license_url", "attribution", "url")
_DUTIES = {
    ("commercial", "no"): "Not for commercial use.",
    ("derivatives", "no"): "No changed versions: no face masks may be composed on these pictures.",
    ("redistribution", "no"): "Not to be passed on.",
    ("share_alike", "yes"): "What is made from this must carry the same licence.",
    ("attribution", "yes"): "The authors must be credited: see ATTRIBUTION.csv.",
    ("gated", "yes"): "Access is tied to an agreement with the owner.",
}


def write_credits(
    folder: Path, images: pd.DataFrame, statements: Sequence[Mapping[str, Any]], title: str
) -> None:
    """Write both files into a folder.

    Parameters
    ----------
    folder : Path
        Where they go.
    images : DataFrame
        One row per image with ``path`` (as it is in that folder), ``source``, ``license``,
        ``attribution`` and ``url``.
    statements : sequence of mapping
        Licence sentences of the sources, as of `manifests.read.statement_dict`.
    title : str
        What the files are about.
    """
    ids = sorted({str(name) for name in images["license"].dropna().unique()}
                 | {str(one["license"]) for one in statements if one.get("license")})  # fmt: skip
    write_text(folder / "NOTICE", notice(title, ids, statements, images))
    table = images.assign(license_url=[_urls(str(name)) for name in images["license"]])
    with atomic_path(folder / "ATTRIBUTION.csv") as temporary:
        table[list(_COLUMNS)].to_csv(temporary, index=False)


def _urls(expression: str) -> str:
    return " ".join(filter(None, map(licence_url, split_expression(expression))))


def notice(
    title: str, ids: Sequence[str], statements: Sequence[Mapping[str, Any]], images: pd.DataFrame
) -> str:
    """Text of ``NOTICE``: the licences, what they ask for, the sentences, the credits."""
    terms = effective_terms(ids)
    duties = [_DUTIES[key] for key in terms.items() if key in _DUTIES]
    unknown = [term.replace("_", "-") for term, value in terms.items() if value == "unknown"]
    duties += [f"Not known, so ask the owner: {', '.join(unknown)}."] if unknown else []
    lines = [title, "", f"Licences, all of which hold: {effective_expression(ids)}", ""]
    lines += [f"- {duty}" for duty in duties]
    for name in sorted({part for value in ids for part in split_expression(value)}):
        url = licence_url(name)
        lines.append(f"- {name}: {licence(name).title}" + (f" ({url})" if url else ""))
    for one in statements:
        lines += ["", *_statement(one)]
    credits = images.dropna(subset=["attribution"]).groupby("attribution", observed=True).size()
    lines += ["", "Credits (images):"] if len(credits) else []
    lines += [f"- {credit} ({count})" for credit, count in credits.head(100).items()]
    lines += ["- … and others: ATTRIBUTION.csv has them all"] if len(credits) > 100 else []
    return "\n".join(lines) + "\n"


def _statement(one: Mapping[str, Any]) -> list[str]:
    quote = f'"{one["quote"]}"' if one.get("quote") else "no sentence of the owner is known"
    who = {"owner": "The owner", "third-party": "A third party (second-hand)"}
    lines = [f"{one.get('dataset', '')}: {one.get('license', '')}"]
    lines.append(f"  {who.get(str(one.get('stated_by')), 'Nobody')}: {quote}")
    lines.append(f"  {one.get('url') or 'no address'}, read on {one.get('read_on', '')}")
    return lines + ([f"  Credit: {one['attribution']}"] if one.get("attribution") else [])
