"""E-mail over SMTP, by the standard library, in a thread.

Every step has the timeout of the settings, so that a message ends within a few of them whatever the server does. A
message is sent once per attempt; what the server took, it took, even if saying goodbye fails.
"""

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate

from weft.billing.alerts.types import Notice
from weft.billing.alerts.words import subject_of, text_of
from weft.kit.errors import CannotStart
from weft.kit.settings import Settings

STEPS = 12
"""Steps of sending a message that each may take the timeout: connecting, greetings, TLS, login, envelope, text."""


class NotSent(Exception):
    """A message did not arrive, as far as we know; the text says why."""


class Mailer:
    """Sends e-mail through one server."""

    def __init__(self, settings: Settings) -> None:
        if not settings.smtp_from:
            raise CannotStart(
                "smtp_host is set, and smtp_from is not",
                remedy="say who sends the alerts: smtp_from = weft@example.com",
            )
        self._settings = settings
        self._tls = ssl.create_default_context()

    @property
    def lease_s(self) -> float:
        """Longer than sending a message may take."""
        return STEPS * self._settings.smtp_timeout_s

    async def send(self, target: str, notice: Notice) -> None:
        """Send `notice` to one address.

        Raises:
            NotSent: it did not work.
        """
        message = self._message(target, notice)
        try:
            await asyncio.to_thread(self._send, message)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise NotSent(f"{type(error).__name__}: {error}") from error

    async def close(self) -> None:
        """Nothing is kept open between messages."""

    def _message(self, to: str, notice: Notice) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._settings.smtp_from
        message["To"] = to
        message["Subject"] = subject_of(notice)
        message["Date"] = formatdate(notice.alert.made_at_us / 1_000_000)
        domain = self._settings.smtp_from.rpartition("@")[2] or "weft"
        message["Message-ID"] = f"<{notice.id}@{domain}>"  # the same at every attempt
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text_of(notice))
        return message

    def _send(self, message: EmailMessage) -> None:
        settings = self._settings
        with self._connect() as server:
            if settings.smtp_security == "starttls":
                server.starttls(context=self._tls)
            if settings.smtp_username:
                server.login(settings.smtp_username, settings.smtp_password.get_secret_value())
            refused = server.send_message(message)
            assert not refused, "one receiver is refused as a whole"

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        place = settings.smtp_host, settings.smtp_port
        if settings.smtp_security == "tls":
            return smtplib.SMTP_SSL(*place, timeout=settings.smtp_timeout_s, context=self._tls)
        return smtplib.SMTP(*place, timeout=settings.smtp_timeout_s)
