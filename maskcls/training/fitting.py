"""Fit one model on one split: resumable, and with the weights of the epoch chosen."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from numpy.typing import NDArray

from ingest.atomic import atomic_path, write_json
from maskcls import distributed
from maskcls.config.heads import TARGETS, Head
from maskcls.config.members import Member
from maskcls.config.sections import Config
from maskcls.data.dosing import Dose, make_doses
from maskcls.data.mixing import Mix, Split
from maskcls.data.rows import taught
from maskcls.data.samplers import MixedSampler, RealRows
from maskcls.images.loading import input_size, scoring_loader
from maskcls.images.reading import ImageStore
from maskcls.network.models import BackboneSource, FaceClassifier, load_backbone, save_model
from maskcls.runs.folder import Run
from maskcls.scores.metrics import can_judge
from maskcls.scores.probabilities import HeadScores, score_all, target_frame
from maskcls.training.learner import VALIDATION_LOSS, VALIDATION_SCORE, Learner, Lesson
from maskcls.training.self_training import Guesser
from maskcls.training.trainer import run_trainer


@dataclass(frozen=True)
class FitJob:
    """One model to fit.

    Attributes
    ----------
    run : Run
        Folder that holds the results.
    member : Member
        What is fitted.
    mix, split, store : Mix, Split, ImageStore
        On what.
    source, weights : BackboneSource, Path or None
        From what.
    judges : ndarray of int
        Rows on which its epochs are judged.
    """

    run: Run
    member: Member
    mix: Mix
    split: Split
    store: ImageStore
    source: BackboneSource
    weights: Path | None
    judges: NDArray[np.int64]

    @property
    def config(self) -> Config:
        """Settings of this model."""
        return self.member.config

    @property
    def heads(self) -> tuple[Head, ...]:
        """What this model predicts."""
        return self.member.heads

    @property
    def name(self) -> str:
        """Stem of its files."""
        return self.member.file_name(self.split.name)

    @property
    def seed(self) -> int:
        """Seed of this model: of the run and of its fold."""
        fold = 0 if self.split.fold is None else self.split.fold + 1
        state = np.random.SeedSequence([self.config.train.seed, fold]).generate_state(1)
        return int(state[0])

    @property
    def state(self) -> Path:
        """Folder of what a resume needs."""
        return self.run.state / self.name

    @property
    def about(self) -> Path:
        """Which epoch was kept, for the run's end."""
        return self.run.parts / f"{self.name}.json"

    @property
    def guesses(self) -> Path:
        """Labels that it guessed of unlabelled sets, for the run's end."""
        return self.run.parts / f"guesses_{self.name}.parquet"


def fit(job: FitJob) -> None:
    """Fit, keep the chosen weights and predict the split's validation and holdout rows.

    A finished job is left as it is; an interrupted one continues after its last whole epoch.
    """
    weights = job.run.weights / f"{job.name}.safetensors"
    if weights.is_file():
        return
    # Only now may a process write what the others have just looked for.
    distributed.wait()
    sampler = make_sampler(job)
    learner = Learner(initial_model(job), job.heads, job.config, _lesson(job, sampler), job.seed)
    selection = choose_selection(job)
    best = _checkpoint(job, selection)
    epoch = run_trainer(job.run, job.name, job.state, learner, job.store, sampler, best,
                        job.judges)  # fmt: skip
    if best is not None and best.best_model_path:
        # Our own run's file of this very fit, read as tensors only.
        state = torch.load(best.best_model_path, map_location="cpu", weights_only=True)
        learner.load_state_dict(state["state_dict"])
        epoch = int(state["epoch"]) + 1
    _predict(job, learner.model.to(distributed.device()))
    if distributed.is_first():
        write_json(job.about, _about(job, epoch, selection))
        if learner.lesson.guesser:
            guesses = learner.lesson.guesser.table(job.mix.rows).assign(model=job.name)
            with atomic_path(job.guesses) as temporary:
                guesses.to_parquet(temporary, index=False)
        save_model(learner.model, weights)
        shutil.rmtree(job.state, ignore_errors=True)
    distributed.wait()


def _about(job: FitJob, epoch: int, selection: str) -> dict[str, Any]:
    train = job.config.train
    followed = selection != "last" or train.patience or job.config.optim.schedule == "plateau"
    on = {"selected_on": train.select_on} if followed and len(job.judges) else {}
    return {"model": job.name, "epochs": epoch, "selected_by": selection, **on}


def initial_model(job: FitJob) -> FaceClassifier:
    """The model before its first step; the same for the same seed."""
    torch.manual_seed(job.seed)
    model = FaceClassifier(job.config.model, job.heads, input_size(job.config))
    load_backbone(model, job.source, job.weights)
    if job.config.train.channels_last:
        model.to(memory_format=torch.channels_last)
    return model


