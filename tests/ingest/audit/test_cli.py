"""The command as users run it: what it prints and writes, and when it refuses."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest.audit import findings
from ingest.cli import cli

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "audit.schema.json").read_text())
KINDS = {
    "object": dict, "array": list, "string": str, "integer": int, "number": (int, float),
    "boolean": bool, "null": type(None),
}  # fmt: skip
EVIL = "<script>alert(1)</script>"


def violations(value, schema, where="$"):
    """Where a value departs from a schema, for the keywords that ours uses."""
    known = {"$schema", "title", "description", "type", "required", "additionalProperties",
             "properties", "items", "const", "enum", "pattern", "format", "minItems",
             "maxItems", "minimum"}  # fmt: skip
    assert set(schema) <= known, f"{where}: the checker does not know {set(schema) - known}"
    kinds = schema.get("type", list(KINDS))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not any(isinstance(value, KINDS[kind]) for kind in kinds):
        return [f"{where}: {value!r} is no {kinds}"]
    wrong = [where] if value not in schema.get("enum", [value]) else []
    wrong += [where] if value != schema.get("const", value) else []
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        wrong.append(where)
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            wrong.append(f"{where}: {len(value)} items")
        for i, item in enumerate(value):
            wrong += violations(item, schema.get("items", {}), f"{where}[{i}]")
    if isinstance(value, dict):
        wrong += [f"{where}.{key}" for key in schema.get("required", []) if key not in value]
        other = schema.get("additionalProperties", {})
        for key, item in value.items():
            part = schema.get("properties", {}).get(key, other)
            wrong += [f"{where}.{key}"] if part is False else violations(
                item, part, f"{where}.{key}"
            )  # fmt: skip
    return wrong


@pytest.fixture
def mix(sets):
    """A real set and its composites, with names that try to be markup."""
    rows = [sets.row("a", f"{EVIL.replace('/', '')}{i}.png", subject=EVIL + str(i), split="train",
                     attribution=EVIL) for i in range(3)]  # fmt: skip
    said = {"dataset": "a", "license": "CC-BY-4.0", "quote": EVIL, "url": 'javascript:"x'}
    photos = sets.write("a", rows, statements=[said],
                        skipped=[{"path": EVIL, "reason": EVIL}])  # fmt: skip
    sets.write("s", [sets.composite("s", f"{i}.png", photos[i]) for i in range(3)])
    return sets


def run(sets, *arguments):
    return CliRunner().invoke(cli, ["audit", *arguments, "--root", str(sets.root)])


def test_everything_is_written_and_named(mix, tmp_path):
    paths = [tmp_path / f"report.{kind}" for kind in ("html", "json", "md")]
    result = run(mix, "a", "s", "--html", str(paths[0]), "--json", str(paths[1]),
                 "--markdown", str(paths[2]))  # fmt: skip
    assert result.exit_code == 0, result.output
    for path in paths:
        assert f"wrote {path}" in result.stdout
        assert path.stat().st_size > 500
    assert paths[2].read_text() in result.stdout


def test_json_keeps_its_published_schema(mix, tmp_path):
    path = tmp_path / "report.json"
    run(mix, "a", "s", "--json", str(path))
    report = json.loads(path.read_text())
    assert violations(report, SCHEMA) == []
    rows = report["checks"]["balance"]["tables"]["cells"]["rows"]
    assert len(rows) == len(report["classes"]) == 18
    for table in (t for check in report["checks"].values() for t in check["tables"].values()):
        assert {len(row) for row in table["rows"]} <= {len(table["columns"])}


def test_the_schema_refuses_what_departs_from_it(mix, tmp_path):
    path = tmp_path / "report.json"
    run(mix, "a", "s", "--json", str(path))
    report = json.loads(path.read_text())
    report["findings"][0]["severity"] = "awful"
    del report["purpose"]
    assert violations(report, SCHEMA) == ["$.purpose", "$.findings[0].severity"]


def test_names_are_never_markup(mix, tmp_path):
    path = tmp_path / "report.html"
    result = run(mix, "a", "s", "--html", str(path))
    html = path.read_text()
    assert html.count("<script>") == 1
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>" not in result.stdout
    assert 'href="javascript' not in html


def test_the_page_names_no_other_file(mix, tmp_path):
    path = tmp_path / "report.html"
    run(mix, "a", "s", "--html", str(path))
    html = path.read_text()
    addresses = re.findall(r"""(?:src|href)=["']([^"']*)""", html)
    assert addresses
    assert all(address.startswith(("#", "data:")) for address in addresses)
    assert not re.search(r"url\((?!#)", html)


def test_pictures_can_be_left_out(mix, tmp_path):
    with_pictures, without = tmp_path / "with.html", tmp_path / "without.html"
    run(mix, "a", "--html", str(with_pictures))
    run(mix, "a", "--html", str(without), "--no-thumbnails")
    assert "data:image/jpeg" in with_pictures.read_text()
    assert "data:image/jpeg" not in without.read_text()


def test_fail_on_exits_3_with_the_reasons_after_writing(mix, tmp_path):
    path = tmp_path / "report.json"
    result = run(mix, "a", "s", "--json", str(path), "--fail-on", "leakage,empty-cell")
    assert result.exit_code == 3
    assert "empty-cell: 16 classes of 18 without a single picture" in result.stderr
    assert "leakage" not in result.stderr
    assert path.is_file()


def test_fail_on_a_rule_that_nothing_breaks_exits_0(mix):
    assert run(mix, "a", "s", "--fail-on", "integrity,provenance").exit_code == 0


def test_a_leak_fails_the_gate(mix, sets):
    sets.write("b", [sets.row("b", "1.png", subject=EVIL + "0", split="test")])
    result = run(mix, "a", "b", "--fail-on", "leakage")
    assert result.exit_code == 3
    assert "1 person in more than one split" in result.stderr


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["nowhere"], "no data set 'nowhere'. There: a, s."),
        (["a", "a"], "a: named twice"),
        (["a", "--fail-on", "leakage,typo"], "unknown 'typo'. Expected some of acceptance"),
        (["../a"], "cannot be used"),
        ([], "Missing argument"),
    ],
)
def test_wrong_arguments_exit_2(mix, arguments, message):
    result = run(mix, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_the_help_names_every_rule():
    text = " ".join(CliRunner().invoke(cli, ["audit", "--help"]).output.split())
    assert all(rule in text for rule in findings.RULES)


def test_a_finding_that_fail_on_could_not_name_is_refused():
    with pytest.raises(ValueError, match="is not among"):
        findings.found("balance.typo", "warning", [], "title", "action")


def test_an_empty_data_set_cannot_be_audited(sets):
    sets.write("empty", [])
    result = run(sets, "empty")
    assert result.exit_code == 1
    assert "no images" in result.stderr


def test_the_data_card_says_whom_it_shows_and_what_it_is_not_for(mix, tmp_path):
    path = tmp_path / "card.md"
    assert run(mix, "a", "s", "--data-card", str(path)).exit_code == 0
    text = path.read_text()
    assert "Not for identifying people" in text
    assert "| Mask | Gender | Age group | Source | Wear state | Images | Subjects |" in text
    assert "<script>" not in text.partition("```json")[0]
    fields = json.loads(text.partition("```json\n")[2].partition("\n```")[0])
    assert fields["conformsTo"] == "http://mlcommons.org/croissant/RAI/1.0"
    assert any("without a single picture" in bias for bias in fields["rai:dataBiases"])


def test_predictions_that_cannot_be_read_are_refused_before_any_work(mix, tmp_path):
    path = tmp_path / "oof.parquet"
    path.write_text("no parquet")
    result = run(mix, "a", "--predictions", str(path))
    assert result.exit_code == 2
    assert "cannot be read as parquet" in result.stderr
