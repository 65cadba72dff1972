"""A small collector: takes OTLP over HTTP and answers what it was told to."""

import asyncio
import contextlib
import gzip
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

PATIENCE_S = 10


@dataclass
class Receiver:
    """What came, and what is answered: the next of `answers`, else 200."""

    url: str = ""
    answers: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    heads: list[str] = field(default_factory=list[str])
    requests: list[ExportTraceServiceRequest] = field(
        default_factory=list[ExportTraceServiceRequest]
    )
    speaks: asyncio.Event = field(default_factory=asyncio.Event)
    """While it is not set, everything is taken and nothing said."""
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def spans(self) -> list[Span]:
        """The spans of all requests that were taken."""
        return [
            span
            for one in self.requests
            for group in one.resource_spans
            for scope in group.scope_spans
            for span in scope.spans
        ]

    async def wait_for(self, spans: int) -> list[Span]:
        """So many spans, once they are there."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.spans) < spans:
                self._came.clear()
                await self._came.wait()
        return self.spans

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = next(
                    int(line.partition(":")[2])
                    for line in head.lower().splitlines()
                    if line.startswith("content-length:")
                )
                body = gzip.decompress(await reader.readexactly(length))
                self.heads.append(head)
                await self.speaks.wait()
                status, lines = self.answers.pop(0) if self.answers else (200, "")
                if status == 200:
                    self.requests.append(ExportTraceServiceRequest.FromString(body))
                writer.write(f"HTTP/1.1 {status} X\r\n{lines}content-length: 0\r\n\r\n".encode())
                await writer.drain()
                self._came.set()


@contextlib.asynccontextmanager
async def receiving() -> AsyncGenerator[Receiver]:
    """A collector on a free port."""
    receiver = Receiver()
    receiver.speaks.set()
    tasks: set[asyncio.Task[None]] = set()

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(receiver.handle(reader, writer))
        tasks.add(task)
        task.add_done_callback(lambda _done: writer.close())

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield receiver
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
