"""What the three command lines share: exit codes, shared options, progress on stderr."""

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from ingest.errors import COULD_NOT, INTERRUPTED, MaskclsError

Item = TypeVar("Item")
PURPOSES = ("commercial", "research")
_LOG_SECONDS = 10.0


class Group(click.Group):
    """A command group that turns expected errors into one clear message and an exit code.

    Unexpected exceptions keep their traceback: they are bugs, to be reported as such.
    """

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line; see `click.Group.main`."""
        try:
            code = super().main(*args, **{**kwargs, "standalone_mode": False})
            sys.exit(code if isinstance(code, int) else 0)
        except click.Abort:
            click.echo("Interrupted; run the same command again to continue.", err=True)
            sys.exit(INTERRUPTED)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except MaskclsError as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(error.exit_code)
        except OSError as error:
            click.echo(f"Error: {_os_error_text(error)}", err=True)
            sys.exit(COULD_NOT)


def _os_error_text(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}. Check that the path exists, is writable and has room"


CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

root_option = click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Folder of all data sets.  [default: $MASKCLS_DATA, else ./data]",
)
purpose_option = click.option(
    "--purpose",
    type=click.Choice(PURPOSES),
    default=None,
    help="What the result is for.  [default: the strictest its sources were pulled for]",
)


def with_options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """One decorator from several click options, first one listed first in the help."""

    def decorate(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def progress(items: Iterable[Item], total: int | None, label: str) -> Iterator[Item]:
    """Pass items through, showing a bar with rate and time left on stderr."""
    from tqdm import tqdm

    yield from tqdm(items, total=total, desc=label, unit="", **_on_stderr())


def bar(total: int, unit: str) -> Any:
    """Progress bar on stderr, a context manager to be told by ``update(n)``."""
    from tqdm import tqdm

    return tqdm(total=total, unit=f" {unit}", **_on_stderr())


def _on_stderr() -> dict[str, Any]:
    """How bars are drawn: often where somebody watches, seldom in a log."""
    return {"file": sys.stderr, "dynamic_ncols": True,
            "mininterval": 0.1 if sys.stderr.isatty() else _LOG_SECONDS}  # fmt: skip


class Bars:
    """Progress of items and of received bytes, with rate and time left, on stderr."""

    def items(self, items: Iterable[Item], total: int | None, label: str) -> Iterator[Item]:
        """Pass items through, counting them."""
        yield from progress(items, total, label)

    def bytes(self, label: str) -> Callable[[int, int | None], None]:
        """Give a function that is told how many bytes came and how many there are."""
        from tqdm import tqdm

        bars: list[tqdm] = []

        def advance(received: int, total: int | None) -> None:
            if not bars:
                bars.append(tqdm(desc=label, unit="B", unit_scale=True, **_on_stderr()))
            bars[0].total = total
            bars[0].update(received)
            if bars[0].n == total:
                bars[0].close()

        return advance
