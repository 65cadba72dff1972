"""`weft key`: API keys. A key is shown when it is made and never again."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from sqlalchemy import Connection

from weft.cli.output import JsonOption, echo_json, moment, read_expiry, read_project_name
from weft.cli.store import ConfigOption, DataOption, opened, opened_with_secret, tell
from weft.cli.table import Column, table
from weft.identity.audit.types import Value
from weft.identity.keys import (
    DEFAULT_SCOPES,
    MadeKey,
    NewKey,
    create_key,
    get_key,
    list_keys,
    recognised_by,
    revoke_key,
)
from weft.identity.names import NoSuchThing
from weft.identity.people import NewUser, create_user, find_user, get_user, list_users
from weft.identity.teams import find_role, find_team_by_id, get_project, get_team, set_member
from weft.identity.types import ApiKey, Project, Role, Scope, Team, TraceLevel, User, UserKind
from weft.kit.errors import InvalidRequest

app = typer.Typer(no_args_is_help=True)


class KeyLine(msgspec.Struct, frozen=True):
    """A key as `--json` tells it."""

    id: str
    name: str
    user: str
    prefix: str
    last_four: str
    team: str | None
    project: str | None
    scopes: list[Scope]
    models: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    trace: TraceLevel | None = None


class CreatedKey(KeyLine, frozen=True):
    """A key that was just made: the only time that `api_key` is shown."""

    api_key: str = ""


@dataclass(frozen=True, slots=True)
class _Wish:
    user: str | None
    service: str | None
    team: str | None
    project: str | None


@app.command()
def create(  # noqa: PLR0913 - a flag each
    *,
    name: Annotated[str, typer.Option(help="What you call it.")] = "",
    user: Annotated[
        str | None,
        typer.Option(
            help="Whose it is; may be left out while there is one user.", show_default=False
        ),
    ] = None,
    service: Annotated[
        str | None,
        typer.Option(
            help="Whose it is, when a program's: a service account, made in --team if it is new.",
            show_default=False,
        ),
    ] = None,
    team: Annotated[
        str | None, typer.Option(help="Works for this team only.", show_default=False)
    ] = None,
    project: Annotated[
        str | None,
        typer.Option(help="Works for this project only: team/project.", show_default=False),
    ] = None,
    scope: Annotated[
        list[Scope] | None,
        typer.Option(help="What it may be used for; inference and traces by default. Repeatable."),
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="A model it may use; all by default. Repeatable.")
    ] = None,
    trace: Annotated[
        TraceLevel | None,
        typer.Option(
            help="What its requests leave in traces, as far as the project allows.",
            show_default=False,
        ),
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option(help="30d, 12h, or a day such as 2027-01-31; never by default."),
    ] = None,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Make an API key. It is shown this once."""
    now = datetime.now(UTC)
    wish = _Wish(user, service, team, project)
    expires_at = read_expiry(expires, now) if expires else None
    with opened_with_secret(data, config) as (database, secret), database.write() as connection:
        owner, of_team, of_project = _owner_and_place(connection, wish, now)
        new = NewKey(
            owner,
            name=name,
            scopes=frozenset(scope) if scope else DEFAULT_SCOPES,
            team=of_team,
            project=of_project,
            allowed_models=frozenset(model) if model else None,
            expires_at=expires_at,
            trace=trace,
        )
        made = create_key(connection, new, secret=secret, now=now)
        tell(connection, "key.create", _called(made.key), of_team, **_told(made.key))
    if as_json:
        echo_json(CreatedKey(**msgspec.structs.asdict(_line(made.key)), api_key=made.api_key))
    else:
        typer.echo(_story(made))


