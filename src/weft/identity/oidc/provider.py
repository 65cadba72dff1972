"""What a provider says about itself, fetched with bounds and kept for a while.

The discovery document is fetched again after an hour, and the old one serves on while that fails. Keys are fetched
again when a token names one that is not known, at most once a minute: that is how providers change their keys.
"""

import asyncio
from typing import Any, cast

import httpx2
import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from weft.identity.oidc.options import is_safe
from weft.identity.oidc.types import Endpoints, NoEntry
from weft.kit.clock import Clock

TIMEOUT_S = 10.0
BODY_LIMIT_BYTES = 1_048_576
_KEPT_S = 3600.0
_AGAIN_S = 60.0
_WELL_KNOWN = "/.well-known/openid-configuration"
_BASIC = "client_secret_basic"


class Provider:
    """One provider. For one event loop."""

    def __init__(
        self, issuer: str, clock: Clock, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self._issuer = issuer
        self._clock = clock
        self._transport = transport
        self._turn = asyncio.Lock()
        self._endpoints: Endpoints | None = None
        self._endpoints_at_s = 0.0
        self._keys: KeySet | None = None
        self._keys_at_s = 0.0

    async def endpoints(self) -> Endpoints:
        """Where it answers.

        Raises:
            NoEntry: it cannot be reached, or says what cannot be right.
        """
        async with self._turn:
            now_s = self._clock.monotonic_s()
            known = self._endpoints
            if known is not None and now_s - self._endpoints_at_s < _KEPT_S:
                return known
            try:
                known = self._read(await self.fetch(self._issuer + _WELL_KNOWN))
            except NoEntry:
                if known is None:
                    raise
            self._endpoints, self._endpoints_at_s = known, now_s
            return known

    async def keys(self, key_id: str | None) -> KeySet:
        """The keys that it signs with, among them, if it has such a one, that of `key_id`.

        Raises:
            NoEntry: they cannot be had.
        """
        endpoints = await self.endpoints()
        async with self._turn:
            now_s = self._clock.monotonic_s()
            known = self._keys
            if known is not None and (
                any(key.kid == key_id for key in known.keys) or now_s - self._keys_at_s < _AGAIN_S
            ):
                return known
            told = await self.fetch(endpoints.jwks)
            try:
                self._keys = KeySet.import_key_set(cast("Any", told))
            except (JoseError, ValueError, KeyError, TypeError) as error:
                raise NoEntry("oidc_token", f"the provider's keys: {error!r}"[:200]) from error
            self._keys_at_s = now_s
            return self._keys

    async def fetch(self, url: str, token: str | None = None) -> dict[str, Any]:
        """The JSON object at a URL of the provider's.

        Raises:
            NoEntry: it is away, slow, or answers something else.
        """
        headers = {"accept": "application/json"}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        try:
            async with (
                asyncio.timeout(TIMEOUT_S),
                httpx2.AsyncClient(timeout=TIMEOUT_S, transport=self._transport) as client,
                client.stream("GET", url, headers=headers) as response,
            ):
                if response.status_code != 200:
                    raise NoEntry("oidc_away", f"{url} answered {response.status_code}")
                body = bytearray()
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > BODY_LIMIT_BYTES:
                        raise NoEntry("oidc_away", f"{url} answered too much")
            return msgspec.json.decode(bytes(body), type=dict[str, Any])
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, msgspec.MsgspecError) as error:
            raise NoEntry("oidc_away", f"{url}: {error!r}"[:300]) from error

    def _read(self, told: dict[str, Any]) -> Endpoints:
        issuer = str(told.get("issuer", ""))
        if issuer.rstrip("/") != self._issuer:  # or another provider's tokens would count here
            raise NoEntry("oidc_token", f"the document of {self._issuer} is {issuer[:200]}'s")
        urls = {name: told.get(f"{name}_endpoint") for name in ("authorization", "token")}
        urls["jwks"] = told.get("jwks_uri")
        userinfo = told.get("userinfo_endpoint")
        for name, url in (urls if userinfo is None else {**urls, "userinfo": userinfo}).items():
            if not isinstance(url, str) or not is_safe(url):
                raise NoEntry("oidc_token", f"the provider's {name} endpoint is no https URL")
        methods = told.get("token_endpoint_auth_methods_supported", [_BASIC])
        return Endpoints(
            issuer,
            str(urls["authorization"]),
            str(urls["token"]),
            str(urls["jwks"]),
            userinfo,
            frozenset(map(str, cast("list[object]", methods)))
            if isinstance(methods, list)
            else frozenset({_BASIC}),
        )
