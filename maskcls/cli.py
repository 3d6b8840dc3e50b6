"""The command line of `maskcls`: every command parses, makes one library call, prints."""

from pathlib import Path
from typing import Any

import click

from ingest.cli_support import CONTEXT, Group, purpose_option, root_option
from maskcls.relabelling.cli import relabel

runs_option = click.option(
    "--runs",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Folder of all runs.  [default: $MASKCLS_RUNS, else ./runs]",
)


thresholds_option = click.option(
    "--thresholds",
    is_flag=True,
    help="Decide by thresholds per class, fitted out of fold, if RUN has none.",
)


@click.group(cls=Group, context_settings=CONTEXT)
@click.version_option(package_name="maskcls")
def cli() -> None:
    """Train classifiers of mask wear, gender and age on real and synthetic photos.

    Example: maskcls train --data us_congress --extra synth_v1
    """


def _say(line: str) -> None:
    click.echo(line, err=True)


def _folds(context: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    if value is None or value == "none":
        return None if value is None else 0
    if value.isdigit() and int(value) >= 2:
        return int(value)
    message = f"{value!r}; expected 2 or more, or none"
    raise click.BadParameter(message)


def _boundaries(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[float, ...] | None:
    if value is None:
        return None
    try:
        years = tuple(float(part) for part in value.split(","))
    except ValueError:
        years = ()
    if len(years) != 2 or not 0 < years[0] < years[1]:
        message = f"{value!r}; expected two rising ages, such as 30,58"
        raise click.BadParameter(message)
    return years


@cli.command()
@click.option(
    "--data",
    help="Real set that teaches and validates.  [default: boostcamp_mask, "
    "else the only labelled real set]",
)
@click.option(
    "--extra",
    multiple=True,
    metavar="NAME[:RATIO]",
    help="Set that only teaches: samples per real one.  [default ratio: 0.5]",
)
@click.option(
    "--unlabelled",
    multiple=True,
    metavar="NAME[:RATIO]",
    help="As --extra, but labels it lacks are guessed while training.",
)
@click.option("--recipe", default="default", show_default=True, help="Name, or path of a .toml.")
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change one setting of the recipe.",
)
@click.option("--folds", callback=_folds, metavar="N|none", help="Folds, by person.  [default: 5]")
@click.option(
    "--target",
    type=click.Choice(["all", "mask", "gender", "age"]),
    default=None,
    help="What is predicted.  [default: all]",
)
@click.option(
    "--train-age-boundaries",
    callback=_boundaries,
    metavar="A,B",
    help="Ages the training labels are cut at; scores keep 30,60.",
)
@click.option("--weights", type=click.Path(dir_okay=False), help="Backbone weights, safetensors.")
@click.option("--no-pretrained", is_flag=True, help="Start from random weights.")
@click.option("--stand-in", is_flag=True, help="Let --data hold composites; all figures say so.")
@purpose_option
@click.option("--name", help="Name of the run.  [default: the next free <recipe>_vN]")
@click.option("--resume", is_flag=True, help="Continue an unfinished run.")
@root_option
@runs_option
def train(root: Path | None, runs: Path | None, **options: Any) -> None:
    """Train one model per fold and score it on people it never saw.

    Example: maskcls train --data us_congress --extra synth_v1:0.5 --no-pretrained
    """
    from ingest.dataset import data_root
    from maskcls.runs.folder import runs_root
    from maskcls.training.settings import request_of
    from maskcls.training.train import train as run_training

    run = run_training(request_of(**options), data_root(root), runs_root(runs), _say)
    click.echo(run.summary())


@cli.command()
@click.argument("run")
@click.option("--data", help="Data set to score on.  [default: the run's own, out of fold]")
@click.option("--against", metavar="RUN", help="Another run to compare with, person by person.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="JSON file to write.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Page to write.")
@click.option("--no-thumbnails", "pictures", flag_value=False, default=True,
              help="Leave the pictures of the worst errors out of the page.")  # fmt: skip
@thresholds_option
@root_option
@runs_option
def evaluate(
    run: str,
    data: str | None,
    against: str | None,
    out: Path | None,
    html: Path | None,
    pictures: bool,
    thresholds: bool,
    root: Path | None,
    runs: Path | None,
) -> None:
    """Score RUN on people that it was not taught, with intervals over people.

    Example: maskcls evaluate default_v1 --data all_age_faces --html evaluation.html
    """
    from ingest.dataset import data_root
    from maskcls.evaluation.evaluate import evaluate as score
    from maskcls.evaluation.evaluate import write_evaluation
    from maskcls.evaluation.worst_errors import error_pictures
    from maskcls.runs.folder import open_run, runs_root

    place = runs_root(runs)
    chosen, other = open_run(place, run), open_run(place, against) if against else None
    result = score(chosen, data, data_root(root), _say, other, thresholds)
    wanted = html is not None and pictures
    shown = error_pictures(chosen, result, data, data_root(root), _say) if wanted else {}
    click.echo(write_evaluation(result, out, html, shown))


@cli.command()
@click.argument("run", nargs=-1, required=True)
@click.option(
    "--vote",
    type=click.Choice(["soft", "hard", "rank", "weighted"]),
    default="soft",
    show_default=True,
    help="How the runs decide together; weights are fitted out of fold.",
)
@click.option("--name", required=True, help="Name of the ensemble.")
@click.option("--thresholds", is_flag=True, help="Decide by thresholds per class, fitted likewise.")
@runs_option
def ensemble(
    run: tuple[str, ...], vote: str, name: str, thresholds: bool, runs: Path | None
) -> None:
    """Join two or more RUNs on the same people into one that predicts and evaluates like a run.

    Example: maskcls ensemble palette_ensemble_v1 palette_beit_v1 --vote weighted --name palette
    """
    from maskcls.inference.ensemble import make_ensemble
    from maskcls.runs.folder import runs_root

    click.echo(make_ensemble(run, vote, runs_root(runs), name, thresholds).summary())


@cli.command()
@click.argument("run")
@click.option(
    "--format",
    "form",
    type=click.Choice(["onnx", "exported-program"]),
    default="onnx",
    show_default=True,
    help="ONNX needs the extra maskcls[onnx].",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True,
              help="Folder to write.")  # fmt: skip
@purpose_option
@runs_option
def export(run: str, form: str, out: Path, purpose: str | None, runs: Path | None) -> None:
    """Write the models of RUN for other programs, checked, with card and lineage.

    Example: maskcls export default_v1 --out exported/
    """
    from maskcls.inference.export import export as write
    from maskcls.runs.folder import open_run, runs_root

    click.echo(write(open_run(runs_root(runs), run), form, out, purpose))


@cli.command()
@click.option("--data", help="Real set that teaches and validates.")
@click.option("--extra", required=True, metavar="NAME", help="Set whose ratio is varied.")
@click.option(
    "--extra-ratio", "ratios", required=True, metavar="R,R,…", help="Ratios, such as 0,0.25,0.5,1."
)
@click.option("--seeds", type=click.IntRange(1), default=3, show_default=True, help="Runs each.")
@click.option("--recipe", default="default", show_default=True, help="Name, or path of a .toml.")
@click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE",
              help="Change one setting of the recipe.")  # fmt: skip
@click.option("--folds", callback=_folds, metavar="N", help="Folds, by person.  [default: 5]")
@click.option("--no-pretrained", is_flag=True, help="Start from random weights.")
@click.option("--stand-in", is_flag=True, help="Let --data hold composites; all figures say so.")
@click.option("--name", default="sweep", show_default=True, help="Begins the runs' names.")
@root_option
@runs_option
def sweep(root: Path | None, runs: Path | None, **options: Any) -> None:
    """Train with several ratios of an extra and seeds, and draw F1 against the ratio.

    Example: maskcls sweep --data us_congress --extra synth_v1 --extra-ratio 0,0.5,1 --seeds 3
    """
    from ingest.dataset import data_root
    from maskcls.runs.folder import runs_root
    from maskcls.training.sweep import sweep as run_sweep

    click.echo(run_sweep(data_root(root), runs_root(runs), _say, **options))


@cli.command()
@click.argument("run")
@click.argument("path", nargs=-1, required=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="CSV file to write.")
@click.option("--force", is_flag=True, help="Replace --out if it exists.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["full", "competition"]),
    default="full",
    show_default=True,
    help="Words and probabilities, or the columns ImageID,ans.",
)
@thresholds_option
@root_option
@runs_option
def predict(
    run: str,
    path: tuple[str, ...],
    out: Path | None,
    force: bool,
    form: str,
    thresholds: bool,
    root: Path | None,
    runs: Path | None,
) -> None:
    """Predict the images of every PATH: a folder, a list (.txt, .csv), a file or a data set.

    Example: maskcls predict default_v1 photos/ --out predictions.csv
    """
    from ingest.dataset import data_root
    from maskcls.inference.predict import predict as run_predict
    from maskcls.inference.predict import refuse_existing, write_csv
    from maskcls.runs.folder import open_run, runs_root

    refuse_existing(out, force)
    found = run_predict(open_run(runs_root(runs), run), path, data_root(root), thresholds)
    for name, reason in found.skipped:
        _say(f"skipped {name}: {reason}")
    click.echo(write_csv(found, out, form))


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def recipes(as_json: bool) -> None:
    """List the recipes with what each was published with.

    Example: maskcls recipes --json
    """
    from maskcls.config.recipes import recipes_json, recipes_text

    click.echo(recipes_json() if as_json else recipes_text())


cli.add_command(relabel)
