"""`/api/login`, `/login/{link}` and `/api/logout`.

A cookie is HttpOnly and SameSite=Lax; a request that a browser says comes from another site is refused even with one.
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from weft.identity.login.cookie import COOKIE, refuse_other_sites
from weft.identity.logins import SESSION_TTL, Failures, end_session, redeem, start_session
from weft.identity.people import find_password_hash
from weft.identity.secrets import PASSWORD_MAX_CHARS, verify_password
from weft.identity.types import UserId
from weft.kit.clock import Clock
from weft.kit.db import Database
from weft.kit.errors import NotAuthenticated, Overloaded

_HASHES_AT_ONCE = 2  # each takes 64 MiB for a moment
_HASH_WAIT_S = 10


class WrongPassword(NotAuthenticated):
    """No such user, or another password: one answer for both."""

    code = "invalid_credentials"


class LoginRequest(BaseModel):
    """A user name and a password."""

    model_config = ConfigDict(extra="forbid")

    username: Annotated[str, Field(max_length=128)]
    password: Annotated[str, Field(max_length=PASSWORD_MAX_CHARS)]


class LoggedIn(BaseModel):
    """Who is logged in now; the session is in the cookie."""

    username: str


def add_login_routes(
    routes: APIRouter, database: Database, secret: bytes, *, clock: Clock, secure: bool
) -> None:
    """Add them; `secure` when browsers reach the server by https."""
    failures = Failures(clock)
    hashing = asyncio.Semaphore(_HASHES_AT_ONCE)

    def set_cookie(response: Response, session: str) -> None:
        age_s = int(SESSION_TTL.total_seconds())
        response.set_cookie(
            COOKIE, session, max_age=age_s, httponly=True, samesite="lax", secure=secure
        )
        response.headers["cache-control"] = "no-store"

    @routes.post("/api/login")
    async def log_in(wanted: LoginRequest, request: Request, response: Response) -> LoggedIn:
        """Start a session with a password."""
        refuse_other_sites(request)
        place = request.client.host if request.client else ""
        failures.check(place, wanted.username)
        user_id = await _check_password(database, hashing, wanted)
        if user_id is None:
            failures.note(place, wanted.username)
            raise WrongPassword(
                "Wrong user name or password",
                remedy="`weft user passwd NAME` sets a new password.",
            )
        failures.forget(place, wanted.username)
        now = clock.now()
        session = await database.write_soon(
            lambda c: start_session(c, user_id, secret=secret, now=now)
        )
        set_cookie(response, session)
        return LoggedIn(username=wanted.username)

    @routes.get("/login/{link}", status_code=303, response_class=RedirectResponse)
    async def log_in_by_link(link: str) -> RedirectResponse:
        """Start a session with a one-time link, and go to the console either way."""
        now = clock.now()
        session = await database.write_soon(lambda c: redeem(c, link, secret=secret, now=now))
        if session is None:
            return RedirectResponse("/?login=expired", 303, {"cache-control": "no-store"})
        response = RedirectResponse("/", 303, {"referrer-policy": "no-referrer"})
        set_cookie(response, session)
        return response

    @routes.post("/api/logout", status_code=204)
    async def log_out(request: Request, response: Response) -> None:
        """End the session of the cookie, if there is one."""
        session = request.cookies.get(COOKIE)
        refuse_other_sites(request)
        if session:
            await database.write_soon(lambda c: end_session(c, session, secret=secret))
        response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=secure)

    _ = (log_in, log_in_by_link, log_out)


async def _check_password(
    database: Database, hashing: asyncio.Semaphore, wanted: LoginRequest
) -> UserId | None:
    found = await database.read_soon(lambda c: find_password_hash(c, wanted.username))
    user_id, password_hash = found or (None, None)
    try:
        async with asyncio.timeout(_HASH_WAIT_S), hashing:
            good = await asyncio.to_thread(verify_password, password_hash, wanted.password)
    except TimeoutError as error:
        raise Overloaded("Too many logins at once", retry_after_s=5) from error
    return user_id if good else None
