"""The database for commands: opened beside a running server or without one."""

import os
import pwd
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection, inspect

from weft.app import storage
from weft.identity.audit.store import record
from weft.identity.audit.types import Actor, Value
from weft.identity.bootstrap import check_secret
from weft.identity.types import Team
from weft.kit.db import SQLITE, Database
from weft.kit.errors import CannotStart
from weft.kit.migrations import MARK
from weft.kit.setting_groups.server import local_url
from weft.kit.settings import Settings, load_settings

DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="The data folder; the same as the server's.", show_default=False),
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="The settings file.", show_default=False)
]


class NoDatabase(CannotStart):
    """No server was ever started on these settings."""


def operator() -> Actor:
    """Who gives the command: whoever may read and write the database is an admin of the server."""
    user_id = os.getuid()
    try:
        name = pwd.getpwuid(user_id).pw_name
    except KeyError:  # a container may run as a user without a name
        name = f"user {user_id}"
    return Actor(f"{name} (command line)")


def tell(
    connection: Connection, action: str, subject: str, team: Team | None = None, /, **detail: Value
) -> None:
    """Put what the command changes into the audit log, within the transaction of the change."""
    record(
        connection,
        by=operator(),
        action=action,
        subject=subject,
        team=team.id if team else None,
        detail=detail,
        now=datetime.now(UTC),
    )


def open_database(settings: Settings) -> Database:
    """The database of these settings, its tables up to date. Close it when done.

    Raises:
        NoDatabase: there is none yet.
        CannotStart: it cannot be reached, or is damaged, or was written by a newer Weft.
    """
    check_made(settings)
    return storage.open_database(settings.data_dir, settings.database_url)


def check_made(settings: Settings) -> None:
    """Raise `NoDatabase` if no server was ever started on the database of these settings."""
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
        raise NoDatabase(
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
    return settings.public_url or local_url(settings.host, settings.port)
