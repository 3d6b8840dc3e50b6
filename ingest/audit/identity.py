"""Whether one person goes by two names, as a face recognition model sees it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.audit.embedding import Embedder, embed_mix
from ingest.audit.files import Watch
from ingest.audit.findings import (
    Finding,
    PictureRow,
    Table,
    counted,
    found,
    picture_of,
    rows_of,
    said,
)
from ingest.audit.mix import REAL, Mix

MOST_PARTNERS = 5
"""Other people that one picture is paired with at most: a wrong threshold must not flood."""
_BLOCK = 256
_MOST_ROWS = 12
_COLUMNS = ["subject_id", "other_subject_id", "similarity", "across_splits", "dataset", "path",
            "split", "other_dataset", "other_path", "other_split", "first", "second"]  # fmt: skip


@dataclass(frozen=True)
class SameFaces:
    """What a face recognition model says of a mix.

    Attributes
    ----------
    pairs : DataFrame
        One row per two subjects taken for one person, by their most similar pictures: both
        ``subject_id``, ``similarity`` (cosine), ``across_splits`` and where the pictures are;
        ``first`` and ``second`` are rows of the mix. Across splits first, then the most similar.
    model : DataFrame
        One row: ``model``, ``license``, ``training_data``, ``threshold``, ``pictures`` compared,
        ``without_face``, and of pairs that the subjects call one person ``same_pairs`` and the
        share ``recognised``.
    """

    pairs: pd.DataFrame
    model: pd.DataFrame


def find_same_faces(mix: Mix, files: pd.DataFrame, embedder: Embedder, watch: Watch) -> SameFaces:
    """Compare the faces of all real pictures of a mix with each other.

    Parameters
    ----------
    mix : Mix
        What is audited.
    files : DataFrame
        As of `ingest.audit.files.read_files`.
    embedder : Embedder
        The model, let through the licence gate.
    watch : callable
        Shows progress.
    """
    rows, vectors = embed_mix(mix, files, embedder, watch)
    people = pd.factorize(mix.records.loc[rows, "subject_id"])[0]
    first, second, cosine = close_strangers(vectors, people, embedder.threshold)
    pairs = _people_pairs(mix.records, rows[first], rows[second], cosine)
    same, recognised = _known_pairs(vectors, people, embedder.threshold)
    about = embedder.model.about
    row = {
        "model": about["model"],
        "license": about["license"]["id"],
        "training_data": about["training_data"],
        "threshold": embedder.threshold,
        "pictures": len(rows),
        "without_face": _n_pictures(mix) - mix.records.loc[rows, "sha256"].nunique(),
        "same_pairs": same,
        "recognised": recognised / same if same else float("nan"),
    }
    return SameFaces(pairs, pd.DataFrame([row]))


def _n_pictures(mix: Mix) -> int:
    return mix.records.loc[mix.records["kind"] == REAL, "sha256"].nunique()


def close_strangers(
    vectors: NDArray[np.float32], people: NDArray[np.int64], threshold: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Pairs of pictures of different people that look alike, a block of pictures at a time.

    Parameters
    ----------
    vectors : ndarray of shape (N, K), float32
        Of length 1.
    people : ndarray of shape (N,), int
        Who is meant to be shown.
    threshold : float
        Least cosine.

    Returns
    -------
    tuple of three ndarray
        First and second picture, of a lower and a higher person, and their cosine: for each
        first picture its most similar one of each other person, of `MOST_PARTNERS` people.
    """
    order = np.argsort(people, kind="stable")
    names, starts = np.unique(people[order], return_index=True)
    ends = np.append(starts[1:], len(order))
    pairs: list[tuple[int, int, np.float32]] = []
    for block in np.split(np.arange(len(vectors)), range(_BLOCK, len(vectors), _BLOCK)):
        if not len(block):
            continue
        cosine = vectors[block] @ vectors[order].T
        best = np.maximum.reduceat(cosine, starts, axis=1)
        best[names[None] <= people[block, None]] = -1.0
        nearest = np.argsort(-best, axis=1, kind="stable")[:, :MOST_PARTNERS]
        for row, column in np.argwhere(np.take_along_axis(best, nearest, axis=1) >= threshold):
            person = nearest[row, column]
            inside = slice(starts[person], ends[person])
            other = order[inside][cosine[row, inside].argmax()]
            pairs.append((block[row], other, best[row, person]))
    first, second, value = zip(*pairs, strict=True) if pairs else ((), (), ())
    return np.array(first, np.int64), np.array(second, np.int64), np.array(value, np.float32)


