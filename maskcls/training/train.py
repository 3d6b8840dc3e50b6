"""Train a run: from a request to a folder with weights, scores, lineage and card."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ingest.atomic import write_json, write_text
from maskcls import distributed
from maskcls.config.members import Member, members_of
from maskcls.config.sections import Config, DataConfig
from maskcls.config.toml import to_toml
from maskcls.data.folds import assign_folds
from maskcls.data.inner import set_aside
from maskcls.data.leakage import check_mix, check_split
from maskcls.data.mixing import Mix, Split, load_mix, split_mix
from maskcls.data.rows import BOX
from maskcls.errors import ArgumentRefused, Interrupted, NoImageUsable
from maskcls.images.crops import NEEDS_BOX
from maskcls.images.loading import check_transforms, input_size
from maskcls.images.reading import ImageStore
from maskcls.network.models import BackboneSource, check_input, fetch_weights, find_source
from maskcls.runs.card import NO_SCORE
from maskcls.runs.folder import Run
from maskcls.runs.lineage import STAND_IN, describe, helpers_of, pass_licences
from maskcls.training.finish import finish
from maskcls.training.fitting import FitJob, fit, kept_epochs
from maskcls.training.loggers import check_logger
from maskcls.training.settings import TrainRequest, choose_run

Say = Callable[[str], None]


@dataclass(frozen=True)
class Prepared:
    """All that is decided before any image is read.

    Attributes
    ----------
    mix : Mix
        The rows.
    source, weights : BackboneSource, Path or None
        First weights and their file.
    lineage : dict
        Content of ``lineage.json``.
    """

    mix: Mix
    source: BackboneSource
    weights: Path | None
    lineage: dict[str, Any]


def train(request: TrainRequest, root: Path, runs: Path, say: Say) -> Run:
    """Train as asked, or continue.

    Parameters
    ----------
    request : TrainRequest
        What is asked.
    root, runs : Path
        Folders of all data sets and of all runs.
    say : callable
        Receives one line at a time of what a user should know on the way.

    Returns
    -------
    Run
        The finished run.

    Raises
    ------
    MaskclsError
        Of the kind that tells what happened; before any work for wrong arguments.
    """
    with distributed.together():
        run, config = choose_run(request, root, runs)
        prepared = prepare(config, root)
        config = replace(config, run=replace(config.run, purpose=prepared.lineage["purpose"]))
        if request.resume:
            _refuse_changed(run, prepared)
        distributed.wait()
        _open_folder(run, config, prepared)
        try:
            _work(run, config, prepared, say)
        except KeyboardInterrupt as stopped:
            raise Interrupted(run.name) from stopped
    return run


def _work(run: Run, config: Config, prepared: Prepared, say: Say) -> None:
    if config.run.stand_in:
        say(f"{config.run.data}: {STAND_IN}")
    members = members_of(config)
    mix, stores = read_images(prepared.mix, members, say)
    jobs = [
        make_job(run, member, mix, split, stores[member.config.data], prepared)
        for split in make_splits(mix, config, say)
        for member in members
    ]
    for job in jobs:
        fit(job)
    if config.train.refit:
        jobs += _refit_all(members, jobs)
    if distributed.is_first():
        finish(run, config, jobs, prepared.lineage)


def make_job(
    run: Run, member: Member, mix: Mix, split: Split, store: ImageStore, prepared: Prepared
) -> FitJob:
    """One model to fit, and who judges its epochs."""
    judges, train = split.validation, member.config.train
    if train.select_on == "inner" and split.fold is not None:
        split, judges = set_aside(mix, split, train.seed)
    return FitJob(run, member, mix, split, store, prepared.source, prepared.weights, judges)


def _refit_all(members: Sequence[Member], jobs: Sequence[FitJob]) -> list[FitJob]:
    """Train every model once more, on everybody, as long as was best on average."""
    everyone = split_mix(jobs[0].mix, None, None)
    refits = []
    for member in members:
        of_folds = [job for job in jobs if job.member.name == member.name]
        epochs = round(float(np.mean([kept_epochs(job) for job in of_folds])))
        train = replace(member.config.train, epochs=epochs, select="last", patience=0)
        # Nothing is left to validate on, so there is no plateau to see.
        kept = member.config.optim.schedule != "plateau"
        optim = replace(
            member.config.optim, schedule=member.config.optim.schedule if kept else "constant"
        )
        alone = replace(member, config=replace(member.config, train=train, optim=optim))
        refits.append(
            replace(of_folds[0], member=alone, split=everyone, judges=everyone.validation)
        )
        fit(refits[-1])
    return refits


def prepare(config: Config, root: Path) -> Prepared:
    """Check all arguments, the licences and the first weights, before images are read."""
    source = find_source(config.model.backbone, config.run.pretrained, config.run.weights)
    for member in members_of(config):
        distributed.check_shares(member.config.train.batch_size)
        check_transforms(member.config)
        check_logger(member.config)
        check_input(member.config.model, member.heads, input_size(member.config))
    mix = load_mix(root, config)
    check_mix(mix)
    passage = pass_licences(mix.datasets, source, config.run.purpose, helpers_of(config))
    weights = fetch_weights(source)
    return Prepared(mix, source, weights, describe(mix, passage, source, weights, config))


def _refuse_changed(run: Run, prepared: Prepared) -> None:
    """Refuse to continue on other records than those the run began with."""
    if not (run.folder / "lineage.json").is_file():
        return
    stored = run.read_json("lineage.json")
    changed = [
        part["name"]
        for part in prepared.lineage["datasets"]
        if part not in stored.get("datasets", [])
    ]
    if changed:
        message = (
            f"{run.folder}: data set {', '.join(changed)} has changed since the run began. "
            "Expected the same records. Start a new run."
        )
        raise ArgumentRefused(message)


def _open_folder(run: Run, config: Config, prepared: Prepared) -> None:
    if not distributed.is_first():
        return
    write_text(run.folder / "config.toml", to_toml(config))
    write_json(run.folder / "lineage.json", prepared.lineage)


def read_images(
    mix: Mix, members: Sequence[Member], say: Say
) -> tuple[Mix, dict[DataConfig, ImageStore]]:
    """Read every image once per way of cutting; those that cannot be used are left out.

    Raises
    ------
    NoImageUsable
        If nothing of the real set remains.
    """
    ways = list(dict.fromkeys(member.config.data for member in members))
    unboxed = int(mix.rows[BOX[0]].isna().sum())
    if any(way.crop in NEEDS_BOX for way in ways) and unboxed:
        say(f"warning: {unboxed} of {len(mix.rows)} images have no face box and stay whole")
    boxes = mix.rows[list(BOX)].to_numpy()
    stores = {way: ImageStore(list(mix.rows["file"]), boxes, way) for way in ways}
    skipped: dict[int, str] = {}
    for store in stores.values():
        skipped |= store.read_all()
    for row, reason in skipped.items():
        say(f"skipped {mix.rows['dataset'].iloc[row]}/{mix.rows['path'].iloc[row]}: {reason}")
    if skipped:
        usable = np.setdiff1d(np.arange(len(mix.rows)), list(skipped))
        say(f"{len(skipped)} of {len(mix.rows)} images skipped")
        mix = replace(mix, rows=mix.rows.iloc[usable].reset_index(drop=True))
        stores = {way: store.only(usable) for way, store in stores.items()}
    if not len(mix.data):
        name = mix.datasets[0].name
        message = f"{name}: no image could be read. Run `ingest verify {name}`."
        raise NoImageUsable(message)
    return mix, stores


def make_splits(mix: Mix, config: Config, say: Say) -> list[Split]:
    """Splits of every fold, guarded; or one in which everything teaches."""
    if not config.run.folds:
        people = mix.rows.iloc[mix.data]["subject_id"].nunique()
        say(f"{people} people: {NO_SCORE}")
        return [split_mix(mix, None, None)]
    fold_of, warnings = assign_folds(mix.rows.iloc[mix.data], config.run.folds, config.train.seed)
    for warning in warnings:
        say(f"warning: {warning}")
    splits = [split_mix(mix, fold_of, fold) for fold in range(config.run.folds)]
    for split in splits:
        check_split(mix.rows, split)
    return splits
