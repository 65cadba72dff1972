"""`/oidc/login` and `/oidc/callback`: to the provider and back; and the connection of an account in the profile.

A browser always ends on a page: where it was going, or the login page with the code of what went wrong.
"""

import hmac
import logging
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from weft.identity.login.back import HOME, own_path
from weft.identity.login.callers import Caller
from weft.identity.login.cookie import COOKIE
from weft.identity.login.entrance import Entrance
from weft.identity.login.problems import login_page
from weft.identity.logins import find_session_user
from weft.identity.oidc.claims import needed, person_of
from weft.identity.oidc.flow import FLOW_COOKIE, FLOW_TTL_S, Flow, begin, seal, unseal
from weft.identity.oidc.grant import authorization_url, redeem_code
from weft.identity.oidc.options import OidcOptions
from weft.identity.oidc.provider import Provider
from weft.identity.oidc.store import connect, disconnect, enter
from weft.identity.oidc.token import Expected, check_token, key_id_of
from weft.identity.oidc.types import NoEntry, Person
from weft.identity.types import UserId
from weft.kit.errors import InvalidRequest

log = logging.getLogger(__name__)

CALLBACK = "/oidc/callback"
PROFILE = "/settings/profile"
_TO_BROWSER = {"cache-control": "no-store", "referrer-policy": "no-referrer"}

Text = Annotated[str, Query(max_length=4096)]


class NoProvider(InvalidRequest):
    """Single sign-on is not set up here."""

    code = "oidc_off"
    remedy = "set oidc_issuer and oidc_client_id; docs/guides/signing-in.md tells how"


class AwayTo(BaseModel):
    """Where to send the browser."""

    url: str


class SignIn:
    """The way through the provider, and who comes out of it."""

    def __init__(self, entrance: Entrance, options: OidcOptions) -> None:
        self._entrance = entrance
        self._options = options
        self._provider = Provider(options.issuer, entrance.clock)

    async def away(
        self, request: Request, response: Response, back: str, user_id: UserId | None = None
    ) -> str:
        """Where to send a browser; its cookie is set on `response`.

        Raises:
            NoEntry: the provider cannot be reached.
        """
        entrance = self._entrance
        endpoints = await self._provider.endpoints()
        flow = begin(back, entrance.url(request, CALLBACK), self._now_s(), user_id)
        response.set_cookie(
            FLOW_COOKIE,
            seal(flow, entrance.secret),
            max_age=FLOW_TTL_S,
            path="/oidc",
            httponly=True,
            samesite="lax",
            secure=entrance.ways.is_secure,
        )
        return authorization_url(self._options, endpoints, flow.redirect, flow.proof)

    def flow_of(self, request: Request, state: str) -> Flow:
        """What this browser began.

        Raises:
            NoEntry: it began nothing, something else, or too long ago.
        """
        flow = unseal(request.cookies.get(FLOW_COOKIE), self._entrance.secret, self._now_s())
        if flow is None or not hmac.compare_digest(flow.state.encode(), state.encode()):
            raise NoEntry("oidc_start_again")
        return flow

    async def come_back(self, flow: Flow, code: str, issuer: str) -> Person:
        """Who signed in, for the code that the provider sent the browser back with.

        Raises:
            NoEntry: nobody, or nobody that can be trusted.
        """
        options, endpoints = self._options, await self._provider.endpoints()
        if issuer and issuer != endpoints.issuer:  # RFC 9207: another provider's answer
            raise NoEntry("oidc_token", "the answer names another issuer")
        tokens = await redeem_code(
            options, endpoints, flow.redirect, code=code, verifier=flow.verifier
        )
        keys = await self._provider.keys(key_id_of(tokens.id_token))
        expected = Expected(endpoints.issuer, options.client_id, flow.nonce)
        claims = check_token(tokens.id_token, keys, expected, self._entrance.clock.now())
        if not needed(options.username_claim) <= claims.keys() and endpoints.userinfo:
            told = await self._provider.fetch(endpoints.userinfo, tokens.access_token or "")
            if told.get("sub") != claims["sub"]:
                raise NoEntry("oidc_token", "the userinfo is somebody else's")
            claims = {**told, **claims}
        return person_of(claims, endpoints.issuer, options.username_claim)

    async def finish(self, request: Request, flow: Flow, person: Person) -> RedirectResponse:
        """Let the person in, or connect the account, and go where the browser was going.

        Raises:
            NoEntry: the person may not come in.
        """
        entrance, options = self._entrance, self._options
        now = entrance.clock.now()
        response = RedirectResponse(flow.back, 303, _TO_BROWSER)
        if flow.user_id is None:
            user, made = await entrance.database.write_soon(
                lambda c: enter(c, person, options, now)
            )
            log.info("oidc_signed_in user=%s made=%s", user.id, made)
            await entrance.let_in(request, response, user.id)
            return response
        session = request.cookies.get(COOKIE, "")
        still = await entrance.database.read_soon(
            lambda c: find_session_user(c, session, secret=entrance.secret, now=now)
        )
        if still is None or still.id != flow.user_id:
            raise NoEntry("oidc_start_again")
        await entrance.database.write_soon(lambda c: connect(c, person, options, still.id, now))
        return response

    def _now_s(self) -> int:
        return int(self._entrance.clock.now().timestamp())


