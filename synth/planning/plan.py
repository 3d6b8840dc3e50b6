"""What to make: which photos, and which wear states for each."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest import targets
from ingest.dataset import Dataset
from ingest.faces import read_given
from ingest.records import age_group_index, to_json
from ingest.taxonomy import CLASS_NAMES, N_CLASSES, WEAR_STATES
from synth.errors import NoPhotos
from synth.planning.allocation import CAP, STATE_WEIGHTS, CellPlan, allocate
from synth.planning.settings import Settings
from synth.recipe import derived_rng


@dataclass(frozen=True)
class Photo:
    """One photo to dress.

    Attributes
    ----------
    dataset : str
        Data set it is in.
    record : dict of str to object
        Its row of the record table.
    states : tuple of str
        Wear state of each image to make, ``none`` for the photo itself.
    """

    dataset: str
    record: dict[str, Any]
    states: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names it goes by in a table of landmarks, the most exact first."""
        return photo_names(self.dataset, self.record["path"], self.record["image_id"])


@dataclass(frozen=True)
class Plan:
    """What will be made.

    Attributes
    ----------
    photos : DataFrame
        Record rows of the photos in the order of the finished set, with the columns
        ``dataset`` (the data set each is in) and ``states`` (wear states, joined by commas).
    left_out : dict of str to int
        Reason to number of photos not used.
    settings : Settings
        What was asked for.
    cells : list of CellPlan
        What is planned for each class, when classes are filled.
    """

    photos: pd.DataFrame
    left_out: dict[str, int]
    settings: Settings
    cells: list[CellPlan] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.photos)

    @property
    def images(self) -> int:
        """Number of images if no photo is skipped."""
        return int((self.photos["states"].str.count(",") + 1).sum())

    def part(self, start: int, stop: int) -> list[Photo]:
        """Photos number `start` to `stop` (exclusive), made only when asked for."""
        part = self.photos.iloc[start:stop]
        rows = part.astype(object).where(part.notna(), None).to_dict("records")
        return [
            Photo(
                row["dataset"],
                {str(k): v for k, v in row.items() if k not in ("dataset", "states")},
                tuple(row["states"].split(",")),
            )
            for row in rows
        ]

    def fingerprint(self) -> str:
        """Hash of settings and photos, labels included: equal plans give equal sets."""
        digest = hashlib.sha256(to_json(self.settings.as_json()).encode())
        rows = pd.util.hash_pandas_object(self.photos.astype("str"), index=False)
        digest.update(rows.to_numpy().tobytes())
        return digest.hexdigest()


def make_plan(datasets: Sequence[Dataset], settings: Settings, like: Dataset | None = None) -> Plan:
    """Choose photos and wear states; the same settings and sources give the same plan.

    Parameters
    ----------
    datasets : sequence of Dataset
        Sources of bare faces.
    settings : Settings
        What was asked for.
    like : Dataset, optional
        The set named by ``settings.like``.

    Raises
    ------
    NoPhotos
        If nothing is left; the message says why photos were left out.
    """
    left_out: dict[str, int] = {}
    parts = [_photos_of(dataset, settings, left_out) for dataset in datasets]
    photos = pd.concat(parts, ignore_index=True)
    if photos.empty:
        reasons = "; ".join(f"{n} {reason}" for reason, n in sorted(left_out.items()))
        message = (
            f"{', '.join(settings.sources)}: no photo to put a mask on ({reasons or 'empty set'}). "
            "Widen --min-age and --max-age, or choose another --src."
        )
        raise NoPhotos(message)
    if settings.limit is not None and len(photos) > settings.limit:
        rng = derived_rng(settings.seed, "limit")
        keep = rng.choice(len(photos), settings.limit, replace=False)
        left_out["are beyond --limit"] = len(photos) - settings.limit
        photos = photos.iloc[sorted(keep.tolist())].reset_index(drop=True)
    if like is None and settings.target_counts is None:
        states = [states_of(key, settings) for key in photos["image_id"]]
        return Plan(photos.assign(states=[",".join(s) for s in states]), left_out, settings)
    return _filling_plan(photos, left_out, settings, like)


