"""Strata: made of what is known of the faces, abstaining where nobody could tell."""

import numpy as np
import pandas as pd
import pytest

from synth.pseudo.strata import ANY, accept, age_words, judged, make_strata, wear_words


def table(n: int, female: float, age="30-59", wear="bare", seed=0, truth=True, p=0.98):
    """People whom a model takes for what they are with probability `p`, which it also says."""
    rng = np.random.default_rng(seed)
    gender = (rng.random(n) < female).astype(int)
    seen = np.where(rng.random(n) < p, gender, 1 - gender)
    scores = np.where(np.arange(2) == seen[:, None], p, 1 - p)
    names = [f"{seed}:{age}:{wear}:{i}" for i in range(n)]
    about = pd.DataFrame({"subject_id": names, "age": age, "wear": wear, "agreed": True})
    return judged(about, scores, gender if truth else None)


def by_name(strata):
    return {stratum.name: stratum for stratum in strata}


def test_a_stratum_is_a_predicted_word_an_age_group_and_bare_or_masked():
    labelled = pd.concat([table(400, 0.5, wear=wear, p=0.999) for wear in ("bare", "masked")])
    faces = pd.concat([table(90, 0.5, wear=wear, seed=1, truth=False, p=0.999)
                       for wear in ("bare", "masked")])  # fmt: skip
    strata = make_strata(labelled, faces, "gender", 0.95)
    assert set(by_name(strata)) == {
        f"{word}, 30-59, {wear}" for word in ("male", "female") for wear in ("bare", "masked")
    }
    accepted, position = accept(faces, strata, "gender")
    assert accepted.all()
    assert {strata[i].context["wear"] for i in position[:90]} == {"bare"}


def test_few_older_women_abstain_and_the_others_do_not():
    labelled = pd.concat([table(300, 0.5, p=0.999), table(150, 0.2, ">=60", p=0.999)])
    faces = pd.concat([table(80, 0.5, seed=2, truth=False, p=0.999),
                       table(80, 0.2, ">=60", seed=2, truth=False, p=0.999)])  # fmt: skip
    strata = by_name(make_strata(labelled, faces, "gender", 0.95))
    women = strata["female, >=60, bare"].choice
    assert women.chosen is None
    assert 15 < women.n_subjects < 59
    assert women.needed == 59
    assert strata["male, >=60, bare"].choice.chosen
    assert strata["female, 30-59, bare"].choice.chosen
    accepted, position = accept(faces, list(strata.values()), "gender")
    abstains = [stratum.choice.chosen is None for stratum in strata.values()]
    assert not accepted[np.array(abstains)[position]].any()


def test_a_context_whose_labelled_people_are_all_men_promises_nothing_of_men():
    labelled = table(300, 0.0, ">=60", p=1.0)
    faces = table(50, 0.3, ">=60", seed=3, truth=False, p=0.99)
    strata = make_strata(labelled, faces, "gender", 0.95)
    assert [stratum.choice.chosen for stratum in strata] == [None, None]


def test_unknown_age_is_judged_by_people_of_all_ages():
    labelled = pd.concat([table(40, 0.5, age, p=0.999) for age in ("<30", "30-59", ">=60")])
    faces = table(20, 0.5, ANY, seed=4, truth=False, p=0.999)
    assert sum(s.choice.n_subjects for s in make_strata(labelled, faces, "gender", 0.95)) == 120


@pytest.mark.parametrize("share", [0.5, 0.05])
def test_a_promise_made_on_few_women_survives_a_target_with_many(share):
    """A fifth of the women are taken for men: harmless among few women, not among many."""
    rng = np.random.default_rng(6)

    def people(n, women, truth, tag):
        gender = (rng.random(n) < women).astype(int)
        seen = np.where((gender == 1) & (rng.random(n) < 0.2), 0, gender)
        scores = np.where(np.arange(2) == seen[:, None], 0.97, 0.03)
        names = [f"{tag}:{i}" for i in range(n)]
        about = pd.DataFrame(
            {"subject_id": names, "age": "30-59", "wear": "bare", "agreed": True, "true": gender}
        )
        return judged(about, scores, gender if truth else None)

    labelled = people(3000, 0.05, True, "l")
    faces = people(2000, share, False, "t")
    strata = make_strata(labelled, faces, "gender", 0.95)
    accepted, position = accept(faces, strata, "gender")
    for index, stratum in enumerate(strata):
        chosen = accepted & (position == index)
        if chosen.any():
            right = faces["true"][chosen] == faces["predicted"][chosen]
            assert right.mean() >= 0.95, stratum.name
    assert strata[0].shift.significant == (share == 0.5)
    assert (strata[0].choice.chosen is None) == (share == 0.5)


def test_a_face_the_folds_disagree_on_gets_no_label():
    labelled = table(400, 0.5, p=0.999)
    faces = table(50, 0.5, seed=6, truth=False, p=0.999).assign(agreed=np.arange(50) != 3)
    accepted, _ = accept(faces, make_strata(labelled, faces, "gender", 0.95), "gender")
    assert np.flatnonzero(~accepted).tolist() == [3]


def test_words_of_unknown_codes_are_any():
    assert age_words(np.array([2, -1])).tolist() == [">=60", ANY]
    assert wear_words(np.array([0, 1, 2, -1])).tolist() == ["masked", "masked", "bare", ANY]
