"""Make a synthetic set: chunks by worker processes, resumable, published when whole."""

import json
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from ingest.atomic import clear_parts, write_json
from ingest.card import read_details, skipped_list, write_card
from ingest.dataset import Dataset, check_name, open_dataset
from ingest.licences.gate import Passage, combine, pass_gate, pass_model
from ingest.records import join_records
from synth.annotations import COCO, join_annotations
from synth.chunk import Chunk, Parts, make_chunk, only_run_on, read_marker, start_worker
from synth.errors import NothingComposed, SettingsDiffer, SynthError
from synth.landmarks import FILE as LANDMARKS
from synth.landmarks import join_landmarks
from synth.planning.plan import Plan, make_plan
from synth.planning.settings import Settings, check_settings
from synth.recipe import RECIPE_VERSION

CHUNK = 64
"""Photos of one chunk: an interruption loses a second or two, tables are written seldom."""
SETTINGS = "settings.json"

Advance = Callable[[int], None]


@dataclass(frozen=True)
class Outcome:
    """What a run made.

    Attributes
    ----------
    dataset : Dataset
        The finished set.
    images : int
        Images in it.
    skipped : list of (str, str)
        Photo and reason.
    left_out : dict of str to int
        Reason to number of photos never tried.
    fresh : bool
        False if the set was there already, whole, with the same settings.
    """

    dataset: Dataset
    images: int
    skipped: list[tuple[str, str]]
    left_out: dict[str, int]
    fresh: bool


@dataclass(frozen=True)
class Job:
    """A checked request, ready to run.

    Attributes
    ----------
    root : Path
        Data root.
    plan : Plan
        What will be made.
    passage : Passage
        Leave of the licence gate.
    target : Dataset
        Where it goes.
    workers : int
        Processes.
    """

    root: Path
    plan: Plan
    passage: Passage
    target: Dataset
    workers: int


def prepare(
    root: Path,
    settings: Settings,
    *,
    out: str | None = None,
    purpose: str | None = None,
    workers: int = 1,
) -> Job:
    """Check everything that can be refused, before any work starts.

    Parameters
    ----------
    root : Path
        Data root.
    settings : Settings
        What to make.
    out : str, optional
        Name of the set; default the one with the same settings, else the next ``synth_vN``.
    purpose : {"commercial", "research"}, optional
        What the set is for; default the strictest its sources were pulled for.
    workers : int
        Processes.

    Raises
    ------
    WrongUsage, LicenceRefused, NoPhotos, SettingsDiffer
        If it cannot be done as asked.
    """
    check_settings(settings)
    datasets = [open_dataset(root, name) for name in settings.sources]
    passage = _pass_gate(datasets, settings, purpose)
    like = open_dataset(root, settings.like) if settings.like else None
    plan = make_plan(datasets, settings, like)
    target = Dataset(root / (check_name(out) if out else _free_name(root, plan)))
    _refuse_other_settings(target, plan)
    return Job(root, plan, passage, target, workers)


def _pass_gate(datasets: Sequence[Dataset], settings: Settings, purpose: str | None) -> Passage:
    """Ask for the photos and for the models that find the faces."""
    photos = pass_gate(datasets, "synth", purpose)
    models = [
        pass_model(model.name, "run", photos.purpose, model.license) for model in settings.models
    ]
    return combine([photos, *models])


def run(job: Job, advance: Advance = lambda photos: None) -> Outcome:
    """Make the set, or what is missing of it.

    Parameters
    ----------
    job : Job
        As of `prepare`.
    advance : callable
        Told the number of photos each time some are done.

    Raises
    ------
    NothingComposed
        If every photo was skipped.
    SynthError
        If another run holds the set, or a worker died.
    """
    chunks = _chunk_count(job.plan)
    if job.target.records_path.is_file() and job.target.card_path.is_file():
        skipped = [(s["path"], s["reason"]) for s in read_details(job.target).get("skipped", [])]
        shutil.rmtree(job.target.folder / ".progress", ignore_errors=True)
        advance(len(job.plan))
        return Outcome(job.target, len(job.target.records()), skipped, job.plan.left_out, False)
    try:
        with only_run_on(job.target.folder):
            write_json(job.target.folder / SETTINGS, _identity(job.plan))
            _make_missing(job, chunks, advance)
            return _publish(job, chunks)
    except BlockingIOError as error:
        message = f"{job.target.folder}: another run is making this set. Wait for it, or use --out."
        raise SynthError(message) from error


