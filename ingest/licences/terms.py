"""What each licence permits, and whether a use for a purpose may go ahead."""

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from license_expression import ExpressionError, LicenseSymbol, Licensing

from ingest.errors import WrongUsage
from ingest.manifests.schema import Field, check_table, one_of, where

Permission = Literal["yes", "no", "unknown"]
Answer = Literal["allowed", "refused", "needs-acceptance"]
Use = Literal["pull", "run", "synth", "train", "export", "share"]
Purpose = Literal["commercial", "research"]

PURPOSES: tuple[Purpose, ...] = ("commercial", "research")
"""The strict one first: it asks a licence for more."""
TERMS = ("commercial", "derivatives", "redistribution", "share_alike", "attribution", "gated")
NOASSERTION = "NOASSERTION"
NEEDS: dict[Use, tuple[str, ...]] = {
    "pull": (),
    "run": (),
    "synth": ("derivatives",),
    "train": (),
    "export": (),
    "share": ("redistribution",),
}
"""Permissions a use asks for, beside those of its purpose."""
_GRANTS = ("commercial", "derivatives", "redistribution")
_PERMISSION = one_of("yes", "no", "unknown")
_FIELDS = (
    Field("title", required=True),
    Field("url"),
    *(Field(term, required=True, check=_PERMISSION) for term in TERMS),
)


@dataclass(frozen=True)
class Licence:
    """One row of the licence table; the terms are yes, no or unknown."""

    id: str
    title: str
    url: str
    commercial: Permission
    derivatives: Permission
    redistribution: Permission
    share_alike: Permission
    attribution: Permission
    gated: Permission

    def term(self, name: str) -> Permission:
        """Value of a term by name."""
        return getattr(self, name)


@dataclass(frozen=True)
class Decision:
    """Answer to one use of one licence.

    Attributes
    ----------
    answer : {"allowed", "refused", "needs-acceptance"}
        What the licence says.
    reasons : tuple of str
        Why; one per permission that is not a plain yes.
    unknown : tuple of str
        Permissions that an acceptance would have to cover.
    """

    answer: Answer
    reasons: tuple[str, ...]
    unknown: tuple[str, ...] = ()


