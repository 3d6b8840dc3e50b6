"""Which of the 18 classes are short, of real pictures and of people."""

import numpy as np
import pandas as pd

from ingest import taxonomy
from ingest.audit.findings import (
    CheckResult,
    Finding,
    PictureRow,
    Table,
    counted,
    found,
    picture_of,
    rows_of,
    said,
)
from ingest.audit.mix import KINDS, REAL, SYNTHETIC, Mix
from ingest.targets import Target, cell_counts, goal_of_median, shortfall

CHECK = "balance"
FEW_SUBJECTS = 10
"""Below so many people a class says more about them than about itself."""


def check_balance(mix: Mix, target: Target | None = None) -> CheckResult:
    """Count the classes, each axis and the wear states, real beside synthetic.

    Parameters
    ----------
    mix : Mix
        What is audited.
    target : Target, optional
        What the classes are meant to be; without one, what lifts each to the median of the
        filled ones.
    """
    cells = count_cells(mix.records, target)
    return CheckResult(
        CHECK,
        "Balance of the 18 classes",
        _sentence(mix.records, cells, target),
        (
            Table("cells", "One row per class: images, and the people behind them", cells),
            Table("axes", "One row per word of each axis", count_axes(mix.records)),
            Table("wear_states", "One row per wear state", count_wear_states(mix.records)),
        ),
        tuple(_findings(mix.records, cells)),
        tuple(_examples(mix.records)),
    )


def count_cells(records: pd.DataFrame, target: Target | None = None) -> pd.DataFrame:
    """Table of the 18 classes: real and synthetic images, people, sources, share of the mix.

    ``subjects_real`` counts people with a real picture of the class, ``subjects`` people with
    any; ``sources`` counts sources their photos come from; ``lacks`` is what the class is short
    of the target, or of the median of the filled classes: what `synth masks` would have to add.
    """
    known = records[records["cell"] >= 0]
    images = _by_kind(known, known["cell"])
    people = known.groupby("cell")["subject_id"].nunique()
    real_people = known[known["kind"] == REAL].groupby("cell")["subject_id"].nunique()
    mask, gender, group = taxonomy.split_class(np.arange(taxonomy.N_CLASSES))
    table = pd.DataFrame(
        {
            "class": range(taxonomy.N_CLASSES),
            "mask": [taxonomy.MASKS[i] for i in mask],
            "gender": [taxonomy.GENDERS[i] for i in gender],
            "age_group": [taxonomy.AGE_GROUPS[i] for i in group],
        }
    )
    for kind in KINDS:
        table[kind] = _filled(images[kind])
    table["images"] = table[REAL] + table[SYNTHETIC]
    table["subjects_real"] = _filled(real_people)
    table["subjects"] = _filled(people)
    table["sources"] = _filled(known.groupby("cell")["origin_source"].nunique())
    table["share"] = table["images"] / max(len(known), 1)
    counts = cell_counts(records)
    table["lacks"] = shortfall(counts, target.goal if target else goal_of_median(counts))
    return table


def _filled(counts: pd.Series) -> np.ndarray:
    return counts.reindex(range(taxonomy.N_CLASSES)).fillna(0).astype(int).to_numpy()


def _by_kind(records: pd.DataFrame, by: pd.Series) -> pd.DataFrame:
    counts = records.groupby([by, records["kind"]]).size().unstack(fill_value=0)
    return counts.reindex(columns=list(KINDS), fill_value=0)


def count_axes(records: pd.DataFrame) -> pd.DataFrame:
    """Images and people for every word of mask, gender and age group, unknown included."""
    groups = np.array([*taxonomy.AGE_GROUPS, None], dtype=object)[records["age_group"].to_numpy()]
    columns = {
        "mask": (records["mask"], taxonomy.MASKS),
        "gender": (records["gender"], taxonomy.GENDERS),
        "age": (pd.Series(groups, index=records.index), taxonomy.AGE_GROUPS),
    }
    parts = []
    for axis, (values, words) in columns.items():
        part = _count_words(records, values, (*words, "unknown"), "value")
        parts.append(part.assign(axis=axis, share=part["images"] / len(records)))
    return pd.concat(parts, ignore_index=True)[
        ["axis", "value", REAL, SYNTHETIC, "images", "subjects", "share"]
    ]


def count_wear_states(records: pd.DataFrame) -> pd.DataFrame:
    """Images and people for every wear state that occurs, with the mask it refines."""
    words = (*taxonomy.WEAR_STATES, "unknown")
    table = _count_words(records, records["wear_state"], words, "wear_state")
    masks = {name: state.mask for name, state in taxonomy.WEAR_STATES.items()}
    table.insert(1, "mask", table["wear_state"].map(masks).fillna("unknown"))
    return table[table["images"] > 0].reset_index(drop=True)


def _count_words(
    records: pd.DataFrame, values: pd.Series, words: tuple[str, ...], name: str
) -> pd.DataFrame:
    words_of_rows = values.astype(object).where(values.notna(), "unknown")
    counts = _by_kind(records, words_of_rows).reindex(list(words), fill_value=0)
    people = records.groupby(words_of_rows)["subject_id"].nunique()
    counts["images"] = counts[REAL] + counts[SYNTHETIC]
    counts["subjects"] = people.reindex(list(words)).fillna(0).astype(int)
    return counts.rename_axis(name).rename_axis(None, axis=1).reset_index()


