"""What the mix may be used for, who says so in which words, and whom to credit."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

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
from ingest.licences.gate import LicenceRefused, pass_gate
from ingest.licences.terms import (
    NOASSERTION,
    TERMS,
    Purpose,
    decide,
    effective_expression,
    effective_terms,
    licence,
    split_expression,
    use_answers,
)
from ingest.manifests.read import load_manifest, manifest_names
from ingest.manifests.types import statement_dict

CHECK = "licence"
_MOST_PICTURES = 6


def check_licences(mix: Mix) -> CheckResult:
    """Gather licences, their sentences, the terms of the whole and the credits owed."""
    sources = source_table(mix)
    names = sorted(set(mix.records["license"]))
    effective = effective_expression(names)
    uses = pd.DataFrame(use_answers(names))
    return CheckResult(
        CHECK,
        "Licences",
        _sentence(effective, uses),
        (
            Table("effective", "Terms of the mix: the strictest of its parts",
                  effective_table(effective)),
            Table("uses", "What may be done with it", uses),
            Table("refusals", "What the licence gate says against training", gate_refusals(mix)),
            Table("acceptances", "Unclear terms that somebody accepted", acceptance_table(mix)),
            Table("sources", "One row per source and licence, with the sentence it rests on",
                  sources),
            Table("terms", "One row per licence: what it grants and asks for", term_table(names)),
            Table("credits", "Credit lines owed wherever the pictures are shown or passed on",
                  credits_owed(mix.records)),
        ),
        tuple(_findings(mix, sources)),
        tuple(_pictures(mix)),
    )  # fmt: skip


def purpose_of(mix: Mix) -> Purpose:
    """Purpose the mix stands under: the least that any of its data sets was pulled for."""
    known = {card.get("purpose") for card in mix.cards.values()}
    return "research" if "research" in known else "commercial"


def statements(mix: Mix, sources: list[str]) -> dict[str, Mapping[str, Any]]:
    """Licence sentence of each source: quote, url, stated_by, read_on, as the cards keep it.

    A source that no card of the mix quotes is looked up among the manifests.
    """
    known: dict[str, Mapping[str, Any]] = {
        str(said.get("dataset")): said
        for card in mix.cards.values()
        for said in card.get("statements") or []
    }
    for source in set(sources) & set(manifest_names()) - set(known):
        known[source] = statement_dict(load_manifest(source).license, source)
    return known


def source_table(mix: Mix) -> pd.DataFrame:
    """Per source of the photos and licence: images, quoted sentence, who says so, verification."""
    rows = mix.records
    source = rows["origin_source"].where(rows["origin_source"].notna(), "unknown")
    grouped = rows.groupby([source.rename("source"), "license"]).agg(
        images=("image_id", "size"),
        synthetic=("kind", lambda kind: int((kind == "synthetic").sum())),
    )
    table = grouped.reset_index()
    said = statements(mix, sorted(set(table["source"])))
    for key in ("quote", "url", "stated_by", "read_on"):
        table[key] = [str(said.get(name, {}).get(key, "")) for name in table["source"]]
    return table


def term_table(names: list[str]) -> pd.DataFrame:
    """One row per licence id: title and the terms, each yes, no or unknown."""
    ids = sorted({part for name in names for part in split_expression(name)})
    rows = [{"license": i, "title": licence(i).title} | {t: licence(i).term(t) for t in TERMS}
            for i in ids]  # fmt: skip
    return pd.DataFrame(rows, columns=["license", "title", *TERMS])


def effective_table(effective: str) -> pd.DataFrame:
    """One row: the licence expression of the mix and its strictest terms."""
    return pd.DataFrame([{"license": effective, **effective_terms([effective])}])


def credits_owed(records: pd.DataFrame) -> pd.DataFrame:
    """Credit lines with the number of images they stand for, most frequent first."""
    given = records[records["attribution"].notna() & (records["attribution"] != "")]
    counts = given.groupby(["attribution", "license"]).size().reset_index(name="images")
    counts = counts.rename(columns={"attribution": "credit"})
    return counts.sort_values(["images", "credit"], ascending=[False, True])


def _sentence(effective: str, uses: pd.DataFrame) -> str:
    words = {"allowed": "allowed", "refused": "refused", "needs-acceptance": "not settled"}
    train = uses[uses["use"] == "train"].set_index("purpose")["answer"].map(words)
    return (
        f"The mix stands under {effective}. Training on it is {train['commercial']} for commercial "
        f"use and {train['research']} for research. This is a reading of the table of licences, "
        "not legal advice."
    )


def _findings(mix: Mix, sources: pd.DataFrame) -> list[Finding]:
    stated = mix.records["license"] != NOASSERTION
    silent = mix.records.loc[~stated, "dataset"].drop_duplicates()
    return [
        *_training(mix),
        *found(
            f"{CHECK}.missing", "problem", silent,
            f"{counted(int((~stated).sum()), 'image')} without any licence known",
            "Ask the owner, or accept the risk for one purpose with `ingest pull NAME --accept`.",
            rule=CHECK,
        ),
        *_evidence(sources),
    ]  # fmt: skip


def _training(mix: Mix) -> list[Finding]:
    purpose, refusals = purpose_of(mix), gate_refusals(mix)
    accepted = acceptance_table(mix)["dataset"]
    return [
        *found(
            f"{CHECK}.refused",
            "problem",
            refusals["reason"],
            f"{counted(len(refusals), 'data set')} that may not be used to train a model for "
            f"{purpose} use",
            "The gate says why, and what would open it. Otherwise leave these data sets out.",
            rule=CHECK,
        ),
        *found(
            f"{CHECK}.accepted",
            "note",
            accepted,
            f"{counted(len(accepted), 'acceptance')} on file",
            "Somebody decided to use these pictures on unclear terms; the terms are still unclear.",
            rule="acceptance",
        ),
    ]


def gate_refusals(mix: Mix) -> pd.DataFrame:
    """What the licence gate says against training on each data set for the mix's purpose."""
    rows = []
    for dataset in mix.datasets:
        try:
            pass_gate([dataset], "train", purpose_of(mix))
        except LicenceRefused as refusal:
            rows += [{"dataset": dataset.name, "reason": reason} for reason in refusal.reasons]
    return pd.DataFrame(rows, columns=["dataset", "reason"])


