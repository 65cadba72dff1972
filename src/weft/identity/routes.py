"""`/api/me`, `/api/keys` and the ways to log in and out, for the console and for scripts.

A caller is somebody with a session cookie or with a key of the scope `manage`. Cookies are HttpOnly and SameSite=Lax,
and a request that a browser says comes from another site is refused even with one, also one that would log in.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from weft.identity.account.routes import add_account_routes
from weft.identity.account.store import is_seen_long_ago, note_seen, password_hash_of
from weft.identity.admin import teams as team_routes
from weft.identity.admin import users as user_routes
from weft.identity.audit import routes as audit_routes
from weft.identity.headers import credentials_of
from weft.identity.invitations.routes import add_invitation_routes
from weft.identity.keys import (
    MadeKey,
    NewKey,
    check_expiry,
    create_key,
    get_key,
    list_keys,
    revoke_key,
)
from weft.identity.login.callers import Caller
from weft.identity.login.cookie import COOKIE, refuse_other_sites
from weft.identity.login.entrance import Entrance, Ways
from weft.identity.login.routes import add_login_routes
from weft.identity.logins import session_digest
from weft.identity.names import NoSuchThing
from weft.identity.oidc.routes import add_oidc_routes
from weft.identity.oidc.store import is_connected
from weft.identity.principal import Gate
from weft.identity.resets.routes import add_reset_routes
from weft.identity.teams import (
    default_team,
    find_role,
    get_project,
    get_team,
    list_memberships,
    list_projects,
)
from weft.identity.types import (
    ApiKey,
    Project,
    Role,
    Scope,
    Team,
    TeamKind,
    TraceLevel,
    User,
)
from weft.kit.clock import Clock
from weft.kit.db import Database
from weft.kit.errors import NotAuthenticated
from weft.kit.routes.handing import hand_on


class TeamInfo(BaseModel):
    """A team of the caller's, and its projects."""

    name: str
    kind: TeamKind
    role: Role
    projects: list[str]


class Me(BaseModel):
    """Who is calling, and what they are part of."""

    id: str
    username: str
    email: str
    is_admin: bool
    default_team: str | None
    teams: list[TeamInfo]
    has_password: bool
    """Whether a password lets them in."""
    has_single_sign_on: bool
    """Whether an account at the single sign-on provider lets them in."""


class KeyInfo(BaseModel):
    """What is kept of a key."""

    id: str
    name: str
    prefix: str
    last_four: str
    scopes: list[Scope]
    team: str | None
    project: str | None
    models: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    trace: TraceLevel | None = None


class KeyList(BaseModel):
    """The caller's keys, the newest first."""

    keys: list[KeyInfo]


class CreatedKey(KeyInfo):
    """A key that was just made: the only time that it is shown."""

    api_key: str


class KeyRequest(BaseModel):
    """The key to make; what is left out is not restricted."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=128)] = ""
    scopes: Annotated[list[Scope], Field(max_length=8)] = [Scope.INFERENCE, Scope.TRACES]
    team: Annotated[str, Field(max_length=128)] | None = None
    project: Annotated[str, Field(max_length=128)] | None = None
    models: Annotated[list[str], Field(max_length=100)] | None = None
    expires_at: AwareDatetime | None = None
    trace: TraceLevel | None = None


SignedIn = Callable[[Request], Awaitable[User]]
AskCaller = Callable[[Request], Awaitable[Caller]]


def signed_in(gate: Gate) -> SignedIn:
    """A dependency that yields the user whose session or key of scope `manage` came with the request, or refuses."""

    async def user_of_request(request: Request) -> User:
        return (await _caller(gate, request)).user

    return user_of_request


def router(
    database: Database, gate: Gate, secret: bytes, clock: Clock, ways: Ways | None = None
) -> APIRouter:
    """The routes of identity; `ways` says how people may come in, and by what URL."""
    routes = APIRouter(tags=["identity"])
    entrance = Entrance(database, secret, clock, ways or Ways())

    async def caller(request: Request) -> Caller:
        return await _caller(gate, request)

    _add_own_routes(routes, entrance, caller)
    add_login_routes(routes, entrance)
    sign_in = add_oidc_routes(routes, entrance)
    add_account_routes(routes, entrance, caller, sign_in)
    add_invitation_routes(routes, entrance, caller)
    add_reset_routes(routes, entrance, caller)
    asks = signed_in(gate)
    hand_on(audit_routes.router(database, asks), routes)
    hand_on(team_routes.router(database, asks, clock), routes)
    hand_on(user_routes.router(database, asks, clock), routes)
    return routes


def _add_own_routes(routes: APIRouter, entrance: Entrance, caller: AskCaller) -> None:
    database, secret, clock = entrance.database, entrance.secret, entrance.clock

    @routes.get("/api/me")
    async def show_me(who: Annotated[Caller, Depends(caller)], request: Request) -> Me:
        """Who is calling, with teams, roles and projects."""
        options = entrance.ways.oidc
        session = None if who.key else request.cookies.get(COOKIE)
        if session:
            await _note_seen(entrance, session_digest(secret, session))
        return await database.read_soon(lambda c: _me(c, who.user, options and options.issuer))

    @routes.get("/api/keys")
    async def list_own_keys(who: Annotated[Caller, Depends(caller)]) -> KeyList:
        """The caller's keys, revoked ones included."""
        keys = await database.read_soon(lambda c: list_keys(c, who.user.id))
        return KeyList(keys=[key_info(key) for key in keys])

    @routes.post("/api/keys", status_code=201)
    async def create_own_key(
        who: Annotated[Caller, Depends(caller)], wanted: KeyRequest
    ) -> CreatedKey:
        """Make a key for the caller; the key itself is in this answer and nowhere else."""
        now = clock.now()
        made = await database.write_soon(lambda c: _create(c, who, wanted, secret=secret, now=now))
        return CreatedKey(**key_info(made.key).model_dump(), api_key=made.api_key)

    @routes.delete("/api/keys/{key_id}", status_code=204)
    async def revoke_own_key(who: Annotated[Caller, Depends(caller)], key_id: str) -> None:
        """End one of the caller's keys, at once and for good."""
        now = clock.now()
        await database.write_soon(lambda c: _revoke(c, who, key_id, now))

    _ = (show_me, list_own_keys, create_own_key, revoke_own_key)


