"""Whether something besides the face predicts a label, and which shortcut a model could take."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest import taxonomy
from ingest.audit.factors import Factor, factors_of
from ingest.audit.findings import (
    CheckResult,
    Finding,
    PictureRow,
    Table,
    counted,
    found,
    label_of,
    picture_of,
    rows_of,
)
from ingest.audit.measures import Measures
from ingest.audit.mix import Mix

CHECK = "confounding"
STRONG, WEAK = 0.5, 0.25
"""Strength, from guessing (0) to knowing (1), from which a factor is named."""
FEWEST_PEOPLE = 10
"""People that a word needs before anything is said about it."""
_FOLDS, _DEPTH, _MOST_SAMPLED = 5, 3, 20_000
_MOST_ROWS, _MOST_PICTURES = 3, 6
_COLUMNS = ["label", "factor", "strength", "shortcut", "word", "informedness", "margin",
            "balanced_accuracy", "chance", "information", "images", "cut_by", "cut_at"]  # fmt: skip


@dataclass(frozen=True)
class _Target:
    name: str
    words: tuple[str, ...]
    codes: NDArray[np.int64]


def check_confounding(mix: Mix, measures: Measures) -> CheckResult:
    """Try to predict every label from everything but the face.

    Parameters
    ----------
    mix : Mix
        What is audited.
    measures : Measures
        What was measured in its pictures.
    """
    table = shortcut_table(mix, measures)
    return CheckResult(
        CHECK,
        "Shortcuts to the labels",
        _sentence(table),
        (Table("factors", "One row per label and factor, strongest first", table),),
        tuple(_findings(table)),
        tuple(_pictures(mix, measures, table)),
    )


def shortcut_table(mix: Mix, measures: Measures) -> pd.DataFrame:
    """How well each factor alone predicts each label of people not seen before.

    A decision tree of depth 3 learns on four fifths of the people and predicts the rest.

    Returns
    -------
    DataFrame
        ``label``, ``factor``, ``images``, ``balanced_accuracy`` and its ``chance``; the ``word``
        that is told best from the others, and how well: ``informedness`` (recall less false alarms,
        Youden 1950, doi:10.1002/1097-0142(1950)3:1<32::AID-CNCR2820030106>3.0.CO;2-3) with its
        ``margin`` (two standard errors by people), whose lower end is the ``strength``;
        ``information`` (mutual information of prediction and label as a share of the label's
        entropy) and the ``shortcut`` in words, the best single cut: ``cut_by`` a measure
        ``cut_at`` a value. Strongest first.
    """
    facts = _sampled(measures.facts)
    records = mix.records.loc[facts.index]
    factors = factors_of(records, Measures(facts, measures.hashes))
    people = pd.factorize(records["subject_id"])[0]
    rows = []
    for target in _targets(mix.records, records):
        known = np.flatnonzero(target.codes >= 0)
        codes, groups = target.codes[known], people[known]
        if _enough(codes, groups):
            rows += [_row(target, factor, codes, groups, factor.features[known])
                     for factor in factors]  # fmt: skip
    table = pd.DataFrame(rows, columns=_COLUMNS)
    return table.sort_values("strength", ascending=False, kind="stable").reset_index(drop=True)


def _sampled(facts: pd.DataFrame) -> pd.DataFrame:
    if len(facts) <= _MOST_SAMPLED:
        return facts
    chosen = np.random.default_rng(0).choice(len(facts), _MOST_SAMPLED, replace=False)
    return facts.iloc[np.sort(chosen)]


def _targets(every: pd.DataFrame, records: pd.DataFrame) -> list[_Target]:
    """The three axes, and every class that one source alone fills, against all others."""
    axes = [
        _Target("mask", taxonomy.MASKS, _codes(records["mask"], taxonomy.MASKS)),
        _Target("gender", taxonomy.GENDERS, _codes(records["gender"], taxonomy.GENDERS)),
        _Target("age", taxonomy.AGE_GROUPS, records["age_group"].to_numpy(np.int64)),
    ]
    if every["origin_source"].nunique() < 2:
        return axes
    sources = every[every["cell"] >= 0].groupby("cell")["origin_source"].nunique()
    for cell in sources.index[sources == 1]:
        cells = records["cell"].to_numpy(np.int64)
        codes = np.where(cells < 0, -1, cells == cell).astype(np.int64)
        name = taxonomy.class_name(int(cell))
        axes.append(_Target(name, ("another class", name), codes))
    return axes


def _codes(values: pd.Series, words: tuple[str, ...]) -> NDArray[np.int64]:
    return pd.Categorical(values.astype(object), categories=words).codes.astype(np.int64)


def _enough(codes: NDArray[np.int64], groups: NDArray[np.int64]) -> bool:
    people = [len(np.unique(groups[codes == word])) for word in np.unique(codes)]
    return len(people) > 1 and min(people) >= FEWEST_PEOPLE


def _row(
    target: _Target,
    factor: Factor,
    codes: NDArray[np.int64],
    groups: NDArray[np.int64],
    features: NDArray[np.float64],
) -> dict[str, object]:
    from sklearn.metrics import mutual_info_score

    predicted = _predict_unseen(features, codes, groups)
    words, counts = np.unique(codes, return_counts=True)
    recalls = np.array([(predicted[codes == word] == word).mean() for word in words])
    told = [_informedness(codes == word, predicted == word, groups) for word in words]
    # Both words of two are told equally well: name the last, which is the class, not its rest.
    best = 1 if len(words) == 2 else int(np.argmax([value - margin for value, margin in told]))
    word = int(words[best])
    value, margin = told[best]
    shares = counts / counts.sum()
    entropy = -float((shares * np.log(shares)).sum())
    cut = _best_cut(factor, features, codes == word)
    return {
        "label": target.name,
        "factor": factor.name,
        "images": len(codes),
        "balanced_accuracy": float(recalls.mean()),
        "chance": 1 / len(words),
        "word": target.words[word],
        "informedness": value,
        "margin": margin,
        "strength": max(0.0, value - margin),
        "information": max(0.0, float(mutual_info_score(codes, predicted)) / entropy),
        "shortcut": _in_words(target.words[word], factor, features, codes == word, cut),
        "cut_by": cut[0],
        "cut_at": cut[1],
    }


def _informedness(
    is_word: NDArray[np.bool_], said: NDArray[np.bool_], groups: NDArray[np.int64]
) -> tuple[float, float]:
    """Recall less false alarms of one word, and twice its standard error by people."""
    rates = np.array([said[part].mean() for part in (is_word, ~is_word)])
    people = np.array([len(np.unique(groups[part])) for part in (is_word, ~is_word)])
    margin = 2 * float(np.sqrt((rates * (1 - rates) / people).sum()))
    return float(rates[0] - rates[1]), margin


def _predict_unseen(
    features: NDArray[np.float64], codes: NDArray[np.int64], groups: NDArray[np.int64]
) -> NDArray[np.int64]:
    folds = np.random.default_rng(0).permutation(groups.max() + 1)[groups] % _FOLDS
    predicted = np.full_like(codes, -1)
    for fold in range(_FOLDS):
        held = folds == fold
        if held.any() and not held.all():
            tree = _tree(_DEPTH, len(codes)).fit(features[~held], codes[~held])
            predicted[held] = tree.predict(features[held])
    return predicted


def _tree(depth: int, n_rows: int):  # type: ignore[no-untyped-def]
    from sklearn.tree import DecisionTreeClassifier

    leaf = max(3, n_rows // 200)
    return DecisionTreeClassifier(
        max_depth=depth, min_samples_leaf=leaf, class_weight="balanced", random_state=0
    )


def _best_cut(
    factor: Factor, features: NDArray[np.float64], is_word: NDArray[np.bool_]
) -> tuple[str, float]:
    """Name of the feature and the value that part the word best; no name if nothing does."""
    cut = _tree(1, len(is_word)).fit(features, is_word).tree_
    if cut.node_count == 1:
        return "", float("nan")
    return factor.names[int(cut.feature[0])], float(cut.threshold[0])


def _in_words(
    word: str,
    factor: Factor,
    features: NDArray[np.float64],
    is_word: NDArray[np.bool_],
    cut: tuple[str, float],
) -> str:
    """A cut, and how much of the word lies on both sides of it."""
    name, edge = cut
    if not name:
        return ""
    above = features[:, factor.names.index(name)] > edge
    says = name if factor.is_word else f"{name} above {edge:.4g}"
    return f"{says}: {is_word[above].mean():.0%} {word}; else {is_word[~above].mean():.0%}"


def _sentence(table: pd.DataFrame) -> str:
    if table.empty:
        return (
            f"Too few people to tell: a label needs two words with {FEWEST_PEOPLE} people each "
            "before anything besides the face can be shown to predict it."
        )
    strong = table[table["strength"] >= STRONG]
    if strong.empty:
        return (
            "No source, encoding, size, light or trace of composing predicts a label well. A model "
            "has no easy way around the face."
        )
    worst = strong.iloc[0]
    return (
        f"{counted(len(strong), 'way')} to a label without looking at the face. The shortest: "
        f"{worst['factor']} gives away {worst['label']} ({worst['shortcut']})."
    )


def _findings(table: pd.DataFrame) -> list[Finding]:
    strong = table[table["strength"] >= STRONG]
    weak = table[(table["strength"] >= WEAK) & (table["strength"] < STRONG)]
    return [
        *found(
            f"{CHECK}.shortcut", "warning", _named(strong),
            f"{counted(len(strong), 'shortcut')} to a label that need no face",
            "Mix sources within each class, write all pictures at one size and quality, and bring "
            "real masked and composed bare pictures so that neither tells the other.",
            rule=CHECK,
        ),
        *found(
            f"{CHECK}.hint", "note", _named(weak),
            f"{counted(len(weak), 'weaker hint')} at a label besides the face",
            "Weaker than a shortcut; augmentation of light, size and quality dulls them.",
            rule=CHECK,
        ),
    ]  # fmt: skip


def _named(table: pd.DataFrame) -> list[str]:
    return [
        f"{row.label} from {row.factor}, {row.word} above all (balanced accuracy "
        f"{row.balanced_accuracy:.2f}, chance {row.chance:.2f}): {row.shortcut}"
        for row in rows_of(table)
    ]


def _pictures(mix: Mix, measures: Measures, table: pd.DataFrame) -> list[PictureRow]:
    """For the strongest shortcuts the pictures farthest from the cut, on either side."""
    strong = table[(table["strength"] >= WEAK) & (table["cut_by"] != "")].head(_MOST_ROWS)
    records = mix.records.loc[measures.facts.index]
    factors = {factor.name: factor for factor in factors_of(records, measures)}
    rows = []
    for one in rows_of(strong):
        factor = factors[one.factor]
        values = pd.Series(factor.features[:, factor.names.index(one.cut_by)], records.index)
        order = values.sort_values(kind="stable").index
        ends = {"least": _of_different_people(records, order),
                "most": _of_different_people(records, order[::-1])}  # fmt: skip
        if factor.is_word:
            ends = {"no": ends["least"], "yes": ends["most"]}
        for end, chosen in ends.items():
            part = records.loc[chosen].assign(measured=values[chosen])
            pictures = tuple(
                picture_of(row, f"{one.cut_by}: {row.measured:.4g}; {label_of(row)}, {row.path}")
                for row in rows_of(part)
            )
            rows.append(PictureRow(f"{one.label} by {one.cut_by}: {end}", pictures))
    return rows


def _of_different_people(records: pd.DataFrame, order: pd.Index) -> pd.Index:
    return records.loc[order].drop_duplicates("subject_id").index[:_MOST_PICTURES]
