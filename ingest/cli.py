"""The command line `ingest`: external face data sets as records with labels and licences."""

import json
from pathlib import Path

import click

from ingest.audit.cli import audit
from ingest.cli_support import CONTEXT, PURPOSES, Bars, Group, purpose_option, root_option

EXPORT_FORMATS = ("csv", "imagefolder", "boostcamp", "webdataset", "huggingface")
LAYOUTS = ("boostcamp", "filename_pattern", "folders", "listing", "table", "voc")
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
_pull_purpose = click.option(
    "--purpose",
    type=click.Choice(PURPOSES),
    default="commercial",
    show_default=True,
    help="What the data set is for; commercial is the strict one.",
)


@click.group(cls=Group, context_settings=CONTEXT)
@click.version_option(package_name="maskcls")
def cli() -> None:
    """Pull external face data sets behind a licence gate, correct and audit them.

    Example: ingest pull public_portraits
    """


@cli.command("list")
@root_option
@_json_option
def list_command(root: Path | None, as_json: bool) -> None:
    """List the data sets that can be pulled and those that are here.

    Example: ingest list --json
    """
    from ingest import describe
    from ingest.dataset import data_root

    rows = describe.catalogue(data_root(root))
    click.echo(json.dumps(rows, indent=2) if as_json else describe.catalogue_text(rows))


@cli.command()
@click.argument("name")
@root_option
def show(name: str, root: Path | None) -> None:
    """Show what is known of a data set: its manifest, and what lies on disk.

    Example: ingest show us_congress
    """
    from ingest import describe
    from ingest.dataset import data_root

    click.echo(describe.show(name, data_root(root)))


@cli.command()
@click.argument("name")
@click.option("--from", "source", metavar="PATH|URL",
              help="Folder, archive or web address to take the files from.")  # fmt: skip
@_pull_purpose
@click.option("--accept", "accepted", metavar="NAME",
              help="Take on what the licence of this one data set leaves unclear.")  # fmt: skip
@click.option("--choose", "answers", multiple=True, metavar="QUESTION=ANSWER",
              help="Answer a question that the manifest leaves open.")  # fmt: skip
@click.option("--strict", is_flag=True, help="Fail unless hashes and counts are the published.")
@root_option
def pull(
    name: str,
    source: str | None,
    purpose: str,
    accepted: str | None,
    answers: tuple[str, ...],
    strict: bool,
    root: Path | None,
) -> None:
    """Pull a data set: check its licence, get it, verify it, and write its records.

    NAME is one of `ingest list`, or the path of a manifest of your own.

    Example: ingest pull us_congress --from ~/Downloads/us_congress
    """
    from ingest import describe
    from ingest.dataset import data_root
    from ingest.pulling.pull import pull as pull_dataset

    pulled = pull_dataset(name, data_root(root), source=source, purpose=purpose,
                          accepted=accepted, strict=strict, answers=answers,
                          reporter=Bars())  # fmt: skip
    for line in describe.pulled_notes(pulled):
        click.echo(line, err=True)
    click.echo(describe.pulled_text(pulled))


@cli.command()
@click.argument("name")
@root_option
def verify(name: str, root: Path | None) -> None:
    """Compare every file of a data set with the hash in its record.

    Example: ingest verify us_congress
    """
    from ingest.dataset import data_root, open_dataset
    from ingest.verify import verify as verify_dataset

    found = verify_dataset(open_dataset(data_root(root), name), Bars())
    click.echo(f"{name}: all {found.n_files} files are as they were pulled")


@cli.command()
@click.argument("name")
@click.option("--layout", type=click.Choice(LAYOUTS), default="filename_pattern",
              show_default=True, help="How the source stores images and labels.")  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path),
              help="File to write.  [default: NAME.toml]")  # fmt: skip
def new(name: str, layout: str, out: Path | None) -> None:
    """Write the commented beginning of a manifest for a data set of your own.

    Example: ingest new my_faces --layout table
    """
    from ingest.manifests.skeleton import write_skeleton

    path = write_skeleton(name, layout, out or Path(f"{name}.toml"))
    click.echo(f"{path}: fill it in, then run `ingest check {path}`")


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
def check(files: tuple[str, ...]) -> None:
    """Check manifests and list every mistake with its line.

    Example: ingest check my_faces.toml
    """
    from ingest.manifests.read import check_files

    for manifest in check_files(files):
        click.echo(f"{manifest.file}: sound ({manifest.name}, {manifest.license.id})")


@cli.command()
@click.argument("names", nargs=-1)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path),
              help="Folder to write NOTICE and ATTRIBUTION.csv to.")  # fmt: skip
@root_option
@_json_option
def licences(names: tuple[str, ...], out: Path | None, root: Path | None, as_json: bool) -> None:
    """Say what may be done with a mix of data sets, and whom to credit.

    Without names: the table of licences.

    Example: ingest licences us_congress all_age_faces --out credits
    """
    from ingest.dataset import data_root
    from ingest.licences import mix

    if not names:
        click.echo(mix.table_text())
        return
    found = mix.mix_of(names, data_root(root))
    if out:
        mix.write_mix_credits(names, data_root(root), out)
    click.echo(json.dumps(found, indent=2) if as_json else mix.mix_text(found))


@cli.command()
@click.argument("name")
@click.option("--format", "format_name", required=True, type=click.Choice(EXPORT_FORMATS),
              help="Layout to write.")  # fmt: skip
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path),
              help="Folder to make; it must be new or empty.")  # fmt: skip
@purpose_option
@click.option("--to-share", is_flag=True,
              help="The result is to be passed on; asks for that permission.")  # fmt: skip
@root_option
def export(
    name: str,
    format_name: str,
    out: Path,
    purpose: str | None,
    to_share: bool,
    root: Path | None,
) -> None:
    """Write a data set in a layout that other programs read, with NOTICE and ATTRIBUTION.csv.

    Example: ingest export us_congress --format webdataset --out shards
    """
    from ingest import describe
    from ingest.dataset import data_root, open_dataset
    from ingest.export import export as export_dataset

    done = export_dataset(open_dataset(data_root(root), name), format_name, out, purpose, to_share)
    for line in describe.listing("skipped", done.skipped):
        click.echo(line, err=True)
    click.echo(f"{name}: {done.n_images} images in {done.folder}, {len(done.skipped)} left out")


@cli.command()
@click.argument("name")
@click.argument("fixes", required=False,
                type=click.Path(exists=True, dir_okay=False, path_type=Path))  # fmt: skip
@click.option("--undo", "undone", is_flag=True, help="Remove the fixes again; all without FIXES.")
@root_option
def correct(name: str, fixes: Path | None, undone: bool, root: Path | None) -> None:
    """Lay a table of fixes over a data set; the source's labels stay as they are.

    FIXES is a CSV with the columns subject or path, axis, old, new and by; left out, the fixes
    that come with this program for that data set. It is refused as a whole if one row does not
    fit.

    Example: ingest correct us_congress fixes.csv
    """
    from ingest.correct import correct as correct_dataset
    from ingest.correct import published_fixes, undo
    from ingest.dataset import data_root, open_dataset

    dataset = open_dataset(data_root(root), name)
    if undone:
        click.echo(f"{name}: {', '.join(undo(dataset, fixes))} removed")
        return
    done = correct_dataset(dataset, fixes or published_fixes(name))
    click.echo(f"{name}: {done.n_fixes} fixes changed {done.n_images} labels ({done.overlay})")


cli.add_command(audit)
