"""`/api/auth`, `/api/login`, `/login/{link}` and `/api/logout`.

A cookie is HttpOnly and SameSite=Lax; a request that a browser says comes from another site is refused even with one.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from weft.identity.login.back import HOME
from weft.identity.login.cookie import COOKIE, refuse_other_sites
from weft.identity.login.entrance import Entrance, device_of, place_of
from weft.identity.login.problems import PROBLEMS, login_page
from weft.identity.logins import Failures, end_session, redeem
from weft.identity.people import find_password_hash
from weft.identity.secrets import PASSWORD_MAX_CHARS
from weft.identity.types import UserId
from weft.kit.errors import NotAuthenticated


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


class SingleSignOn(BaseModel):
    """The way in by an OpenID Connect provider: `/oidc/login?next=<path>`."""

    name: str
    creates_users: bool


class ProblemInfo(BaseModel):
    """Why a way in led nowhere, and what to do."""

    title: str
    remedy: str


class WaysIn(BaseModel):
    """How one may sign in here."""

    password: bool
    oidc: SingleSignOn | None
    problem: ProblemInfo | None


def add_login_routes(routes: APIRouter, entrance: Entrance) -> None:
    """Add them."""
    database, secret, clock = entrance.database, entrance.secret, entrance.clock
    failures = Failures(clock)

    @routes.get("/api/auth")
    async def show_ways_in(
        problem: Annotated[str | None, Query(max_length=64)] = None,
    ) -> WaysIn:
        """How one may sign in, for the login page; `problem` is the code that its URL has. Takes no login."""
        return _ways_in(entrance, problem)

    @routes.post("/api/login")
    async def log_in(wanted: LoginRequest, request: Request, response: Response) -> LoggedIn:
        """Start a session with a password."""
        refuse_other_sites(request)
        place = place_of(request)
        failures.check(place, wanted.username)
        user_id = await _check_password(entrance, wanted)
        if user_id is None:
            failures.note(place, wanted.username)
            raise WrongPassword(
                "Wrong user name or password",
                remedy="Check both. An administrator makes a link that sets a new password.",
            )
        failures.forget(place, wanted.username)
        await entrance.let_in(request, response, user_id)
        return LoggedIn(username=wanted.username)

    @routes.get("/login/{link}", status_code=303, response_class=RedirectResponse)
    async def log_in_by_link(link: str, request: Request) -> RedirectResponse:
        """Start a session with a one-time link, and go to the console; or to the login page, which says why not."""
        now, device = clock.now(), device_of(request)
        session = await database.write_soon(
            lambda c: redeem(c, link, secret=secret, now=now, device=device)
        )
        if session is None:
            return RedirectResponse(login_page("link_expired"), 303, {"cache-control": "no-store"})
        response = RedirectResponse(HOME, 303, {"referrer-policy": "no-referrer"})
        entrance.set_cookie(response, session)
        return response

    @routes.post("/api/logout", status_code=204)
    async def log_out(request: Request, response: Response) -> None:
        """End the session of the cookie, if there is one."""
        session = request.cookies.get(COOKIE)
        refuse_other_sites(request)
        if session:
            await database.write_soon(lambda c: end_session(c, session, secret=secret))
        entrance.drop_cookie(response)

    _ = (show_ways_in, log_in, log_in_by_link, log_out)


def _ways_in(entrance: Entrance, code: str | None) -> WaysIn:
    options = entrance.ways.oidc
    found = PROBLEMS.get(code or "")
    return WaysIn(
        password=True,
        oidc=options
        and SingleSignOn(name=options.name, creates_users=options.newcomers is not None),
        problem=found and ProblemInfo(title=found.title, remedy=found.remedy),
    )


async def _check_password(entrance: Entrance, wanted: LoginRequest) -> UserId | None:
    found = await entrance.database.read_soon(lambda c: find_password_hash(c, wanted.username))
    user_id, password_hash = found or (None, None)
    good = await entrance.passwords.is_right(password_hash, wanted.password)
    return user_id if good else None
