"""The audit in short, as Markdown: for a pull request, and for the terminal."""

import re

from ingest import taxonomy
from ingest.audit.checks import Audit, verdict
from ingest.audit.findings import Finding, rows_of

_MARKS = {"problem": "✗ problem", "warning": "! warning", "note": "· note"}


def audit_markdown(audit: Audit) -> str:
    """Verdict, findings, the 18 classes and the licence of the mix."""
    answer, why = verdict(audit)
    parts = [
        f"# Audit of {escape(' + '.join(audit.mix.names))}",
        f"**{answer}** {why}",
        _findings(audit.findings),
        "## The 18 classes (real + synthetic pictures, people)",
        _cells(audit),
        *(f"**{r.title}.** {escape(r.sentence)}" for r in audit.results),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _findings(findings: list[Finding]) -> str:
    lines = [
        f"- **{_MARKS[f.severity]}** {escape(f.title)} (`{f.id}`). {escape(f.action)}"
        for f in findings
    ]
    return "\n".join(lines)


def _cells(audit: Audit) -> str:
    cells = audit.result("balance").table("cells")
    lines = [f"| | {' | '.join(taxonomy.AGE_GROUPS)} |", "|---|" + "---:|" * 3]
    for (mask, gender), part in cells.groupby(["mask", "gender"], sort=False):
        counts = " | ".join(
            f"{row.real:,} + {row.synthetic:,}, {row.subjects:,}" if row.images else "**empty**"
            for row in rows_of(part)
        )
        lines.append(f"| {mask} {gender} | {counts} |")
    return "\n".join(lines)


def escape(text: str) -> str:
    r"""Text that Markdown shows as it is: names in it are untrusted.

    Examples
    --------
    >>> escape("a_b <i>|x")
    'a\\_b &lt;i&gt;\\|x'
    """
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\*_\[\]|#])", r"\\\1", " ".join(text.split()))