@cache
def licence_table() -> dict[str, Licence]:
    """Every licence with a policy, by id, from ``external_manifests/licences.toml``."""
    text = (resources.files("external_manifests") / "licences.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    for name, row in table.items():
        if problems := check_table(row, _FIELDS, (name,)):
            message = "; ".join(f"{where(p.address)} {p.text}" for p in problems)
            raise ValueError(message)
    return {name: Licence(id=name, url=row.pop("url", ""), **row) for name, row in table.items()}


@cache
def _licensing() -> Licensing:
    return Licensing([LicenseSymbol(name) for name in licence_table()])


def licence(name: str) -> Licence:
    """Policy of a licence id; an id without a policy has every term unknown.

    Ids are compared without regard to case, since model hubs write them in lower case.
    """
    table = licence_table()
    by_case = {key.lower(): key for key in table}
    if (key := by_case.get(name.lower())) is not None:
        return table[key]
    none = table[NOASSERTION]
    return Licence(name, f"{name}: no policy known", "", *(none.term(term) for term in TERMS))


def check_expression(value: str) -> str | None:
    """Say what is wrong with a licence expression of a manifest, or None.

    Only ids of the licence table and AND are accepted: a choice (OR) is to be made by whoever
    writes the manifest, and an id without a policy would be a licence nobody decided on.
    """
    try:
        parsed = _licensing().parse(value, validate=True, strict=True)
    except ExpressionError as error:
        known = ", ".join(sorted(licence_table()))
        return f"is {value!r} ({error}). Expected ids of the licence table: {known}"
    if parsed is None or " OR " in str(parsed):
        return f"is {value!r}. Expected one licence, or several joined by AND"
    return None


def split_expression(value: str) -> tuple[str, ...]:
    """Ids inside a licence expression, in order, each once.

    Examples
    --------
    >>> split_expression("CC-BY-4.0 AND MIT")
    ('CC-BY-4.0', 'MIT')
    """
    try:
        return tuple(_licensing().license_keys(value, unique=True)) or (value,)
    except ExpressionError:
        return (value,)


def effective_expression(ids: Iterable[str]) -> str:
    """Licence of a mix: all of its parts' licences hold at once.

    Examples
    --------
    >>> effective_expression(["MIT", "CC-BY-4.0", "MIT"])
    'CC-BY-4.0 AND MIT'
    """
    return " AND ".join(sorted({part for name in ids for part in split_expression(name)}))


def effective_terms(ids: Iterable[str]) -> dict[str, Permission]:
    """Strictest terms of a mix.

    A grant holds only if every part grants it; a duty holds if any part asks for it.
    """
    rows = [licence(part) for name in ids for part in split_expression(name)]
    terms: dict[str, Permission] = {}
    for term in TERMS:
        values = {row.term(term) for row in rows}
        worst: Permission = "no" if term in _GRANTS else "yes"
        best: Permission = "yes" if term in _GRANTS else "no"
        terms[term] = worst if worst in values else "unknown" if "unknown" in values else best
    return terms


def decide(name: str, use: Use, purpose: Purpose, accepted: Collection[str] = ()) -> Decision:
    """Whether a use for a purpose is allowed under a licence expression.

    Parameters
    ----------
    name : str
        Licence id or expression.
    use : {"pull", "run", "synth", "train", "export", "share"}
        What shall be done; a model is run.
    purpose : {"commercial", "research"}
        What it shall be done for.
    accepted : collection of str
        Unknown or gated terms that the user has accepted for this purpose. A prohibition is
        never overturned by them.
    """
    decisions = [_decide_one(licence(part), use, purpose, accepted)
                 for part in split_expression(name)]  # fmt: skip
    order: tuple[Answer, ...] = ("refused", "needs-acceptance", "allowed")
    return Decision(
        min((decision.answer for decision in decisions), key=order.index),
        tuple(reason for decision in decisions for reason in decision.reasons),
        tuple(dict.fromkeys(term for decision in decisions for term in decision.unknown)),
    )


USES: Mapping[Use, str] = {
    "synth": "compose face masks on the pictures",
    "train": "train a model",
    "share": "pass the pictures on",
}
"""What people want to do with pictures, in words."""


def use_answers(names: Iterable[str]) -> list[dict[str, str]]:
    """What may be done with a mix, for either purpose, before anybody accepts anything.

    Returns
    -------
    list of dict
        ``use``, ``purpose``, ``answer`` (as of `Decision`, of the strictest part) and
        ``reasons``.
    """
    order: tuple[Answer, ...] = ("refused", "needs-acceptance", "allowed")
    ids, rows = list(names), []
    for use in USES:
        for purpose in PURPOSES:
            decisions = [decide(name, use, purpose) for name in ids]
            answer = min((one.answer for one in decisions), key=order.index, default="allowed")
            reasons = dict.fromkeys(reason for one in decisions for reason in one.reasons)
            rows.append({"use": use, "purpose": purpose, "answer": answer,
                         "reasons": "; ".join(reasons)})  # fmt: skip
    return rows


def _decide_one(row: Licence, use: Use, purpose: Purpose, accepted: Collection[str]) -> Decision:
    needed = (*(("commercial",) if purpose == "commercial" else ()), *NEEDS[use])
    refused = [f"{row.id} does not permit {_word(term, use)}"
               for term in needed if row.term(term) == "no"]  # fmt: skip
    unknown = [term for term in needed if row.term(term) == "unknown"]
    unknown += ["gated"] if row.gated != "no" else []
    open_terms = [term for term in unknown if term not in accepted]
    reasons = [_open_reason(row, term, use) for term in open_terms]
    if refused:
        return Decision("refused", (*refused, *reasons), tuple(unknown))
    return Decision("needs-acceptance" if open_terms else "allowed", tuple(reasons), tuple(unknown))


def _word(term: str, use: Use) -> str:
    return {
        "commercial": "commercial use",
        "derivatives": "making derivatives such as composed face masks",
        "redistribution": "redistribution",
    }.get(term, f"'{use}'")


def _open_reason(row: Licence, term: str, use: Use) -> str:
    if term != "gated":
        return f"{row.id} does not say whether {_word(term, use)} is permitted"
    if row.gated == "yes":
        return f"{row.id} ties access to an agreement with the owner"
    return f"{row.id}: on what terms the files may be used at all is not known"


def acceptable_terms(name: str, purpose: Purpose) -> tuple[str, ...]:
    """Terms an acceptance at pull covers: what is unknown or gated about own use for a purpose.

    Passing the pictures on is never among them: that is for the owner to permit.
    """
    wanted = ("gated", "derivatives", *(("commercial",) if purpose == "commercial" else ()))
    rows = [licence(part) for part in split_expression(name)]
    return tuple(
        term
        for term in wanted
        if any(
            row.term(term) == "unknown" or (term == "gated" and row.gated == "yes") for row in rows
        )
    )


def check_purpose(purpose: str | None) -> Purpose | None:
    """Return a purpose unchanged if it is one.

    Raises
    ------
    WrongUsage
        If it is neither None nor a word of `PURPOSES`.
    """
    for known in PURPOSES:
        if purpose == known:
            return known
    if purpose is None:
        return None
    message = f"purpose {purpose!r} is unknown. Expected one of {', '.join(PURPOSES)}."
    raise WrongUsage(message)
