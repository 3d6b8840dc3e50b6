from ingest.audit.mix import open_mix
from ingest.audit.provenance import check_provenance


def ids(result):
    return {finding.id: finding for finding in result.findings}


def test_a_chain_leads_from_composite_to_sentence(sets):
    said = {"dataset": "a", "license": "CC-BY-4.0", "quote": "Do as you like."}
    photos = sets.write("a", [sets.row("a", f"{i}.png") for i in range(2)], statements=[said])
    made = [sets.composite("s", f"{i}.png", photos[i % 2]) for i in range(6)]
    sets.write("s", made, statements=[said], made_by={"command": "synth masks", "version": "1"})
    result = check_provenance(open_mix(sets.root, ["a", "s"]))
    chain = result.table("chains").iloc[0]
    assert result.findings == ()
    assert (chain["dataset"], chain["photo_set"], chain["source"]) == ("s", "a", "a")
    assert (chain["composites"], chain["photos"]) == (6, 2)
    assert (chain["sentence"], chain["made_by"]) == ("Do as you like.", "synth masks 1")
    assert [picture.dataset for picture in result.pictures[0].pictures] == ["a", "s"]


def test_a_photo_outside_the_mix_is_looked_for_in_the_root(sets):
    photos = sets.write("a", [sets.row("a", "1.png")])
    sets.write("s", [sets.composite("s", "1.png", photos[0])])
    assert check_provenance(open_mix(sets.root, ["s"])).findings == ()


def test_a_chain_is_followed_through_a_copy(sets):
    photos = sets.write("a", [sets.row("a", "1.png")])
    bare = sets.row("s", "bare.png", subject="1", parent_id=photos[0]["image_id"])
    made = sets.composite("s", "made.png", bare)
    sets.write("s", [bare, made])
    records = open_mix(sets.root, ["s"]).records.set_index("path")
    assert records.loc["made.png", "origin_id"] == photos[0]["image_id"]
    assert records.loc["made.png", "origin_source"] == "a"


def test_a_ring_of_parents_ends(sets):
    one, two = sets.row("a", "1.png"), sets.row("a", "2.png")
    one["parent_id"], two["parent_id"] = two["image_id"], one["image_id"]
    sets.write("a", [one, two])
    assert len(open_mix(sets.root, ["a"]).records) == 2


def test_orphans_are_found(sets):
    photos = sets.write("a", [sets.row("a", "1.png")])
    lost = [sets.composite("s", f"{i}.png", {**photos[0], "image_id": f"{i}" * 20})
            for i in range(5)]  # fmt: skip
    unparented = sets.composite("s", "u.png", photos[0], parent_id=None)
    sets.write("s", [*lost, unparented, sets.composite("s", "kept.png", photos[0])])
    result = check_provenance(open_mix(sets.root, ["a", "s"]))
    assert ids(result)["provenance.orphan"].count == 6
    assert "kept.png" not in set(result.table("orphans")["path"])


def test_another_person_or_licence_than_the_photos_is_a_problem(sets):
    photos = sets.write("a", [sets.row("a", "1.png")])
    made = [
        sets.composite("s", "1.png", photos[0], subject_id="people:other"),
        sets.composite("s", "2.png", photos[0], license="CC0-1.0"),
    ]
    sets.write("s", made)
    found = ids(check_provenance(open_mix(sets.root, ["a", "s"])))
    assert found["provenance.other-subject"].items == ("1.png",)
    assert found["provenance.other-license"].items == ("2.png",)


def test_composites_of_others_are_no_orphans_but_want_a_look(sets):
    rows = [sets.row("net", f"{i}.png", mask="worn", mask_origin="synthetic") for i in range(2)]
    sets.write("net", rows)
    result = check_provenance(open_mix(sets.root, ["net"]))
    assert [(f.id, f.severity, f.count) for f in result.findings] == [
        ("provenance.no-photo", "warning", 2)
    ]
    assert result.sentence == "Of 2 composites that others made the source names no photo."
