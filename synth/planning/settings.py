"""What is asked of a synthetic set, checked before any work starts."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ingest.errors import WrongUsage
from ingest.faces import MEDIAPIPE, Backend, Model, choose_backend
from ingest.faces.hands import MODEL as HAND_MODEL
from ingest.targets import read_goal
from ingest.taxonomy import incorrect_tokens
from synth.garments import family_weights
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
        Composites of one face; None makes one of each state. The most of one photo when
        classes are filled.
    garments : tuple of str
        Families to draw from; all if empty.
    like : str or None
        Data set whose short classes shall be filled up to its median class.
    target_counts : tuple of int or None
        Images wanted of each of the 18 classes.
    framing : str
        How a photo is cut first, a name of `synth.photo.framing.FRAMINGS`.
    faces : {"largest", "all"}
        Faces of a photo to dress.
    mattes : bool
        Whether alpha mattes and COCO annotations are written, too.
    seed : int
        Of every choice.
    backend : Backend
        Where the landmarks of faces come from.
    occlusion : {"off", "hands"}
        Whether hands in front of a face are looked for and stay in front.
    """

    sources: tuple[str, ...]
    states: tuple[str, ...]
    include_bare: bool = False
    min_age: float | None = None
    max_age: float | None = None
    limit: int | None = None
    per_image: int | None = None
    garments: tuple[str, ...] = ()
    like: str | None = None
    target_counts: tuple[int, ...] | None = None
    framing: str = "original"
    faces: str = "largest"
    mattes: bool = False
    seed: int = 0
    backend: Backend = MEDIAPIPE
    occlusion: str = "off"

    @property
    def models(self) -> tuple[Model, ...]:
        """Models that take part, to be asked of the licence gate."""
        hands = (Model(HAND_MODEL),) if self.occlusion == "hands" else ()
        return (*self.backend.models, *hands)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values, as stored beside the set to compare a later run with."""
        plain = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}
        return {**plain, "backend": self.backend.as_json()}


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


def settings_from(
    *,
    incorrect: str | None,
    worn: bool,
    garments: str | None,
    target_counts: Path | None,
    backend: str,
    landmarks: Path | None,
    predictor: Path | None,
    predictor_license: str | None,
    **plain: Any,
) -> Settings:
    """Settings of a request as it was typed.

    Parameters
    ----------
    incorrect, garments : str or None
        Tokens and families, separated by commas.
    worn : bool
        Whether correctly worn masks are asked for.
    target_counts : Path or None
        CSV of images wanted of each class.
    backend, landmarks, predictor, predictor_license
        As of `ingest.faces.choose_backend`.
    **plain
        Fields of `Settings` that are typed as they are.

    Raises
    ------
    WrongUsage
        If a word is unknown or a file cannot be meant.
    """
    names = tuple(name.strip() for name in (garments or "").split(",") if name.strip())
    return Settings(
        states=chosen_states(incorrect, worn),
        garments=names,
        target_counts=tuple(map(int, read_goal(target_counts))) if target_counts else None,
        backend=choose_backend(backend, landmarks, predictor, predictor_license),
        **plain,
    )


def check_settings(settings: Settings) -> None:
    """Refuse settings that cannot be meant.

    Raises
    ------
    WrongUsage
        With every problem.
    """
    problems = [
        f"{option}: {value}. Expected {expected}."
        for option, value, fine, expected in (
            ("--limit", settings.limit, _at_least_one(settings.limit), "at least 1 photo"),
            ("--per-image", settings.per_image, _at_least_one(settings.per_image), "at least 1"),
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
    problems += _garment_problems(settings)
    if settings.like and settings.target_counts:
        problems.append("--like and --target-counts: both given. Expected one of them.")
    if problems:
        raise WrongUsage("\n".join(problems))


def _at_least_one(count: int | None) -> bool:
    return count is None or count > 0


def _garment_problems(settings: Settings) -> list[str]:
    """Unknown families, and states that no family asked for can take."""
    found = []
    for state in settings.states:
        try:
            family_weights(settings.garments, state)
        except WrongUsage as error:
            found.append(str(error))
    return list(dict.fromkeys(found))