def _known_pairs(
    vectors: NDArray[np.float32], people: NDArray[np.int64], threshold: float
) -> tuple[int, int]:
    """Pairs of following pictures of one subject, and how many reach the threshold."""
    order = np.argsort(people, kind="stable")
    one, two = order[:-1], order[1:]
    same = people[one] == people[two]
    cosine = np.einsum("nk,nk->n", vectors[one[same]], vectors[two[same]])
    return int(same.sum()), int((cosine >= threshold).sum())


def _people_pairs(
    records: pd.DataFrame, first: pd.Index, second: pd.Index, cosine: NDArray[np.float32]
) -> pd.DataFrame:
    one, two = records.loc[first].reset_index(drop=True), records.loc[second].reset_index(drop=True)
    splits = [part["split"].astype(object) for part in (one, two)]
    across = splits[0].notna() & splits[1].notna() & (splits[0] != splits[1])
    columns = {"similarity": cosine.astype(float), "across_splits": across.astype(bool)}
    for prefix, part in (("", one), ("other_", two)):
        for name in ("subject_id", "dataset", "path", "split"):
            columns[f"{prefix}{name}"] = part[name].astype(object)
    table = pd.DataFrame({**columns, "first": first, "second": second})[_COLUMNS]
    table = table.sort_values(["across_splits", "similarity"], ascending=False, kind="stable")
    names = np.sort(table[["subject_id", "other_subject_id"]].to_numpy(str), axis=1)
    again = pd.DataFrame(names).duplicated().to_numpy()
    return table[~again].reset_index(drop=True)


def identity_tables(faces: SameFaces) -> list[Table]:
    """Tables for the check of leakage."""
    return [
        Table("same_face", "Two subjects that the face recognition model takes for one person",
              faces.pairs.drop(columns=["first", "second"])),
        Table("identity_model", "The model, and how often it knows a person again", faces.model),
    ]  # fmt: skip


def identity_sentence(faces: SameFaces) -> str:
    """What the tables mean."""
    row = faces.model.iloc[0]
    compared = (
        f"{row['model']} compared {counted(int(row['pictures']), 'real picture')} and takes "
        f"{counted(len(faces.pairs), 'pair')} of subjects for one person; it can be wrong both "
        "ways, so look at them."
    )
    if not row["same_pairs"]:
        return compared
    return (
        f"{compared} Of {counted(int(row['same_pairs']), 'pair')} of pictures that are one person "
        f"by their labels it recognises {row['recognised']:.0%}."
    )


def identity_findings(faces: SameFaces) -> list[Finding]:
    """What wants a look; a model's word is never more than a warning."""
    pairs = faces.pairs
    names = pairs["subject_id"] + " and " + pairs["other_subject_id"]
    across = pairs["across_splits"].astype(bool)
    return [
        *found(
            "leakage.same-face-across-splits", "warning", names[across],
            f"{counted(int(across.sum()), 'pair')} of subjects in different splits that look like "
            "one person",
            "Look at the pictures below; if it is one person, keep one side only.",
            rule="leakage",
        ),
        *found(
            "leakage.same-face-two-subjects", "warning", names[~across],
            f"{counted(int((~across).sum()), 'pair')} of subjects that look like one person",
            "A split by person cannot keep them apart: give them one subject at the source, or "
            "drop one.",
            rule="leakage",
        ),
    ]  # fmt: skip


def identity_pictures(records: pd.DataFrame, faces: SameFaces) -> list[PictureRow]:
    """The pairs, most telling first."""
    rows = []
    for pair in rows_of(faces.pairs.head(_MOST_ROWS)):
        part = records.loc[[pair.first, pair.second]]
        pictures = tuple(
            picture_of(row, f"{row.subject_id}, split {said(row.split, 'none')}, "
                            f"{row.dataset}/{row.path}")
            for row in rows_of(part)
        )  # fmt: skip
        title = f"{pair.subject_id} and {pair.other_subject_id}, similarity {pair.similarity:.2f}"
        rows.append(PictureRow(title, pictures))
    return rows
