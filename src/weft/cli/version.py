"""`weft version`."""

import typer

from weft import __version__


def version() -> None:
    """Show the version."""
    typer.echo(f"weft {__version__}")
