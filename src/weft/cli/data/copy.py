"""`weft copy`: move to another database, from SQLite to PostgreSQL or back, with every id and every hash."""

from contextlib import ExitStack
from typing import Annotated

import typer
from pydantic import SecretStr, ValidationError

from weft.app.storage import DATABASE_NAME, MIGRATIONS, open_database
from weft.cli.data.alone import alone_in, check_alone
from weft.cli.data.bar import progress_bar
from weft.cli.store import ConfigOption, DataOption, check_made
from weft.cli.store import open_database as open_source
from weft.cli.table import Column, table
from weft.kit.copying.copy import CopiedTable, copy_database
from weft.kit.db import SQLITE
from weft.kit.errors import CannotStart
from weft.kit.setting_groups.database import FORMS, DatabaseSettings
from weft.kit.settings import load_settings

_DIGEST_CHARS = 16


def copy(
    *,
    to: Annotated[
        str,
        typer.Option("--to", help="URL of the other database.", show_default=False),
    ],
    data: DataOption = None,
    config: ConfigOption = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace what is in the other database.")
    ] = False,
) -> None:
    """Copy everything into another database: postgresql://user@host/name, or sqlite:///path/to/weft.db.

    No server may run meanwhile. It is done in one transaction and compared before that ends, table by table; if it
    fails, the other database is as it was. A password in the URL can be seen by others on this machine: leave it out,
    and let libpq find it in ~/.pgpass or PGPASSWORD.
    """
    settings = load_settings({"data_dir": data, "config": config}).settings
    check_made(settings)
    with alone_in(settings.data_dir), ExitStack() as stack:
        source = open_source(settings)
        stack.callback(source.close)
        target = open_database(settings.data_dir, _read_url(to))
        stack.callback(target.close)
        if source.engine.url == target.engine.url:
            raise CannotStart(
                f"{target.name} is where everything is already", remedy="name another database"
            )
        for database in (source, target):
            check_alone(database)
        if target.dialect == SQLITE and target.path.parent != settings.data_dir:
            stack.enter_context(alone_in(target.path.parent))
        with progress_bar("Copying") as progress:
            tables = copy_database(source, target, MIGRATIONS, replace=force, progress=progress)
        name = target.name
        is_default = target.name == str(settings.data_dir / DATABASE_NAME)
    typer.echo(_table(tables))
    rows = sum(one.rows for one in tables)
    typer.echo(f"\nCopied {rows:,} rows of {len(tables)} tables to {name}; every one was compared.")
    change = "Take WEFT_DATABASE_URL away" if is_default else "Set WEFT_DATABASE_URL to it"
    typer.echo(f"{change}, and keep the secret: API keys go on working.")


def _read_url(to: str) -> SecretStr:
    try:
        url = DatabaseSettings(database_url=SecretStr(to)).database_url
    except ValidationError as error:
        raise CannotStart("--to is no URL of a database", remedy=f"write {FORMS}") from error
    if not url.get_secret_value():
        raise CannotStart("--to is empty", remedy=f"write {FORMS}")
    return url


def _table(tables: list[CopiedTable]) -> str:
    columns = (Column("table"), Column("rows", right=True), Column("digest"))
    return table(
        columns,
        [(one.name, f"{one.rows:,}", one.digest[:_DIGEST_CHARS]) for one in tables if one.rows],
    )
