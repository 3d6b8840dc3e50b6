"""Run the command line with `python -m maskcls`."""

from maskcls.cli import cli

if __name__ == "__main__":
    cli()
