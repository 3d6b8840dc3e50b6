"""The command line: help without heavy imports, an example in each, and dry runs."""

import subprocess
import sys

import pytest

from synth.cli import cli

COMMANDS = sorted(cli.commands)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_ends_in_an_example(command, synth):
    result = synth(command, "--help")
    assert result.exit_code == 0
    assert f"synth {command}" in result.output
    assert "Example: synth" in result.output


def test_help_imports_nothing_heavy():
    code = (
        "import sys\nfrom synth.cli import cli\n"
        "try:\n    cli(['masks', '--help'])\nexcept SystemExit: pass\n"
        "heavy = {'torch', 'pandas', 'numba', 'cv2', 'mediapipe', 'numpy'} & set(sys.modules)\n"
        "print('heavy:', sorted(heavy))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "heavy: []" in result.stdout, result.stdout[-300:] + result.stderr


def test_module_runs_as_a_program():
    result = subprocess.run([sys.executable, "-m", "synth", "-h"], capture_output=True, text=True)
    assert result.returncode == 0
    assert all(command in result.stdout for command in COMMANDS)


def test_unknown_command_is_wrong_usage(synth):
    assert synth("mask").exit_code == 2


def test_dry_run_says_what_would_be_made_and_makes_nothing(
    tmp_path, make_source, portrait_files, synth
):
    make_source(tmp_path, portrait_files)
    asked = ("masks", "--src", "faces", "--worn", "--include-bare", "--root", tmp_path)
    result = synth(*asked, "--dry-run")
    assert result.exit_code == 0
    assert f"{2 * len(portrait_files)} images of {len(portrait_files)} photos" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["faces"]
