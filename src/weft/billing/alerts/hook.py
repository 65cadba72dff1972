"""Webhooks: alerts posted as JSON, signed so that the receiver knows who sent them, and when.

Source of the headers and the signature: the Standard Webhooks specification, version 1.0.0 (webhook-id,
webhook-timestamp, webhook-signature: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`); a secret that begins
with `whsec_` is base64, any other one is taken as it is.

A server that posts to URLs can be made to reach what its users cannot. So redirects are not followed, proxies of the
environment are not used, and names have to resolve to public addresses only. For the server's own webhook, whose URL
only whoever runs the server sets, the settings may say otherwise; for those of teams nothing may. The address that was
judged is the one that is connected to; the certificate is still checked against the name.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import time

import httpx

from weft.billing.alerts.mail import NotSent
from weft.billing.alerts.rules import WebhookSeal, find_rule
from weft.billing.alerts.types import Notice
from weft.billing.alerts.words import json_of
from weft.kit.db import Database
from weft.kit.seal import SealBroken
from weft.kit.settings import Settings
from weft.upstream.guard import AddressRefused, Guard

TIMEOUT_S = 10.0
TOTAL_TIMEOUT_S = 30.0
_PREFIX = "whsec_"


class _Poster:
    """One client, and a guard over where it goes."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._client = httpx.AsyncClient(
            timeout=TIMEOUT_S, follow_redirects=False, trust_env=False, http2=False
        )

    @property
    def lease_s(self) -> float:
        """Longer than posting may take."""
        return TOTAL_TIMEOUT_S * 2

    async def _post(self, target: str, key: bytes, notice: Notice) -> None:
        try:
            async with asyncio.timeout(TOTAL_TIMEOUT_S):
                status = await self._status(httpx.URL(target), key, notice)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
            raise NotSent(f"{type(error).__name__}: {error}") from error
        if not 200 <= status < 300:
            raise NotSent(f"the receiver answered {status}")

    async def _status(self, url: httpx.URL, key: bytes, notice: Notice) -> int:
        body, address = json_of(notice), await self._address(url)
        stamp = int(time.time())
        headers = {
            "host": url.netloc.decode(),
            "content-type": "application/json",
            "user-agent": "weft",
            "webhook-id": notice.id,
            "webhook-timestamp": str(stamp),
        }
        if key:
            headers["webhook-signature"] = sign(key, notice.id, stamp, body)
        async with self._client.stream(
            "POST",
            url.copy_with(host=address),
            content=body,
            headers=headers,
            extensions={"sni_hostname": url.host},
        ) as response:
            return response.status_code

    async def _address(self, url: httpx.URL) -> str:
        """The address to connect to, judged."""
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            return await self._guard.resolve(url.host, port)
        except AddressRefused as refused:
            raise NotSent(self._refusal(refused)) from refused

    def _refusal(self, refused: AddressRefused) -> str:
        """What is told of an address that may not be posted to."""
        return str(refused)

    async def close(self) -> None:
        """Close connections. Idempotent."""
        await self._client.aclose()


class Hook(_Poster):
    """Posts to the server's own receiver. `close` it when done."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(Guard(is_open=settings.alert_webhook_private))
        self._url = settings.alert_webhook_url
        self._key = key_of(settings.alert_webhook_secret.get_secret_value())

    async def send(self, target: str, notice: Notice) -> None:
        """Post `notice`; `target` is the URL that was set when the alert was made, and has to be so still.

        Raises:
            NotSent: it did not work.
        """
        if target != self._url:
            raise NotSent("alert_webhook_url is another one by now")
        await self._post(target, self._key, notice)

    def _refusal(self, refused: AddressRefused) -> str:
        return f"{refused}; alert_webhook_private = true allows it"


class TeamHook(_Poster):
    """Posts to the receivers that teams set for themselves. `close` it when done."""

    def __init__(self, database: Database, seal: WebhookSeal, guard: Guard | None = None) -> None:
        super().__init__(guard or Guard())
        self._database = database
        self._seal = seal

    async def send(self, target: str, notice: Notice) -> None:
        """Post `notice`; `target` is the URL that the team had when the alert was made, and has to have still.

        Raises:
            NotSent: it did not work.
        """
        team_id = notice.alert.team_id
        rule = await self._database.read_soon(lambda c: find_rule(c, team_id))
        if rule is None or target != rule.webhook_url:
            raise NotSent("the team's webhook is another one by now")
        try:
            secret = self._seal.open(team_id, rule)
        except SealBroken as error:
            raise NotSent(
                "the signing secret of the team's webhook cannot be read: this server's secret_key is another one"
                " than when it was set; set the webhook again"
            ) from error
        await self._post(target, key_of(secret), notice)

    def _refusal(self, refused: AddressRefused) -> str:
        """Without the address: a team need not learn what names of the server's network lead to."""
        return f"{refused.host} is at no public address"


def key_of(secret: str) -> bytes:
    """The bytes that a secret stands for."""
    if secret.startswith(_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            return secret.encode()
    return secret.encode()


def sign(key: bytes, message_id: str, stamp: int, body: bytes) -> str:
    """The value of the header `webhook-signature`."""
    signed = b"%s.%d.%s" % (message_id.encode(), stamp, body)
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