def choose_selection(job: FitJob) -> str:
    """Which epoch's weights are kept: 'macro_f1', 'loss' or 'last'.

    Where the validation rows hold one class of an axis only (a set of bare faces, say), no
    score on them can tell whether that axis has been learnt; picking an epoch by the other
    axes could pick one before it was. Then the last epoch is kept. So it is in a run of one axis
    (`--target gender`): it labels other faces, and an epoch that its held-out people chose makes
    them look easier than those.
    """
    wanted = job.config.train.select
    if not len(job.judges):
        return "last"
    if wanted != "auto":
        return wanted
    if job.config.run.target != "all":
        return "last"
    targets = target_frame(job.mix.rows.iloc[job.judges])
    axes = tuple(axis for head in job.heads for axis in head.axes)
    return "macro_f1" if can_judge(targets, axes) else "last"


def make_sampler(job: FitJob) -> MixedSampler:
    """What an epoch draws of the split, by the rules of this model."""
    rows, mixing = job.mix.rows, job.config.mixing
    allowed = job.member.teaches(rows)
    real = job.split.train[allowed[job.split.train]]
    extras = tuple(part[allowed[part]] for part in job.split.extras)
    split = Split(job.split.fold, real, extras, *[np.empty(0, dtype=np.int64)] * 3)
    doses = make_doses(rows, split, job.mix.extras, mixing)
    return MixedSampler(
        _real_rows(job, real), doses, job.seed, mixing, job.config.train.epochs,
        job.config.self_training.begin,
    )  # fmt: skip


def _real_rows(job: FitJob, real: NDArray[np.int64]) -> RealRows:
    rules, rows = job.config.sampler, job.mix.rows.iloc[real]
    codes = {**{f"{a}": c for a, c in taught(rows).items()}, "subject_id": rows["subject_id"]}
    by = rules.by or TARGETS[job.config.run.target]
    strata = pd.DataFrame({name: np.asarray(codes[name]) for name in by})
    worn = np.where(codes["mask"] == 0, pd.factorize(rows["subject_id"])[0], -1)
    return RealRows(
        real, rules.name, strata.groupby(list(by), sort=True).ngroup().to_numpy(), rules.power,
        worn, rules.worn_per_subject,
    )  # fmt: skip


def _lesson(job: FitJob, sampler: MixedSampler) -> Lesson:
    draws = np.zeros(len(job.mix.rows))
    draws[sampler.real.rows] = sampler.real.chances()
    for dose in sampler.doses:
        draws[dose.rows] += _chances(dose)
    return Lesson(job.mix.rows, draws, _guesser(job, sampler, draws))


def _guesser(job: FitJob, sampler: MixedSampler, draws: NDArray[np.float64]) -> Guesser | None:
    """What guesses the labels that rows lack; None where no such row teaches."""
    if not any(dose.unlabelled and dose.count for dose in sampler.doses):
        return None
    rows = job.mix.rows
    unlabelled = rows["unlabelled"].to_numpy(dtype=bool, copy=True)
    return Guesser(job.heads, taught(rows), unlabelled, draws, job.config.self_training)


def _chances(dose: Dose) -> NDArray[np.float64]:
    chance = np.ones(len(dose.rows)) if dose.chance is None else dose.chance
    return dose.count * chance / chance.sum()


def _checkpoint(job: FitJob, selection: str) -> ModelCheckpoint | None:
    monitors = {"macro_f1": (VALIDATION_SCORE, "max"), "loss": (VALIDATION_LOSS, "min")}
    if selection == "last":
        return None
    monitor, mode = monitors[selection]
    return ModelCheckpoint(
        job.state,
        filename="best",
        monitor=monitor,
        mode=mode,
        save_top_k=1,
        save_weights_only=True,
        auto_insert_metric_name=False,
        save_on_train_epoch_end=True,
        enable_version_counter=False,
    )


def _predict(job: FitJob, model: FaceClassifier) -> None:
    """Keep the probabilities of the rows that judge, and of those scored apart."""
    model.eval().requires_grad_(False)
    for kind, rows in (("oof", job.split.validation), ("holdout", job.split.holdout)):
        if len(rows):
            loader = scoring_loader(job.store, distributed.part_of(rows), job.config)
            flip = job.config.inference.tta == "flip"
            scores = score_all([model], loader, job.config.transforms, flip)
            whole = distributed.gather(scores, len(rows))
            if distributed.is_first():
                write_scores(whole, scores_path(job.run, kind, job.name))


def scores_path(run: Run, kind: str, name: str) -> Path:
    """File of one model's probabilities, until the run is finished."""
    return run.parts / f"{kind}_{name}.npz"


def write_scores(scores: HeadScores, path: Path) -> None:
    """Write probabilities atomically."""
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **scores)


def read_scores(path: Path) -> HeadScores:
    """Probabilities as of `write_scores`."""
    with np.load(path, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def kept_epochs(job: FitJob) -> int:
    """Number of epochs after which a finished job's weights were kept."""
    return int(json.loads(job.about.read_text(encoding="utf-8"))["epochs"])