def _filling_plan(
    photos: pd.DataFrame, left_out: dict[str, int], settings: Settings, like: Dataset | None
) -> Plan:
    """Plan that fills classes towards a goal."""
    have, goal = np.zeros(N_CLASSES, np.int64), np.array(settings.target_counts or [0] * N_CLASSES)
    ages = None
    if like is not None:
        records = like.records()
        have, ages = targets.cell_counts(records), _ages_by_group(records)
        goal = targets.goal_of_median(have)
    asked = (*settings.states, "none") if settings.include_bare else settings.states
    states, cells = allocate(
        photos, have, goal, asked, cap=settings.per_image or CAP, reference_ages=ages,
        seed=settings.seed,
    )  # fmt: skip
    planned = photos.assign(states=[",".join(s) for s in states])
    planned = planned[planned["states"] != ""].reset_index(drop=True)
    left_out["are not needed to fill the classes"] = len(photos) - len(planned)
    if planned.empty:
        reasons = "; ".join(f"{CLASS_NAMES[c.index]}: {c.why_short}" for c in cells)
        message = f"no class can be filled ({reasons or 'every class has its goal already'})."
        raise NoPhotos(message)
    return Plan(planned, left_out, settings, cells)


def _ages_by_group(records: pd.DataFrame) -> dict[int, tuple[float, float]]:
    groups, ages = age_group_index(records), records["age"].astype("float64").to_numpy()
    return {
        g: (float(np.nanmin(ages[groups == g])), float(np.nanmax(ages[groups == g])))
        for g in range(3)
        if np.isfinite(ages[groups == g]).any()
    }


def _photos_of(dataset: Dataset, settings: Settings, left_out: dict[str, int]) -> pd.DataFrame:
    records = dataset.records()
    reasons = pd.Series("", index=records.index)
    unusable = [*_unusable(records, settings), *_without_landmarks(records, dataset, settings)]
    for reason, bad in unusable:
        reasons = reasons.where((reasons != "") | ~bad, reason)
    for why, count in reasons[reasons != ""].value_counts().items():
        left_out[str(why)] = left_out.get(str(why), 0) + int(count)
    usable = records[(reasons == "").to_numpy()].astype(object)
    return usable.assign(dataset=dataset.name)


def _unusable(records: pd.DataFrame, settings: Settings) -> list[tuple[str, NDArray[np.bool_]]]:
    mask = records["mask"].astype(object)
    unmasked = (mask == "not_worn").to_numpy()
    found = [
        ("show a mask already", mask.isin(["worn", "incorrect"]).to_numpy()),
        ("do not say whether a mask is worn", mask.isna().to_numpy()),
        ("are copies in a synthetic set", unmasked & records["parent_id"].notna().to_numpy()),
    ]
    low = records["age"].fillna(records["age_low"])
    high = records["age"].fillna(records["age_high"])
    if settings.min_age is not None:
        found.append(("have no known age", low.isna().to_numpy()))
        found.append((f"may be under {settings.min_age:g}", (low < settings.min_age).to_numpy()))
    if settings.max_age is not None:
        found.append(("have no known age", high.isna().to_numpy()))
        found.append((f"may be over {settings.max_age:g}", (high > settings.max_age).to_numpy()))
    return found


def _without_landmarks(
    records: pd.DataFrame, dataset: Dataset, settings: Settings
) -> list[tuple[str, NDArray[np.bool_]]]:
    """Photos that a table of landmarks has nothing for, by what it has instead."""
    if settings.backend.name != "given":
        return []
    given = read_given(settings.backend)
    keys = zip(records["path"], records["image_id"], strict=True)
    why = np.array([given.why_none(photo_names(dataset.name, *key)) for key in keys], dtype=object)
    return [(f"have {reason}", why == reason) for reason in sorted(set(why) - {""})]


def photo_names(dataset: str, path: str, image_id: str) -> tuple[str, ...]:
    """Names of a photo in a table of landmarks: ``dataset/path``, ``path`` or ``image_id``."""
    return f"{dataset}/{path}", path, image_id


def states_of(photo: str, settings: Settings) -> tuple[str, ...]:
    """Wear states of one photo's composites.

    One of each state; or as many as asked, drawn for this photo by the weights of the states.

    Parameters
    ----------
    photo : str
        Its ``image_id``.
    settings : Settings
        What was asked for.
    """
    bare = ("none",) if settings.include_bare else ()
    states = [name for name in WEAR_STATES if name in settings.states]
    if settings.per_image is None:
        return (*bare, *states)
    weights = np.array([STATE_WEIGHTS[name] for name in states])
    rng = derived_rng(settings.seed, photo, "states")
    order = rng.choice(len(states), len(states), replace=False, p=weights / weights.sum())
    return (*bare, *(states[order[k % len(states)]] for k in range(settings.per_image)))
