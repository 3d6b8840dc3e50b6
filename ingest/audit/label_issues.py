"""Which labels a trained model contradicts, and how far labels made by models reach."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest import taxonomy
from ingest.audit.ages import NEAR_YEARS
from ingest.audit.findings import (
    CheckResult,
    Finding,
    PictureRow,
    Table,
    counted,
    found,
    picture_of,
    rows_of,
)
from ingest.audit.mix import Mix
from ingest.audit.predictions import CLASSES, WORDS, axes_of, label_codes, score_columns

CHECK = "labels"
FEWEST = 5
"""Pictures a word needs before anything is said of its labels."""
_MOST_PICTURES = 12
WEAK_WITNESS = 0.8
"""Share of labels a model must agree with before its objections say much."""
_AXES = ["axis", "images", "agree", "suspects", "noise"]
_DISPUTED = ["axis", "dataset", "path", "label", "predicted", "label_score", "predicted_score",
             "suspect", "near_boundary", "row"]  # fmt: skip


def check_label_issues(mix: Mix, predictions: pd.DataFrame | None) -> CheckResult:
    """Rank the labels that out-of-fold predictions contradict, and count labels of models.

    Parameters
    ----------
    mix : Mix
        What is audited.
    predictions : DataFrame, optional
        As of `ingest.audit.predictions.read_predictions`.
    """
    empty = pd.DataFrame({"image_id": []}).set_index("image_id")
    scored = _scored(mix.records, empty if predictions is None else predictions)
    disputed = disputed_labels(scored)
    suspects = disputed[disputed["suspect"].astype(bool)]
    axes, cells = axis_table(scored, suspects), noise_table(scored)
    pseudo = pseudo_table(mix.records)
    return CheckResult(
        CHECK,
        "Wrong labels",
        _sentence(predictions is not None, len(scored), disputed, axes),
        (
            Table("axes", "One row per axis: how far model and labels agree", axes),
            Table("noise", "Estimated share of wrong labels in each class", cells),
            Table("boundary", "Ages near a boundary, and what the model says of them",
                  boundary_table(scored)),
            Table("disputed", "Labels that the model contradicts, most doubtful first",
                  disputed.drop(columns="row")),
            Table("pseudo", "Labels by their origin, and how sure the models that made them were",
                  pseudo),
        ),
        tuple(_findings(disputed, pseudo)),
        tuple(_pictures(mix.records, disputed)),
    )  # fmt: skip


def _scored(records: pd.DataFrame, predictions: pd.DataFrame) -> pd.DataFrame:
    here = records[records["image_id"].isin(predictions.index)]
    scores = predictions.loc[here["image_id"]].set_axis(here.index)
    return pd.concat([here, scores], axis=1)


def _judged(scored: pd.DataFrame, axis: str) -> tuple[pd.DataFrame, NDArray, NDArray, NDArray]:
    """Rows, labels renumbered among the words that occur, their scores, and those words."""
    codes = label_codes(scored, axis)
    counts = np.bincount(codes[codes >= 0], minlength=len(WORDS[axis]))
    words = np.flatnonzero(counts >= FEWEST)
    rows = scored[np.isin(codes, words)]
    labels = np.searchsorted(words, label_codes(rows, axis))
    scores = rows[[score_columns(axis)[word] for word in words]].to_numpy(float) + 1e-9
    return rows, labels, scores / scores.sum(axis=1, keepdims=True), words


def disputed_labels(scored: pd.DataFrame) -> pd.DataFrame:
    """Labels of the three axes that the model contradicts; the suspect ones first.

    Suspect is what confident learning holds for wrong rather than for hard, as told by cleanlab
    (Northcutt et al., 2021, doi:10.1613/jair.1.12125).

    Returns
    -------
    DataFrame
        ``axis``, ``dataset``, ``path``, ``label``, ``predicted``, ``label_score`` and
        ``predicted_score`` (0–1), ``suspect``, ``near_boundary``, and ``row`` (index of the
        record); most doubtful first.
    """
    parts = [pd.DataFrame(columns=_DISPUTED)]
    for axis in axes_of(scored):
        judged = _judged(scored, axis)
        if axis != CLASSES and len(judged[-1]) > 1:
            parts.append(_disputed(axis, *judged))
    filled = [part for part in parts if len(part)] or parts[:1]
    table = pd.concat(filled).sort_values("label_score", kind="stable")
    return table.sort_values("suspect", ascending=False, kind="stable").reset_index(drop=True)


def _disputed(
    axis: str, rows: pd.DataFrame, labels: NDArray, scores: NDArray, words: NDArray
) -> pd.DataFrame:
    from cleanlab.filter import find_label_issues

    suspect = np.asarray(find_label_issues(labels, scores, n_jobs=1), dtype=bool)
    best = scores.argmax(axis=1)
    chosen = np.flatnonzero(suspect | (best != labels))
    part, names = rows.iloc[chosen], np.array(WORDS[axis], dtype=object)[words]
    return pd.DataFrame(
        {
            "axis": axis,
            "dataset": part["dataset"],
            "path": part["path"],
            "label": names[labels[chosen]],
            "predicted": names[best[chosen]],
            "label_score": scores[chosen, labels[chosen]],
            "predicted_score": scores[chosen, best[chosen]],
            "suspect": suspect[chosen],
            "near_boundary": (axis == "age") & _years_to_boundary(part).lt(NEAR_YEARS).to_numpy(),
            "row": part.index,
        }
    )


def _years_to_boundary(rows: pd.DataFrame) -> pd.Series:
    ages = rows["age"].astype(float).to_numpy()[:, None]
    years = np.abs(ages - np.array(taxonomy.AGE_BOUNDARIES)[None]).min(axis=1)
    return pd.Series(years, index=rows.index)


def axis_table(scored: pd.DataFrame, suspects: pd.DataFrame) -> pd.DataFrame:
    """Per axis: pictures, share the model agrees with, suspects, and the estimated noise."""
    rows = []
    for axis in axes_of(scored):
        part, labels, scores, words = _judged(scored, axis)
        if axis != CLASSES and len(words) > 1:
            rows.append(
                {
                    "axis": axis,
                    "images": len(part),
                    "agree": float((scores.argmax(axis=1) == labels).mean()),
                    "suspects": int((suspects["axis"] == axis).sum()),
                    "noise": float(np.average(_noise(labels, scores), weights=_counts(labels))),
                }
            )
    return pd.DataFrame(rows, columns=_AXES)


def _counts(labels: NDArray) -> NDArray:
    return np.bincount(labels)


def _noise(labels: NDArray, scores: NDArray) -> NDArray[np.float64]:
    """Estimated share of wrong labels of every word."""
    from cleanlab.dataset import rank_classes_by_label_quality

    table = rank_classes_by_label_quality(labels=labels, pred_probs=scores)
    return table.set_index("Class Index")["Label Noise"].sort_index().to_numpy(float)


def noise_table(scored: pd.DataFrame) -> pd.DataFrame:
    """Per class of the 18 with pictures enough: pictures and estimated share of wrong labels."""
    columns = ["class", "images", "noise"]
    if CLASSES not in axes_of(scored):
        return pd.DataFrame(columns=columns)
    _, labels, scores, words = _judged(scored, CLASSES)
    if len(words) < 2:
        return pd.DataFrame(columns=columns)
    names = [taxonomy.class_name(int(word)) for word in words]
    table = pd.DataFrame(
        {"class": names, "images": _counts(labels), "noise": _noise(labels, scores)}
    )
    return table.sort_values("noise", ascending=False, kind="stable").reset_index(drop=True)


def boundary_table(scored: pd.DataFrame) -> pd.DataFrame:
    """Pictures near to and far from an age boundary, and how many the model puts elsewhere."""
    if "age" not in axes_of(scored):
        return pd.DataFrame(columns=["ages", "images", "elsewhere", "share"])
    rows, labels, scores, _ = _judged(scored[scored["age"].notna()], "age")
    near = _years_to_boundary(rows).lt(NEAR_YEARS).to_numpy()
    other = scores.argmax(axis=1) != labels if scores.size else np.zeros(0, dtype=bool)
    parts = {f"within {NEAR_YEARS} years of a boundary": near, "further away": ~near}
    table = pd.DataFrame(
        [{"ages": name, "images": int(part.sum()), "elsewhere": int(other[part].sum())}
         for name, part in parts.items()]
    )  # fmt: skip
    return table.assign(share=table["elsewhere"] / table["images"].clip(lower=1))


def pseudo_table(records: pd.DataFrame) -> pd.DataFrame:
    """Per axis and origin of the label: pictures, share of all, and confidence where one is known.

    Rows without a label are the origin "none": what a labeller abstained from.
    """
    rows = []
    for axis in taxonomy.AXES:
        known = label_codes(records, axis) >= 0
        origin = records[f"{axis}_origin"].astype(object).where(known, "none").fillna("unknown")
        sure = records[f"{axis}_confidence"].astype(float)
        for name, part in sure.groupby(origin):
            rows.append(
                {
                    "axis": axis,
                    "origin": str(name),
                    "images": len(part),
                    "share": len(part) / len(records),
                    "median_confidence": part.median(),
                    "below_80": int((part < 0.8).sum()),
                }
            )
    return pd.DataFrame(rows)


def _sentence(asked: bool, n_scored: int, disputed: pd.DataFrame, axes: pd.DataFrame) -> str:
    if not asked:
        return (
            "No predictions were given, so no label was doubted: train, then audit again with "
            "`--predictions RUN/oof.parquet`. How labels came about is below."
        )
    if not n_scored:
        return "The predictions are of other pictures: none of their image ids is in this mix."
    weak = axes[axes["agree"] < WEAK_WITNESS]
    doubt = "".join(
        f" It agrees with only {row.agree:.0%} of the labels of {row.axis}: too weak a witness "
        "there to believe."
        for row in rows_of(weak)
    )
    return (
        f"Of {counted(n_scored, 'picture')} that the model did not see in training it contradicts "
        f"{counted(len(disputed), 'label')}, {int(disputed['suspect'].sum()):,} of them with more "
        "confidence than its own errors explain."
    ) + doubt


def _findings(disputed: pd.DataFrame, pseudo: pd.DataFrame) -> list[Finding]:
    names = [
        f"{row.path}: {row.axis} {row.label}, predicted {row.predicted}"
        for row in rows_of(disputed)
    ]
    n_suspects = int(disputed["suspect"].sum())
    unsure = pseudo[(pseudo["origin"] == "pseudo") & (pseudo["below_80"] > 0)]
    return [
        *found(
            f"{CHECK}.disputed", "warning" if n_suspects else "note", names,
            f"{counted(len(disputed), 'label')} that the model contradicts, {n_suspects:,} of them "
            "probably wrong",
            "Look at them, most doubtful first, and write what is wrong with `ingest correct`.",
            rule="label-issues",
        ),
        *found(
            f"{CHECK}.unsure-pseudo", "note", unsure["axis"],
            f"{counted(int(unsure['below_80'].sum()), 'label')} made by a model that was less than "
            "80 % sure",
            "Raise the threshold of `synth pseudo-gender`, or look at these.",
            rule="unsure-pseudo",
        ),
    ]  # fmt: skip


def _pictures(records: pd.DataFrame, disputed: pd.DataFrame) -> list[PictureRow]:
    rows = []
    for axis, part in disputed.groupby("axis", sort=False):
        worst = part.head(_MOST_PICTURES)
        shown = records.loc[worst["row"]].assign(
            said=worst["label"].to_numpy(), instead=worst["predicted"].to_numpy()
        )
        pictures = tuple(
            picture_of(row, f"labelled {row.said}, predicted {row.instead}: {row.path}")
            for row in rows_of(shown)
        )
        rows.append(PictureRow(f"{axis}: most doubtful", pictures))
    return rows
