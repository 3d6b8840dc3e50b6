"""Where a run comes from: the data sets, licences, models and acceptances it rests on."""

import dataclasses
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from ingest.card import read_details
from ingest.dataset import Dataset
from ingest.faces.person import MODEL as PERSON_MODEL
from ingest.fetch import file_hash
from ingest.licences.gate import Passage, combine, pass_gate, pass_model
from ingest.licences.terms import NOASSERTION, effective_expression, effective_terms
from ingest.manifests.read import load_model
from maskcls.config.members import members_of
from maskcls.config.sections import Config
from maskcls.data.mixing import Mix
from maskcls.network.models import BackboneSource

STAND_IN = "stand-in, not real"
TIMM_MANIFEST = "timm_weights"
SOFTWARE = ("maskcls", "torch", "timm", "lightning", "albumentations", "numpy", "scikit-learn")


def pass_licences(
    datasets: Iterable[Dataset],
    source: BackboneSource,
    purpose: str | None,
    helpers: Sequence[str] = (),
) -> Passage:
    """Leave to train on the data sets, starting from a backbone.

    Parameters
    ----------
    datasets : iterable of Dataset
        The real set and the extras.
    source : BackboneSource
        timm's weights are asked for the licence timm records. A user's own file has none that
        is known: the user brought it, so it passes, but the result's licence says so.
    purpose : {"commercial", "research"} or None
        None takes the strictest the sources were pulled for.
    helpers : sequence of str
        Manifests of other models that the images go through, as of `helpers_of`.

    Raises
    ------
    LicenceRefused
        Naming every data set or model whose licence stands in the way.
    """
    passage = pass_gate(list(datasets), "train", purpose or None)
    for name in helpers:
        passage = combine([passage, pass_model(name, "train", passage.purpose)])
    if source.kind == "timm":
        model = f"{TIMM_MANIFEST}/{source.name}"
        return combine([passage, pass_model(model, "train", passage.purpose, source.license)])
    if source.kind == "file":
        return _with_unknown(passage, source.name)
    return passage


def helpers_of(config: Config) -> list[str]:
    """Manifests of the models, beside the backbone, that a run's images go through."""
    removed = any(member.config.data.background == "removed" for member in members_of(config))
    return [PERSON_MODEL] if removed else []


def _with_unknown(passage: Passage, name: str) -> Passage:
    licenses = {**passage.licenses, name: (NOASSERTION,)}
    every = [one for ids in licenses.values() for one in ids]
    return dataclasses.replace(
        passage,
        licenses=licenses,
        effective=effective_expression(every),
        terms=effective_terms(every),
        reasons=(*passage.reasons, f"{name}: given with --weights; its licence is not known"),
    )


def describe(
    mix: Mix, passage: Passage, source: BackboneSource, weights: Path | None, config: Config
) -> dict[str, Any]:
    """Content of ``lineage.json``.

    Parameters
    ----------
    mix : Mix
        The rows.
    passage : Passage
        As of `pass_licences`.
    source, weights : BackboneSource, Path or None
        First weights and their file.
    config : Config
        The resolved configuration.
    """
    return {
        "lineage_version": 1,
        "stand_in": config.run.stand_in,
        **({"note": STAND_IN} if config.run.stand_in else {}),
        "purpose": passage.purpose,
        "effective_license": passage.effective,
        "terms": dict(passage.terms),
        "reasons": list(passage.reasons),
        "datasets": [_dataset(mix, role) for role in range(len(mix.datasets))],
        **_self_training(config),
        "models": [_model(source, weights), *map(_helper, helpers_of(config))],
        "acceptances": [dict(one) for one in passage.acceptances],
        "statements": [dict(one) for one in passage.statements],
        "software": {name: version(name) for name in SOFTWARE},
    }


def _self_training(config: Config) -> dict[str, Any]:
    """By which rules labels were guessed, if any were."""
    if not config.run.unlabelled:
        return {}
    return {"self_training": dataclasses.asdict(config.self_training)}


def _dataset(mix: Mix, role: int) -> dict[str, Any]:
    dataset, rows = mix.datasets[role], mix.rows[mix.rows["role"] == role]
    details = read_details(dataset)
    return {
        "name": dataset.name,
        **_role(mix, role),
        "n_images": len(rows),
        "n_subjects": int(rows["subject_id"].nunique()),
        "n_composites": int(rows["composite"].sum()),
        "n_without_label": mix.left_out[dataset.name],
        "licenses": _counts(rows["license"]),
        "purpose": details.get("purpose"),
        "verification": details.get("verification"),
        "made_by": details.get("made_by"),
        "parents": details.get("parents"),
        "records_sha256": file_hash(dataset.records_path),
    }


def _role(mix: Mix, role: int) -> dict[str, Any]:
    if not role:
        return {"role": "data"}
    extra = mix.extras[role - 1]
    return {"role": "unlabelled" if extra.unlabelled else "extra", "ratio": extra.ratio}


def _counts(licenses: pd.Series) -> dict[str, int]:
    return {str(name): int(count) for name, count in licenses.value_counts().sort_index().items()}


def _model(source: BackboneSource, weights: Path | None) -> dict[str, Any]:
    known = {"name": source.name, "role": "backbone", "weights": source.kind}
    if weights is None:
        return {**known, "license": None}
    return {**known, "license": source.license, "sha256": file_hash(weights)}


def _helper(name: str) -> dict[str, Any]:
    manifest = load_model(name)
    hashes = [file.sha256 for file in manifest.distribution]
    return {"name": name, "role": "background", "license": manifest.license.id, "sha256": hashes}
