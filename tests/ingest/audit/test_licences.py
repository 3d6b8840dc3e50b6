from ingest.audit.licences import check_licences
from ingest.audit.mix import open_mix

SENTENCE = {
    "dataset": "a",
    "license": "CC-BY-4.0",
    "quote": "Take them all, say who made them.",
    "url": "https://example.org/terms",
    "stated_by": "owner",
    "read_on": "2026-01-02",
}


def ids(result):
    return {finding.id: finding for finding in result.findings}


def test_an_open_licence_quoted_by_its_owner_has_no_finding(sets):
    sets.write("a", [sets.row("a", "1.png")], statements=[SENTENCE], purpose="commercial")
    result = check_licences(open_mix(sets.root, ["a"]))
    assert result.findings == ()
    assert result.table("sources").loc[0, "quote"] == SENTENCE["quote"]


def test_the_mix_has_the_strictest_terms(sets):
    sets.write("a", [sets.row("a", "1.png")])
    sets.write("b", [sets.row("b", "1.png", license="CC-BY-NC-SA-4.0")])
    terms = check_licences(open_mix(sets.root, ["a", "b"])).table("effective").iloc[0]
    assert terms["license"] == "CC-BY-4.0 AND CC-BY-NC-SA-4.0"
    assert (terms["commercial"], terms["share_alike"]) == ("no", "yes")


def test_a_forbidden_purpose_is_a_problem_with_the_gates_reason(sets):
    row = sets.row("a", "1.png", license="CC-BY-NC-4.0")
    sets.write("a", [row], purpose="commercial", statements=[SENTENCE])
    refused = ids(check_licences(open_mix(sets.root, ["a"])))["licence.refused"]
    assert refused.severity == "problem"
    assert "CC-BY-NC-4.0 does not permit commercial use" in refused.items[0]
    sets.write("b", [sets.row("b", "1.png", license="CC-BY-NC-4.0")], purpose="research")
    assert "licence.refused" not in ids(check_licences(open_mix(sets.root, ["b"])))


def test_pictures_without_a_licence_are_a_problem(sets):
    sets.write("a", [sets.row("a", "1.png", license="NOASSERTION"), sets.row("a", "2.png")])
    found = ids(check_licences(open_mix(sets.root, ["a"])))
    assert found["licence.missing"].items == ("a",)
    assert found["licence.no-sentence"].severity == "warning"


def test_an_acceptance_opens_the_gate_and_is_shown(sets):
    accepted = {
        "dataset": "a", "license": "NOASSERTION", "purpose": "research", "user": "me",
        "accepted": ["gated", "derivatives"], "date": "2026-01-02",
    }  # fmt: skip
    sets.write("a", [sets.row("a", "1.png", license="NOASSERTION")], acceptances=[accepted])
    result = check_licences(open_mix(sets.root, ["a"]))
    assert "licence.refused" not in ids(result)
    assert ids(result)["licence.accepted"].severity == "note"
    assert result.table("acceptances").loc[0, "accepted"] == "gated, derivatives"


def test_a_composite_counts_for_the_source_of_its_photo(sets):
    photos = sets.write("a", [sets.row("a", "1.png")], statements=[SENTENCE])
    sets.write("s", [sets.composite("s", "1.png", photos[0])], statements=[SENTENCE])
    table = check_licences(open_mix(sets.root, ["s"])).table("sources")
    assert table[["source", "synthetic"]].values.tolist() == [["a", 1]]


def test_credits_are_counted(sets):
    rows = [sets.row("a", f"{i}.png") for i in range(3)]
    rows.append(sets.row("a", "x.png", attribution="B. Painter"))
    sets.write("a", rows)
    credit = check_licences(open_mix(sets.root, ["a"])).table("credits")
    assert credit[["credit", "images"]].values.tolist() == [["A. Photographer", 3],
                                                            ["B. Painter", 1]]  # fmt: skip


def test_a_known_source_is_quoted_from_its_manifest(sets):
    sets.write("public_portraits", [sets.row("public_portraits", "1.png")])
    table = check_licences(open_mix(sets.root, ["public_portraits"])).table("sources")
    assert "public domain" in table.loc[0, "quote"]


def test_pictures_under_licences_that_stand_against_training_are_shown(sets):
    rows = [sets.row("a", f"{i}.png", license=name)
            for i, name in enumerate(["CC-BY-4.0", "NOASSERTION", "CC-BY-NC-4.0"])]  # fmt: skip
    sets.write("a", rows, purpose="commercial")
    shown = check_licences(open_mix(sets.root, ["a"])).pictures
    assert [row.title for row in shown] == ["CC-BY-NC-4.0: 1 picture", "NOASSERTION: 1 picture"]
    assert [row.pictures[0].path for row in shown] == ["2.png", "1.png"]
