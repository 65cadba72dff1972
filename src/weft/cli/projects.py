"""`weft project`: projects of teams, named `team/project`."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer

from weft.cli.output import (
    JsonOption,
    YesOption,
    confirm,
    echo_json,
    moment,
    read_project_name,
)
from weft.cli.store import ConfigOption, DataOption, opened, tell
from weft.cli.table import Column, table
from weft.identity.projects.tracing import TraceWish, set_trace
from weft.identity.teams import (
    create_project,
    get_project,
    get_team,
    list_projects,
    remove_project,
)
from weft.identity.types import Project, TraceLevel

app = typer.Typer(no_args_is_help=True)

ProjectArgument = Annotated[
    str, typer.Argument(metavar="TEAM/PROJECT", help="The project.", show_default=False)
]


class ProjectLine(msgspec.Struct, frozen=True):
    """A project as `--json` tells it."""

    id: str
    team: str
    name: str
    created_at: datetime
    trace: TraceLevel | None = None


@app.command()
def create(
    project: ProjectArgument,
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a project in a team."""
    team, name = read_project_name(project)
    with opened(data, config) as database, database.write() as connection:
        of_team = get_team(connection, team)
        made = create_project(connection, of_team, name, datetime.now(UTC))
        tell(connection, "project.create", f"{team}/{name}", of_team)
    if as_json:
        echo_json(_line(made))
    else:
        typer.echo(f"Made {project}. Use it with the header OpenAI-Project: {project}")


@app.command("ls")
def list_(
    *,
    team: Annotated[str | None, typer.Option(help="Only those of this team.")] = None,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """List projects."""
    with opened(data, config) as database, database.read() as connection:
        of_team = get_team(connection, team).id if team else None
        lines = [_line(project) for project in list_projects(connection, of_team)]
    if as_json:
        echo_json(lines)
    elif not lines:
        typer.echo(f"There are no projects yet: weft project create {team or 'TEAM'}/NAME")
    else:
        columns = (Column("project", shrinks=True), Column("made (UTC)"))
        rows = [(f"{line.team}/{line.name}", moment(line.created_at)) for line in lines]
        typer.echo(table(columns, rows))


app.command("list", hidden=True)(list_)


@app.command("rm")
def delete(
    project: ProjectArgument,
    *,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Remove a project and its traces; keys restricted to it stop working at once. Past usage keeps its name.

    Nobody sees its traces from now on. The server takes them out of the database in the background.
    """
    team, name = read_project_name(project)
    with opened(data, config) as database:
        with database.read() as connection:
            found = get_project(connection, team, name)
        confirm(f"Remove the project {project} and its traces?", yes=yes)
        with database.write() as connection:
            remove_project(connection, found.id, datetime.now(UTC))
            tell(connection, "project.remove", f"{team}/{name}", get_team(connection, team))
    if as_json:
        echo_json(_line(found))
    else:
        typer.echo(f"Removed {project}.")


app.command("delete", hidden=True)(delete)


@app.command()
def trace(
    project: ProjectArgument,
    level: Annotated[
        TraceWish | None,
        typer.Argument(
            help="What its requests leave; without it, what is set now.", show_default=False
        ),
    ] = None,
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Say what requests to the inference door leave in a project's traces; keys and requests may ask for less."""
    team, name = read_project_name(project)
    with opened(data, config) as database, database.write() as connection:
        found = get_project(connection, team, name)
        if level is not None:
            set_trace(connection, found.id, level.level)
            tell(
                connection,
                "project.trace",
                f"{team}/{name}",
                get_team(connection, team),
                trace=level.level and level.level.value,
            )
            found = get_project(connection, team, name)
    if as_json:
        echo_json(_line(found))
    else:
        typer.echo(f"{project}: {_TOLD[found.trace]}")


_TOLD = {
    None: "requests leave nothing in its traces, unless their key or a header X-Weft-Trace asks for it.",
    TraceLevel.OFF: "requests leave nothing in its traces, whatever they ask for.",
    TraceLevel.METADATA: "requests leave what they came to in its traces; no prompt and no answer.",
    TraceLevel.FULL: "requests leave a call with prompt and answer in its traces.",
}


def _line(project: Project) -> ProjectLine:
    return ProjectLine(project.id, project.team, project.name, project.created_at, project.trace)
