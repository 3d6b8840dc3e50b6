"""Labels that a model gives to faces without one, where it can be promised that they are right.

The one file of `synth` that uses `maskcls`. A face is judged by the model of one fold, drawn by
person: its confidences are spread like those of the out-of-fold table that the thresholds were
found on, which a mean over the folds would not be. The other folds can only turn a label down.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ingest.dataset import Dataset, list_datasets, open_dataset
from ingest.errors import AnswerIsNo
from ingest.licences.gate import pass_gate
from ingest.licences.terms import Purpose
from ingest.records import age_group_index, is_composite, mask_index
from synth.errors import NothingPromised, RunRefused
from synth.pseudo.judgement import Judgement
from synth.pseudo.outcome import Outcome, write
from synth.pseudo.storing import without_label
from synth.pseudo.strata import WORDS, accept, age_words, judged, make_strata, wear_words
from synth.pseudo.voters import Voter, load_voters

if TYPE_CHECKING:
    from maskcls.evaluation.labellers import HeldOut
    from maskcls.runs.folder import Run

Say = Callable[[str], None]
_BOX = ["face_x0", "face_y0", "face_x1", "face_y1"]


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes
    ----------
    sources : sequence of str
        Data sets; none means every pulled one that lacks the label.
    model : str or None
        Name of a run; None takes the newest that can.
    axis : {"gender", "mask", "age"}
        What is labelled.
    min_precision : float
        Share of people who must be right, 0–1.
    purpose : {"commercial", "research"} or None
        What the labels are for.
    voters : sequence of Path
        Model manifests of further classifiers that may turn a label down.
    """

    sources: Sequence[str] = ()
    model: str | None = None
    axis: str = "gender"
    min_precision: float = 0.95
    purpose: str | None = None
    voters: Sequence[Path] = ()


@dataclass(frozen=True)
class Job:
    """A set that may be labelled, its records without the label, and what for."""

    dataset: Dataset
    rows: pd.DataFrame
    purpose: Purpose


def pseudo_label(request: Request, root: Path, runs: Path | None, say: Say) -> list[Outcome]:
    """Label the faces of some sets where the promise can be kept.

    Parameters
    ----------
    request : Request
        What is asked for.
    root, runs : Path
        Folders of all data sets and of all runs; no runs means where `maskcls` keeps them.
    say : callable
        Receives what a user should know on the way, one line at a time.

    Raises
    ------
    NoLabeller
        If no run can give the label.
    AnswerIsNo
        If a set or run is refused, or no stratum of any set can keep the promise. Nothing is
        written then.
    """
    from maskcls.evaluation.labellers import choose_labeller, held_out
    from maskcls.runs.folder import runs_root

    run = choose_labeller(runs_root(runs), request.model, request.axis)
    say(f"labels by run '{run.name}'")
    jobs = _admit(request, run, root, say)
    voters = load_voters(request.voters, request.axis, [job.purpose for job in jobs])
    known = held_out(run, request.axis, root)
    found = [judge(job, run, known, request, voters) for job in jobs]
    lineage = run.read_json("lineage.json")
    outcomes = [write(one, lineage, job.purpose, voters)
                for one, job in zip(found, jobs, strict=True)]  # fmt: skip
    if not any(outcome.overlay for outcome in outcomes):
        lines = [line for outcome in outcomes for line in outcome.lines()]
        message = "no face got a label; nothing was written.\n" + "\n".join(lines)
        raise NothingPromised(message)
    return outcomes


def _admit(request: Request, run: "Run", root: Path, say: Say) -> list[Job]:
    """Sets that may be labelled; those that may not are refused before any image is read."""
    if request.sources:
        return [_prepare(open_dataset(root, name), request, run) for name in request.sources]
    jobs, refused = [], ""
    for dataset in list_datasets(root):
        rows = without_label(dataset, request.axis, named=False)
        if not len(rows) or is_composite(rows).any():
            continue
        try:
            jobs.append(_prepare(dataset, request, run))
        except AnswerIsNo as error:
            refused += f"\n{error}"
            say(f"passed over: {error}")
    if not jobs:
        message = f"{root}: no data set here lacks {request.axis} and may be labelled.{refused}"
        raise NothingPromised(message)
    return jobs


