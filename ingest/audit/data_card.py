"""The data card of a mix: composition, people, licences, known problems and limits, for readers."""

import json
from typing import Any

from ingest.audit.as_markdown import escape
from ingest.audit.checks import LIMITS, Audit, verdict
from ingest.audit.findings import Table
from ingest.croissant import RAI_CONFORMS_TO
from ingest.report.text import as_text, heading

_SHOWN = (
    ("balance", "cells"),
    ("people", "subgroups"),
    ("ages", "knowledge"),
    ("licence", "sources"),
    ("licence", "credits"),
    ("provenance", "chains"),
)
_MOST_ROWS = 60
USES = "Training and testing classifiers of mask wear, apparent gender and age group on faces."
NOT_FOR = (
    "Not for identifying people, not for decisions about a person, not for judging gender "
    "identity: the labels are what sources state or estimate.",
    "Not for claims about groups that the table of people shows with fewer than 10 people.",
    "Not for measuring real-world performance on composites: score on real pictures.",
)


def data_card(audit: Audit) -> str:
    """Data card as Markdown, with the Responsible-AI fields of Croissant in a block at its end."""
    answer, why = verdict(audit)
    parts = [
        f"# Data card: {escape(' + '.join(audit.mix.names))}",
        f"**{answer}** {why}",
        "## Uses",
        USES,
        "## Limits of use",
        _list([*NOT_FOR, *LIMITS, *_caveats(audit)]),
        "## Known problems",
        _list([f"{f.title} (`{f.id}`)" for f in audit.findings]) or "None were found.",
    ]
    for check, name in _SHOWN:
        result = audit.result(check)
        table = next(table for table in result.tables if table.name == name)
        parts += [f"## {escape(table.caption)}", escape(result.sentence), markdown_table(table)]
    fields = json.dumps(responsible_ai(audit), indent=2, ensure_ascii=False)
    parts += ["## Responsible-AI fields (Croissant)", f"```json\n{fields}\n```"]
    return "\n\n".join(part for part in parts if part) + "\n"


def responsible_ai(audit: Audit) -> dict[str, Any]:
    """Fields of Croissant's Responsible-AI vocabulary, from what the audit found."""
    biases = [f.title for f in audit.findings
              if f.check in ("balance", "people", "confounding", "ages")]  # fmt: skip
    return {
        "conformsTo": RAI_CONFORMS_TO,
        "rai:dataUseCases": USES,
        "rai:dataLimitations": " ".join([*NOT_FOR, *_caveats(audit)]),
        "rai:dataBiases": biases,
        "rai:personalSensitiveInformation": ["Gender", "Age", "Face"],
        "rai:dataCollection": " ".join(_from_cards(audit, "rai:dataCollection")),
        "rai:dataAnnotationProtocol": " ".join(_from_cards(audit, "rai:dataAnnotationProtocol")),
        "rai:dataManipulationProtocol": " ".join(
            _from_cards(audit, "rai:dataManipulationProtocol")
        ),
        "rai:dataSocialImpact": (
            "Faces are biometric data. Who is shown rarely or never is served worse by a model "
            "trained on this; the table of people says who that is."
        ),
    }


def _from_cards(audit: Audit, key: str) -> list[str]:
    said = [str(dataset.card().get(key) or "") for dataset in audit.mix.datasets]
    return [text for text in dict.fromkeys(said) if text]


def _caveats(audit: Audit) -> list[str]:
    return [
        f"{name}: {caveat}"
        for name, card in audit.mix.cards.items()
        for caveat in card.get("caveats") or []
    ]


def _list(lines: list[str]) -> str:
    return "\n".join(f"- {escape(line)}" for line in lines)


def markdown_table(table: Table) -> str:
    """A table as Markdown, cut after 60 rows; all are in the JSON."""
    names = [str(name) for name in table.frame]
    if table.frame.empty:
        return "None."
    lines = [f"| {' | '.join(heading(name) for name in names)} |", "|---" * len(names) + "|"]
    for row in table.frame.head(_MOST_ROWS).itertuples(index=False, name=None):
        cells = (escape(as_text(value, name)[0]) for value, name in zip(row, names, strict=True))
        lines.append(f"| {' | '.join(cells)} |")
    if len(table.frame) > _MOST_ROWS:
        lines.append(f"\n{len(table.frame) - _MOST_ROWS:,} more rows are in the JSON.")
    return "\n".join(lines)
