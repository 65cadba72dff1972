"""The database for commands: opened beside a running server or without one."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from weft.app import storage
from weft.identity.bootstrap import check_secret
from weft.kit.db import Database
from weft.kit.errors import CannotStart
from weft.kit.settings import Settings, load_settings

DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="The data folder; the same as the server's.", show_default=False),
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="The settings file.", show_default=False)
]


def open_database(settings: Settings) -> Database:
    """The database of the data folder, its tables up to date. Close it when done.

    Raises:
        CannotStart: there is none yet, or it is damaged, or it was written by a newer Weft.
    """
    path = settings.data_dir / storage.DATABASE_NAME
    if not path.is_file():
        raise CannotStart(
            f"there is no Weft database in {settings.data_dir}",
            remedy="start the server once with `weft serve`, or name its folder with --data",
        )
    return storage.open_database(settings.data_dir)


@contextmanager
def opened(data: Path | None, config: Path | None) -> Generator[Database]:
    """The database that the flags `--data` and `--config` lead to."""
    settings = load_settings({"data_dir": data, "config": config}).settings
    database = open_database(settings)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def opened_with_secret(data: Path | None, config: Path | None) -> Generator[tuple[Database, bytes]]:
    """The database, and the server's secret that its keys and logins are hashed with.

    Raises:
        CannotStart: besides what `open_database` raises, the secret is not this database's.
    """
    settings = load_settings({"data_dir": data, "config": config}).settings
    database = open_database(settings)
    try:
        secret = storage.server_secret(settings)
        with database.write() as connection:
            check_secret(connection, secret)
        yield database, secret
    finally:
        database.close()
