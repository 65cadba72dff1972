"""Tries a channel with a made-up alert, and says what to do where it does not work."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from weft.billing.alerts.mail import NotSent
from weft.billing.alerts.outbox import Sender
from weft.billing.alerts.types import Alert, AlertKind, Channel, Crossing, Notice
from weft.kit.clock import from_us, to_us
from weft.kit.ids import new_id
from weft.kit.money import NUSD_PER_USD
from weft.kit.settings import Settings

TRY_TIMEOUT_S = 40.0
"""For somebody who waits; a slow mail server may take the message all the same."""
_MAIL_ADVICE = (
    (("ConnectionRefused",), "Nothing listens there: check smtp_host and smtp_port."),
    (("gaierror", "Name or service"), "There is no such host: check smtp_host."),
    (("Timeout", "timed out"), "It does not answer: check smtp_host, smtp_port and firewalls."),
    (
        ("Authentication",),
        "It does not take the login: check smtp_username and smtp_password.",
    ),
    (
        ("SSL", "STARTTLS", "CERTIFICATE", "certificate", "UnexpectedlyClosed", "Disconnected"),
        "Encryption does not match: check smtp_security (starttls, tls or none) and smtp_port.",
    ),
    (("Sender",), "It does not take the sender: check smtp_from."),
    (("Recipient",), "It does not take the receiver: check the address."),
)
_HOOK_ADVICE = (
    (
        ("no public address",),
        "Set alert_webhook_private = true if the receiver is in your network.",
    ),
    (("ConnectError", "ConnectionRefused"), "Nothing listens there: check alert_webhook_url."),
    (("gaierror", "Name or service"), "There is no such host: check alert_webhook_url."),
    (("Timeout",), "It does not answer in time: check that the receiver runs."),
    (
        ("CERTIFICATE", "certificate", "SSL"),
        "Its certificate is not valid: mend it at the receiver.",
    ),
    (
        ("answered 401", "answered 403"),
        "It does not let us in: check alert_webhook_secret and the URL's secret part.",
    ),
    (
        ("answered 404", "answered 405", "answered 410"),
        "It has no such path: check alert_webhook_url.",
    ),
    (("answered 3",), "Redirects are not followed: set alert_webhook_url to where it leads."),
    (("answered 5",), "The receiver failed: look into its log."),
    (("another one by now",), "The URL changed since this was made; it will not be sent."),
)
_TEAM_ADVICE = "The team's admins set this receiver, on its Billing page: have them look at it."
_OTHERWISE = "Mend what the message names; `weft alert test` tries it from the server's machine."


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one message."""

    target: str
    took_ms: int
    error: str = ""
    """Empty: it arrived, as far as the receiver says."""
    remedy: str = ""


def advice_on(channel: Channel, error: str) -> str:
    """What to do about a message that did not arrive for this reason; empty where there is none."""
    if not error:
        return ""
    if channel is Channel.TEAM_WEBHOOK:
        return _TEAM_ADVICE
    for words, advice in _MAIL_ADVICE if channel is Channel.EMAIL else _HOOK_ADVICE:
        if any(word in error for word in words):
            return advice
    return _OTHERWISE


async def try_channel(
    senders: Mapping[Channel, Sender], channel: Channel, target: str, notice: Notice
) -> Tried:
    """Send `notice` now, past the outbox, and say what happened."""
    loop = asyncio.get_running_loop()
    began_s, error = loop.time(), ""
    try:
        async with asyncio.timeout(TRY_TIMEOUT_S):
            await senders[channel].send(target, notice)
    except NotSent as trouble:
        error = str(trouble)
    except TimeoutError:
        error = f"Timeout: no end after {TRY_TIMEOUT_S:g} seconds"
    took_ms = round((loop.time() - began_s) * 1000)
    return Tried(target, took_ms, error, advice_on(channel, error))


def made_up(settings: Settings) -> Notice:
    """An alert that nothing gave rise to."""
    now_us = to_us(datetime.now(UTC))
    crossing = Crossing(
        AlertKind.CREDITS,
        80,
        f"{from_us(now_us):%Y-%m}",
        current_nusd=80 * NUSD_PER_USD,
        max_nusd=100 * NUSD_PER_USD,
        resets_at_us=None,
    )
    return Notice(
        id=new_id("msg"),
        alert=Alert(new_id("alert"), "team_test", crossing, now_us),
        team="a-test",
        plan="a test",
        has_overage=False,
        url=settings.public_url,
    )
