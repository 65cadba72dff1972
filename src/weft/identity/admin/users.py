"""`/api/users`: everybody who may use this server, for its admins."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection

from weft.identity.account.store import set_email
from weft.identity.admin.shapes import (
    After,
    Limit,
    NewUserWanted,
    PlaceLine,
    Text,
    UserChange,
    UserLine,
    UserPage,
)
from weft.identity.admin.store import (
    check_other_server_admin,
    list_some_users,
    places_of,
    set_server_admin,
)
from weft.identity.audit.store import record
from weft.identity.audit.types import Detail
from weft.identity.people import (
    NewUser,
    create_user,
    disable_user,
    enable_user,
    get_user,
)
from weft.identity.rights.teams import require_server_admin
from weft.identity.types import User, UserKind
from weft.kit.clock import Clock
from weft.kit.db import Database
from weft.kit.errors import InvalidRequest

PAGE = 50
SignedIn = Callable[[Request], Awaitable[User]]


def router(database: Database, signed_in: SignedIn, clock: Clock) -> APIRouter:
    """The routes; `signed_in` yields who asks, or refuses."""
    routes = APIRouter(prefix="/api/users", tags=["identity"])

    async def admin(request: Request) -> User:
        user = await signed_in(request)
        require_server_admin(user, "see and change users", "user ls")
        return user

    @routes.get("", dependencies=[Depends(admin)])
    async def list_users(
        q: Text = "", after: After = "", limit: Limit = PAGE, kind: UserKind | None = None
    ) -> UserPage:
        """Users by name, whose names or e-mail addresses hold `q`."""

        def work(connection: Connection) -> UserPage:
            found = list_some_users(connection, text=q, after=after, limit=limit + 1, kind=kind)
            lines = _lines(connection, found[:limit])
            return UserPage(users=lines, next=lines[-1].username if len(found) > limit else None)

        return await database.read_soon(work)

    @routes.post("", status_code=201)
    async def make_user(who: Annotated[User, Depends(admin)], wanted: NewUserWanted) -> UserLine:
        """Make a user, and a person's personal entity. There is no password until a link sets one."""
        if wanted.is_admin and wanted.kind is UserKind.SERVICE:
            raise _no_service_admins()
        new = NewUser(wanted.username, wanted.email, wanted.kind, is_admin=wanted.is_admin)
        now = clock.now()

        def make(connection: Connection) -> UserLine:
            user = create_user(connection, new, now)
            detail: Detail = {"kind": user.kind.value, "email": user.email, "admin": user.is_admin}
            _record(connection, who, "user.create", user, detail, now)
            return _lines(connection, [user])[0]

        return await database.write_soon(make)

    @routes.patch("/{username}")
    async def change_user(
        who: Annotated[User, Depends(admin)], username: str, wanted: UserChange
    ) -> UserLine:
        """Shut a user out or let them in, make them an admin of the server or not, change their e-mail address."""
        now = clock.now()

        def change(connection: Connection) -> UserLine:
            user = get_user(connection, username)
            for action, detail in _change(connection, user, wanted, now):
                _record(connection, who, action, user, detail, now)
            return _lines(connection, [get_user(connection, username)])[0]

        return await database.write_soon(change)

    _ = (list_users, make_user, change_user)
    return routes


def _change(
    connection: Connection, user: User, wanted: UserChange, now: datetime
) -> list[tuple[str, Detail]]:
    """Make the changes; what the audit log is told of them."""
    told: list[tuple[str, Detail]] = []
    if wanted.disabled is not None and wanted.disabled != (user.disabled_at is not None):
        if wanted.disabled:
            if user.is_admin:
                check_other_server_admin(connection, user)
            disable_user(connection, user.id, now)
        else:
            enable_user(connection, user.id)
        told.append(("user.disable" if wanted.disabled else "user.enable", {}))
    if wanted.is_admin is not None and wanted.is_admin != user.is_admin:
        if wanted.is_admin and user.kind is UserKind.SERVICE:
            raise _no_service_admins()
        if not wanted.is_admin:
            check_other_server_admin(connection, user)
        set_server_admin(connection, user.id, is_admin=wanted.is_admin)
        told.append(("user.admin", {"admin": wanted.is_admin}))
    if wanted.email is not None and wanted.email != user.email:
        set_email(connection, user.id, wanted.email)
        told.append(("user.email", {"email": wanted.email, "was": user.email}))
    return told


def _no_service_admins() -> InvalidRequest:
    return InvalidRequest("a service account cannot be an administrator", param="is_admin")


def _record(
    connection: Connection, who: User, action: str, user: User, detail: Detail, now: datetime
) -> None:
    record(connection, by=who, action=action, subject=user.username, detail=detail, now=now)


def _lines(connection: Connection, users: list[User]) -> list[UserLine]:
    places = places_of(connection, {one.id for one in users})
    return [
        UserLine(
            id=one.id,
            username=one.username,
            email=one.email,
            kind=one.kind,
            is_admin=one.is_admin,
            created_at=one.created_at,
            disabled_at=one.disabled_at,
            teams=[PlaceLine(team=each.team, role=each.role) for each in places.get(one.id, [])],
        )
        for one in users
    ]