@app.command("ls")
def list_(
    *,
    user: Annotated[str | None, typer.Option(help="Only this user's.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Revoked and expired ones, too.")] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """List keys; of each only its beginning and its last four characters are known."""
    now = datetime.now(UTC)
    with opened(data, config) as database, database.read() as connection:
        of_user = get_user(connection, user).id if user else None
        keys = list_keys(connection, of_user)
    shown = [key for key in keys if all_ or _state(key, now) == "active"]
    if as_json:
        echo_json([_line(key) for key in shown])
    elif not shown:
        hidden = f" ({len(keys)} revoked or expired: --all)" if keys else ""
        typer.echo(f"There are no keys{hidden}: weft key create")
    else:
        columns = (
            Column("name", shrinks=True),
            Column("key"),
            Column("user", shrinks=True),
            Column("for", shrinks=True),
            Column("last used (UTC)"),
            Column("expires (UTC)"),
            Column("state"),
        )
        typer.echo(table(columns, [_cells(key, now) for key in shown]))


app.command("list", hidden=True)(list_)


@app.command()
def revoke(
    key: Annotated[
        str,
        typer.Argument(help="Its id, its name, or its beginning as listed.", show_default=False),
    ],
    *,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """End a key for good. A running server refuses it from its next request on."""
    with opened(data, config) as database, database.write() as connection:
        found = _find_key(connection, key)
        revoke_key(connection, found.id, datetime.now(UTC))
        of_team = find_team_by_id(connection, found.team_id) if found.team_id else None
        tell(connection, "key.revoke", _called(found), of_team, user=found.username, key=found.id)
        line = _line(get_key(connection, found.id))
    if as_json:
        echo_json(line)
    else:
        called = f" ({line.name})" if line.name else ""
        typer.echo(f"Revoked {line.prefix}…{line.last_four}{called} of {line.user}.")


def _owner_and_place(
    connection: Connection, wish: _Wish, now: datetime
) -> tuple[User, Team | None, Project | None]:
    team, project = _place(connection, wish)
    if wish.service is not None:
        if wish.user is not None:
            raise InvalidRequest("a key has one owner: --user or --service", param="user")
        owner = _service(connection, wish.service, team, now)
    elif wish.user is not None:
        owner = get_user(connection, wish.user)
    else:
        owner = _only_user(connection)
    if team is not None and find_role(connection, team.id, owner.id) is None:
        raise InvalidRequest(
            f"{owner.username} is no member of {team.name}",
            param="team",
            remedy=f"weft team add {team.name} {owner.username}",
        )
    return owner, team, project


def _place(connection: Connection, wish: _Wish) -> tuple[Team | None, Project | None]:
    if wish.project is not None:
        team, name = read_project_name(wish.project, wish.team)
        return get_team(connection, team), get_project(connection, team, name)
    return (get_team(connection, wish.team) if wish.team else None), None


def _service(connection: Connection, name: str, team: Team | None, now: datetime) -> User:
    found = find_user(connection, name)
    if found is not None:
        if found.kind is not UserKind.SERVICE:
            raise InvalidRequest(f"{name} is a person; use --user", param="service")
        return found
    if team is None:
        raise NoSuchThing(
            f"there is no service account {name}",
            param="service",
            remedy="Name a --team, and it is made there.",
        )
    made = create_user(connection, NewUser(name, kind=UserKind.SERVICE), now)
    set_member(connection, team, made.id, role=Role.MEMBER, now=now)
    tell(connection, "user.create", name, kind=made.kind.value)
    tell(connection, "member.set", name, team, role=Role.MEMBER.value)
    return made


def _called(key: ApiKey) -> str:
    return recognised_by(key.name, key.prefix, key.last_four)


def _told(key: ApiKey) -> dict[str, Value]:
    return {
        "user": key.username,
        "key": key.id,
        "scopes": sorted(key.scopes),
        "project": key.project,
        "models": None if key.allowed_models is None else sorted(key.allowed_models),
        "expires_at": None if key.expires_at is None else key.expires_at.isoformat(),
    }


def _only_user(connection: Connection) -> User:
    people = [one for one in list_users(connection) if one.kind is UserKind.PERSON]
    if len(people) != 1:
        raise InvalidRequest("say whose key it is: --user NAME", param="user")
    return people[0]


def _find_key(connection: Connection, name: str) -> ApiKey:
    beginning, _, ending = name.partition("…")
    keys = list_keys(connection)
    exact = [key for key in keys if key.id == name]
    alike = [
        key
        for key in keys
        if key.revoked_at is None
        and (key.name == name or (key.prefix == beginning and ending in {"", key.last_four}))
    ]
    found = exact or alike
    if len(found) == 1:
        return found[0]
    what = f"{len(found)} keys answer to {name!r}" if found else f"there is no active key {name!r}"
    raise NoSuchThing(what, param="key", remedy="`weft key ls --json` shows their ids.")


def _line(key: ApiKey) -> KeyLine:
    return KeyLine(
        id=key.id,
        name=key.name,
        user=key.username,
        prefix=key.prefix,
        last_four=key.last_four,
        team=key.team,
        project=key.project,
        scopes=sorted(key.scopes),
        models=None if key.allowed_models is None else sorted(key.allowed_models),
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
        trace=key.trace,
    )


def _story(made: MadeKey) -> str:
    key = made.key
    place = _for(key)
    return "\n".join(
        [
            made.api_key,
            "",
            f"Of {key.username}, for {', '.join(sorted(key.scopes))}"
            + (f" in {place}" if place != "any team" else "")
            + f"; expires {moment(key.expires_at)}{' UTC' if key.expires_at else ''}.",
            "Copy it now: it is not shown again. OPENAI_API_KEY and WANDB_API_KEY both take it.",
        ]
    )


def _cells(key: ApiKey, now: datetime) -> tuple[str, ...]:
    return (
        key.name or "-",
        f"{key.prefix}…{key.last_four}",
        key.username,
        _for(key),
        moment(key.last_used_at),
        moment(key.expires_at),
        _state(key, now),
    )


def _for(key: ApiKey) -> str:
    if key.team is None:
        return "any team"
    return f"{key.team}/{key.project}" if key.project else key.team


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is not None and key.expires_at <= now:
        return "expired"
    return "active"
