"""Sends spans to a collector in batches, in a task of its own: bounded, tried again, and never in anybody's way.

States of a batch: waiting -> sent, or tried again (the collector is away or says so: 429, 502, 503, 504) -> dropped
after `TRIES`. Meanwhile new spans wait, up to `WAITING_SPANS`; beyond that they are dropped. What is dropped is
counted, and told in the log once in a while.

Source: OTLP specification 1.7, OTLP/HTTP: binary protobuf, gzip, which answers may be tried again, partial success.
"""

import asyncio
import gzip
import logging
import random
import re
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

import httpx
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from weft.gateway.tracing.export.spans import resource_of, span_of
from weft.gateway.tracing.note import Note
from weft.kit.errors import CannotStart
from weft.kit.ids import uuid7_hex

log = logging.getLogger(__name__)

WAITING_SPANS = 10_000
BATCH_SPANS = 512
GATHER_S = 1.0
"""How long the first span of a batch waits for others."""
TRIES = 5
FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 60.0
TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 3.0
TELL_EVERY_S = 60.0
_AGAIN = frozenset({429, 502, 503, 504})
_PATH = "/v1/traces"
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


@dataclass(slots=True)
class Counts:
    """Spans since the start."""

    sent: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Collector:
    """Where spans go."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def of(cls, endpoint: str, headers: str) -> "Collector":
        """The collector that settings name: a base URL or that of its traces, and headers as `name=value,name=value`.

        Raises:
            CannotStart: a header is none.
        """
        found: dict[str, str] = {}
        for pair in filter(None, (part.strip() for part in headers.split(","))):
            name, sign, value = pair.partition("=")
            plain = value.isascii() and value.strip().isprintable()
            if not sign or not _NAME.fullmatch(name.strip()) or not plain:
                raise CannotStart(
                    "otlp_headers is no list of headers",
                    remedy="write name=value,name=value, with % and hex digits for commas",
                )
            found[name.strip()] = unquote(value.strip())
        url = endpoint.rstrip("/")
        return cls(url if url.endswith(_PATH) else url + _PATH, found)


class Exporter:
    """Implements `Sink`. Made inside the event loop."""

    def __init__(self, collector: Collector, *, gather_s: float = GATHER_S) -> None:
        self._collector = collector
        self._gather_s = gather_s
        self._resource = resource_of(uuid7_hex())
        self._waiting: deque[Span] = deque()
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._told_at_s = float("-inf")
        self.counts = Counts()

    @property
    def waiting(self) -> int:
        """Spans that were not sent yet."""
        return len(self._waiting)

    def start(self) -> None:
        """Begin to send."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    def add(self, notes: Sequence[Note]) -> None:
        """See `Sink.add`."""
        for note in notes:
            if len(self._waiting) >= WAITING_SPANS:
                self._drop(1, "the collector is slower than requests come")
            else:
                self._waiting.append(span_of(note))
        self._wake.set()

    async def close(self) -> None:
        """Send what waits, for a moment; the rest is dropped. Idempotent."""
        if self._task is None:
            return
        self._closing.set()
        self._wake.set()
        await asyncio.wait([self._task], timeout=CLOSE_TIMEOUT_S)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        if self._waiting:
            self._drop(len(self._waiting), "the server stopped")
            self._waiting.clear()

    async def _run(self) -> None:
        async with httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False) as client:
            while self._waiting or not self._closing.is_set():
                await self._wake.wait()
                self._wake.clear()
                if len(self._waiting) < BATCH_SPANS:
                    await self._pause(self._gather_s)
                while self._waiting:
                    batch = [self._waiting[n] for n in range(min(BATCH_SPANS, len(self._waiting)))]
                    await self._deliver(client, batch)
                    for _ in batch:
                        self._waiting.popleft()

    async def _deliver(self, client: httpx.AsyncClient, batch: list[Span]) -> None:
        """Send one batch; when this returns it was sent or dropped."""
        group = ResourceSpans(resource=self._resource, scope_spans=[ScopeSpans(spans=batch)])
        group.scope_spans[0].scope.name = "weft"
        body = gzip.compress(
            ExportTraceServiceRequest(resource_spans=[group]).SerializeToString(), compresslevel=1
        )
        reason = ""
        for tries in range(TRIES):
            wait_s = min(FIRST_RETRY_S * 2**tries, LONGEST_RETRY_S) * random.uniform(0.5, 1)  # noqa: S311
            try:
                response = await client.post(
                    self._collector.url, content=body, headers=self._headers()
                )
            except httpx.HTTPError as error:
                reason = f"it cannot be reached ({type(error).__name__})"
            else:
                if response.is_success:
                    self._sent(len(batch), response.content)
                    return
                reason = f"it answered {response.status_code}"
                if response.status_code not in _AGAIN:
                    break
                wait_s = _retry_after_s(response) or wait_s
            if self._closing.is_set() or tries == TRIES - 1:
                break
            await self._pause(wait_s)
        self._drop(len(batch), reason)

    def _headers(self) -> dict[str, str]:
        return {
            **self._collector.headers,
            "content-type": "application/x-protobuf",
            "content-encoding": "gzip",
        }

    def _sent(self, count: int, answer: bytes) -> None:
        rejected = 0
        try:
            told = ExportTraceServiceResponse.FromString(answer).partial_success
            rejected = min(max(told.rejected_spans, 0), count)
        except DecodeError:
            pass  # some answer 200 with a text of their own
        self.counts.sent += count - rejected
        if rejected:
            self._drop(rejected, "it rejected them")

    def _drop(self, count: int, reason: str) -> None:
        self.counts.dropped += count
        now_s = time.monotonic()
        if now_s - self._told_at_s >= TELL_EVERY_S:
            self._told_at_s = now_s
            log.warning("otlp_spans_dropped spans=%d reason=%s", self.counts.dropped, reason)

    async def _pause(self, wait_s: float) -> None:
        """Wait, but not when the server stops."""
        try:
            async with asyncio.timeout(wait_s):
                await self._closing.wait()
        except TimeoutError:
            pass


def _retry_after_s(response: httpx.Response) -> float:
    """What the collector asks for; 0 if it asks for nothing, or for a date."""
    told = response.headers.get("retry-after", "")
    return min(float(told), LONGEST_RETRY_S) if told.isdecimal() and len(told) < 6 else 0.0
