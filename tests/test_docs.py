"""The documentation keeps up with the commands."""

import importlib.util
import re
import shlex
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).parent.parent
spec = importlib.util.spec_from_file_location("make_cli", ROOT / "docs" / "make_cli.py")
make_cli = importlib.util.module_from_spec(spec)
spec.loader.exec_module(make_cli)
COMMANDS = dict(make_cli.commands())


def test_the_reference_is_up_to_date():
    text = make_cli.PAGE.read_text(encoding="utf-8")
    assert text == make_cli.page(), "docs/cli.md is out of date; write it with `make docs`"


@pytest.mark.parametrize("words", COMMANDS)
def test_every_help_ends_with_an_example_that_names_the_command(words):
    paragraphs = (COMMANDS[words].help or "").strip().split("\n\n")
    example = " ".join(paragraphs[-1].split())
    assert example.startswith("Example: "), f"{words}: its help ends with {example!r}"
    assert example.removeprefix("Example: ").startswith(words)


@pytest.mark.parametrize("words", COMMANDS)
def test_every_option_has_help(words):
    options = [p for p in COMMANDS[words].params if isinstance(p, click.Option)]
    assert [option.name for option in options if not option.help] == []


def command_lines(text: str) -> list[list[str]]:
    """Lines of a Markdown page or a shell script that call one of the three commands."""
    joined = text.replace("\\\n", " ")
    lines = [line.strip().removeprefix("$ ") for line in joined.splitlines()]
    spans = re.findall(r"`((?:ingest|synth|maskcls) [^`]+)`", text)
    calls = [line for line in [*lines, *spans] if re.match(r"(ingest|synth|maskcls) [a-z]", line)]
    return [shlex.split(call, comments=True) for call in calls]


WRITTEN_BY_PROGRAMS = ("cli.md", "datasets.md")
PAGES = ["README.md", "CONTRIBUTING.md", "docs/demo.sh",
         *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")
                 if page.name not in WRITTEN_BY_PROGRAMS)]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_every_command_line_in_the_pages_exists_with_its_options(page):
    for words in command_lines((ROOT / page).read_text(encoding="utf-8")):
        name = " ".join(words[:2])
        assert name in COMMANDS, f"{page}: no command {name!r}"
        command = COMMANDS[name]
        known = {o for p in command.params for o in (*p.opts, *p.secondary_opts)} | {"--help"}
        given = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert given <= known, f"{page}: {name} has no {sorted(given - known)}"


def test_the_readme_names_the_two_commands_and_every_exit_code():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?m)(?:^    |`)make ([a-z-]+)", text)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    assert "make demo" in text
    assert "make test" in text
    for code in (0, 1, 2, 3, 130):
        assert re.search(rf"\|\s*{code}\s*\|", text), code


def test_links_between_the_pages_lead_somewhere():
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
