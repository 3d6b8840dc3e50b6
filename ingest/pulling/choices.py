"""Questions a manifest leaves to whoever pulls: a disputed meaning is confirmed, not guessed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ingest.errors import IngestError, WrongUsage
from ingest.manifests.schema import Field, Problem, check_table
from ingest.manifests.toml_lines import Address
from ingest.manifests.types import Manifest
from ingest.meaning.rules import check_labels

_CHOICE = (
    Field("question", required=True),
    Field("answers", dict, required=True),
)


class ChoiceMissing(WrongUsage, IngestError):
    """A question of the manifest was not answered, or answered by no answer of its own."""


def check_choices(choices: Mapping[str, Any], at: Address) -> list[Problem]:
    """Every problem of a manifest's ``[choices]``."""
    problems = []
    for name, choice in choices.items():
        here = (*at, name)
        if not isinstance(choice, dict):
            problems.append(Problem(here, f"is {choice!r}. Expected a table"))
            continue
        problems += check_table(choice, _CHOICE, here)
        answers = choice.get("answers")
        for answer, labels in answers.items() if isinstance(answers, dict) else ():
            inside = (*here, "answers", answer)
            if isinstance(labels, dict):
                problems += check_labels(labels, inside)
            else:
                problems.append(Problem(inside, f"is {labels!r}. Expected a table of labels"))
    return problems


def choose(manifest: Manifest, answers: Sequence[str]) -> Manifest:
    """Manifest with every question answered: the labels of each answer laid over its own.

    Parameters
    ----------
    manifest : Manifest
        With or without questions.
    answers : sequence of str
        ``question=answer`` each.

    Raises
    ------
    ChoiceMissing
        With every question left open and every answer that fits none.
    """
    given = dict(answer.partition("=")[::2] for answer in answers)
    problems = [f"--choose {name}={given[name]}: {manifest.name} asks no question {name!r}."
                for name in given if name not in manifest.choices]  # fmt: skip
    labels = dict(manifest.labels)
    for name, choice in manifest.choices.items():
        if given.get(name) in choice["answers"]:
            labels |= choice["answers"][given[name]]
            continue
        known = " or ".join(f"--choose {name}={answer}" for answer in choice["answers"])
        was = f" (not {given[name]!r})" if name in given else ""
        problems.append(f"{manifest.name}: {choice['question']} Pass {known}{was}.")
    if problems:
        raise ChoiceMissing("\n".join(problems))
    return replace(manifest, labels=labels)