def add_oidc_routes(routes: APIRouter, entrance: Entrance) -> SignIn | None:
    """Add the routes that browsers go; what the profile needs is returned, None without a provider."""
    options = entrance.ways.oidc
    sign_in = SignIn(entrance, options) if options else None

    @routes.get("/oidc/login", status_code=303, response_class=RedirectResponse)
    async def to_provider(
        request: Request, wanted: Annotated[str, Query(alias="next", max_length=4096)] = HOME
    ) -> RedirectResponse:
        """Go to the provider, and afterwards to `next`, a path of this server."""
        back = own_path(wanted)
        if sign_in is None:
            return _to_login("oidc_off", back)
        response = RedirectResponse(HOME, 303, _TO_BROWSER)
        try:
            response.headers["location"] = await sign_in.away(request, response, back)
        except NoEntry as refusal:
            return _refused(refusal, back)
        return response

    @routes.get(CALLBACK, status_code=303, response_class=RedirectResponse)
    async def from_provider(
        request: Request, state: Text = "", code: Text = "", error: Text = "", iss: Text = ""
    ) -> RedirectResponse:
        """Come back from the provider."""
        if sign_in is None:
            return _to_login("oidc_off", HOME)
        back = HOME
        try:
            flow = sign_in.flow_of(request, state)
            back = flow.back
            if error:
                denied = error == "access_denied"
                raise NoEntry("oidc_denied" if denied else "oidc_refused", ascii(error)[:100])
            person = await sign_in.come_back(flow, code, iss)
            response = await sign_in.finish(request, flow, person)
        except NoEntry as refusal:
            response = _refused(refusal, back)
        response.delete_cookie(FLOW_COOKIE, path="/oidc")
        return response

    _ = (to_provider, from_provider)
    return sign_in


async def start_connecting(
    sign_in: SignIn | None, who: Caller, request: Request, response: Response
) -> AwayTo:
    """Begin to connect an account to the caller's user.

    Raises:
        NoProvider: there is none.
    """
    if sign_in is None:
        raise NoProvider("Single sign-on is not set up here")
    try:
        return AwayTo(url=await sign_in.away(request, response, PROFILE, who.user.id))
    except NoEntry as refusal:
        log.warning("oidc_refused problem=%s detail=%s", refusal.problem, refusal.detail)
        raise NoProvider(
            "The provider cannot be reached", remedy="try again in a moment"
        ) from refusal


async def stop_connecting(entrance: Entrance, who: Caller) -> None:
    """End the links of the caller's user."""
    await entrance.database.write_soon(lambda c: disconnect(c, who.user.id))


def _refused(refusal: NoEntry, back: str) -> RedirectResponse:
    log.warning("oidc_refused problem=%s detail=%s", refusal.problem, refusal.detail)
    return _to_login(refusal.problem, back)


def _to_login(problem: str, back: str) -> RedirectResponse:
    return RedirectResponse(login_page(problem, back), 303, _TO_BROWSER)
