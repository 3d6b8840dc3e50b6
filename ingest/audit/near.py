"""Which pictures are nearly the same: candidates by hash, each confirmed by comparing pictures."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.cluster.hierarchy import DisjointSet

from ingest.audit.alignment import SAME, seen_as, similarity, try_thumbnail
from ingest.audit.files import Watch
from ingest.audit.hash_index import close_pairs
from ingest.audit.measures import Measures
from ingest.audit.mix import SYNTHETIC, Mix
from ingest.audit.pictures import CROP, MIRRORED, TURNS, VIEWS

MOST_PARTNERS = 20
"""Of a picture: in a crowd of one picture, further pairs would only repeat what is known."""
_THUMBNAILS = 4096
"""Small pictures kept while pairs are compared: 150 MB at most."""
_TOUCH = ["dataset", "path", "subject_id", "split", "mask", "gender", "age_group"]
_COLUMNS = ["first", "second", "distance", "similarity", "how"]


@dataclass(frozen=True)
class Alike:
    """What of a mix shows the same photo.

    Attributes
    ----------
    pairs : DataFrame
        As of `near_pairs`.
    pixels : Series
        Digest of the pixels of every record that could be measured.
    group : Series
        Number of the group every record belongs to, as of `photo_groups`.
    """

    pairs: pd.DataFrame
    pixels: pd.Series
    group: pd.Series


def find_alike(mix: Mix, measures: Measures, watch: Watch) -> Alike:
    """Find the pictures that are the same, in bytes, in pixels, or nearly."""
    pairs = near_pairs(mix, measures, watch)
    group = pd.Series(photo_groups(mix, measures, pairs), index=mix.records.index)
    return Alike(pairs, measures.facts["pixels"], group)


def near_pairs(mix: Mix, measures: Measures, watch: Watch) -> pd.DataFrame:
    """Pairs of pictures that show the same photo, though their pixels differ.

    Pictures made of one photo, and that photo, are meant to be alike and are not paired; nor are
    pictures made of two photos that are a pair themselves. Of pictures with the same pixels one
    stands for all, and two of one group that have `MOST_PARTNERS` each are not compared.

    Returns
    -------
    DataFrame
        ``first`` and ``second`` (index into ``mix.records``), ``distance`` (differing bits of
        256), ``similarity`` (0–1) and ``how`` the one was changed, most similar first.
    """
    shown = measures.facts.drop_duplicates("pixels")
    rows = mix.records.loc[shown.index]
    photo = _photo_of(rows)
    apart = pd.factorize(photo)[0].astype(np.int64)
    found = close_pairs(measures.hashes[shown["picture"].to_numpy()], apart)
    pairs = pd.DataFrame(
        {"first": shown.index[found.first], "second": shown.index[found.second],
         "distance": found.distance, "view": found.view}
    ).sort_values("distance", kind="stable")  # fmt: skip
    pairs["similarity"] = _confirm(mix, pairs, watch)
    pairs["how"] = [_how(view) for view in pairs["view"]]
    same = pairs[pairs["similarity"] >= SAME]
    same = same[~_expected(same, rows, photo)].sort_values("similarity", ascending=False)
    earlier_first = np.sort(same[["first", "second"]].to_numpy(), axis=1)
    same[["first", "second"]] = earlier_first
    return same[_COLUMNS].reset_index(drop=True)


def _photo_of(rows: pd.DataFrame) -> pd.Series:
    """Key of the photo every picture was made from, its own if it is one.

    Of composites that others made only the person is known: it is that person's photo, if there
    is one alone.
    """
    photo = rows["origin_id"].where(rows["origin_id"].notna(), rows["parent_id"])
    photo = photo.where(photo.notna(), rows["image_id"]).astype(object)
    foreign = (rows["kind"] == SYNTHETIC) & rows["parent_id"].isna()
    if not foreign.any():
        return photo
    known = photo[~foreign].groupby(rows["subject_id"][~foreign].astype(object))
    only = known.first()[known.nunique() == 1]
    people = rows.loc[foreign, "subject_id"].astype(object)
    own = people.map(only)
    return photo.where(~foreign, own.where(own.notna(), people.map("subject {}".format)))


def _expected(same: pd.DataFrame, rows: pd.DataFrame, photo: pd.Series) -> NDArray[np.bool_]:
    """Pairs that only repeat that two photos are alike, by what was made of them."""
    made = rows["kind"] == SYNTHETIC
    ends = [same["first"].to_numpy(), same["second"].to_numpy()]
    codes, names = pd.factorize(photo)
    of = pd.Series(codes, index=photo.index)
    one, two = (of[end].to_numpy() for end in ends)
    involved = made[ends[0]].to_numpy() | made[ends[1]].to_numpy()
    alike = connected(np.stack([one, two])[:, ~involved], len(names))
    return involved & (alike[one] == alike[two])


def connected(links: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Number of the component of each of `n` nodes, from links of shape (2, L)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(links.shape[1], dtype=np.int8), (links[0], links[1])), shape=(n, n))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _confirm(mix: Mix, pairs: pd.DataFrame, watch: Watch) -> list[float]:
    """Similarity of each pair, NaN where a crowd makes it known already."""
    thumb, partners, found = _thumbnails(mix), Counter[int](), list[float]()
    groups = DisjointSet(np.unique(pairs[["first", "second"]]).tolist())
    every = pairs[["first", "second", "view"]].itertuples(index=False, name=None)
    for first, second, view in watch(every, len(pairs), "comparing look-alikes"):
        enough = min(partners[first], partners[second]) >= MOST_PARTNERS
        if enough and groups.connected(first, second):
            found.append(float("nan"))
            continue
        one, other = thumb(first), thumb(second)
        if one is None or other is None:
            found.append(0.0)
            continue
        found.append(similarity(seen_as(one, view), other))
        if found[-1] >= SAME:
            partners.update([first, second])
            groups.merge(first, second)
    return found


def _thumbnails(mix: Mix) -> Callable[[int], NDArray[np.float32] | None]:
    """Small picture of a row of the mix, the latest ones kept; None if it cannot be read."""
    folders = {dataset.name: dataset for dataset in mix.datasets}
    places = dict(zip(mix.records.index, mix.records[["dataset", "path"]].itertuples(False),
                      strict=True))  # fmt: skip

    @lru_cache(maxsize=_THUMBNAILS)
    def thumb(row: int) -> NDArray[np.float32] | None:
        dataset, path = places[row]
        return try_thumbnail(folders[dataset].image_path(path))

    return thumb


def _how(view: int) -> str:
    turn, margin = VIEWS[view]
    words = [] if turn is None else ["mirrored" if turn == TURNS[MIRRORED] else "turned"]
    return ", ".join(words + (["cropped"] if margin == CROP else [])) or "upright"


def near_table(mix: Mix, pairs: pd.DataFrame) -> pd.DataFrame:
    """Pairs with what the records say of both pictures, for people and programs."""
    one = mix.records.loc[pairs["first"], _TOUCH].reset_index(drop=True)
    two = mix.records.loc[pairs["second"], _TOUCH].reset_index(drop=True)
    labels = ["mask", "gender", "age_group"]
    agree = (one[labels].astype(object) == two[labels].astype(object)) | (
        one[labels].isna() & two[labels].isna()
    )
    return pd.DataFrame(
        {
            "path": one["path"],
            "other_path": two["path"],
            "dataset": one["dataset"],
            "other_dataset": two["dataset"],
            "distance": pairs["distance"],
            "similarity": pairs["similarity"],
            "how": pairs["how"],
            "same_labels": agree.all(axis=1),
            "same_subject": one["subject_id"] == two["subject_id"],
            "split": one["split"].astype(object),
            "other_split": two["split"].astype(object),
        }
    )


def photo_groups(mix: Mix, measures: Measures, pairs: pd.DataFrame) -> NDArray[np.int64]:
    """Number of the group every record belongs to: same bytes, same pixels, or nearly the same.

    Returns
    -------
    ndarray of shape (N,), int
        In the order of ``mix.records``; a number that occurs once is a picture on its own.
    """
    rows = mix.records.index
    pixels = measures.facts["pixels"].reindex(rows)
    by_pixels = pixels.where(pixels.notna(), mix.records["sha256"])
    links = [np.stack([rows.get_indexer(pd.Index(pairs[end])) for end in ("first", "second")])]
    for key in (mix.records["sha256"], by_pixels):
        codes = pd.factorize(key)[0]
        leader = np.full(codes.max(initial=-1) + 1, -1)
        leader[codes[::-1]] = np.arange(len(codes))[::-1]
        links.append(np.stack([np.arange(len(codes)), leader[codes]]))
    return connected(np.concatenate(links, axis=1), len(rows))
