"""The command `synth pseudo-gender`."""

from pathlib import Path
from typing import Any

import click

from ingest.cli_support import purpose_option, root_option


def _say(line: str) -> None:
    click.echo(line, err=True)


@click.command("pseudo-gender")
@click.option(
    "--src",
    "sources",
    multiple=True,
    metavar="NAME",
    help="Data set to label.  [default: every pulled one that lacks it]",
)
@click.option("--model", metavar="RUN", help="Run that labels.  [default: the newest that can]")
@click.option(
    "--min-precision",
    type=click.FloatRange(0.5, 1, max_open=True),
    default=0.95,
    show_default=True,
    help="Share of people who must be right, with 95 % confidence.",
)
@click.option(
    "--axis",
    type=click.Choice(["gender", "mask", "age"]),
    default="gender",
    show_default=True,
    help="What is labelled.",
)
@click.option(
    "--voter",
    "voters",
    multiple=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Manifest of an ONNX classifier that may turn labels down.",
)
@click.option("--undo", "undone", is_flag=True, help="Remove the labels again.")
@purpose_option
@root_option
@click.option("--runs", type=click.Path(file_okay=False, path_type=Path), default=None,
              help="Folder of all runs.  [default: $MASKCLS_RUNS, else ./runs]")  # fmt: skip
def pseudo_gender(undone: bool, root: Path | None, runs: Path | None, **asked: Any) -> None:
    """Label faces that lack gender by a model, where it can be promised that it is right.

    Labels lie over the set as an overlay and can be undone. They say how a model takes people to
    look, not who they are.

    Example: synth pseudo-gender --src all_age_faces --min-precision 0.98
    """
    from ingest.dataset import data_root
    from synth.pseudo.storing import undo
    from synth.pseudo_gender import Request, pseudo_label

    if undone:
        for name in undo(data_root(root), asked["sources"], asked["axis"]):
            click.echo(f"{name}: pseudo labels of {asked['axis']} removed")
        return
    for outcome in pseudo_label(Request(**asked), data_root(root), runs, _say):
        click.echo("\n".join(outcome.lines()))
