"""From every composite back to its photo, the photo's source and the sentence that permits it."""

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
from ingest.audit.licences import statements
from ingest.audit.mix import FACE, SYNTHETIC, Mix

CHECK = "provenance"
_MOST_PAIRS = 6


def check_provenance(mix: Mix) -> CheckResult:
    """Follow every picture made from another back to its source."""
    rows, photos = mix.records, mix.photos
    made = rows[rows["parent_id"].notna()].copy()
    made["photo_set"] = made["origin_id"].map(photos["dataset"].astype(object))
    orphans = made[made["origin_id"].isna()]
    unparented = rows[(rows["kind"] == SYNTHETIC) & rows["parent_id"].isna()]
    ours = unparented["recipe"].notna()
    lost, foreign = pd.concat([orphans, unparented[ours]]), unparented[~ours]
    return CheckResult(
        CHECK,
        "Provenance of composites",
        _sentence(made, lost, foreign),
        (
            Table("chains", "One row per way from composites to the sentence that permits them",
                  chain_table(mix, made)),
            Table("orphans", "Composites whose photo is nowhere to be found",
                  lost[["dataset", "path", "parent_id"]].reset_index(drop=True)),
        ),
        (*_findings(made, lost, photos), *_of_others(foreign)),
        tuple(_pictures(made, photos)),
    )  # fmt: skip


def chain_table(mix: Mix, made: pd.DataFrame) -> pd.DataFrame:
    """Composites grouped by set, photo's set, source and licence, with the quoted sentence."""
    found_photo = made[made["origin_id"].notna()]
    keys = ["dataset", "photo_set", "origin_source", "license"]
    grouped = found_photo.groupby(keys).agg(
        composites=("image_id", "size"),
        photos=("origin_id", "nunique"),
        subjects=("subject_id", "nunique"),
    )
    table = grouped.reset_index().rename(columns={"origin_source": "source"})
    said = statements(mix, sorted(set(table["source"])))
    table["sentence"] = [str(said.get(name, {}).get("quote", "")) for name in table["source"]]
    table["made_by"] = [made_by_text(mix.cards[name].get("made_by")) for name in table["dataset"]]
    return table


def made_by_text(value: object) -> str:
    """Who made a data set, as one line: the command and its version."""
    if isinstance(value, dict):
        return " ".join(str(value[key]) for key in ("command", "version") if key in value)
    return str(value or "")


def _sentence(made: pd.DataFrame, lost: pd.DataFrame, foreign: pd.DataFrame) -> str:
    parts = []
    if traced := int(made["origin_id"].notna().sum()):
        parts.append(
            f"{counted(traced, 'picture')} were made from "
            f"{counted(made['origin_id'].nunique(), 'photo')}, each traced to its source."
        )
    if len(lost):
        parts.append(f"{counted(len(lost), 'composite')} cannot be traced.")
    if len(foreign):
        parts.append(
            f"Of {counted(len(foreign), 'composite')} that others made the source names no photo."
        )
    return " ".join(parts) or "No picture here was made from another."


def _of_others(foreign: pd.DataFrame) -> list[Finding]:
    return found(
        f"{CHECK}.no-photo",
        "warning",
        foreign["path"],
        f"{counted(len(foreign), 'composite')} made by others, of photos that are not named",
        "Their licence and person are the source's word. See whether it rests on a set you use.",
        rule=CHECK,
    )


def _findings(made: pd.DataFrame, lost: pd.DataFrame, photos: pd.DataFrame) -> list[Finding]:
    known = made[made["origin_id"].notna()]
    person = known["origin_id"].map(photos["subject_id"].astype(object))
    terms = known["origin_id"].map(photos["license"].astype(object))
    other_person = known[person != known["subject_id"].astype(object)]
    other_terms = known[terms != known["license"].astype(object)]
    again = "Make the set again with `synth masks`; a composite keeps these from its photo."
    return [
        *found(
            f"{CHECK}.orphan", "problem", lost["path"],
            f"{counted(len(lost), 'composite')} whose photo is nowhere to be found",
            "Without it neither licence nor split can be checked: pull the photos' set again.",
            rule=CHECK,
        ),
        *found(
            f"{CHECK}.other-subject", "problem", other_person["path"],
            f"{counted(len(other_person), 'composite')} filed under another person than the photo",
            again, rule="leakage",
        ),
        *found(
            f"{CHECK}.other-license", "problem", other_terms["path"],
            f"{counted(len(other_terms), 'composite')} under another licence than the photo",
            again, rule="licence",
        ),
    ]  # fmt: skip


def _pictures(made: pd.DataFrame, photos: pd.DataFrame) -> list[PictureRow]:
    """A photo and what was made of it, for the first few people with most wear states."""
    known = made[made["origin_id"].notna()]
    states = known.groupby("origin_id")["wear_state"].nunique().sort_values(
        ascending=False, kind="stable"
    )  # fmt: skip
    rows = []
    for origin in states.index[:_MOST_PAIRS]:
        photo = photos.loc[origin]
        part = known[known["origin_id"] == origin].drop_duplicates("wear_state").head(5)
        pictures = [picture_of(_framed_like(photo, part.iloc[0]), f"the photo, {photo['path']}")]
        pictures += [picture_of(row, f"{row.wear_state}, {row.path}") for row in rows_of(part)]
        rows.append(PictureRow(f"{photo['source']}: {photo['path']}", tuple(pictures)))
    return rows


def _framed_like(photo: pd.Series, made: pd.Series) -> pd.Series:
    """The photo, with the face box of what was made of it where its own is not known."""
    same_frame = (photo["width"], photo["height"]) == (made["width"], made["height"])
    return photo.fillna(made[FACE].to_dict()) if same_frame else photo
