"""`weft traces search`: an index of the texts of a project's calls, switched on and off."""

import contextlib
from collections.abc import Callable
from typing import Annotated

import msgspec
import typer
from sqlalchemy import Connection

from weft.cli.data.traces import changing_traces, reading_traces, tell_of_project
from weft.cli.output import JsonOption, echo_json, read_project_name
from weft.cli.store import ConfigOption, DataOption, open_database
from weft.identity.teams import get_project
from weft.kit.errors import InvalidRequest
from weft.kit.settings import Settings, load_settings
from weft.traces.search.switch import SearchStatus, search_status, turn_off, turn_on
from weft.traces.types import ProjectKey

app = typer.Typer(no_args_is_help=True, help="An index of the texts of a project's calls.")

ProjectArgument = Annotated[
    str, typer.Argument(metavar="TEAM/PROJECT", help="The project.", show_default=False)
]


class SearchLine(msgspec.Struct, frozen=True):
    """A project's index, as `--json` tells it."""

    project: str
    search: bool
    state: str
    progress: float
    waiting: int


@app.command()
def on(
    project: ProjectArgument,
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Have an index of the inputs and outputs of a project's calls. The server makes it in the background."""
    settings = load_settings({"data_dir": data, "config": config}).settings
    _change(settings, project, turn_on, as_json=as_json)


@app.command()
def off(
    project: ProjectArgument,
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Have none. The server removes it in the background; calls are searched by reading them."""
    settings = load_settings({"data_dir": data, "config": config}).settings
    _change(settings, project, turn_off, as_json=as_json)


@app.command()
def status(
    project: ProjectArgument,
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Show whether there is one, and how far it is."""
    settings = load_settings({"data_dir": data, "config": config}).settings
    found = reading_traces(settings, _id_of(settings, project), search_status)
    _tell(project, found or SearchStatus(search=False), as_json=as_json)


def _change(
    settings: Settings,
    project: str,
    change: Callable[[Connection, ProjectKey], None],
    *,
    as_json: bool,
) -> None:
    if settings.trace_clickhouse_url.get_secret_value():
        raise InvalidRequest(
            "calls in ClickHouse have no such index",
            remedy="ClickHouse reads its columns quickly; use its own indexes on trace_call",
        )
    project_id = tell_of_project(settings, project, "project.search", search=change is turn_on)

    def run(connection: Connection, key: ProjectKey) -> SearchStatus:
        change(connection, key)
        return search_status(connection, key)

    _tell(project, changing_traces(settings, project_id, run), as_json=as_json)


def _id_of(settings: Settings, project: str) -> str:
    with contextlib.closing(open_database(settings)) as accounts, accounts.read() as connection:
        return get_project(connection, *read_project_name(project)).id


def _tell(project: str, found: SearchStatus, *, as_json: bool) -> None:
    if as_json:
        line = SearchLine(project, found.search, found.state, found.progress, found.waiting)
        echo_json(line)
        return
    if not found.search:
        typer.echo(f"Calls of {project} have no index: a search reads them.")
    elif found.state == "filling":
        typer.echo(f"The index of {project} is being made: {found.progress:.0%} of it.")
    else:
        typer.echo(f"Calls of {project} have an index; {found.waiting:,} wait to be put in.")
