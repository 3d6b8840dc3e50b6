"""The same training with several ratios of an extra and seeds, and F1 against the ratio."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest import taxonomy
from ingest.atomic import atomic_path, write_json
from ingest.dataset import check_name
from maskcls import distributed
from maskcls.data.extras import parse_extra
from maskcls.errors import ArgumentRefused
from maskcls.runs.folder import Run
from maskcls.scores.intervals import N_RESAMPLES, confusion_by_person, f1_of, interval_of
from maskcls.scores.metrics import CELLS
from maskcls.training.finish import photos_beside
from maskcls.training.settings import TrainRequest, request_of
from maskcls.training.train import train

Say = Callable[[str], None]
MEASURES = {"all classes": "", "≥ 60": ">=60", "incorrect": "incorrect"}
"""Name of a figure, and the word of the classes it is the mean F1 of."""


def sweep(
    root: Path,
    runs: Path,
    say: Say,
    *,
    extra: str,
    ratios: str,
    seeds: int,
    name: str,
    assignments: Sequence[str] = (),
    **options: Any,
) -> str:
    """Train every combination that is not there yet, and write what came out.

    Parameters
    ----------
    root, runs : Path
        Folders of all data sets and of all runs.
    say : callable
        Receives one line at a time of what a user should know on the way.
    extra : str
        Set whose ratio is varied.
    ratios : str
        Numbers separated by commas.
    seeds : int
        Runs per ratio, seeds 0 and on.
    name : str
        Begins the names of the runs, and names the folder of the results.
    assignments, options
        As of ``maskcls train``.

    Returns
    -------
    str
        The table, and the files written.

    Raises
    ------
    ArgumentRefused
        If a ratio is no number, or there are no folds to score on.
    """
    values = parse_ratios(extra, ratios)
    if options.get("folds") == 0:
        message = "--folds none: a sweep compares scores. Expected 2 or more."
        raise ArgumentRefused(message)
    check_name(name)
    results = []
    for ratio in values:
        done = [
            _trained(root, runs, say, f"{name}_{ratio:g}_{seed}",
                     request_of(extra=(f"{extra}:{ratio}",), resume=False,
                                assignments=[*assignments, f"train.seed={seed}"],
                                name=f"{name}_{ratio:g}_{seed}", **options))
            for seed in range(seeds)
        ]  # fmt: skip
        results += [{"ratio": ratio, **row} for row in measure(done)]
    return _write(runs / name, results, extra, seeds) if distributed.is_first() else ""


def parse_ratios(extra: str, text: str) -> list[float]:
    """Ratios in rising order, each once.

    Raises
    ------
    ArgumentRefused
        If one is no number of 0 or more.

    Examples
    --------
    >>> parse_ratios("synth_v1", "0.5,0,1")
    [0.0, 0.5, 1.0]
    """
    return sorted({parse_extra(f"{extra}:{part.strip()}").ratio for part in text.split(",")})


def _trained(root: Path, runs: Path, say: Say, name: str, request: TrainRequest) -> Run:
    """The run of that name: as it is if finished, else trained or continued."""
    run = Run(runs / name)
    if run.finished:
        say(f"{name}: already trained")
        return run
    started = (run.folder / "config.toml").is_file()
    say(f"{name}: {'continued' if started else 'begun'}")
    return train(replace(request, resume=started), root, runs, say)


def measure(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Mean F1 over the seeds, with intervals over people, of every part and measure.

    Parameters
    ----------
    runs : sequence of Run
        The same training with several seeds.
    """
    rows = []
    oof = [run.table("oof.parquet") for run in runs]
    parts = {"validation": oof}
    if all((run.folder / "holdout.parquet").is_file() for run in runs):
        parts["synthetic_holdout"] = [
            pd.concat([held, photos_beside(table, held)], ignore_index=True)
            for table, held in zip(oof, (run.table("holdout.parquet") for run in runs), strict=True)
        ]
    for part, tables in parts.items():
        for name, word in MEASURES.items():
            value, interval, spread = mean_f1(tables, word)
            rows.append({"part": part, "measure": name, "f1": value, "interval": interval,
                         "by_seed": spread})  # fmt: skip
    return rows


def mean_f1(
    tables: Sequence[pd.DataFrame], word: str
) -> tuple[float | None, tuple[float, float] | None, list[float | None]]:
    """Mean F1 of the classes that carry a word and occur: over seeds, its interval, by seed.

    All seeds are scored on the same people, so each draw of people is the same for all.
    """
    classes = np.array([not word or word in name.split() for name in taxonomy.CLASS_NAMES])
    ordered = [table.sort_values("subject_id", kind="stable") for table in tables]
    by_person = [confusion_by_person(table, CELLS) for table in ordered]
    values = [_mean_of(counts.sum(axis=0)[None], classes)[0] for counts in by_person]
    n = len(by_person[0])
    if n < 2 or np.isnan(values).all():
        return None, None, [None] * len(values)
    times = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), size=N_RESAMPLES)
    drawn = [_mean_of(np.tensordot(times, counts, 1), classes) for counts in by_person]
    by_seed = [None if np.isnan(value) else float(value) for value in values]
    return float(np.nanmean(values)), interval_of(np.mean(drawn, axis=0)), by_seed


def _mean_of(counts: NDArray[np.float64], classes: NDArray[np.bool_]) -> NDArray[np.float64]:
    f1 = f1_of(counts)[:, classes]
    occurs = ~np.isnan(f1)
    total = np.where(occurs, f1, 0).sum(axis=1)
    return np.where(occurs.any(axis=1), total / np.maximum(occurs.sum(axis=1), 1), np.nan)


def _write(folder: Path, results: list[dict[str, Any]], extra: str, seeds: int) -> str:
    write_json(folder / "sweep.json", {"extra": extra, "seeds": seeds, "results": results})
    with atomic_path(folder / "sweep.svg") as temporary:
        _draw(results, extra, temporary)
    lines = [f"{row['ratio']:g}\t{row['part']}\t{row['measure']}\t{_text(row)}" for row in results]
    return "\n".join(["ratio\tpart\tmeasure\tF1", *lines, f"{folder}: sweep.json, sweep.svg"])


def _text(row: dict[str, Any]) -> str:
    if row["f1"] is None:
        return "–"
    low, high = row["interval"] or (float("nan"), float("nan"))
    return f"{row['f1']:.3f} ({low:.3f}–{high:.3f})"


def _draw(results: list[dict[str, Any]], extra: str, path: Path) -> None:
    """One panel a part: F1 against the ratio, a line with its interval a measure."""
    from matplotlib.figure import Figure

    parts = list(dict.fromkeys(row["part"] for row in results))
    figure = Figure(figsize=(5 * len(parts), 3.6), layout="constrained")
    for axes, part in zip(figure.subplots(1, len(parts), squeeze=False)[0], parts, strict=True):
        for (name, _), marker in zip(MEASURES.items(), "os^", strict=True):
            rows = [r for r in results if r["part"] == part and r["measure"] == name and r["f1"]]
            x, y = [r["ratio"] for r in rows], [r["f1"] for r in rows]
            ends = [r["interval"] or (r["f1"], r["f1"]) for r in rows]
            axes.fill_between(x, [e[0] for e in ends], [e[1] for e in ends], alpha=0.15)
            axes.plot(x, y, marker=marker, label=name)
        axes.set(title=part, xlabel=f"samples of {extra} per real sample", ylabel="F1",
                 ylim=(0, 1))  # fmt: skip
        axes.legend(frameon=False)
    figure.savefig(path, format="svg")
