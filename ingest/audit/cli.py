"""The command `ingest audit`."""

from pathlib import Path

import click

from ingest.cli_support import progress, root_option

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option("--html", type=_FILE, help="Write the report as one self-contained HTML file.")
@click.option("--json", "json_", type=_FILE, help="Write everything for programs.")
@click.option("--markdown", type=_FILE, help="Write the summary, as for a pull request.")
@click.option("--data-card", type=_FILE, help="Write a data card: whom it shows, limits of use.")
@click.option("--no-thumbnails", is_flag=True, help="Put no pictures into the HTML.")
@click.option("--predictions", type=_FILE, help="Out-of-fold predictions to doubt labels with.")
@click.option("--faces", is_flag=True, help="Look for the faces too; takes longest.")
@click.option("--fail-on", metavar="RULES", help="Exit 3 on these findings, with commas between.")
@root_option
def audit(
    names: tuple[str, ...],
    html: Path | None,
    json_: Path | None,
    markdown: Path | None,
    data_card: Path | None,
    no_thumbnails: bool,
    predictions: Path | None,
    faces: bool,
    fail_on: str | None,
    root: Path | None,
) -> None:
    """Tell whether data sets, taken together as one mix, can be trained on.

    Prints the summary. RULES of --fail-on: acceptance, conflicting-labels, confounding, coverage,
    derived-sets, duplicates, empty-cell, few-subjects, integrity, label-issues, leakage, licence,
    near-duplicates, provenance, quality, skipped, synthetic-only, unverified.

    Example: ingest audit us_congress synth_v1 --html audit.html --fail-on leakage,licence
    """
    from ingest.audit import checks, outputs
    from ingest.dataset import data_root

    rules = checks.parse_rules(fail_on)
    result = checks.run_audit(data_root(root), names, progress, checks.Options(faces, predictions))
    files = outputs.Files(html, json_, markdown, data_card, thumbnails=not no_thumbnails)
    click.echo(outputs.write(result, files), nl=False)
    checks.refuse(checks.broken_rules(result, rules))