def _prepare(dataset: Dataset, request: Request, run: "Run") -> Job:
    from maskcls.evaluation.labellers import refuse_taught

    rows = without_label(dataset, request.axis, named=True)
    purpose = pass_gate([dataset], "train", request.purpose).purpose
    lineage = run.read_json("lineage.json")
    if purpose == "commercial" and lineage["purpose"] != "commercial":
        message = (
            f"{dataset.name}: run '{run.name}' was trained for {lineage['purpose']} "
            f"({lineage['effective_license']}), and commercial use asks for more. Pass "
            "--purpose research if that is what it is for, or choose another run."
        )
        raise RunRefused(message)
    refuse_taught(run, dataset.name, rows)
    return Job(dataset, rows, purpose)


def judge(
    job: Job, run: "Run", known: "HeldOut", request: Request, voters: Sequence[Voter] = ()
) -> Judgement:
    """Score the faces of a set and decide which get a label; nothing is written.

    Parameters
    ----------
    job, run : Job, Run
        What is labelled by what.
    known : HeldOut
        Labelled people that the models never saw.
    request, voters : Request, sequence of Voter
        What is asked, and who else votes.

    Raises
    ------
    NoImageUsable
        If no image could be read.
    """
    from maskcls.evaluation.fold_scores import score_dataset
    from maskcls.evaluation.labellers import at_temperature, needs_boxes

    axis, dataset = request.axis, job.dataset
    scores, kept, skipped = score_dataset(run, dataset, job.rows, axis)
    scores, rows = at_temperature(scores, known.temperature), job.rows.iloc[kept]
    files = [str(dataset.image_path(path)) for path in rows["path"]]
    boxes = rows[_BOX].to_numpy(dtype=float)
    votes = np.array([*scores.argmax(axis=2), *(voter.vote(files, boxes) for voter in voters)])
    deciding = [_fold_of(subject, len(scores)) for subject in rows["subject_id"]]
    about = _context(rows, age_group_index(rows), mask_index(rows)).assign(
        agreed=np.ptp(votes, axis=0) == 0, votes=_in_words(votes, axis)
    )
    target = judged(about, scores[deciding, np.arange(len(rows))])
    labelled = judged(
        _context(known.rows, known.rows["target_age"], known.rows["target_mask"]),
        known.scores, known.truth,
    )  # fmt: skip
    strata = make_strata(labelled, target, axis, request.min_precision)
    accepted, stratum_of = accept(target, strata, axis)
    unboxed = int(np.isnan(boxes).any(axis=1).sum()) if needs_boxes(run) else 0
    notes = _notes(known, target, unboxed)
    return Judgement(dataset, axis, run.name, request.min_precision, labelled, target, strata,
                     accepted, stratum_of, skipped, notes)  # fmt: skip


def _context(rows: pd.DataFrame, age: ArrayLike, mask: ArrayLike) -> pd.DataFrame:
    kept = [name for name in ("image_id", "subject_id", "path", *_BOX) if name in rows]
    words = {"age": age_words(np.asarray(age)), "wear": wear_words(np.asarray(mask))}
    return rows[kept].reset_index(drop=True).astype({"subject_id": str}).assign(**words)


def _fold_of(subject: object, n_folds: int) -> int:
    """Fold whose model decides about a person: drawn by name, the same for all their photos."""
    digest = hashlib.sha256(f"fold/{subject}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % n_folds


def _in_words(votes: NDArray[np.int64], axis: str) -> list[str]:
    words = list(enumerate(WORDS[axis]))
    return [
        ", ".join(f"{np.sum(column == code)} {word}" for code, word in words if code in column)
        for column in votes.T
    ]


def _notes(known: "HeldOut", target: pd.DataFrame, unboxed: int) -> list[str]:
    """What weakens the promise."""
    notes = []
    if known.has_composites and (target["wear"] != "bare").any():
        notes.append("Masked faces were tried on composites; real masks may be harder.")
    if known.stand_in:
        notes.append("The run is a stand-in: not all people it was tried on are real photos.")
    if unboxed:
        notes.append(f"{unboxed} faces have no face box: the run, taught on faces, saw them whole.")
    return notes
