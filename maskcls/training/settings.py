"""From the options of ``maskcls train`` to the resolved configuration of a run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ingest.dataset import check_name
from maskcls.config.read import build_config, merge, parse_assignments
from maskcls.config.recipes import load_recipe
from maskcls.config.sections import Config
from maskcls.config.toml import to_toml
from maskcls.data.extras import extras_of
from maskcls.data.mixing import choose_data
from maskcls.errors import ArgumentRefused
from maskcls.runs.folder import Run, list_runs, next_name
from maskcls.training.checks import check_config


@dataclass(frozen=True)
class TrainRequest:
    """The options of ``maskcls train``, as typed.

    Attributes
    ----------
    options : dict
        Keys of `RunConfig` that were given.
    recipe : str
        Its name or path.
    assignments : sequence of str
        Every ``--set``.
    name : str or None
        Of the run.
    resume : bool
        Whether to continue an unfinished run.
    """

    options: dict[str, Any]
    recipe: str = "default"
    assignments: Sequence[str] = ()
    name: str | None = None
    resume: bool = False


def request_of(
    recipe: str,
    assignments: Sequence[str],
    name: str | None,
    resume: bool,
    no_pretrained: bool,
    **options: Any,
) -> TrainRequest:
    """Request from the options of the command line; those not given are left to the recipe."""
    if no_pretrained and options.get("weights"):
        message = "--weights with --no-pretrained: expected one of them. Leave one out."
        raise ArgumentRefused(message)
    given = {key: value for key, value in options.items() if value not in (None, (), False)}
    if options.get("folds") == 0:
        given["folds"] = 0
    if no_pretrained:
        given["pretrained"] = False
    return TrainRequest(given, recipe, assignments, name and check_name(name), resume)


def resolve(request: TrainRequest, root: Path) -> Config:
    """Configuration of a request: recipe, then ``--set``, then the other options.

    Raises
    ------
    ConfigInvalid
        If keys or values are wrong.
    ArgumentRefused
        If the recipe is unknown, a ratio is wrong, or no data set can be chosen.
    """
    recipe = load_recipe(request.recipe)
    settings = merge(
        recipe.settings, parse_assignments(request.assignments), {"run": request.options}
    )
    config = build_config(settings, f"--recipe {request.recipe} with --set")
    check_config(config)
    extras = [extra.name for extra in extras_of(config.run)]
    data = config.run.data or choose_data(root, extras)
    return replace(config, run=replace(config.run, data=data))


def choose_run(request: TrainRequest, root: Path, runs: Path) -> tuple[Run, Config]:
    """Run to write to and its configuration: a new one, or an unfinished one.

    Raises
    ------
    ArgumentRefused
        If the name is taken, or there is no such run to resume, or it has other settings.
    """
    if request.resume:
        return _unfinished(request, root, runs)
    config = resolve(request, root)
    run = Run(runs / (request.name or next_name(runs, Path(request.recipe).stem)))
    if run.folder.exists():
        message = (
            f"{run.folder}: this run exists. Expected a new name. Continue it with --resume, or "
            "choose another --name."
        )
        raise ArgumentRefused(message)
    return run, config


def _unfinished(request: TrainRequest, root: Path, runs: Path) -> tuple[Run, Config]:
    there = [run for run in list_runs(runs) if not run.finished]
    if request.name:
        there = [run for run in there if run.name == request.name]
    if _says_what(request):
        asked = resolve(request, root)
        matching = [run for run in there if run.config() == _for_same_purpose(asked, run.config())]
        if there and not matching:
            _refuse_other_settings(there[0], asked)
        there = matching
    if len(there) != 1:
        message = (
            f"{runs}: {len(there)} unfinished runs fit "
            f"({', '.join(run.name for run in there) or 'none'}). Expected one. Name it: --name."
        )
        raise ArgumentRefused(message)
    return there[0], there[0].config()


def _for_same_purpose(asked: Config, stored: Config) -> Config:
    """A run stores the purpose that was resolved; one left open fits it."""
    purpose = asked.run.purpose or stored.run.purpose
    return replace(asked, run=replace(asked.run, purpose=purpose))


def _says_what(request: TrainRequest) -> bool:
    return bool(request.options or request.assignments or request.recipe != "default")


def _refuse_other_settings(run: Run, asked: Config) -> None:
    stored = to_toml(run.config()).splitlines()
    other = [line for line in to_toml(asked).splitlines() if line not in stored]
    message = (
        f"{run.folder}: has other settings than asked for now ({'; '.join(other[:5])}). Expected "
        f"the same. Resume with `maskcls train --resume --name {run.name}` alone."
    )
    raise ArgumentRefused(message)
