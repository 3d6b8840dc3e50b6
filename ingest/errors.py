"""The errors a user of any of the three commands can meet, and the exit code of each.

A message reads: ``<where>: <what is wrong, with the value>. <What was expected>. <What to do>.``
"""

import re
from collections.abc import Iterable
from pathlib import Path

DONE, COULD_NOT, WRONG_USAGE, ANSWER_IS_NO, INTERRUPTED = 0, 1, 2, 3, 130


class MaskclsError(Exception):
    """An expected failure: the commands print its text and exit with ``exit_code``."""

    exit_code = COULD_NOT


class WrongUsage(MaskclsError):
    """An argument that cannot be meant, refused before any work starts."""

    exit_code = WRONG_USAGE


class AnswerIsNo(MaskclsError):
    """The command looked, and the answer is no (licence, leak, check, verification)."""

    exit_code = ANSWER_IS_NO


class IngestError(MaskclsError):
    """Base of what `ingest` could not do."""


class ProblemsFound(MaskclsError):
    """A file with problems, all of them reported at once.

    Parameters
    ----------
    path : Path or str
        The file they are in.
    problems : iterable of str
        One line each, with its address inside the file.
    """

    def __init__(self, path: Path | str, problems: Iterable[str]) -> None:
        self.path = Path(path)
        self.problems = sorted(set(problems), key=_by_number)
        super().__init__("\n".join(f"{self.path}: {problem}" for problem in self.problems))


def _by_number(problem: str) -> list[str | int]:
    """Sort key that puts line 9 before line 10."""
    parts = re.split(r"(\d+)", problem)  # every second part is a number
    return [int(part) if odd % 2 else part for odd, part in enumerate(parts)]


class RecordsInvalid(ProblemsFound, IngestError):
    """A record table or label overlay that breaks the schema."""


class DatasetNotFound(WrongUsage, IngestError):
    """No data set of that name below the data root."""


class NothingUsable(IngestError):
    """Every item was skipped: there is nothing to continue with."""
