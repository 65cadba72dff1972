"""Where traces are kept: a file of their own, a database that a setting names, or as guests beside everything else."""

from pathlib import Path

from weft.app.storage import TRACE_MIGRATIONS, place_of, reach_database
from weft.kit.db import Database
from weft.kit.migrations import migrate
from weft.kit.settings import Settings
from weft.traces.plans import seed_plans

TRACES_NAME = "traces.db"


def place_of_traces(settings: Settings) -> Path | str:
    """What opens the database of traces."""
    own = settings.trace_database_url.get_secret_value()
    shared = settings.database_url.get_secret_value()
    return (
        own or (shared if shared.startswith("postgres") else "") or settings.data_dir / TRACES_NAME
    )


def are_guests(settings: Settings) -> bool:
    """Whether traces lie in the database of everything else."""
    return place_of_traces(settings) == place_of(settings)


def open_trace_database(settings: Settings) -> Database:
    """The database of traces, with its tables.

    Raises:
        CannotStart: it cannot be opened or reached.
    """
    database = reach_database(place_of_traces(settings), is_large=True)
    try:
        if not are_guests(settings):
            migrate(database, TRACE_MIGRATIONS)
    except BaseException:
        database.close()
        raise
    seed_plans(database)
    return database
