"""`weft user`: people and service accounts."""

import sys
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from sqlalchemy import Connection

from weft.cli.output import JsonOption, echo_json, echo_link, moment
from weft.cli.store import ConfigOption, DataOption, console_url, opened, opened_with_secret, tell
from weft.cli.table import Column, table
from weft.identity.logins import LINK_TTL, make_login_link
from weft.identity.people import (
    NewUser,
    create_user,
    disable_user,
    enable_user,
    get_user,
    list_users,
    set_password,
)
from weft.identity.resets.store import make_reset
from weft.identity.secrets import hash_password, new_password
from weft.identity.teams import get_team, list_memberships, set_member
from weft.identity.types import Role, User, UserKind
from weft.kit.errors import InvalidRequest
from weft.kit.settings import load_settings

app = typer.Typer(no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(help="The user's name.", show_default=False)]


class UserTeam(msgspec.Struct, frozen=True):
    """A team of a user's."""

    team: str
    role: Role


class UserLine(msgspec.Struct, frozen=True):
    """A user as `--json` tells it."""

    id: str
    username: str
    email: str
    kind: UserKind
    is_admin: bool
    created_at: datetime
    disabled_at: datetime | None
    teams: list[UserTeam]


class CreatedUser(UserLine, frozen=True):
    """A user that was just made, with the password, which is shown this once."""

    password: str | None = None


class LoginLink(msgspec.Struct, frozen=True):
    """A link that logs a user in, or sets a password, once."""

    username: str
    url: str
    expires_at: datetime


