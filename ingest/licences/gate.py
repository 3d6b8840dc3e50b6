"""The licence gate: stands at pull, synth, train and export alike, and says why not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.card import read_details
from ingest.dataset import Dataset
from ingest.errors import AnswerIsNo, IngestError, RecordsInvalid
from ingest.licences.acceptances import Acceptance, accepted_terms
from ingest.licences.terms import (
    PURPOSES,
    Decision,
    Permission,
    Purpose,
    Use,
    check_purpose,
    decide,
    effective_expression,
    effective_terms,
    licence,
)
from ingest.manifests.read import load_model
from ingest.manifests.types import statement_dict

Statement = Mapping[str, str]


class LicenceRefused(AnswerIsNo, IngestError):
    """A licence does not permit the use, or leaves it open and the user has not accepted that.

    Attributes
    ----------
    reasons : tuple of str
        One per data set and licence.
    """

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(self.reasons))


@dataclass(frozen=True)
class Passage:
    """Leave to use some data sets for a purpose, and all that must travel with the result.

    Attributes
    ----------
    purpose : {"commercial", "research"}
        What the result may be used for.
    licenses : dict of str to tuple of str
        Data set or model to the licence ids found in its records.
    effective : str
        Licence expression of the mix.
    terms : dict of str to {"yes", "no", "unknown"}
        Strictest terms of the parts: commercial, derivatives, redistribution, share_alike,
        attribution, gated.
    reasons : tuple of str
        What was noted on the way, such as a permission that rests on an acceptance.
    acceptances : tuple of dict
        Acceptances the passage rests on.
    statements : tuple of dict
        Licence sentences of the sources, with their addresses.
    """

    purpose: Purpose
    licenses: dict[str, tuple[str, ...]]
    effective: str
    terms: dict[str, Permission]
    reasons: tuple[str, ...] = ()
    acceptances: tuple[Acceptance, ...] = ()
    statements: tuple[Statement, ...] = ()

    def details(self) -> dict[str, Any]:
        """What the card of a data set made from these must carry on (see `card.write_card`)."""
        return {
            "purpose": self.purpose,
            "acceptances": list(self.acceptances),
            "statements": [dict(statement) for statement in self.statements],
        }


@dataclass(frozen=True)
class _Claim:
    """One data set or model before the gate: what it is under and what was agreed about it."""

    name: str
    licenses: tuple[str, ...]
    acceptances: tuple[Acceptance, ...] = ()
    statements: tuple[Statement, ...] = ()
    pulled_for: Purpose | None = None
    noun: str = "data set"


def pass_gate(datasets: Sequence[Dataset], use: Use, purpose: str | None = None) -> Passage:
    """Ask the licences of every row of some data sets, real or synthetic.

    Parameters
    ----------
    datasets : sequence of Dataset
        What shall be used.
    use : {"synth", "train", "export", "share"}
        What for: composing needs `derivatives`, sharing needs `redistribution`.
    purpose : {"commercial", "research"}, optional
        Default: the strictest purpose any of them was pulled for.

    Raises
    ------
    LicenceRefused
        With every data set and licence that stands in the way, its sentence and the way out.
    """
    return _pass([_claim(dataset) for dataset in datasets], use, check_purpose(purpose))


def pass_statement(
    name: str,
    statement: Statement,
    purpose: Purpose,
    acceptances: Iterable[Acceptance],
    use: Use = "pull",
) -> Passage:
    """Ask the licence statement of one manifest; arguments and errors as of `pass_gate`."""
    return _pass([_Claim(name, (statement["license"],), tuple(acceptances), (statement,))],
                 use, purpose)  # fmt: skip


def row_refusal(license_id: str, purpose: Purpose, acceptances: list[Acceptance]) -> str | None:
    """Why one image with a licence of its own cannot be had for a purpose; None if it can."""
    accepted = accepted_terms(acceptances, license_id, purpose)
    decision = decide(license_id, "pull", purpose, accepted)
    if decision.answer == "allowed":
        return None
    return f"its own licence: {'; '.join(decision.reasons)}"


def pass_model(
    name: str,
    use: Use,
    purpose: str | None = None,
    recorded_license: str | None = None,
    acceptances: Iterable[Acceptance] = (),
) -> Passage:
    """Ask the licence of a model that has a manifest.

    Parameters
    ----------
    name : str
        Name of the manifest. ``family/file`` names one file of a family whose files each have
        their own licence, such as ``timm_weights/resnet18.a1_in1k``.
    recorded_license : str, optional
        For such a family: the licence id recorded with the file. Unknown ids and None have
        every term unknown.
    acceptances : iterable of dict
        As of `acceptances.read_acceptances`.

    Raises
    ------
    LicenceRefused
        If the licence stands in the way.
    UnknownManifest
        If there is no such model.
    """
    manifest = load_model(name.partition("/")[0])
    statement = dict(statement_dict(manifest.license, name))
    if manifest.license_per_file:
        statement["license"] = licence(recorded_license or "NOASSERTION").id
    claim = _Claim(name, (statement["license"],), tuple(acceptances), (statement,), noun="model")
    return _pass([claim], use, check_purpose(purpose))


def combine(passages: Sequence[Passage]) -> Passage:
    """One passage for a mix: data sets and models that went through the gate one by one.

    The mix may be used only for what every part was let through for: a part let through for
    research alone holds the whole to research, whatever the others would bear.
    """
    purpose = PURPOSES[max(PURPOSES.index(passage.purpose) for passage in passages)]
    every = [one for passage in passages for ids in passage.licenses.values() for one in ids]
    return Passage(
        purpose=purpose,
        licenses={name: ids for passage in passages for name, ids in passage.licenses.items()},
        effective=effective_expression(every),
        terms=effective_terms(every),
        reasons=tuple(_unique(r for passage in passages for r in passage.reasons)),
        acceptances=tuple(_unique(a for passage in passages for a in passage.acceptances)),
        statements=tuple(_unique(s for passage in passages for s in passage.statements)),
    )


def _claim(dataset: Dataset) -> _Claim:
    details = read_details(dataset)
    return _Claim(
        dataset.name,
        _license_ids(dataset),
        tuple(details.get("acceptances", ())),
        tuple(details.get("statements", ())),
        check_purpose(details.get("purpose")),
    )


def _license_ids(dataset: Dataset) -> tuple[str, ...]:
    """Licence ids of the rows; only that one column is read."""
    try:
        column = pq.read_table(dataset.records_path, columns=["license"]).column("license")
    except (pa.ArrowException, KeyError) as error:
        problem = f"its licences cannot be read: {str(error).splitlines()[0]}"
        raise RecordsInvalid(dataset.records_path, [problem]) from error
    return tuple(sorted(str(value or "NOASSERTION") for value in column.unique().to_pylist()))


def _pass(claims: Sequence[_Claim], use: Use, purpose: Purpose | None) -> Passage:
    purpose = purpose or _strictest(claims)
    refused: list[str] = []
    notes: list[str] = []
    for claim in claims:
        refused += _limits(claim, purpose)
        for name in claim.licenses:
            accepted = accepted_terms(list(claim.acceptances), name, purpose)
            decision = decide(name, use, purpose, accepted)
            if decision.answer != "allowed":
                refused.append(_refusal(claim, name, decision, use, purpose))
            elif decision.unknown:
                terms = ", ".join(decision.unknown)
                notes.append(f"{claim.name}: {terms} of {name} rest on an acceptance")
    if refused:
        raise LicenceRefused(refused)
    every = [name for claim in claims for name in claim.licenses]
    return Passage(
        purpose=purpose,
        licenses={claim.name: claim.licenses for claim in claims},
        effective=effective_expression(every),
        terms=effective_terms(every),
        reasons=tuple(notes),
        acceptances=tuple(_unique(one for claim in claims for one in claim.acceptances)),
        statements=tuple(_unique(one for claim in claims for one in claim.statements)),
    )


def _strictest(claims: Sequence[_Claim]) -> Purpose:
    pulled_for = [claim.pulled_for for claim in claims if claim.pulled_for]
    return min(pulled_for, key=PURPOSES.index, default=PURPOSES[0])


def _limits(claim: _Claim, purpose: Purpose) -> list[str]:
    """A set that was pulled for research may not be used for more, whatever its licence."""
    if claim.pulled_for is None or purpose == claim.pulled_for or purpose == "research":
        return []
    return [
        f"{claim.name}: was pulled for {claim.pulled_for}, and {purpose} use asks for more. Pass "
        f"--purpose {claim.pulled_for}, or pull it again with --purpose {purpose}."
    ]


def _refusal(claim: _Claim, name: str, decision: Decision, use: Use, purpose: Purpose) -> str:
    sentence = _sentence(claim, name)
    reasons = "; ".join(decision.reasons)
    return (
        f"{claim.name}: {reasons} (use: {use}, purpose: {purpose}). {sentence}"
        f"{_way_out(claim, name, decision, use, purpose)}"
    )


def _sentence(claim: _Claim, name: str) -> str:
    for statement in claim.statements:
        if statement.get("license") == name and statement.get("quote"):
            who = "The owner" if statement.get("stated_by") == "owner" else "A third party"
            return f'{who} says: "{statement["quote"]}" ({statement.get("url", "")}). '
    if name == "NOASSERTION":
        return "No licence sentence is known. "
    row = licence(name)
    return f"The licence is {row.title} ({row.url or 'no address'}). "


def _way_out(claim: _Claim, name: str, decision: Decision, use: Use, purpose: Purpose) -> str:
    accepted = accepted_terms(list(claim.acceptances), name, "research")
    if purpose == "commercial" and decide(name, use, "research", accepted).answer == "allowed":
        return f"Pass --purpose research if that is what it is for, or choose another {claim.noun}."
    if decision.answer == "refused" or use == "share":
        return f"Choose another {claim.noun}, or ask the owner for a licence."
    if claim.noun == "model":
        return "Choose another model, or one whose licence is recorded."
    return (
        "If you have permission, or take the risk, say so for this data set alone: "
        f"`ingest pull {claim.name} --accept {claim.name} --purpose {purpose}`."
    )


def _unique(values: Iterable[Any]) -> list[Any]:
    seen: list[Any] = []
    for value in values:
        if value not in seen:
            seen.append(value)
    return seen
