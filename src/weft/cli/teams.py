"""`weft team`: teams, which the Weave clients call entities, and who is in them."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
import typer
from sqlalchemy import Connection

from weft.cli.output import JsonOption, YesOption, confirm, echo_json, echo_link, moment
from weft.cli.store import ConfigOption, DataOption, console_url, opened, opened_with_secret, tell
from weft.cli.table import Column, table
from weft.identity.invitations.store import make_invitation
from weft.identity.invitations.types import NewInvitation
from weft.identity.people import get_user, set_default_team
from weft.identity.teams import (
    create_team,
    get_team,
    list_members,
    list_projects,
    list_teams,
    remove_member,
    remove_team,
    set_member,
)
from weft.identity.types import Role, Team, TeamKind
from weft.kit.errors import InvalidRequest
from weft.kit.settings import load_settings

app = typer.Typer(no_args_is_help=True)

TeamArgument = Annotated[str, typer.Argument(help="The team's name.", show_default=False)]
UserArgument = Annotated[str, typer.Argument(help="The user's name.", show_default=False)]


class Member(msgspec.Struct, frozen=True):
    """Somebody in a team."""

    username: str
    role: Role


class TeamLine(msgspec.Struct, frozen=True):
    """A team as `--json` tells it."""

    id: str
    name: str
    created_at: datetime
    members: list[Member]
    projects: list[str]


class InvitationLine(msgspec.Struct, frozen=True):
    """A link that lets one person into a team."""

    team: str
    role: Role
    email: str
    url: str
    expires_at: datetime


@app.command()
def create(
    name: TeamArgument,
    *,
    admin: Annotated[
        str | None, typer.Option(help="Make this user its first admin.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a team."""
    now = datetime.now(UTC)
    with opened(data, config) as database, database.write() as connection:
        team = create_team(connection, name, now)
        if admin is not None:
            user = get_user(connection, admin)
            set_member(connection, team, user.id, role=Role.ADMIN, now=now)
        tell(connection, "team.create", team.name, team, admin=admin)
        line = _line(connection, team)
    if as_json:
        echo_json(line)
        return
    typer.echo(f"Made the team {name}.")
    if admin is None:
        typer.echo(f"Nobody is in it yet: weft team add {name} USER")


@app.command("ls")
def list_(
    *, as_json: JsonOption = False, data: DataOption = None, config: ConfigOption = None
) -> None:
    """List teams, their members and how many projects they have."""
    with opened(data, config) as database, database.read() as connection:
        lines = [_line(connection, team) for team in list_teams(connection)]
    if as_json:
        echo_json(lines)
        return
    if not lines:
        typer.echo("There are no teams yet: weft team create NAME")
        return
    columns = (
        Column("team", shrinks=True),
        Column("members", shrinks=True),
        Column("projects", right=True),
        Column("made (UTC)"),
    )
    typer.echo(table(columns, [_cells(line) for line in lines]))


app.command("list", hidden=True)(list_)


@app.command()
def add(
    team: TeamArgument,
    user: UserArgument,
    *,
    role: Annotated[Role, typer.Option(help="Viewers read, members also run, admins manage.")] = (
        Role.MEMBER
    ),
    default: Annotated[
        bool, typer.Option("--default", help="Use it when a request of theirs names no team.")
    ] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Add a user to a team, or change their role."""
    with opened(data, config) as database, database.write() as connection:
        found, member = get_team(connection, team), get_user(connection, user)
        set_member(connection, found, member.id, role=role, now=datetime.now(UTC))
        if default:
            set_default_team(connection, member.id, found.id)
        tell(connection, "member.set", member.username, found, role=role.value, default=default)
        line = _line(connection, found)
    _tell(line, f"{user} is {role} in {team}.", as_json=as_json)


@app.command()
def invite(
    team: TeamArgument,
    *,
    role: Annotated[Role, typer.Option(help="Their role in the team.")] = Role.MEMBER,
    email: Annotated[str, typer.Option(help="The new user's e-mail address.")] = "",
    days: Annotated[int, typer.Option(min=1, max=30, help="For how long the link is good.")] = 7,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a link that lets one person into a team, who chooses a user name and a password."""
    base = console_url(load_settings({"data_dir": data, "config": config}).settings)
    now = datetime.now(UTC)
    with opened_with_secret(data, config) as (database, secret), database.write() as connection:
        found = get_team(connection, team)
        new = NewInvitation(found, role, email, None, timedelta(days=days))
        made, token = make_invitation(connection, new, secret=secret, now=now)
        tell(connection, "invitation.create", email or made.id, found, role=role.value)
    link = InvitationLine(team, role, email, f"{base}/invite/{token}", made.expires_at)
    echo_link(link, as_json=as_json)


@app.command()
def remove(
    team: TeamArgument,
    user: UserArgument,
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Take a user out of a team; their keys stop working there at once."""
    with opened(data, config) as database, database.write() as connection:
        found = get_team(connection, team)
        remove_member(connection, found, get_user(connection, user).id)
        tell(connection, "member.remove", user, found)
        line = _line(connection, found)
    _tell(line, f"{user} is no longer in {team}.", as_json=as_json)


@app.command("rm")
def delete(
    team: TeamArgument,
    *,
    yes: YesOption = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Remove a team and its projects. Past usage keeps its names."""
    with opened(data, config) as database:
        with database.read() as connection:
            found = get_team(connection, team)
            if found.kind is TeamKind.PERSONAL:
                raise InvalidRequest(f"{team} is a personal entity and stays", param="team")
            projects = len(list_projects(connection, found.id))
        confirm(f"Remove the team {team} with {projects} projects?", yes=yes)
        with database.write() as connection:
            line = _line(connection, get_team(connection, team))
            remove_team(connection, found.id, datetime.now(UTC))
            tell(connection, "team.remove", team, found, projects=projects)
    _tell(line, f"Removed the team {team}.", as_json=as_json)


def _line(connection: Connection, team: Team) -> TeamLine:
    return TeamLine(
        id=team.id,
        name=team.name,
        created_at=team.created_at,
        members=[Member(one.username, one.role) for one in list_members(connection, team.id)],
        projects=[project.name for project in list_projects(connection, team.id)],
    )


def _cells(line: TeamLine) -> tuple[str, ...]:
    members = ", ".join(
        one.username if one.role is Role.MEMBER else f"{one.username} ({one.role})"
        for one in line.members
    )
    return line.name, members or "nobody", str(len(line.projects)), moment(line.created_at)


def _tell(line: TeamLine, sentence: str, *, as_json: bool) -> None:
    if as_json:
        echo_json(line)
    else:
        typer.echo(sentence)
