"""Webhooks: alerts posted as JSON, signed so that the receiver knows who sent them, and when.

Source of the headers and the signature: the Standard Webhooks specification, version 1.0.0 (webhook-id,
webhook-timestamp, webhook-signature: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`); a secret that begins
with `whsec_` is base64, any other one is taken as it is.

A server that posts to URLs can be made to reach what its users cannot. So only whoever runs the server sets the URL,
redirects are not followed, proxies of the environment are not used, and unless the settings say otherwise the name has
to resolve to public addresses only. The address that was judged is the one that is connected to; the certificate is
still checked against the name.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import time

import httpx

from weft.billing.alerts.mail import NotSent
from weft.billing.alerts.types import Notice
from weft.billing.alerts.words import json_of
from weft.kit.settings import Settings
from weft.upstream.guard import AddressRefused, Guard

TIMEOUT_S = 10.0
TOTAL_TIMEOUT_S = 30.0
_PREFIX = "whsec_"


class Hook:
    """Posts to one receiver. `close` it when done."""

    def __init__(self, settings: Settings) -> None:
        self._url = httpx.URL(settings.alert_webhook_url)
        self._key = key_of(settings.alert_webhook_secret.get_secret_value())
        self._guard = Guard(is_open=settings.alert_webhook_private)
        self._client = httpx.AsyncClient(
            timeout=TIMEOUT_S, follow_redirects=False, trust_env=False, http2=False
        )

    @property
    def lease_s(self) -> float:
        """Longer than posting may take."""
        return TOTAL_TIMEOUT_S * 2

    async def send(self, target: str, notice: Notice) -> None:
        """Post `notice`; `target` is the URL that was set when the alert was made, and has to be so still.

        Raises:
            NotSent: it did not work.
        """
        if target != str(self._url):
            raise NotSent("alert_webhook_url is another one by now")
        try:
            async with asyncio.timeout(TOTAL_TIMEOUT_S):
                status = await self._post(notice.id, json_of(notice))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
            raise NotSent(f"{type(error).__name__}: {error}") from error
        if not 200 <= status < 300:
            raise NotSent(f"the receiver answered {status}")

    async def _post(self, message_id: str, body: bytes) -> int:
        address = await self._address()
        stamp = int(time.time())
        headers = {
            "host": self._url.netloc.decode(),
            "content-type": "application/json",
            "user-agent": "weft",
            "webhook-id": message_id,
            "webhook-timestamp": str(stamp),
        }
        if self._key:
            headers["webhook-signature"] = sign(self._key, message_id, stamp, body)
        async with self._client.stream(
            "POST",
            self._url.copy_with(host=address),
            content=body,
            headers=headers,
            extensions={"sni_hostname": self._url.host},
        ) as response:
            return response.status_code

    async def _address(self) -> str:
        """The address to connect to, judged."""
        port = self._url.port or (443 if self._url.scheme == "https" else 80)
        try:
            return await self._guard.resolve(self._url.host, port)
        except AddressRefused as refused:
            raise NotSent(f"{refused}; alert_webhook_private = true allows it") from refused

    async def close(self) -> None:
        """Close connections. Idempotent."""
        await self._client.aclose()


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
