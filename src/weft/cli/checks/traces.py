"""Traces: is their database sound and up to date, and does anything wait on disk for it."""

import contextlib
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from weft.app.storage import TRACE_MIGRATIONS
from weft.app.traces.database import are_guests, place_of_traces
from weft.cli.checks.finding import Finding, fail, ok, warn
from weft.kit.db import Database
from weft.kit.errors import CannotStart
from weft.kit.migrations import pending
from weft.kit.settings import Settings
from weft.traces.clickhouse.server import ClickHouse
from weft.traces.writing.spool import ENDING

_RESTORE = "put a backup back: `weft restore FILE --force`"


def check_traces(settings: Settings, *, is_served: bool) -> list[Finding]:
    """What there is to say of traces; nothing where they are guests in the database of everything else."""
    found = [] if are_guests(settings) else [_check_database(place_of_traces(settings))]
    url = settings.trace_clickhouse_url.get_secret_value()
    if url and not (is_served and url.startswith("chdb")):  # that one has its folder open
        found.append(_check_clickhouse(url))
    waiting = sum(
        path.stat().st_size
        for path in settings.trace_spool_dir.glob(f"*{ENDING}")
        if path.is_file()
    )
    if waiting and not is_served:
        found.append(
            warn(
                "trace spool",
                f"{waiting:,} bytes wait in {settings.trace_spool_dir} for the trace database",
                "start the server: it writes them",
            )
        )
    return found


def _check_clickhouse(url: str) -> Finding:
    try:
        with contextlib.closing(ClickHouse(url)) as server:
            server.check()
    except CannotStart as error:
        return fail("calls in ClickHouse", error.message, error.remedy or "")
    return ok("calls in ClickHouse", f"{server.name} answers")


def _check_database(place: Path | str) -> Finding:
    if isinstance(place, Path) and not place.exists():
        return ok("traces", "none yet; the first start makes their database")
    database = None
    try:
        database = Database(place, is_large=True)
        database.check()
        missing = pending(database, TRACE_MIGRATIONS)
    except CannotStart as error:
        return fail("traces", error.message, _RESTORE)
    except DBAPIError as error:
        return fail("traces", str(error.orig), "look at the log of the database's server")
    finally:
        if database is not None:
            database.close()
    if missing:
        return ok("traces", f"sound; {len(missing)} steps will bring them up to date")
    return ok("traces", "sound and up to date")
