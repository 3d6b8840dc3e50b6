"""Where an audit goes: the files asked for, each whole or not at all, and the summary."""

import datetime
from dataclasses import dataclass
from pathlib import Path

from ingest.atomic import write_json, write_text
from ingest.audit.as_json import audit_dict
from ingest.audit.as_markdown import audit_markdown
from ingest.audit.as_page import audit_page
from ingest.audit.checks import Audit
from ingest.audit.data_card import data_card
from ingest.report.page import render


@dataclass(frozen=True)
class Files:
    """Paths of the files to write; None writes none."""

    html: Path | None = None
    json: Path | None = None
    markdown: Path | None = None
    data_card: Path | None = None
    thumbnails: bool = True


def write(audit: Audit, files: Files) -> str:
    """Write the files asked for; returns the summary, with a line for each file written."""
    made = datetime.datetime.now(datetime.UTC)
    summary = audit_markdown(audit)
    if files.html:
        write_text(files.html, render(audit_page(audit, made, files.thumbnails)))
    if files.json:
        write_json(files.json, audit_dict(audit, made))
    if files.markdown:
        write_text(files.markdown, summary)
    if files.data_card:
        write_text(files.data_card, data_card(audit))
    asked = (files.html, files.json, files.markdown, files.data_card)
    written = [path for path in asked if path]
    return summary + "".join(f"\nwrote {path}" for path in written) + ("\n" if written else "")
