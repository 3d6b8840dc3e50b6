"""The catalogue: every family listed, pictured and worn as asked."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from ingest.taxonomy import WEAR_STATES
from synth.catalogue import TILE, flat_lay, list_families, worn
from synth.cli import cli
from synth.compose import Sitter, compose
from synth.garments import FAMILIES
from synth.mannequin import mannequin
from synth.recipe import draw_recipe

ATTEMPTS = 14


@pytest.fixture(scope="module")
def sitter() -> Sitter:
    return Sitter.study(*mannequin(220))


@pytest.mark.parametrize(
    ("name", "state"),
    [(entry.name, state) for entry in list_families() for state in entry.states],
)
def test_every_family_can_be_worn_in_each_of_its_states(
    sitter: Sitter, name: str, state: str
) -> None:
    for attempt in range(ATTEMPTS):
        recipe = draw_recipe(
            sitter.field, {name: 1.0}, seed=0, photo=name, face=0, variant=0,
            attempt=attempt, state=state,
        )  # fmt: skip
        composite = compose(sitter, recipe)
        assert np.isfinite(composite.matte).all()
        assert composite.matte.min() >= 0
        assert composite.matte.max() <= 1
        if WEAR_STATES[state].agrees(composite.coverage):
            return
    pytest.fail(f"{name} never measured as {state}: {composite.coverage}")


def test_lists_every_family_with_share_and_states() -> None:
    entries = {entry.name: entry for entry in list_families()}
    assert list(entries) == list(FAMILIES)
    assert sum(entry.weight for entry in entries.values()) == pytest.approx(1)
    assert all(entry.purpose for entry in entries.values())
    assert entries["surgical"].states[0] == "correct"


def test_flat_garment_is_cut_to_shape(sitter: Sitter) -> None:
    picture = flat_lay(FAMILIES["bandana"], sitter.light, 0)
    paper = picture[-1, 0]
    assert (picture[-1, -1] == paper).all()
    assert (picture[picture.shape[0] // 2, picture.shape[1] // 2] != paper).any()


def test_pictures_are_the_same_for_the_same_seed(sitter: Sitter) -> None:
    one, again, other = (worn(FAMILIES["cloth"], sitter, "correct", 0, s) for s in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


def test_command_lists_families_on_stdout_and_writes_the_sheet(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["garments", "--to", str(tmp_path / "sheet.png")])
    assert result.exit_code == 0, result.output
    for name in FAMILIES:
        assert name in result.output
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 10 * TILE[0]
        assert sheet.height > len(FAMILIES) * TILE[1]
