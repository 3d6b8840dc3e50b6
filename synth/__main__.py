"""Run the command line with `python -m synth`."""

from synth.cli import cli

if __name__ == "__main__":
    cli()
