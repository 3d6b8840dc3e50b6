import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.manifests.toml_lines import parse_toml

DOCUMENT = '''# a comment
name = "x"   # on line 2

[license]
quote = """
[not a table]
key = "nor a key"
"""
id = "MIT"

[[distribution]]
name = "one"
[[distribution]]
name = "two"
hashes = [
  "a",
  "b",
]

[layout.columns]
"odd key" = { inner = [ { deep = 1 } ] }
a.b = 2
[[items]]
[items.fields]
c = 3
'''


@pytest.mark.parametrize("address, line", [
    (("name",), 2), (("license",), 4), (("license", "quote"), 5), (("license", "id"), 9),
    (("distribution", 0, "name"), 12), (("distribution", 1, "name"), 14),
    (("distribution", 1, "hashes"), 15), (("distribution", 1, "hashes", 1), 15),
    (("layout", "columns", "odd key", "inner", 0, "deep"), 21),
    (("layout", "columns", "a", "b"), 22),
    (("items", 0, "fields", "c"), 25), (("license", "missing"), 4), (("missing",), 1),
])  # fmt: skip
def test_every_key_has_its_line(address, line):
    assert parse_toml(DOCUMENT).line(address) == line


def test_windows_line_ends_count_as_one():
    assert parse_toml(DOCUMENT.replace("\n", "\r\n")).lines == parse_toml(DOCUMENT).lines


KEYS = st.text("abc", min_size=1, max_size=3)
VALUES = st.recursive(
    st.one_of(st.integers(), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=6,
)


def written(value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[\n" + ",\n".join(written(one) for one in value) + "\n]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {written(one)}" for key, one in value.items()) + "}"
    return str(value)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_every_key_of_any_document_is_found_where_it_was_written(values):
    lines, expected = [], {}
    for key, value in values.items():
        expected[key] = len(lines) + 1
        lines += f"{key} = {written(value)}".split("\n")
    document = parse_toml("\n".join(lines))
    assert document.values == values
    assert {key: document.lines[(key,)] for key in values} == expected


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_refused_as_tomllib_does(text):
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(tomllib.TOMLDecodeError):
            parse_toml(text)
    else:
        assert parse_toml(text).values == expected
