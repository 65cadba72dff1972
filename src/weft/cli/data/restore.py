"""`weft restore`: put a backup back, into whichever database the settings name."""

import contextlib
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from weft.app.storage import (
    MIGRATIONS,
    OWN_MIGRATIONS,
    SECRET_NAME,
    TRACE_MIGRATIONS,
    open_database,
)
from weft.app.traces.database import are_guests, open_trace_database
from weft.cli.data.alone import alone_in, check_alone
from weft.cli.data.bar import progress_bar
from weft.cli.data.traces import WithoutTraces, traces_beside
from weft.cli.store import ConfigOption, DataOption, tell
from weft.kit.copying.backup import open_backup
from weft.kit.copying.copy import CopiedTable, copy_database
from weft.kit.settings import Settings, load_settings
from weft.traces.schema import PROJECT


def restore(
    file: Annotated[Path, typer.Argument(help="A file made by `weft backup`.", show_default=False)],
    *,
    data: DataOption = None,
    config: ConfigOption = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace what is in the database now.")
    ] = False,
    without_traces: WithoutTraces = False,
) -> None:
    """Put a backup back. No server may run meanwhile; the database must be empty, or --force replaces what is in it.

    It is done in one transaction: if it fails, nothing was changed. A backup of an older Weft is brought up to date on
    its way; the file itself stays as it is. Traces come from the file beside it, if there is one, in a transaction of
    their own before that; a backup without any leaves those alone that are there.
    """
    settings = load_settings({"data_dir": data, "config": config}).settings
    with alone_in(settings.data_dir):
        traces = [] if without_traces else _restore_traces(file, settings, force=force)
        tables = [*traces, *_restore(file, settings, force=force)]
        _tell(file, settings)
        has_secret = (settings.data_dir / SECRET_NAME).exists()
    rows = sum(table.rows for table in tables)
    typer.echo(f"Restored {rows:,} rows of {len(tables)} tables; every one was compared.")
    if not has_secret and not settings.secret_key.get_secret_value():
        typer.echo(
            f"Before you start the server, put the secret that belongs to it at"
            f" {settings.data_dir / SECRET_NAME}: its API keys do not work with another."
        )


def _tell(file: Path, settings: Settings) -> None:
    """In the log that came with the backup: what was changed after it was made is told of nowhere any more."""
    with (
        contextlib.closing(open_database(settings.data_dir, settings.database_url)) as database,
        database.write() as connection,
    ):
        tell(connection, "data.restore", file.name)


def _restore(file: Path, settings: Settings, *, force: bool) -> list[CopiedTable]:
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.data_dir) as scratch:
        source = open_backup(file, MIGRATIONS, Path(scratch) / "backup.db")
        try:
            target = open_database(settings.data_dir, settings.database_url)
            try:
                check_alone(target)
                with progress_bar("Restoring") as progress:
                    return copy_database(
                        source,
                        target,
                        MIGRATIONS,
                        part=OWN_MIGRATIONS,
                        replace=force,
                        progress=progress,
                    )
            finally:
                target.close()
        finally:
            source.close()


def _restore_traces(file: Path, settings: Settings, *, force: bool) -> list[CopiedTable]:
    """Put back the traces of a backup: from the file beside it, or from itself if they were guests."""
    beside = traces_beside(file)
    path, migrations = (beside, TRACE_MIGRATIONS) if beside.is_file() else (file, MIGRATIONS)
    with (
        tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.data_dir) as scratch,
        contextlib.closing(open_backup(path, migrations, Path(scratch) / "backup.db")) as source,
    ):
        with source.read() as connection:
            if connection.execute(select(PROJECT.c.key).limit(1)).first() is None:
                return []
        if are_guests(settings):
            open_database(settings.data_dir, settings.database_url).close()  # makes the tables
        with (
            contextlib.closing(open_trace_database(settings)) as target,
            progress_bar("Restoring traces") as progress,
        ):
            check_alone(target)
            return copy_database(
                source,
                target,
                TRACE_MIGRATIONS,
                part=TRACE_MIGRATIONS,
                replace=force,
                progress=progress,
            )
