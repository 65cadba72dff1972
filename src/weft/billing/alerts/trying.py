"""Tries a channel with a made-up alert, and says what to do where it does not work."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from weft.billing.alerts.mail import NotSent
from weft.billing.alerts.outbox import Sender
from weft.billing.alerts.types import Alert, AlertKind, Channel, Crossing, Notice
from weft.identity.types import Team
from weft.kit.clock import from_us, to_us
from weft.kit.ids import new_id
from weft.kit.money import NUSD_PER_USD
from weft.kit.settings import Settings

TRY_TIMEOUT_S = 40.0
"""For somebody who waits; a slow mail server may take the message all the same."""
_Advice = tuple[tuple[tuple[str, ...], str], ...]
"""Words that errors have, and what to do about them; the first one counts."""
_MAIL_ADVICE: _Advice = (
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
_HOOK_ADVICE: _Advice = (
    (
        ("CERTIFICATE", "certificate", "SSL"),
        "Its certificate is not valid: mend it at the receiver.",
    ),
    (("ConnectError", "ConnectionRefused"), "Nothing listens there: check {url}."),
    (("gaierror", "Name or service"), "There is no such host: check {url}."),
    (("Timeout",), "It does not answer in time: check that the receiver runs."),
    (("answered 404", "answered 405", "answered 410"), "It has no such path: check {url}."),
    (("answered 3",), "Redirects are not followed: set {url} to where it leads."),
    (("answered 5",), "The receiver failed: look into its log."),
)
_SERVER_HOOK_ADVICE: _Advice = (
    (
        ("no public address",),
        "Set alert_webhook_private = true if the receiver is in your network.",
    ),
    (
        ("answered 401", "answered 403"),
        "It does not let us in: check alert_webhook_secret and the URL's secret part.",
    ),
    (("another one by now",), "The URL changed since this was made; it will not be sent."),
    *((words, advice.format(url="alert_webhook_url")) for words, advice in _HOOK_ADVICE),
)
_TEAM_HOOK_ADVICE: _Advice = (
    (("no public address",), "Use a receiver that the internet reaches: no others are posted to."),
    (
        ("answered 401", "answered 403"),
        "It does not let us in: check the signing secret there, and the URL's secret part.",
    ),
    (("another one by now",), "The URL changed meanwhile: send the test again."),
    (("cannot be read",), "Set the webhook again: it gets a new signing secret."),
    *((words, advice.format(url="the URL")) for words, advice in _HOOK_ADVICE),
)
"""For a team's admins, who cannot change settings of the server."""
_TEAM_ADVICE = "The team's admins set this receiver, on its Billing page: have them look at it."
_OTHERWISE = "Mend what the message names; `weft alert test` tries it from the server's machine."
_OTHERWISE_TEAM = "Mend what the message names, and send the test again."


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one message."""

    target: str
    took_ms: int
    error: str = ""
    """Empty: it arrived, as far as the receiver says."""
    remedy: str = ""


def advice_on(channel: Channel, error: str) -> str:
    """What whoever runs the server does about a message that did not arrive; empty where there is no error."""
    if not error:
        return ""
    if channel is Channel.TEAM_WEBHOOK:
        return _TEAM_ADVICE
    table = _MAIL_ADVICE if channel is Channel.EMAIL else _SERVER_HOOK_ADVICE
    return _found(table, error) or _OTHERWISE


def team_advice_on(error: str) -> str:
    """What a team's admins do about a message that did not arrive; empty where there is no error."""
    return (_found(_TEAM_HOOK_ADVICE, error) or _OTHERWISE_TEAM) if error else ""


def _found(table: _Advice, error: str) -> str:
    return next((advice for words, advice in table if any(word in error for word in words)), "")


async def try_channel(
    senders: Mapping[Channel, Sender], channel: Channel, target: str, notice: Notice
) -> Tried:
    """Send `notice` now, past the outbox, and say what happened; of a team's webhook, in words for the team."""
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
    of_team = channel is Channel.TEAM_WEBHOOK
    remedy = team_advice_on(error) if of_team else advice_on(channel, error)
    return Tried(target, took_ms, error, remedy)


def made_up(settings: Settings, team: Team | None = None) -> Notice:
    """An alert that nothing gave rise to; without a team, of one that is made up, too."""
    now_us, base = to_us(datetime.now(UTC)), settings.public_url
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
        alert=Alert(new_id("alert"), team.id if team else "team_test", crossing, now_us),
        team=f"{team.name} (a test)" if team else "a-test",
        plan="a test",
        has_overage=False,
        url=f"{base}/billing/{team.name}" if team and base else base,
    )
