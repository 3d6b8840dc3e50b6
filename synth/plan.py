"""What to make: which photos, and which wear states for each."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.dataset import Dataset
from ingest.errors import WrongUsage
from ingest.records import to_json
from ingest.taxonomy import WEAR_STATES, incorrect_tokens
from synth.errors import NoPhotos
from synth.garments import family_weights
from synth.recipe import derived_rng
from synth.wear import PLACERS


@dataclass(frozen=True)
class Settings:
    """All that decides what a synthetic set holds.

    Attributes
    ----------
    sources : tuple of str
        Data sets the photos come from.
    states : tuple of str
        Wear states asked for, by name.
    include_bare : bool
        Whether the photo itself goes into the set, too.
    min_age, max_age : float or None
        Years; photos whose age may lie outside are left out.
    limit : int or None
        Most photos to use.
    per_image : int or None
        Composites of one face; None makes one of each state.
    garments : tuple of str
        Families to draw from; all if empty.
    framing : str
        How a photo is cut first, a name of `synth.framing.FRAMINGS`.
    faces : {"largest", "all"}
        Faces of a photo to dress.
    seed : int
        Of every choice.
    """

    sources: tuple[str, ...]
    states: tuple[str, ...]
    include_bare: bool = False
    min_age: float | None = None
    max_age: float | None = None
    limit: int | None = None
    per_image: int | None = None
    garments: tuple[str, ...] = ()
    framing: str = "original"
    faces: str = "largest"
    seed: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values, as stored beside the set to compare a later run with."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}


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
        Wear state of each composite of a face, by variant.
    """

    dataset: str
    record: dict[str, Any]
    states: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What will be made.

    Attributes
    ----------
    photos : DataFrame
        Record rows of the photos in the order of the finished set, with the column
        ``dataset``: the name of the data set each is in.
    left_out : dict of str to int
        Reason to number of photos not used.
    settings : Settings
        What was asked for.
    """

    photos: pd.DataFrame
    left_out: dict[str, int]
    settings: Settings

    def __len__(self) -> int:
        return len(self.photos)

    def part(self, start: int, stop: int) -> list[Photo]:
        """Photos number `start` to `stop` (exclusive), made only when asked for."""
        part = self.photos.iloc[start:stop]
        rows = part.astype(object).where(part.notna(), None).to_dict("records")
        return [
            Photo(
                row["dataset"],
                {str(k): v for k, v in row.items() if k != "dataset"},
                states_of(row["image_id"], self.settings),
            )
            for row in rows
        ]

    def fingerprint(self) -> str:
        """Hash of settings and photos, labels included: equal plans give equal sets."""
        digest = hashlib.sha256(to_json(self.settings.as_json()).encode())
        rows = pd.util.hash_pandas_object(self.photos.astype("str"), index=False)
        digest.update(rows.to_numpy().tobytes())
        return digest.hexdigest()


def chosen_states(incorrect: str | None, worn: bool) -> tuple[str, ...]:
    """Wear states asked for on the command line.

    Parameters
    ----------
    incorrect : str or None
        Tokens separated by commas, or ``all``.
    worn : bool
        Whether correctly worn masks are asked for. Neither means both kinds.

    Raises
    ------
    WrongUsage
        If a token is unknown; the message lists those there are.

    Examples
    --------
    >>> chosen_states("chin,nose", worn=True)
    ('correct', 'chin', 'nose_out')
    """
    tokens = {token: name for token, name in incorrect_tokens().items() if name in PLACERS}
    if incorrect is None:
        wanted = [] if worn else list(tokens)
    elif incorrect.strip() == "all":
        wanted = list(tokens)
    else:
        wanted = [token.strip() for token in incorrect.split(",") if token.strip()]
    if unknown := [token for token in wanted if token not in tokens]:
        message = (
            f"--incorrect: unknown {', '.join(map(repr, unknown))}. "
            f"Expected all or some of {', '.join(tokens)}, separated by commas."
        )
        raise WrongUsage(message)
    if incorrect is not None and not wanted:
        message = f"--incorrect: nothing named. Expected some of {', '.join(tokens)}, or all."
        raise WrongUsage(message)
    correct = ("correct",) if worn or incorrect is None else ()
    return (*correct, *dict.fromkeys(tokens[token] for token in wanted))


def check_settings(settings: Settings) -> None:
    """Refuse settings that cannot be meant.

    Raises
    ------
    WrongUsage
        With every problem.
    """
    family_weights(settings.garments)
    problems = [
        f"{option}: {value}. Expected {expected}."
        for option, value, fine, expected in (
            ("--limit", settings.limit, (settings.limit or 1) > 0, "at least 1 photo"),
            ("--per-image", settings.per_image, (settings.per_image or 1) > 0, "at least 1"),
            ("--seed", settings.seed, settings.seed >= 0, "0 or more"),
            ("--min-age", settings.min_age, (settings.min_age or 0) >= 0, "0 or more years"),
            (
                "--max-age",
                settings.max_age,
                settings.max_age is None or settings.max_age >= (settings.min_age or 0),
                "no less than --min-age",
            ),
        )
        if not fine
    ]
    if problems:
        raise WrongUsage("\n".join(problems))


def make_plan(datasets: Sequence[Dataset], settings: Settings) -> Plan:
    """Choose photos and wear states; the same settings and sources give the same plan.

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
    return Plan(photos, left_out, settings)


def _photos_of(dataset: Dataset, settings: Settings, left_out: dict[str, int]) -> pd.DataFrame:
    records = dataset.records()
    reasons = pd.Series("", index=records.index)
    for reason, bad in _unusable(records, settings):
        reasons = reasons.where((reasons != "") | ~bad, reason)
    for reason, count in reasons[reasons != ""].value_counts().items():
        left_out[str(reason)] = left_out.get(str(reason), 0) + int(count)
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


def states_of(photo: str, settings: Settings) -> tuple[str, ...]:
    """Wear states of one photo's composites.

    One of each state, or as many as asked, in an order drawn for this photo.

    Parameters
    ----------
    photo : str
        Its ``image_id``.
    settings : Settings
        What was asked for.
    """
    states = [name for name in WEAR_STATES if name in settings.states]
    if settings.per_image is None:
        return tuple(states)
    order = derived_rng(settings.seed, photo, "states").permutation(len(states))
    return tuple(states[order[k % len(states)]] for k in range(settings.per_image))