async def _caller(gate: Gate, request: Request) -> Caller:
    authorization, _project = credentials_of(request.headers.raw)
    session = request.cookies.get(COOKIE)
    if authorization:
        caller = await gate.identify(authorization)
        caller.needs(Scope.MANAGE)
        return caller
    if session:
        refuse_other_sites(request)
        return await gate.identify_session(session)
    raise NotAuthenticated(
        "Not logged in",
        remedy="Log in, or send `Authorization: Bearer <key>` with a key of the scope manage.",
        metadata={"reason": "no_session"},
    )


async def _note_seen(entrance: Entrance, digest: str) -> None:
    now = entrance.clock.now()
    if await entrance.database.read_soon(lambda c: is_seen_long_ago(c, digest, now)):
        await entrance.database.write_soon(lambda c: note_seen(c, digest, now))


def _me(connection: Connection, user: User, issuer: str | None) -> Me:
    default = default_team(connection, user.id)
    teams = [
        TeamInfo(
            name=member.team,
            kind=TeamKind.PERSONAL if member.team == user.username else TeamKind.TEAM,
            role=member.role,
            projects=[project.name for project in list_projects(connection, member.team_id)],
        )
        for member in list_memberships(connection, user.id)
    ]
    return Me(
        id=user.id,
        username=user.username,
        email=user.email,
        is_admin=user.is_admin,
        default_team=default.name if default else None,
        teams=teams,
        has_password=password_hash_of(connection, user.id) is not None,
        has_single_sign_on=bool(issuer) and is_connected(connection, user.id, issuer),
    )


def _create(
    connection: Connection, who: Caller, wanted: KeyRequest, *, secret: bytes, now: datetime
) -> MadeKey:
    team, project = _own_place(connection, who.user, wanted)
    expires_at = wanted.expires_at
    if expires_at is not None:
        check_expiry(expires_at, now)  # first: the calendar's ends have no UTC
        expires_at = expires_at.astimezone(UTC)
    if who.key is not None and who.key.expires_at is not None:  # a key cannot outlive itself
        expires_at = min(expires_at or who.key.expires_at, who.key.expires_at)
    new = NewKey(
        who.user,
        name=wanted.name,
        scopes=frozenset(wanted.scopes),
        team=team,
        project=project,
        allowed_models=None if wanted.models is None else frozenset(wanted.models),
        expires_at=expires_at,
        trace=wanted.trace,
    )
    return create_key(connection, new, secret=secret, now=now)


def _own_place(
    connection: Connection, user: User, wanted: KeyRequest
) -> tuple[Team | None, Project | None]:
    """The team and project to restrict a key to; what is not the caller's does not exist."""
    if wanted.team is None:
        if wanted.project is not None:
            raise NoSuchThing("a project is named together with its team", param="team")
        return None, None
    missing = NoSuchThing("there is no such team or project of yours", param="team")
    try:
        team = get_team(connection, wanted.team)
    except NoSuchThing as error:
        raise missing from error
    if find_role(connection, team.id, user.id) is None:
        raise missing
    if wanted.project is None:
        return team, None
    return team, get_project(connection, team.name, wanted.project)


def _revoke(connection: Connection, who: Caller, key_id: str, now: datetime) -> None:
    key = get_key(connection, key_id)
    if key.user_id != who.user.id:
        raise NoSuchThing("there is no key with this id", param="key")
    revoke_key(connection, key.id, now)


def key_info(key: ApiKey) -> KeyInfo:
    """A key as it is shown."""
    return KeyInfo(
        id=key.id,
        name=key.name,
        prefix=key.prefix,
        last_four=key.last_four,
        scopes=sorted(key.scopes),
        team=key.team,
        project=key.project,
        models=None if key.allowed_models is None else sorted(key.allowed_models),
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
        trace=key.trace,
    )
