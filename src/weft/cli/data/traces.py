"""Traces in backups and copies: where they lie, and the flag that leaves them out."""

from pathlib import Path
from typing import Annotated

import typer

from weft.app.traces.database import are_guests, place_of_traces
from weft.kit.settings import Settings

WithoutTraces = Annotated[
    bool, typer.Option("--without-traces", help="Leave traces out; they may be large.")
]
_ENDING = ".traces"


def traces_beside(file: Path) -> Path:
    """The file of traces that belongs to a backup."""
    return file.with_name(file.name + _ENDING)


def has_own_traces(settings: Settings) -> bool:
    """Whether traces have a database of their own, and there is one."""
    if are_guests(settings):
        return False
    place = place_of_traces(settings)
    return not isinstance(place, Path) or place.exists()
