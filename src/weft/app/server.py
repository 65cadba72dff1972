"""uvicorn, started and stopped our way: on a socket that is already bound, with signals that drain.

uvicorn raises a signal again once it has shut down, which would turn a clean Ctrl-C into a failure. Here the first
SIGINT or SIGTERM drains (open requests have `drain_timeout_s` to finish, then get a clear end), and a second one ends
at once.
"""

import asyncio
import contextlib
import errno
import math
import signal
import socket
from collections.abc import Generator, Mapping

import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override

from weft.app.http_protocol import ConnectionLimits, Handler, protocol_class
from weft.kit.errors import CannotStart
from weft.kit.settings import Settings

BACKLOG = 2048
BODIES_AT_ONCE = 16
"""How many bodies of the largest size may be held at once, or many more small ones."""


class Server(uvicorn.Server):
    """uvicorn without its handling of signals; see `run`."""

    @contextlib.contextmanager
    @override
    def capture_signals(self) -> Generator[None]:
        """Signals are handled in `handle_signals`."""
        yield

    def handle_signals(self) -> None:
        """Drain on the first signal, end at once on the second."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop)

    def stop(self) -> None:
        """Begin to drain; called again, stop waiting."""
        if self.should_exit:
            self.force_exit = True
            for task in self.server_state.tasks:
                task.cancel()
        self.should_exit = True


def bind(settings: Settings) -> socket.socket:
    """Take the port before anything else is started.

    Raises:
        CannotStart: the port is in use, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        where = f"{settings.host}:{settings.port}"
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(
                f"port {settings.port} is in use; choose another with --port, or --port 0 for a free one"
            ) from error
        raise CannotStart(f"cannot listen on {where} ({error.strerror})") from error
    listener.listen(BACKLOG)
    listener.setblocking(False)  # noqa: FBT003 - the socket module's own signature
    return listener


def make_server(app: ASGIApp, settings: Settings, handlers: Mapping[bytes, Handler]) -> Server:
    """A server for the control plane's `app` and the door's `handlers`, by path."""
    limits = ConnectionLimits(
        connections=settings.max_connections,
        head_bytes=settings.max_header_bytes,
        body_bytes=settings.max_body_bytes,
        trace_body_bytes=settings.max_trace_body_bytes,
        head_timeout_s=settings.header_timeout_s,
        body_timeout_s=settings.body_timeout_s,
        write_timeout_s=settings.idle_timeout_s,
        idle_timeout_s=settings.keep_alive_timeout_s,
        buffered_bytes=BODIES_AT_ONCE * settings.max_body_bytes,
    )
    config = uvicorn.Config(
        app,
        http=protocol_class(limits, handlers),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=math.ceil(settings.drain_timeout_s),
        backlog=BACKLOG,
    )
    return Server(config)
