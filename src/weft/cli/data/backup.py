"""`weft backup`: everything that is in the database, in one file, without stopping the server."""

from pathlib import Path
from typing import Annotated

import typer

from weft.app.storage import MIGRATIONS, SECRET_NAME
from weft.cli.data.bar import progress_bar
from weft.cli.store import ConfigOption, DataOption, open_database
from weft.kit.copying.backup import back_up
from weft.kit.errors import CannotStart
from weft.kit.settings import load_settings
from weft.ledger.proof.keys import KEY_NAME


def backup(
    file: Annotated[Path, typer.Argument(help="The file to make.", show_default=False)],
    *,
    data: DataOption = None,
    config: ConfigOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
) -> None:
    """Write everything that is in the database into one file, beside a running server or without one.

    The file holds one moment and is checked before it gets its name. It is a SQLite database, whichever kind it was
    made from, and `weft restore` puts it back into either kind. The server's secret is not in it: keep that as well.
    """
    if file.exists() and not force:
        raise CannotStart(f"{file} exists", remedy="name another file, or say --force")
    settings = load_settings({"data_dir": data, "config": config}).settings
    database = open_database(settings)
    try:
        with progress_bar("Backing up") as progress:
            rows = back_up(database, file, MIGRATIONS, progress)
    finally:
        database.close()
    typer.echo(f"Wrote {file}: {rows:,} rows, {file.stat().st_size:,} bytes, checked.")
    names = [KEY_NAME] if settings.secret_key.get_secret_value() else [SECRET_NAME, KEY_NAME]
    typer.echo(f"Keys are not in it: keep {' and '.join(names)} of {settings.data_dir} as well.")
