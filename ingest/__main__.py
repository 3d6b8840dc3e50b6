"""Run the command line with `python -m ingest`."""

from ingest.cli import cli

if __name__ == "__main__":
    cli()
