"""Receivers of alerts: a real mail server and a real web server, each in a thread."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USERNAME, PASSWORD = "weft", "let me in"


@dataclass
class MailServer:
    """What arrived, and how it answers."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list[EmailMessage])
    receivers: list[str] = field(default_factory=list[str])
    logins: list[str] = field(default_factory=list[str])
    answers: list[str] = field(default_factory=list[str])
    """Answers to the next mails, before they are taken."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        del server, session
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.receivers += envelope.rcpt_tos
        return "250 taken"

    def log_in(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: Any
    ) -> AuthResult:
        del server, session, envelope, mechanism
        assert isinstance(login, LoginPassword)
        self.logins.append(login.login.decode())
        good = (login.login, login.password) == (USERNAME.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=False)  # the server answers, with 235 or 535


@contextmanager
def mail_server(
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    login: bool = False,
) -> Generator[MailServer]:
    here = MailServer()

    ready = threading.Event()
    end: list[Callable[[], object]] = []

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()

        def peer() -> SMTP:
            return SMTP(
                here,
                tls_context=starttls,
                require_starttls=starttls is not None,
                authenticator=here.log_in if login else None,
                auth_required=login,
                auth_require_tls=starttls is not None,
                loop=loop,
            )

        server = await loop.create_server(peer, "127.0.0.1", 0, ssl=tls)
        here.port = server.sockets[0].getsockname()[1]
        end.append(lambda: loop.call_soon_threadsafe(stop.set))
        ready.set()
        await stop.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(10)
    try:
        yield here
    finally:
        end[0]()
        thread.join()


@dataclass(frozen=True)
class Post:
    """One request to the web server."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HookServer:
    """What was posted, and how it answers."""

    url: str = ""
    posts: list[Post] = field(default_factory=list[Post])
    statuses: list[int] = field(default_factory=list[int])
    """Of the next answers, before 204."""


@contextmanager
def hook_server() -> Generator[HookServer]:
    here = HookServer()

    class Requests(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            here.posts.append(Post(self.path, headers, body))
            status = here.statuses.pop(0) if here.statuses else 204
            self.send_response(status)
            if status // 100 == 3:
                self.send_header("location", f"{here.url}/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    here.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
