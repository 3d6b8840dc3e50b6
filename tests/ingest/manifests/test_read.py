import re
import tomllib
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.licences.terms import licence_table, split_expression
from ingest.manifests.read import (
    ManifestInvalid,
    UnknownManifest,
    load_manifest,
    load_model,
    manifest_names,
    parse_manifest,
)
from ingest.pulling.choices import choose

WRONG = Path(__file__).parent / "wrong"
SOUND = (resources.files("external_manifests") / "datasets" / "us_congress.toml").read_text()


@pytest.mark.parametrize("name", sorted(path.stem for path in WRONG.glob("*.toml")))
def test_every_mistake_is_reported_with_its_line(name):
    with pytest.raises(ManifestInvalid) as caught:
        parse_manifest((WRONG / f"{name}.toml").read_text(), f"{name}.toml")
    found = re.sub(r"(is 'CC-BY 4.0' \().*", r"\1<REASON>", str(caught.value))
    assert found + "\n" == (WRONG / f"{name}.txt").read_text()


@pytest.mark.parametrize("name", manifest_names())
def test_every_data_set_manifest_is_sound_and_full(name):
    manifest = load_manifest(name)
    assert manifest.name == name
    assert manifest.citation
    assert manifest.caveats
    answered = choose(manifest, [f"{question}={next(iter(choice['answers']))}"
                                 for question, choice in manifest.choices.items()])  # fmt: skip
    assert {"mask", "subject"} <= answered.labels.keys()
    assert set(split_expression(manifest.license.id)) <= licence_table().keys()
    assert manifest.about
    assert all(file.content_url or file.instructions for file in manifest.distribution)
    if manifest.license.stated_by == "third-party":
        assert manifest.license.note or "second-hand" in " ".join(manifest.caveats)


@pytest.mark.parametrize("name", manifest_names("models"))
def test_every_model_manifest_is_sound(name):
    model = load_model(name)
    assert model.name == name
    assert model.training_data


def test_the_files_of_bundled_models_are_the_ones_installed(tmp_path):
    from ingest.pulling.distributions import fetch

    for name in manifest_names("models"):
        for file in load_model(name).distribution:
            assert fetch(file, tmp_path).stat().st_size == file.content_size


def test_an_unknown_name_gets_the_close_one():
    with pytest.raises(UnknownManifest, match="Did you mean 'us_congress'"):
        load_manifest("us_congres")
    with pytest.raises(UnknownManifest, match="There are adience"):
        load_manifest("zzz")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ManifestInvalid, match="not UTF-8"):
        load_manifest(str(path))


def refused_or_parsed(text: str) -> None:
    """Parse a manifest; nothing but a clear refusal may come of it."""
    problems: list[str] = []
    try:
        parse_manifest(text, "fuzz.toml")
    except ManifestInvalid as error:
        problems = error.problems
    assert all(re.match(r"fuzz\.toml:\d+: ", line) for line in problems), problems


ODD = st.sampled_from(['""', "[]", "{}", "-1", "1.5", "true", "2020-01-01", '["a"]', "[1, 'b']",
                       "[[]]", "{ a = 1 }", "{ field = 1 }", "{ field = 'x', values = [] }",
                       "'\\u0000'", "1979-05-27T07:32:00Z", "[{}]", "inf"])  # fmt: skip
LINES = SOUND.split("\n")


@settings(max_examples=300)
@given(st.integers(0, len(LINES) - 1), ODD)
def test_a_value_of_any_kind_in_any_place_is_refused_clearly(number, odd):
    changed = list(LINES)
    changed[number] = re.sub(r"= .*", lambda _: f"= {odd}", changed[number], count=1)
    refused_or_parsed("\n".join(changed))


@settings(max_examples=150)
@given(st.integers(0, len(SOUND)), st.text(max_size=8), st.integers(0, 40))
def test_a_damaged_file_is_refused_clearly(at, inserted, cut):
    refused_or_parsed(SOUND[:at] + inserted + SOUND[at + cut :])


JSONISH = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=4)),
    lambda inner: st.one_of(st.lists(inner, max_size=3),
                            st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=5,
)  # fmt: skip


@settings(max_examples=200)
@given(st.sampled_from(["license", "layout", "labels", "distribution", "declared", "caveats"]),
       st.sampled_from(["mask", "gender", "age", "subject", "items", "columns", "lists", None]),
       JSONISH)  # fmt: skip
def test_any_structure_in_any_table_is_refused_clearly(table, key, value):
    from ingest.manifests.fields import check_dataset

    values = tomllib.loads(SOUND)
    if key is None or not isinstance(values.get(table), dict):
        values[table] = value
    else:
        values[table][key] = value
    for problem in check_dataset(values):
        assert problem.text
