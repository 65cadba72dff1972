"""The progress bar of long commands: on standard error, and only where somebody looks at it."""

import sys
from collections.abc import Generator
from contextlib import contextmanager

import typer

from weft.kit.copying.copy import Progress


@contextmanager
def progress_bar(label: str) -> Generator[Progress]:
    """Draws what it is told: how much is done, of how much."""
    if not sys.stderr.isatty():
        yield _say_nothing
        return
    with typer.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.length = max(1, total)
            bar.update(done - bar.pos)

        yield show


def _say_nothing(_done: int, _total: int) -> None:
    """For a log or a script, in which a bar is noise."""
