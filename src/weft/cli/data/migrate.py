"""`weft migrate`: bring the tables of the database up to date, or say what that would do."""

from typing import Annotated

import typer

from weft.app.storage import MIGRATIONS, place_of, reach_database
from weft.cli.store import ConfigOption, DataOption
from weft.kit.db import SQLITE, Database
from weft.kit.migrations import migrate as apply_missing
from weft.kit.migrations import pending
from weft.kit.settings import Settings, load_settings


def migrate(
    *,
    data: DataOption = None,
    config: ConfigOption = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit code 1 if steps are missing.")
    ] = False,
) -> None:
    """Bring the database up to date. A server does so by itself when it starts; this is for doing it before that.

    All missing steps are applied in one transaction. A database that was written by a newer Weft is left alone.
    """
    settings = load_settings({"data_dir": data, "config": config}).settings
    if check:
        _say_what_is_missing(settings)
    else:
        _apply(settings)


def _apply(settings: Settings) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = reach_database(place_of(settings))
    try:
        applied = apply_missing(database, MIGRATIONS)
        name = database.name
    finally:
        database.close()
    if applied:
        typer.echo(f"Applied to {name}:\n" + _list(applied))
    else:
        typer.echo(f"{name} is up to date.")


def _say_what_is_missing(settings: Settings) -> None:
    database = Database(place_of(settings))
    try:
        if database.dialect == SQLITE and not database.path.exists():
            missing = [migration.name for migration in MIGRATIONS]
        else:
            database.check()
            missing = pending(database, MIGRATIONS)
        name = database.name
    finally:
        database.close()
    if missing:
        typer.echo(f"Missing in {name}:\n" + _list(missing))
        raise typer.Exit(1)
    typer.echo(f"{name} is up to date.")


def _list(names: list[str]) -> str:
    return "\n".join(f"  {name}" for name in names)
