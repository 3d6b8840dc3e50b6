"""Write ``docs/cli.md``: the help of every command, as the commands themselves print it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).parent.parent))

from ingest.cli import cli as ingest
from maskcls.cli import cli as maskcls
from synth.cli import cli as synth

PAGE = Path(__file__).with_name("cli.md")
GROUPS = {"ingest": ingest, "synth": synth, "maskcls": maskcls}
WIDTH = 88
_HEAD = """# The commands

Written from each command's `--help` by `make docs`.

Results go to stdout, progress and warnings to stderr. Exit codes: 0 done; 1 could not (a file, the
network, the disk, or nothing usable remained); 2 wrong arguments; 3 looked, and the answer is no
(licence, leak, check, verification, audit gate); 130 interrupted: the same command continues.
"""


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with the words it is called by, a group before what is in it."""
    for name, group in GROUPS.items():
        yield name, group
        for word in sorted(group.commands):
            yield f"{name} {word}", group.commands[word]


def help_text(words: str, command: click.Command) -> str:
    """Help of a command as on a terminal of `WIDTH` columns."""
    settings = {"help_option_names": ["-h", "--help"]}
    context = click.Context(command, info_name=words, terminal_width=WIDTH, **settings)
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    for words, command in commands():
        level = "##" if " " not in words else "###"
        parts.append(f"{level} {words}\n\n```text\n{help_text(words, command)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
