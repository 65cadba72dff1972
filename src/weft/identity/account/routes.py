"""`/api/me/...`: a person's own e-mail, password, sessions and connection to single sign-on."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from weft.identity.account.store import (
    Session,
    change_password,
    end_one,
    end_others,
    list_sessions,
    password_hash_of,
    session_id,
    set_email,
)
from weft.identity.login.callers import Caller
from weft.identity.login.cookie import COOKIE
from weft.identity.login.entrance import Entrance, place_of
from weft.identity.logins import Failures, session_digest
from weft.identity.names import EMAIL_LIMIT_CHARS
from weft.identity.oidc.routes import AwayTo, SignIn, start_connecting, stop_connecting
from weft.identity.secrets import PASSWORD_MAX_CHARS
from weft.kit.errors import InvalidRequest, NotPermitted

AskCaller = Callable[[Request], Awaitable[Caller]]


class WrongOldPassword(InvalidRequest):
    """The old password is another one."""

    code = "wrong_old_password"
    remedy = "type the password that you signed in with; an administrator can make a link that sets a new one"


class NoPassword(InvalidRequest):
    """This user signs in without a password, so there is none to change."""

    code = "no_password"
    remedy = "ask an administrator for a link that sets a password: `weft user reset-link NAME`"


class EmailIsFixed(NotPermitted):
    """E-mail addresses decide who comes in by single sign-on here, so nobody may change their own."""

    code = "email_is_fixed"
    remedy = "ask an administrator to change it"


class AccountRequest(BaseModel):
    """What to change."""

    model_config = ConfigDict(extra="forbid")

    email: Annotated[str, Field(max_length=EMAIL_LIMIT_CHARS)]


class PasswordRequest(BaseModel):
    """The password as it is, and as it shall be."""

    model_config = ConfigDict(extra="forbid")

    old_password: Annotated[str, Field(max_length=PASSWORD_MAX_CHARS)]
    new_password: Annotated[str, Field(max_length=PASSWORD_MAX_CHARS)]


class SessionInfo(BaseModel):
    """One place where the caller is logged in."""

    id: str
    device: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    is_this: bool
    """Whether it is the one that asks."""


class SessionList(BaseModel):
    """Where the caller is logged in, the newest first."""

    sessions: list[SessionInfo]


class Ended(BaseModel):
    """How many sessions ended."""

    ended: int


def add_account_routes(
    routes: APIRouter, entrance: Entrance, caller: AskCaller, sign_in: SignIn | None
) -> None:
    """Add them."""
    _add_password_routes(routes, entrance, caller)
    _add_session_routes(routes, entrance, caller)

    @routes.post("/api/me/oidc")
    async def connect_account(
        who: Annotated[Caller, Depends(caller)], request: Request, response: Response
    ) -> AwayTo:
        """Begin to connect the caller's user to an account at the single sign-on provider."""
        return await start_connecting(sign_in, who, request, response)

    @routes.delete("/api/me/oidc", status_code=204)
    async def disconnect_account(who: Annotated[Caller, Depends(caller)]) -> None:
        """End the connection to accounts at the single sign-on provider; needs a password to sign in with."""
        found = await entrance.database.read_soon(lambda c: password_hash_of(c, who.user.id))
        if found is None:
            raise NoPassword("Without a password, single sign-on is your only way in")
        await stop_connecting(entrance, who)

    _ = (connect_account, disconnect_account)


def _add_password_routes(routes: APIRouter, entrance: Entrance, caller: AskCaller) -> None:
    database, passwords = entrance.database, entrance.passwords
    failures = Failures(entrance.clock)

    @routes.patch("/api/me", status_code=204)
    async def change_account(
        who: Annotated[Caller, Depends(caller)], wanted: AccountRequest
    ) -> None:
        """Change the caller's e-mail address."""
        options = entrance.ways.oidc
        if options is not None and options.link_by_email:
            raise EmailIsFixed("E-mail addresses are changed by administrators here")
        await database.write_soon(lambda c: set_email(c, who.user.id, wanted.email))

    @routes.post("/api/me/password", status_code=204)
    async def change_own_password(
        who: Annotated[Caller, Depends(caller)], wanted: PasswordRequest, request: Request
    ) -> None:
        """Change the caller's password; every other session ends."""
        place = place_of(request)
        failures.check(place, who.user.username)
        known = await database.read_soon(lambda c: password_hash_of(c, who.user.id))
        if known is None:
            raise NoPassword("You have no password to change", param="old_password")
        if not await passwords.is_right(known, wanted.old_password):
            failures.note(place, who.user.username)
            raise WrongOldPassword("The old password is another one", param="old_password")
        failures.forget(place, who.user.username)
        hashed = await passwords.hash(wanted.new_password)
        kept = _own_digest(entrance, who, request)
        await database.write_soon(lambda c: change_password(c, who.user.id, hashed, kept=kept))

    _ = (change_account, change_own_password)


def _add_session_routes(routes: APIRouter, entrance: Entrance, caller: AskCaller) -> None:
    database = entrance.database

    @routes.get("/api/me/sessions")
    async def list_own_sessions(
        who: Annotated[Caller, Depends(caller)], request: Request
    ) -> SessionList:
        """Where the caller is logged in."""
        now, digest = entrance.clock.now(), _own_digest(entrance, who, request)
        found = await database.read_soon(lambda c: list_sessions(c, who.user.id, now))
        this = session_id(digest) if digest else None
        return SessionList(sessions=[_info(one, this) for one in found])

    @routes.delete("/api/me/sessions")
    async def end_other_sessions(
        who: Annotated[Caller, Depends(caller)], request: Request
    ) -> Ended:
        """Log the caller out everywhere but here."""
        kept = _own_digest(entrance, who, request)
        return Ended(ended=await database.write_soon(lambda c: end_others(c, who.user.id, kept)))

    @routes.delete("/api/me/sessions/{session}", status_code=204)
    async def end_own_session(who: Annotated[Caller, Depends(caller)], session: str) -> None:
        """Log the caller out in one place."""
        await database.write_soon(lambda c: end_one(c, who.user.id, session))

    _ = (list_own_sessions, end_other_sessions, end_own_session)


def _own_digest(entrance: Entrance, who: Caller, request: Request) -> str | None:
    """What is kept of the session that asks; None: a key asks."""
    session = request.cookies.get(COOKIE)
    if who.key is not None or not session:
        return None
    return session_digest(entrance.secret, session)


def _info(one: Session, this: str | None) -> SessionInfo:
    return SessionInfo(
        id=one.id,
        device=one.device,
        created_at=one.created_at,
        seen_at=one.seen_at,
        expires_at=one.expires_at,
        is_this=one.id == this,
    )
