"""A project of this machine's own database, for commands that read what the console shows without a server."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy import Connection

from weft.catalog.load import load_catalog
from weft.cli.data.traces import reading_traces
from weft.cli.output import read_project_name
from weft.cli.store import open_database
from weft.identity.teams import get_project
from weft.kit.settings import Settings, load_settings
from weft.ledger.prices.added import prices_of_files
from weft.traces.costs.book import PriceBook
from weft.traces.types import ProjectKey

T = TypeVar("T")

ProjectOption = Annotated[
    str,
    typer.Option("--project", metavar="TEAM/PROJECT", help="The project.", show_default=False),
]


@dataclass(frozen=True, slots=True)
class Local:
    """A project, and what models cost in it."""

    settings: Settings
    project_id: str
    name: str
    """team/project."""
    book: PriceBook

    def read(self, work: Callable[[Connection, ProjectKey], T]) -> T | None:
        """What `work` finds of the project's traces; None where nothing was ever written to it."""
        return reading_traces(self.settings, self.project_id, work)


def open_local(project: str, data: Path | None, config: Path | None) -> Local:
    """The project that the flags of a command name.

    Raises:
        WeftError: there is no such project, or nothing was started here yet.
    """
    settings = load_settings({"data_dir": data, "config": config}).settings
    folder = settings.catalog_dir
    catalog = load_catalog(folder if folder.is_dir() else None)
    team, name = read_project_name(project)
    with contextlib.closing(open_database(settings)) as accounts, accounts.read() as connection:
        found = get_project(connection, team, name)
        book = PriceBook(catalog.cards, prices_of_files(connection))
    return Local(settings, found.id, f"{team}/{name}", book)
