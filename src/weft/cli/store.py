"""The database for commands: opened beside a running server or without one."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import inspect

from weft.app import storage
from weft.identity.bootstrap import check_secret
from weft.kit.db import SQLITE, Database
from weft.kit.errors import CannotStart
from weft.kit.migrations import MARK
from weft.kit.settings import Settings, load_settings

DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="The data folder; the same as the server's.", show_default=False),
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="The settings file.", show_default=False)
]


def open_database(settings: Settings) -> Database:
    """The database of these settings, its tables up to date. Close it when done.

    Raises:
        CannotStart: there is none yet, or it cannot be reached, or is damaged, or was written by a newer Weft.
    """
    check_made(settings)
    return storage.open_database(settings.data_dir, settings.database_url)


def check_made(settings: Settings) -> None:
    """Raise `CannotStart` if no server was ever started on the database of these settings."""
    place = storage.place_of(settings)
    database = Database(place)
    try:
        if database.dialect == SQLITE:
            is_made, where = database.path.is_file(), str(database.path.parent)
        else:
            database.check()
            is_made, where = inspect(database.engine).has_table(MARK), database.name
    finally:
        database.close()
    if not is_made:
        raise CannotStart(
            f"there is no Weft database in {where}",
            remedy="start the server once with `weft serve`, or name its folder with --data",
        )


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


def console_url(settings: Settings) -> str:
    """By what URL browsers reach the server, as far as its settings tell, without a slash at its end."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - a comparison
    return settings.public_url or f"http://{host}:{settings.port}"
