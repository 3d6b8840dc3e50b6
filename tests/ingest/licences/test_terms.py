import itertools

import pytest
from license_expression import get_spdx_licensing

from ingest.errors import WrongUsage
from ingest.licences.terms import (
    NEEDS,
    PURPOSES,
    TERMS,
    acceptable_terms,
    check_expression,
    check_purpose,
    decide,
    effective_expression,
    effective_terms,
    licence,
    licence_table,
)


def test_every_id_of_the_table_is_spdx_or_our_own():
    spdx = get_spdx_licensing()
    own = {name for name in licence_table() if name.startswith("LicenseRef-")} | {"NOASSERTION"}
    assert [n for n in licence_table() if n not in own and spdx.unknown_license_keys(n)] == []


@pytest.mark.parametrize("name, use, purpose, answer", [
    ("CC0-1.0", "synth", "commercial", "allowed"),
    ("CC-BY-4.0", "share", "commercial", "allowed"),
    ("CC-BY-NC-4.0", "train", "commercial", "refused"),
    ("CC-BY-NC-4.0", "train", "research", "allowed"),
    ("CC-BY-ND-4.0", "train", "commercial", "allowed"),
    ("CC-BY-ND-4.0", "synth", "commercial", "refused"),
    ("CC-BY-NC-ND-4.0", "synth", "research", "refused"),
    ("LicenseRef-research-only", "pull", "commercial", "refused"),
    ("LicenseRef-research-only", "pull", "research", "allowed"),
    ("LicenseRef-research-only", "synth", "research", "needs-acceptance"),
    ("LicenseRef-AI-Hub", "pull", "commercial", "needs-acceptance"),
    ("LicenseRef-AI-Hub", "share", "research", "refused"),
    ("NOASSERTION", "pull", "research", "needs-acceptance"),
    ("Never-heard-of-it", "train", "research", "needs-acceptance"),
    ("MIT AND CC-BY-NC-4.0", "train", "commercial", "refused"),
])  # fmt: skip
def test_the_answer_to_a_use(name, use, purpose, answer):
    decision = decide(name, use, purpose)
    assert decision.answer == answer
    assert bool(decision.reasons) == (answer != "allowed")


@pytest.mark.parametrize("name", sorted(licence_table()))
def test_acceptance_never_overturns_a_prohibition(name):
    for use, purpose in itertools.product(NEEDS, PURPOSES):
        before = decide(name, use, purpose)
        after = decide(name, use, purpose, accepted=TERMS)
        expected = "refused" if before.answer == "refused" else "allowed"
        assert after.answer == expected


@pytest.mark.parametrize("name", sorted(licence_table()))
def test_what_can_be_accepted_opens_own_use_but_not_sharing(name):
    for use, purpose in itertools.product(("pull", "synth", "train", "export"), PURPOSES):
        accepted = acceptable_terms(name, purpose)
        assert "redistribution" not in accepted
        assert decide(name, use, purpose, accepted).answer != "needs-acceptance"


def test_commercial_never_asks_less_than_research():
    order = ["allowed", "needs-acceptance", "refused"]
    for name, use in itertools.product(licence_table(), NEEDS):
        strict = decide(name, use, "commercial").answer
        assert order.index(strict) >= order.index(decide(name, use, "research").answer)


def test_a_mix_is_as_strict_as_its_strictest_part():
    terms = effective_terms(["CC-BY-4.0", "CC0-1.0", "CC-BY-NC-SA-4.0"])
    assert terms == {"commercial": "no", "derivatives": "yes", "redistribution": "yes",
                     "share_alike": "yes", "attribution": "yes", "gated": "no"}  # fmt: skip
    assert effective_terms(["CC0-1.0", "NOASSERTION"])["commercial"] == "unknown"
    assert effective_terms(["CC-BY-NC-4.0", "NOASSERTION"])["commercial"] == "no"


def test_the_licence_of_a_mix_names_each_part_once():
    found = effective_expression(["MIT", "CC-BY-4.0 AND MIT", "CC0-1.0"])
    assert found == "CC-BY-4.0 AND CC0-1.0 AND MIT"


def test_ids_of_model_hubs_in_lower_case_are_understood():
    assert licence("apache-2.0").id == "Apache-2.0"
    assert licence("cc-by-nc-4.0").commercial == "no"


@pytest.mark.parametrize("value", ["CC-BY 4.0", "MIT OR CC0-1.0", "GPL-3.0-only", "", "((", "None"])
def test_an_expression_nobody_decided_on_is_refused(value):
    assert check_expression(value)


def test_an_unknown_purpose_is_refused():
    with pytest.raises(WrongUsage, match="Expected one of commercial, research"):
        check_purpose("fun")
