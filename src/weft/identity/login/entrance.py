"""What the ways in share: where sessions are kept, how a cookie is set, by what address browsers reach the server."""

from dataclasses import dataclass
from typing import Self

from fastapi import Request, Response

from weft.identity.login.cookie import COOKIE
from weft.identity.login.passwords import Passwords
from weft.identity.logins import SESSION_TTL, Failures, start_session
from weft.identity.oidc.options import OidcOptions
from weft.identity.types import UserId
from weft.kit.clock import Clock
from weft.kit.db import Database
from weft.kit.settings import Settings

WRONG_LINKS_LIMIT = 50
"""Made-up links from one place within the window of `Failures`; many people may share a place behind a proxy."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How people may come in, as the settings say."""

    public_url: str = ""
    """By what URL browsers reach the server; empty: by the one that they ask for."""
    oidc: OidcOptions | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The ways in of these settings.

        Raises:
            CannotStart: those of single sign-on do not fit together.
        """
        return cls(settings.public_url, OidcOptions.of(settings))

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach the server by https, and cookies are for that alone."""
        return self.public_url.startswith("https:")


class Entrance:
    """The shared part of all routes that start sessions. One per event loop."""

    def __init__(self, database: Database, secret: bytes, clock: Clock, ways: Ways) -> None:
        self.database = database
        self.secret = secret
        self.clock = clock
        self.ways = ways
        self.passwords = Passwords()
        self.wrong_links = Failures(clock, WRONG_LINKS_LIMIT, "links that do not exist")

    def url(self, request: Request, path: str) -> str:
        """The whole URL of a path of ours, as browsers reach it."""
        return (self.ways.public_url or str(request.base_url).rstrip("/")) + path

    async def let_in(self, request: Request, response: Response, user_id: UserId) -> None:
        """Start a session of a user whose right to it is proven, and set its cookie."""
        now, device = self.clock.now(), device_of(request)
        session = await self.database.write_soon(
            lambda c: start_session(c, user_id, secret=self.secret, now=now, device=device)
        )
        self.set_cookie(response, session)

    def set_cookie(self, response: Response, session: str) -> None:
        """Have the browser keep a session."""
        response.set_cookie(
            COOKIE,
            session,
            max_age=int(SESSION_TTL.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=self.ways.is_secure,
        )
        response.headers["cache-control"] = "no-store"

    def drop_cookie(self, response: Response) -> None:
        """Have the browser forget its session."""
        response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=self.ways.is_secure)


def place_of(request: Request) -> str:
    """Where a request comes from, for counting what fails."""
    return request.client.host if request.client else ""


def device_of(request: Request) -> str:
    """What the browser calls itself."""
    return request.headers.get("user-agent", "")
