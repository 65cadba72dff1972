"""`POST /api/users/{username}/reset-link` for administrators, and `/api/resets/...` for who has a link.

Tokens come in bodies, never in the path of a request to the API, so that no log of paths holds one.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from weft.identity.audit.store import record
from weft.identity.login.callers import Caller
from weft.identity.login.cookie import refuse_other_sites
from weft.identity.login.entrance import Entrance, place_of
from weft.identity.logins import TOKEN_LIMIT_CHARS
from weft.identity.people import get_user
from weft.identity.resets.store import NoReset, Reset, find_reset, make_reset, use_reset
from weft.identity.rights.teams import require_server_admin
from weft.identity.secrets import PASSWORD_MAX_CHARS

AskCaller = Callable[[Request], Awaitable[Caller]]
_FORBID = ConfigDict(extra="forbid")


class MadeReset(BaseModel):
    """A link that sets a user's password once: this is the only time that it is shown."""

    username: str
    url: str
    expires_at: datetime


class ResetRequest(BaseModel):
    """The last part of a reset's link."""

    model_config = _FORBID

    token: Annotated[str, Field(max_length=TOKEN_LIMIT_CHARS)]


class NewPasswordRequest(ResetRequest):
    """The password to set."""

    password: Annotated[str, Field(max_length=PASSWORD_MAX_CHARS)]


class ResetInfo(BaseModel):
    """Whose password a link sets, and until when."""

    username: str
    expires_at: datetime


def add_reset_routes(routes: APIRouter, entrance: Entrance, caller: AskCaller) -> None:
    """Add them."""
    database, secret, clock = entrance.database, entrance.secret, entrance.clock

    @routes.post("/api/users/{username}/reset-link", status_code=201)
    async def make_reset_link(
        who: Annotated[Caller, Depends(caller)], username: str, request: Request
    ) -> MadeReset:
        """Make a link that sets a user's password once. For administrators of the server."""
        require_server_admin(who.user, "reset passwords", "user reset-link")
        now = clock.now()

        def make(connection: Connection) -> tuple[Reset, str]:
            user = get_user(connection, username)
            made = make_reset(connection, user, secret=secret, now=now)
            action = "user.reset_link"
            record(connection, by=who.user, action=action, subject=user.username, now=now)
            return made

        made, token = await database.write_soon(make)
        url = entrance.url(request, f"/reset/{token}")
        return MadeReset(username=made.user.username, url=url, expires_at=made.expires_at)

    @routes.post("/api/resets/find")
    async def show_reset(wanted: ResetRequest, request: Request) -> ResetInfo:
        """Whose password a link sets. Takes no login."""
        return await _find(entrance, wanted, request)

    @routes.post("/api/resets/use")
    async def set_password_by_link(
        wanted: NewPasswordRequest, request: Request, response: Response
    ) -> ResetInfo:
        """Set the password; every session of the user ends, and one begins here."""
        refuse_other_sites(request)
        info = await _find(entrance, wanted, request)  # before the slow part
        hashed = await entrance.passwords.hash(wanted.password)
        now = clock.now()
        user = await database.write_soon(
            lambda c: use_reset(c, wanted.token, hashed, secret=secret, now=now)
        )
        await entrance.let_in(request, response, user.id)
        return info

    _ = (make_reset_link, show_reset, set_password_by_link)


async def _find(entrance: Entrance, wanted: ResetRequest, request: Request) -> ResetInfo:
    place, now = place_of(request), entrance.clock.now()
    entrance.wrong_links.check(place, "")
    try:
        found = await entrance.database.read_soon(
            lambda c: find_reset(c, wanted.token, secret=entrance.secret, now=now)
        )
    except NoReset:
        entrance.wrong_links.note(place, "")
        raise
    return ResetInfo(username=found.user.username, expires_at=found.expires_at)
