"""The command line: every command takes `--json`; exit code 2 for the user's mistake, with the remedy in the text."""

from vocative.cli.root import main

__all__ = ["main"]
