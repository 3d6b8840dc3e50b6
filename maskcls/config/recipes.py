"""Recipes: named set-ups in TOML, with what was published, what we chose and what deviates."""

import json
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from maskcls.errors import ArgumentRefused, ConfigInvalid

NOTES = ("published", "chosen", "deviates")


@dataclass(frozen=True)
class Recipe:
    """One set-up.

    Attributes
    ----------
    name : str
        Word typed after ``--recipe``.
    about : dict
        Its ``title``, and where it was published.
    notes : dict
        ``published``, ``chosen`` and ``deviates``: configuration key to where or why.
    settings : dict
        Sections of the configuration.
    """

    name: str
    about: dict[str, Any]
    notes: dict[str, dict[str, Any]]
    settings: dict[str, Any]

    @property
    def title(self) -> str:
        """One line about it."""
        return str(self.about.get("title", ""))


def recipe_names() -> list[str]:
    """Names of the recipes that come with the program."""
    folder = resources.files("maskcls") / "recipes"
    return sorted(path.name[:-5] for path in folder.iterdir() if path.name.endswith(".toml"))


def load_recipe(name: str) -> Recipe:
    """Read a recipe by name, or from a path that ends in ``.toml``.

    Raises
    ------
    ArgumentRefused
        If there is none of that name.
    ConfigInvalid
        If the file is not TOML.
    """
    if name.endswith(".toml"):
        source: Any = Path(name)
    else:
        source = resources.files("maskcls") / "recipes" / f"{name}.toml"
    if (not name.endswith(".toml") and name not in recipe_names()) or not source.is_file():
        message = (
            f"--recipe {name!r}: no such recipe. There are: {', '.join(recipe_names())}. "
            "A file of your own is given by its path, ending in .toml."
        )
        raise ArgumentRefused(message)
    return _read(name, source)


def _read(name: str, source: Any) -> Recipe:
    try:
        tables = tomllib.loads(source.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigInvalid(str(source), [f"not readable as TOML: {error}"]) from error
    about = tables.pop("recipe", {})
    notes = {word: tables.pop(word) for word in NOTES if word in tables}
    return Recipe(Path(name).stem, about, notes, tables)


def recipes_json() -> str:
    """All recipes with their notes and settings, as JSON."""
    every = [load_recipe(name) for name in recipe_names()]
    table = {r.name: {**r.about, **r.notes, "settings": r.settings} for r in every}
    return json.dumps(table, indent=2, ensure_ascii=False)


def recipes_text() -> str:
    """Name, title and published macro F1 of every recipe, one a line."""
    return "\n".join(_line(load_recipe(name)) for name in recipe_names())


def _line(recipe: Recipe) -> str:
    published = recipe.notes.get("published", {})
    figures = [str(value) for key, value in published.items() if key.startswith("macro_f1")]
    shown = f" (published macro F1: {', '.join(figures)})" if figures else ""
    return f"{recipe.name}\t{recipe.title}{shown}"
