"""The command line: thin commands over the library."""

from searchsvc.cli.main import main

__all__ = ["main"]
