"""`weft backup`: everything that is in the database, in one file, without stopping the server."""

from pathlib import Path
from typing import Annotated

import typer

from weft.app.storage import MIGRATIONS, OWN_MIGRATIONS, SECRET_NAME, TRACE_MIGRATIONS
from weft.app.traces.database import open_trace_database
from weft.cli.data.bar import progress_bar
from weft.cli.data.traces import WithoutTraces, has_own_traces, traces_beside
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
    without_traces: WithoutTraces = False,
) -> None:
    """Write everything that is in the database into one file, beside a running server or without one.

    The file holds one moment and is checked before it gets its name. It is a SQLite database, whichever kind it was
    made from, and `weft restore` puts it back into either kind. Traces that have a database of their own go into a
    second file beside it. The server's secret is not in it: keep that as well.
    """
    settings = load_settings({"data_dir": data, "config": config}).settings
    with_traces = not without_traces and has_own_traces(settings)
    beside = traces_beside(file)
    for path in (file, *([beside] if with_traces else [])):
        if path.exists() and not force:
            raise CannotStart(f"{path} exists", remedy="name another file, or say --force")
    part = OWN_MIGRATIONS if without_traces else ()
    database = open_database(settings)
    try:
        with progress_bar("Backing up") as progress:
            rows = back_up(database, file, MIGRATIONS, progress, part)
    finally:
        database.close()
    _say(file, rows)
    if with_traces:
        traces = open_trace_database(settings)
        try:
            with progress_bar("Backing up traces") as progress:
                rows = back_up(traces, beside, TRACE_MIGRATIONS, progress)
        finally:
            traces.close()
        _say(beside, rows)
    if settings.trace_clickhouse_url.get_secret_value() and not without_traces:
        typer.echo("Calls in ClickHouse are not in it: back that up by its own means.")
    names = [KEY_NAME] if settings.secret_key.get_secret_value() else [SECRET_NAME, KEY_NAME]
    typer.echo(f"Keys are not in it: keep {' and '.join(names)} of {settings.data_dir} as well.")


def _say(file: Path, rows: int) -> None:
    typer.echo(f"Wrote {file}: {rows:,} rows, {file.stat().st_size:,} bytes, checked.")