def imbalance_ratio(cells: pd.DataFrame) -> float:
    """Images of the largest class over those of the smallest; infinite with an empty class."""
    smallest = cells["images"].min()
    return float(cells["images"].max() / smallest) if smallest else float("inf")


def _sentence(records: pd.DataFrame, cells: pd.DataFrame, target: Target | None) -> str:
    filled = cells[cells["images"] > 0]
    parts = [f"{len(filled)} of the 18 classes have pictures."]
    if len(filled):
        parts.append(_imbalance(cells, filled))
    if lacks := int(cells["lacks"].sum()):
        goal, command = "the median of the filled ones", "--target-counts"
        if target is not None:
            goal = f"what {target.name} asks for"
            command = f"--like {target.name}" if target.ages is not None else command
        parts.append(
            f"{counted(lacks, 'picture')} are missing for every class to reach {goal}; "
            f"`synth masks {command}` makes those that have bare photos."
        )
    if unplaced := int((records["cell"] < 0).sum()):
        parts.append(
            f"{counted(unplaced, 'image')} lack a mask, gender or age group and stand in no class."
        )
    return " ".join(parts)  # fmt: skip


def _imbalance(cells: pd.DataFrame, filled: pd.DataFrame) -> str:
    largest = filled.iloc[int(filled["images"].to_numpy().argmax())]
    name = taxonomy.class_name(int(largest["class"]))
    ratio, of = imbalance_ratio(cells), "smallest"
    if np.isinf(ratio):
        ratio, of = imbalance_ratio(filled), "smallest that has any"
    return (
        f"The largest, {name}, holds {largest['share']:.0%} of them, {ratio:.3g} times as many "
        f"as the {of}."
    )


def _findings(records: pd.DataFrame, cells: pd.DataFrame) -> list[Finding]:
    filled = cells[cells["images"] > 0]
    several = records["origin_source"].nunique() > 1
    return [
        *_empty(cells[cells["images"] == 0]),
        *_synthetic_only(filled[filled[REAL] == 0]),
        *_few_people(filled[filled["subjects"] < FEW_SUBJECTS]),
        *_one_source(filled[(filled["sources"] == 1) & several]),
        *_unplaced(records[records["cell"] < 0]),
    ]


def _of_18(cells: pd.DataFrame) -> tuple[list[str], str]:
    names = [taxonomy.class_name(int(index)) for index in cells["class"]]
    return names, counted(len(names), "class", "classes")


def _empty(cells: pd.DataFrame) -> list[Finding]:
    names, number = _of_18(cells)
    return found(
        f"{CHECK}.empty-cell",
        "warning",
        names,
        f"{number} of 18 without a single picture",
        "Fill them with `synth masks`, which makes masked pictures of people who have bare ones, "
        "or pull a set that has such people.",
    )


def _synthetic_only(cells: pd.DataFrame) -> list[Finding]:
    names, number = _of_18(cells)
    return found(
        f"{CHECK}.synthetic-only",
        "warning",
        names,
        f"{number} filled by synthetic pictures alone",
        "Nothing here can measure how well a model does on them in real life: "
        "score on real pictures of these classes.",
    )


def _few_people(cells: pd.DataFrame) -> list[Finding]:
    names, number = _of_18(cells)
    return found(
        f"{CHECK}.few-subjects",
        "warning",
        names,
        f"{number} shown by fewer than {FEW_SUBJECTS} people",
        "Add people, not pictures: further composites of the same faces teach those faces.",
    )


def _one_source(cells: pd.DataFrame) -> list[Finding]:
    names, number = _of_18(cells)
    return found(
        f"{CHECK}.one-source",
        "note",
        names,
        f"{number} filled by one source alone",
        "A model can learn the source instead of the class: mix sources within these classes.",
    )


def _unplaced(lost: pd.DataFrame) -> list[Finding]:
    return found(
        f"{CHECK}.no-class",
        "note",
        lost["path"],
        f"{counted(len(lost), 'image')} without a class: mask, gender or age group is unknown",
        "They are left out of training. `ingest correct` and `synth pseudo-gender` add labels.",
    )


def _examples(records: pd.DataFrame, most: int = 4) -> list[PictureRow]:
    """The first pictures of every class: different people first, real ones before synthetic."""
    rows = []
    known = records[records["cell"] >= 0].sort_values(["kind", "path"], kind="stable")
    nth = known.groupby(["cell", "kind", "subject_id"]).cumcount()
    known = known.assign(nth=nth).sort_values(["nth", "kind"], kind="stable")
    for cell in sorted(set(known["cell"])):
        shown = known[known["cell"] == cell].head(most)
        pictures = tuple(
            picture_of(row, f"{row.kind}, {said(row.wear_state, row.mask)}, {row.path}")
            for row in rows_of(shown)
        )
        rows.append(PictureRow(taxonomy.class_name(cell), pictures))
    return rows
