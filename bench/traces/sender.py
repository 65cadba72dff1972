"""Sends prepared bodies over a few kept-alive connections, each as soon as its last answer is whole, and times them."""

import asyncio
import base64
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit


class SendFailed(Exception):
    """An answer was none, or not a 200."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to, and with which key."""

    url: str
    api_key: str

    def head(self, path: str, size: int) -> bytes:
        """The head of a POST."""
        host = urlsplit(self.url).netloc
        secret = base64.b64encode(f"api:{self.api_key}".encode()).decode()
        return (
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Basic {secret}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {size}\r\n\r\n"
        ).encode()


@dataclass(slots=True)
class Timing:
    """What came of a load."""

    wall_s: float = 0.0
    latencies_s: list[float] = field(default_factory=list[float])

    def quantile_ms(self, share: float) -> float:
        """A latency that `share` of all stayed below."""
        ordered = sorted(self.latencies_s)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)]


async def send_all(place: Place, requests: Iterable[tuple[str, bytes]], connections: int) -> Timing:
    """Send every (path, body); answers how long it took.

    Raises:
        SendFailed: an answer was not a 200.
    """
    timing, queue = Timing(), iter(requests)
    begin = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(connections):
            tasks.create_task(_worker(place, queue, timing))
    timing.wall_s = time.perf_counter() - begin
    return timing


async def ask(place: Place, path: str, body: bytes) -> tuple[bytes, float]:
    """One request; its answer's body and its latency in seconds."""
    parts = urlsplit(place.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1 << 26)
    try:
        begin = time.perf_counter()
        writer.write(place.head(path, len(body)) + body)
        answer = await _answer(reader)
        return answer, time.perf_counter() - begin
    finally:
        writer.close()


async def _worker(place: Place, queue: Iterator[tuple[str, bytes]], timing: Timing) -> None:
    parts = urlsplit(place.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1 << 26)
    try:
        for path, body in queue:
            begin = time.perf_counter()
            writer.write(place.head(path, len(body)))
            writer.write(body)
            await _answer(reader)
            timing.latencies_s.append(time.perf_counter() - begin)
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b"transfer-encoding: chunked" in head:
        chunks: list[bytes] = []
        while size := int(await reader.readline(), 16):
            chunks.append((await reader.readexactly(size + 2))[:-2])
        await reader.readline()
        body = b"".join(chunks)
    else:
        _, _, rest = head.partition(b"content-length:")
        body = await reader.readexactly(int(rest.split(b"\r\n", 1)[0]))
    if b" 200 " not in head[:20]:
        raise SendFailed(f"{head[:80]!r} {body[:300]!r}")
    return body
