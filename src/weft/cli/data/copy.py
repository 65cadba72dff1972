"""`weft copy`: move to another database, from SQLite to PostgreSQL or back, with every id and every hash."""

from contextlib import ExitStack, closing
from typing import Annotated

import typer
from pydantic import SecretStr, ValidationError

from weft.app.storage import (
    DATABASE_NAME,
    MIGRATIONS,
    OWN_MIGRATIONS,
    TRACE_MIGRATIONS,
    open_database,
)
from weft.app.traces.database import are_guests, open_trace_database, place_of_traces
from weft.cli.data.alone import alone_in, check_alone
from weft.cli.data.bar import progress_bar
from weft.cli.data.traces import WithoutTraces, has_own_traces
from weft.cli.store import ConfigOption, DataOption, check_made
from weft.cli.store import open_database as open_source
from weft.cli.table import Column, table
from weft.kit.copying.copy import CopiedTable, copy_database
from weft.kit.db import SQLITE
from weft.kit.errors import CannotStart
from weft.kit.setting_groups.database import FORMS, DatabaseSettings
from weft.kit.settings import Settings, load_settings

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
    without_traces: WithoutTraces = False,
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
            tables = copy_database(
                source, target, MIGRATIONS, part=OWN_MIGRATIONS, replace=force, progress=progress
            )
        if not without_traces:
            tables += _copy_traces(settings, to, force=force)
        name = target.name
        is_default = target.name == str(settings.data_dir / DATABASE_NAME)
    typer.echo(_table(tables))
    rows = sum(one.rows for one in tables)
    typer.echo(f"\nCopied {rows:,} rows of {len(tables)} tables to {name}; every one was compared.")
    change = "Take WEFT_DATABASE_URL away" if is_default else "Set WEFT_DATABASE_URL to it"
    typer.echo(f"{change}, and keep the secret: API keys go on working.")


def _copy_traces(settings: Settings, to: str, *, force: bool) -> list[CopiedTable]:
    """Copy traces to where a server on the other database looks for them; none if a setting names their place."""
    if settings.trace_database_url.get_secret_value():
        return []
    theirs = settings.model_copy(update={"database_url": _read_url(to)})
    if place_of_traces(theirs) == place_of_traces(settings) or not (
        are_guests(settings) or has_own_traces(settings)
    ):
        return []
    with (
        closing(open_trace_database(settings)) as source,
        closing(open_trace_database(theirs)) as target,
        progress_bar("Copying traces") as progress,
    ):
        return copy_database(
            source,
            target,
            TRACE_MIGRATIONS,
            part=TRACE_MIGRATIONS,
            replace=force,
            progress=progress,
        )


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