def acceptance_table(mix: Mix) -> pd.DataFrame:
    """Acceptances the data sets rest on: for what, by whom and when."""
    columns = ["dataset", "license", "purpose", "accepted", "user", "date"]
    rows = [
        {key: ", ".join(given) if isinstance(given := one.get(key, ""), list) else str(given)
         for key in columns}
        for card in mix.cards.values()
        for one in card.get("acceptances") or []
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).drop_duplicates()


def _evidence(sources: pd.DataFrame) -> list[Finding]:
    unquoted = sources[sources["quote"] == ""]
    second_hand = sources[sources["stated_by"] == "third-party"]
    return [
        *found(
            f"{CHECK}.no-sentence", "warning", unquoted["source"],
            f"{counted(len(unquoted), 'source')} without a quoted licence sentence",
            "Find the owner's sentence and quote it in the manifest with its address and date.",
            rule=CHECK,
        ),
        *found(
            f"{CHECK}.second-hand", "note", second_hand["source"],
            f"{counted(len(second_hand), 'source')} whose licence a third party states",
            "The owner's own sentence was not found; see the quotations.",
            rule="second-hand",
        ),
    ]  # fmt: skip


def _pictures(mix: Mix) -> list[PictureRow]:
    """Some pictures of each licence that stands against training, so that they can be found."""
    rows = []
    for name, part in mix.records.groupby("license"):
        decision = decide(str(name), "train", purpose_of(mix))
        if decision.answer != "allowed":
            shown = part.drop_duplicates("subject_id").head(_MOST_PICTURES)
            pictures = tuple(picture_of(row, f"{row.license}: {row.dataset}/{row.path}")
                             for row in rows_of(shown))  # fmt: skip
            rows.append(PictureRow(f"{name}: {counted(len(part), 'picture')}", pictures))
    return rows
