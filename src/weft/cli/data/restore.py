"""`weft restore`: put a backup back, into whichever database the settings name."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from weft.app.storage import MIGRATIONS, SECRET_NAME, open_database
from weft.cli.data.alone import alone_in, check_alone
from weft.cli.data.bar import progress_bar
from weft.cli.store import ConfigOption, DataOption
from weft.kit.copying.backup import open_backup
from weft.kit.copying.copy import CopiedTable, copy_database
from weft.kit.settings import Settings, load_settings


def restore(
    file: Annotated[Path, typer.Argument(help="A file made by `weft backup`.", show_default=False)],
    *,
    data: DataOption = None,
    config: ConfigOption = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace what is in the database now.")
    ] = False,
) -> None:
    """Put a backup back. No server may run meanwhile; the database must be empty, or --force replaces what is in it.

    It is done in one transaction: if it fails, nothing was changed. A backup of an older Weft is brought up to date on
    its way; the file itself stays as it is.
    """
    settings = load_settings({"data_dir": data, "config": config}).settings
    with alone_in(settings.data_dir):
        tables = _restore(file, settings, force=force)
        has_secret = (settings.data_dir / SECRET_NAME).exists()
    rows = sum(table.rows for table in tables)
    typer.echo(f"Restored {rows:,} rows of {len(tables)} tables; every one was compared.")
    if not has_secret and not settings.secret_key.get_secret_value():
        typer.echo(
            f"Before you start the server, put the secret that belongs to it at"
            f" {settings.data_dir / SECRET_NAME}: its API keys do not work with another."
        )


def _restore(file: Path, settings: Settings, *, force: bool) -> list[CopiedTable]:
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.data_dir) as scratch:
        source = open_backup(file, MIGRATIONS, Path(scratch) / "backup.db")
        try:
            target = open_database(settings.data_dir, settings.database_url)
            try:
                check_alone(target)
                with progress_bar("Restoring") as progress:
                    return copy_database(
                        source, target, MIGRATIONS, replace=force, progress=progress
                    )
            finally:
                target.close()
        finally:
            source.close()
