"""The command `ingest audit`."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from ingest.cli_support import progress, root_option, with_options

_FILE = click.Path(dir_okay=False, path_type=Path)
_READ = click.Path(exists=True, dir_okay=False, path_type=Path)
_outputs = with_options(
    click.option("--html", type=_FILE, help="Write the report as one self-contained HTML file."),
    click.option("--json", type=_FILE, help="Write everything for programs."),
    click.option("--markdown", type=_FILE, help="Write the summary, as for a pull request."),
    click.option("--data-card", type=_FILE, help="Write a data card: whom it shows, its limits."),
    click.option("--no-thumbnails", "thumbnails", flag_value=False, default=True,
                 help="Put no pictures into the HTML."),
)  # fmt: skip
_options = with_options(
    click.option("--faces", is_flag=True, help="Look for the faces too; takes longest."),
    click.option("--predictions", type=_READ, help="oof.parquet of a run, to doubt labels with."),
    click.option(
        "--identity",
        type=_READ,
        metavar="FILE",
        help="Manifest of an ONNX face recognition model: finds people under two names.",
    ),
    click.option("--compare", metavar="NAME", help="Set the mix beside another data set."),
    click.option(
        "--like",
        metavar="NAME",
        help="Target set: hold each class's number and ages against this data set.",
    ),
    click.option(
        "--target-counts", type=_READ, help="Counts the classes should have: a CSV (class,count)."
    ),
    click.option("--baseline", type=_READ, help="JSON of an earlier audit, to see what changed."),
)


@click.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@_outputs
@_options
@click.option("--fail-on", metavar="RULES", help="Exit 3 on these findings, with commas between.")
@root_option
def audit(names: tuple[str, ...], fail_on: str | None, root: Path | None, **asked: Any) -> None:
    """Tell whether data sets, taken together as one mix, can be trained on.

    Prints the summary. What --fail-on takes:

    \b
      acceptance, ages, change, conflicting-labels, confounding, coverage,
      derived-sets, duplicates, empty-cell, few-subjects, integrity,
      label-issues, leakage, licence, near-duplicates, provenance,
      quality, skipped, synthetic-only, unverified

    Example: ingest audit us_congress synth_v1 --html audit.html --fail-on leakage,licence
    """  # noqa: D301 — click reads the backspace as "keep these lines"
    from ingest.audit import checks, outputs
    from ingest.dataset import data_root

    rules = checks.parse_rules(fail_on)
    options = checks.Options(**_fields(checks.Options, asked))
    files = outputs.Files(**_fields(outputs.Files, asked))
    result = checks.run_audit(data_root(root), names, progress, options)
    click.echo(outputs.write(result, files), nl=False)
    checks.refuse(checks.broken_rules(result, rules))


def _fields(kind: type, asked: dict[str, Any]) -> dict[str, Any]:
    return {field.name: asked[field.name] for field in fields(kind)}
