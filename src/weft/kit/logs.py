"""Logs: structlog for what happens now and then, and a line writer of its own for what happens on every request.

Owns the form of log lines and when they are written; knows no event but `request_finished`. JSON, except on a terminal.
Everything goes to standard error; standard output belongs to what a command answers. Lines of the standard library's
loggers (uvicorn's among them) take the same form.

`RequestLog` must never hold up the event loop: `write` appends to a list, the loop hands the list over every 50 ms, and
a thread encodes and writes it. When the log's reader falls behind, lines are dropped and counted, never waited for.
Whoever calls `write` leaves prompts and keys out.
"""

import asyncio
import json
import logging
import sys
import threading
import time
from collections.abc import Mapping
from functools import lru_cache
from queue import SimpleQueue
from typing import BinaryIO, TextIO

import msgspec
import structlog

from weft.kit.settings import Settings

FLUSH_INTERVAL_S = 0.05
MAX_WAITING_LINES = 100_000
CLOSE_TIMEOUT_S = 5.0
EVENT = "request_finished"
_EVENT = EVENT.encode()
_UVICORN = ("uvicorn", "uvicorn.error", "uvicorn.access")

Leaf = str | int | float | bool | None
Line = msgspec.Struct | Mapping[str, Leaf]
"""The fields of one line. Not changed after it was handed over."""

_Stamped = tuple[float, Line]


def configure_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Send every log line of this process to `stream`, standard error by default."""
    target = sys.stderr if stream is None else stream
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,  # configured once, but tests do it again
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _drop_colours,
                *_renderers(pretty=is_pretty(settings, target)),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _UVICORN:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.getLogger("uvicorn.access").disabled = True  # the request log says more


def is_pretty(settings: Settings, stream: TextIO | BinaryIO) -> bool:
    """Whether lines to `stream` are for eyes."""
    if settings.log_format == "auto":
        return stream.isatty()
    return settings.log_format == "pretty"


def _drop_colours(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    event.pop("color_message", None)  # uvicorn says everything twice
    return event


def _renderers(*, pretty: bool) -> list[structlog.typing.Processor]:
    if pretty:
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    return [
        structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False)  # prompts, keys
        ),
        structlog.processors.JSONRenderer(),
    ]


class RequestLog:
    """One line for every request that finished. Made inside the event loop; `close` writes what is left."""

    def __init__(self, stream: BinaryIO, *, pretty: bool = False) -> None:
        self._stream = stream
        self._render = _pretty_line if pretty else _json_line
        self._loop = asyncio.get_running_loop()
        self._lines: list[_Stamped] = []
        self._queue: SimpleQueue[list[_Stamped] | None] = SimpleQueue()
        self._handed_over = 0
        self._written = 0
        self._dropped = 0  # counted by the loop
        self._failed = 0  # counted by the thread
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="request-log", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> int:
        """Lines that were dropped because their reader was too slow or gone."""
        return self._dropped + self._failed

    def write(self, line: Line) -> None:
        """Queue one line; from the event loop only."""
        lines = self._lines
        if not lines:
            self._loop.call_later(FLUSH_INTERVAL_S, self.flush)
        lines.append((time.time(), line))

    def flush(self) -> None:
        """Hand what has gathered to the writing thread."""
        lines, self._lines = self._lines, []
        waiting = self._handed_over - self._written
        if self._closed or waiting + len(lines) > MAX_WAITING_LINES:
            self._dropped += len(lines)
        elif lines:
            self._handed_over += len(lines)
            self._queue.put(lines)

    async def close(self) -> None:
        """Write what is left, then end the thread; gives up on a reader that does not read. Idempotent."""
        self.flush()
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join, CLOSE_TIMEOUT_S)

    def _run(self) -> None:
        while (lines := self._queue.get()) is not None:
            chunk = b"".join([self._render(at_s, line) for at_s, line in lines])
            try:
                self._stream.write(chunk)
                self._stream.flush()
            except (OSError, ValueError):  # the reader is gone; requests go on without a log
                self._failed += len(lines)
            self._written += len(lines)


def open_request_log(settings: Settings, stream: TextIO | None = None) -> RequestLog | None:
    """The request log to `stream`, standard error by default; None if the settings want none."""
    if not settings.log_requests:
        return None
    binary = (sys.stderr if stream is None else stream).buffer
    return RequestLog(binary, pretty=is_pretty(settings, binary))


_encoder = msgspec.json.Encoder()


def _json_line(at_s: float, line: Line) -> bytes:
    fields = _encoder.encode(line)
    comma = b"," if len(fields) > 2 else b""
    return b'{"timestamp":"%b","level":"info","event":"%b"%b%b\n' % (
        _iso(at_s).encode(),
        _EVENT,
        comma,
        fields[1:],
    )


def _pretty_line(at_s: float, line: Line) -> bytes:
    fields: dict[str, Leaf] = msgspec.to_builtins(line)
    words = [f"{key}={_word(value)}" for key, value in fields.items() if value not in {None, ""}]
    return f"{_iso(at_s)} {EVENT} {' '.join(words)}\n".encode()


def _word(value: Leaf) -> str:
    """`value` without anything that a terminal would act upon."""
    if isinstance(value, str):
        return value if value.isprintable() and " " not in value else json.dumps(value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _iso(at_s: float) -> str:
    millis = int(at_s * 1000)
    return f"{_second(millis // 1000)}.{millis % 1000:03d}Z"


@lru_cache(maxsize=8)
def _second(at_s: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at_s))
