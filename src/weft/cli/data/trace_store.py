"""`weft traces`: how much is kept of traces, what waits for their database, and for how long calls are kept."""

import contextlib
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import OperationalError

from weft.app.traces.database import are_guests
from weft.cli.data import trace_search
from weft.cli.data.traces import (
    changing_traces,
    opened_traces,
    reading_traces,
    tell_of_project,
)
from weft.cli.output import JsonOption, echo_json, read_project_name
from weft.cli.store import ConfigOption, DataOption, open_database
from weft.identity.teams import get_project
from weft.kit.db import POSTGRESQL, Database
from weft.kit.errors import CannotStart, InvalidRequest
from weft.kit.settings import Settings, load_settings
from weft.traces.clickhouse.server import ClickHouse
from weft.traces.clickhouse.table import count_all
from weft.traces.retention.days import check_days, read_days, set_days, shorter
from weft.traces.schema import CALL, ORPHAN
from weft.traces.writing.spool import ENDING

app = typer.Typer(no_args_is_help=True)
app.add_typer(trace_search.app, name="search")

T = TypeVar("T")
FOREVER = "forever"
_KIB = 1024


class StatusLine(msgspec.Struct, frozen=True):
    """The store as `--json` tells it."""

    database: str
    has_own_database: bool
    size_bytes: int
    clickhouse: str | None
    """Where calls are, if that is not the database."""
    calls: int | None
    """None: where they are cannot be asked."""
    ends_without_start: int
    spool: str
    spool_files: int
    spool_bytes: int
    retention_days: int | None


class RetentionLine(msgspec.Struct, frozen=True):
    """For how long a project's calls are kept, as `--json` tells it; null: for ever."""

    project: str
    retention_days: int | None


@app.command()
def status(
    *, as_json: JsonOption = False, data: DataOption = None, config: ConfigOption = None
) -> None:
    """Show where traces are kept, how many there are, and what waits on disk for their database."""
    settings = load_settings({"data_dir": data, "config": config}).settings
    with opened_traces(settings) as database, database.read() as connection:
        line = _status(settings, database, connection)
    if as_json:
        echo_json(line)
        return
    typer.echo(f"database   {line.database}, {_size(line.size_bytes)}")
    count = "cannot be counted: ClickHouse does not answer" if line.calls is None else line.calls
    typer.echo(f"calls      {count:,}" if isinstance(count, int) else f"calls      {count}")
    if line.clickhouse:
        typer.echo(f"           in {line.clickhouse}")
    if line.ends_without_start:
        typer.echo(f"           and {line.ends_without_start:,} ends whose starts have not come")
    waiting = f"{line.spool_files:,} files, {_size(line.spool_bytes)}" if line.spool_bytes else ""
    typer.echo(f"spool      {line.spool}: {waiting or 'nothing waits'}")
    typer.echo(f"kept       {_days(line.retention_days)}")


@app.command()
def retention(
    project: Annotated[
        str, typer.Argument(metavar="TEAM/PROJECT", help="The project.", show_default=False)
    ],
    days: Annotated[
        str | None,
        typer.Argument(
            metavar="[DAYS]",
            help="For how many days its calls are kept, or `forever`; without it, what is set.",
            show_default=False,
        ),
    ] = None,
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Say for how long the calls of a project are kept. The server removes older ones in the background."""
    settings = load_settings({"data_dir": data, "config": config}).settings
    of_server = settings.trace_retention_days
    with contextlib.closing(open_database(settings)) as accounts, accounts.read() as connection:
        found = get_project(connection, *read_project_name(project))
    if days is None:
        own = reading_traces(settings, found.id, read_days)
    else:
        own = _read_number(days)
        check_days(own, of_server)
        tell_of_project(settings, project, "project.retention", days=own)
        changing_traces(settings, found.id, lambda c, key: set_days(c, key, own))
    line = RetentionLine(project, shorter(own, of_server))
    if as_json:
        echo_json(line)
    else:
        typer.echo(f"Calls of {project} are kept {_days(line.retention_days)}.")


def _status(settings: Settings, database: Database, connection: Connection) -> StatusLine:
    files = [path for path in settings.trace_spool_dir.glob(f"*{ENDING}") if path.stat().st_size]
    url = settings.trace_clickhouse_url.get_secret_value()
    apart = ClickHouse(url) if url else None
    return StatusLine(
        database=database.name,
        has_own_database=not are_guests(settings),
        size_bytes=_bytes_of(database, connection),
        clickhouse=None if apart is None else apart.name,
        calls=_count(connection) if apart is None else _count_apart(apart),
        ends_without_start=connection.execute(
            select(func.count()).select_from(ORPHAN)
        ).scalar_one(),
        spool=str(settings.trace_spool_dir),
        spool_files=len(files),
        spool_bytes=sum(path.stat().st_size for path in files),
        retention_days=settings.trace_retention_days or None,
    )


def _count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(CALL)).scalar_one()


def _count_apart(server: ClickHouse) -> int | None:
    with contextlib.closing(server), contextlib.suppress(CannotStart, OperationalError):
        server.migrate()
        return count_all(server)
    return None


def _bytes_of(database: Database, connection: Connection) -> int:
    if database.dialect == POSTGRESQL:
        sizes = text(
            "SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class"
            " WHERE relkind = 'r' AND relname LIKE 'trace\\_%'"
        )
        return int(connection.execute(sizes).scalar_one())
    whole = Path(database.path)
    log = whole.with_name(whole.name + "-wal")
    return sum(path.stat().st_size for path in (whole, log) if path.exists())


def _read_number(days: str) -> int | None:
    if days == FOREVER:
        return None
    if not days.isdecimal():
        raise InvalidRequest(f"{days[:40]!r} is no number of days", param="days")
    return int(days)


def _days(days: int | None) -> str:
    if days is None:
        return "for ever"
    return "for one day" if days == 1 else f"for {days:,} days"


def _size(size_bytes: int) -> str:
    size = float(size_bytes)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < _KIB:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= _KIB
    return f"{size:,.1f} TiB"