def _chunk_count(plan: Plan) -> int:
    return -(-len(plan) // CHUNK)


def _make_missing(job: Job, chunks: int, advance: Advance) -> None:
    missing = []
    for number in range(chunks):
        if Parts(job.target.folder, number).done.is_file():
            advance(len(job.plan.photos.iloc[number * CHUNK : (number + 1) * CHUNK]))
        else:
            missing.append(number)
    if not missing:
        return
    # The workers' numpy reads it: idle algebra threads would spin on their neighbours' cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(job.workers, len(missing)), context, start_worker)
    try:
        for chunk in _completed(pool, job, missing):
            advance(len(chunk.photos))
    except BrokenProcessPool as error:
        message = "a worker process died (out of memory?). Run again to continue with --workers 1."
        raise SynthError(message) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _completed(pool: ProcessPoolExecutor, job: Job, missing: Sequence[int]) -> Iterator[Chunk]:
    """Chunks as they are finished; only a few wait at a time, so memory stays flat."""
    waiting: dict[Future, Chunk] = {}
    numbers = iter(missing)
    while True:
        while len(waiting) < 2 * job.workers and (number := next(numbers, None)) is not None:
            photos = job.plan.part(number * CHUNK, (number + 1) * CHUNK)
            chunk = Chunk(number, photos, job.plan.settings, job.root, job.target.folder)
            waiting[pool.submit(make_chunk, chunk)] = chunk
        if not waiting:
            return
        done, _ = wait(waiting, return_when=FIRST_COMPLETED)
        for future in done:
            future.result()
            yield waiting.pop(future)


def _publish(job: Job, chunks: int) -> Outcome:
    """Join the chunks in the plan's order; the record table, last, makes the set visible."""
    parts = [Parts(job.target.folder, number) for number in range(chunks)]
    markers = [read_marker(part.done) for part in parts]
    skipped = [entry for _, entries in markers for entry in entries]
    if not any(made for made, _ in markers):
        reasons = "\n".join(f"  {photo}: {reason}" for photo, reason in skipped[:20])
        message = f"no photo could be used; {len(skipped)} skipped:\n{reasons}"
        raise NothingComposed(message)
    clear_parts(job.target.folder)
    join_landmarks([part.landmarks for part in parts], job.target.folder / LANDMARKS)
    if job.plan.settings.mattes:
        join_annotations([part.annotations for part in parts], job.target.folder / COCO)
    join_records([part.records for part in parts], job.target.records_path)
    records = job.target.records()
    settings = job.plan.settings
    write_card(
        job.target,
        records,
        title=f"Composites of {', '.join(settings.sources)}",
        description=(
            "Face masks drawn from parameters on photographs of bare faces; mask and wear state "
            "are measured on the drawing, gender and age are the photo's."
        ),
        details={
            **job.passage.details(),
            "verification": "made-here",
            "declared": len(job.plan),
            "found": len(records),
            "skipped": skipped_list(skipped),
            "parents": list(settings.sources),
            "made_by": f"synth masks (maskcls {version('maskcls')}, recipe {RECIPE_VERSION})",
            "settings": settings.as_json(),
        },
    )
    shutil.rmtree(job.target.folder / ".progress")
    return Outcome(job.target, len(records), skipped, job.plan.left_out, True)


def _identity(plan: Plan) -> dict[str, object]:
    return {
        "recipe_version": RECIPE_VERSION,
        "plan": plan.fingerprint(),
        "settings": plan.settings.as_json(),
    }


def _stored_identity(folder: Path) -> dict[str, object] | None:
    try:
        return json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _free_name(root: Path, plan: Plan) -> str:
    """Name of the set these settings made before, else the next free ``synth_vN``."""
    number = 1
    while (folder := root / f"synth_v{number}").exists():
        if _stored_identity(folder) == _identity(plan):
            break
        number += 1
    return folder.name


def _refuse_other_settings(target: Dataset, plan: Plan) -> None:
    if not target.folder.exists() or not any(target.folder.iterdir()):
        return
    stored = _stored_identity(target.folder)
    if stored == _identity(plan):
        return
    message = (
        f"{target.folder}: holds a set made with other settings or from other photos. "
        "Expected a free name or the same request. Choose another --out, or remove the folder."
    )
    raise SettingsDiffer(message)
