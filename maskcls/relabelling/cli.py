"""The command `maskcls relabel`."""

from pathlib import Path

import click

from ingest.cli_support import root_option


def _say(line: str) -> None:
    click.echo(line, err=True)


@click.command()
@click.argument("run")
@click.option(
    "--method",
    type=click.Choice(["confident", "vote", "both"]),
    default="confident",
    show_default=True,
    help="Confident learning on the run's own predictions, or the "
    "vote of five models taught on one fifth each, which are trained first.",
)
@click.option(
    "--axis",
    "axes",
    multiple=True,
    type=click.Choice(["mask", "gender", "age"]),
    help="Which labels.  [default: all that RUN predicts]",
)
@click.option(
    "--truth",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="CSV (path,axis) of labels known to be wrong: print precision.",
)
@click.option(
    "--most",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    help="Most suspects of an axis on the page.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to.  [default: relabel/ in the run]",
)
@root_option
@click.option("--runs", type=click.Path(file_okay=False, path_type=Path), default=None,
              help="Folder of all runs.  [default: $MASKCLS_RUNS, else ./runs]")  # fmt: skip
def relabel(
    run: str,
    method: str,
    axes: tuple[str, ...],
    truth: Path | None,
    most: int,
    out: Path | None,
    root: Path | None,
    runs: Path | None,
) -> None:
    """List the labels of RUN's data set that models contradict, and write a page to review them.

    The page saves FIXES.csv for `ingest correct`. Nothing is changed before that.

    Example: maskcls relabel default_v1 --method both
    """
    from ingest.dataset import data_root
    from maskcls.relabelling.relabel import Request
    from maskcls.relabelling.relabel import relabel as find
    from maskcls.runs.folder import open_run, runs_root

    request = Request(method, axes, truth, most)
    done = find(open_run(runs_root(runs), run), request, data_root(root), out, _say)
    click.echo("\n".join([*done.lines, str(done.table), str(done.page)]))