@app.command()
def create(  # noqa: PLR0913 - a flag each
    name: NameArgument,
    *,
    email: Annotated[str, typer.Option(help="An e-mail address.")] = "",
    admin: Annotated[bool, typer.Option("--admin", help="May manage the whole server.")] = False,
    service: Annotated[
        bool, typer.Option("--service", help="A service account: holds keys, cannot log in.")
    ] = False,
    team: Annotated[str | None, typer.Option(help="Make it a member of this team.")] = None,
    role: Annotated[Role, typer.Option(help="Its role there.")] = Role.MEMBER,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a user. A person gets a password, which is shown once."""
    if service and admin:
        raise InvalidRequest("a service account cannot be an administrator", param="service")
    password = None if service else new_password()
    new = NewUser(
        name,
        email=email,
        kind=UserKind.SERVICE if service else UserKind.PERSON,
        is_admin=admin,
        password_hash=None if password is None else hash_password(password),
    )
    now = datetime.now(UTC)
    with opened(data, config) as database, database.write() as connection:
        user = create_user(connection, new, now)
        if team is not None:
            joined = get_team(connection, team)
            set_member(connection, joined, user.id, role=role, now=now)
            tell(connection, "member.set", name, joined, role=role.value)
        tell(connection, "user.create", name, kind=user.kind.value, email=email, admin=admin)
        line = _line(connection, user)
    if as_json:
        echo_json(CreatedUser(**msgspec.structs.asdict(line), password=password))
        return
    typer.echo(f"Made the {'service account' if service else 'user'} {name}.")
    if password is not None:
        typer.echo(f"Password (shown this once): {password}")
    if team is None:
        typer.echo(f"To use models: weft team add TEAM {name}")


@app.command("ls")
def list_(
    *, as_json: JsonOption = False, data: DataOption = None, config: ConfigOption = None
) -> None:
    """List users."""
    with opened(data, config) as database, database.read() as connection:
        lines = [_line(connection, user) for user in list_users(connection)]
    if as_json:
        echo_json(lines)
        return
    if not lines:
        typer.echo("There are no users yet; `weft serve` makes the first.")
        return
    columns = (
        Column("user", shrinks=True),
        Column("kind"),
        Column("teams", shrinks=True),
        Column("made (UTC)"),
        Column("state"),
    )
    typer.echo(table(columns, [_cells(line) for line in lines]))


app.command("list", hidden=True)(list_)


@app.command()
def disable(
    name: NameArgument,
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Shut a user out: keys and logins stop working at once."""
    with opened(data, config) as database, database.write() as connection:
        user = get_user(connection, name)
        if user.is_admin and not _other_admins(connection, user):
            raise InvalidRequest(
                f"{name} is the last administrator",
                remedy="Make another one first: weft user create NAME --admin",
            )
        disable_user(connection, user.id, datetime.now(UTC))
        tell(connection, "user.disable", name)
        line = _line(connection, get_user(connection, name))
    _tell(line, f"{name} is shut out: no key and no login works.", as_json=as_json)


@app.command()
def enable(
    name: NameArgument,
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Let a disabled user in again."""
    with opened(data, config) as database, database.write() as connection:
        enable_user(connection, get_user(connection, name).id)
        tell(connection, "user.enable", name)
        line = _line(connection, get_user(connection, name))
    _tell(line, f"{name} may come in again.", as_json=as_json)


@app.command()
def passwd(
    name: NameArgument,
    *,
    generate: Annotated[
        bool, typer.Option("--generate", help="Make one up, and show it once.")
    ] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Set a person's password: asked for, read from standard input, or made up. Other logins end."""
    with opened(data, config) as database:
        with database.read() as connection:
            user = get_user(connection, name)
        if user.kind is UserKind.SERVICE:
            raise InvalidRequest(f"{name} is a service account and cannot log in", param="user")
        password = new_password() if generate else _ask_password()
        password_hash = hash_password(password)  # slow on purpose, so not in the transaction
        with database.write() as connection:
            set_password(connection, user.id, password_hash)
            tell(connection, "user.password", name)
            line = _line(connection, user)
    shown = password if generate else None
    if as_json:
        echo_json(CreatedUser(**msgspec.structs.asdict(line), password=shown))
    elif shown:
        typer.echo(f"New password of {name} (shown this once): {shown}")
    else:
        typer.echo(f"{name} has a new password.")


@app.command("login-link")
def login_link(
    name: NameArgument,
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a link that logs a person into the console once, within an hour."""
    base = console_url(load_settings({"data_dir": data, "config": config}).settings)
    now = datetime.now(UTC)
    with opened_with_secret(data, config) as (database, secret), database.write() as connection:
        user = get_user(connection, name)
        if user.kind is UserKind.SERVICE or user.disabled_at is not None:
            raise InvalidRequest(f"{name} cannot log in", param="user")
        token = make_login_link(connection, user, secret=secret, now=now)
        tell(connection, "user.login_link", name)
    link = LoginLink(name, f"{base}/login/{token}", now + LINK_TTL)
    echo_link(link, as_json=as_json)


@app.command("reset-link")
def reset_link(
    name: NameArgument,
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a link that lets a person set a new password once, within four hours. Other logins end when it is used."""
    base = console_url(load_settings({"data_dir": data, "config": config}).settings)
    now = datetime.now(UTC)
    with opened_with_secret(data, config) as (database, secret), database.write() as connection:
        made, token = make_reset(connection, get_user(connection, name), secret=secret, now=now)
        tell(connection, "user.reset_link", name)
    link = LoginLink(name, f"{base}/reset/{token}", made.expires_at)
    echo_link(link, as_json=as_json)


def _line(connection: Connection, user: User) -> UserLine:
    teams = [
        UserTeam(member.team, member.role)
        for member in list_memberships(connection, user.id)
        if member.team != user.username
    ]
    return UserLine(
        id=user.id,
        username=user.username,
        email=user.email,
        kind=user.kind,
        is_admin=user.is_admin,
        created_at=user.created_at,
        disabled_at=user.disabled_at,
        teams=teams,
    )


def _cells(line: UserLine) -> tuple[str, ...]:
    teams = ", ".join(
        one.team if one.role is Role.MEMBER else f"{one.team} ({one.role})" for one in line.teams
    )
    state = "active" if line.disabled_at is None else "disabled"
    kind = "admin" if line.is_admin else line.kind.value
    return line.username, kind, teams or "none", moment(line.created_at), state


def _tell(line: UserLine, sentence: str, *, as_json: bool) -> None:
    if as_json:
        echo_json(line)
    else:
        typer.echo(sentence)


def _other_admins(connection: Connection, user: User) -> bool:
    return any(
        other.is_admin and other.disabled_at is None and other.id != user.id
        for other in list_users(connection)
    )


def _ask_password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("New password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline(1024).rstrip("\r\n")
