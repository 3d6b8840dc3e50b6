import re
from pathlib import Path

from ingest.adapters import ADAPTERS
from ingest.manifests.read import parse_manifest
from ingest.meaning.rules import NAME_FIELDS

TEXT = (Path(__file__).parents[2] / "docs" / "manifest-reference.md").read_text(encoding="utf-8")


def test_the_worked_example_is_sound():
    example = re.search(r"```toml\n(.*?)```", TEXT, re.DOTALL)[1]
    manifest = parse_manifest(example.replace("…64 hex digits…", "0" * 64), "example.toml")
    assert manifest.name == "my_faces"


def test_every_adapter_and_each_of_its_options_is_described():
    for name, adapter in ADAPTERS.items():
        row = re.search(rf"^\| `{name}` .*$", TEXT, re.MULTILINE)[0]
        assert [field.name for field in adapter.options if f"`{field.name}`" not in row] == []


def test_every_name_rule_is_described():
    assert [name for name in NAME_FIELDS if f"`{name}`" not in TEXT] == []
