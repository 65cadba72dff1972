"""A client that costs little: many of them fit beside the gateways that they ask. It reads answers as they are."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, in full."""

    status: int
    request_id: str
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def usage(self) -> dict[str, int]:
        """Of a stream or a whole answer; it is the last that the engine says."""
        if not self.is_stream:
            return self.json["usage"]
        events = [line[6:] for line in self.body.split(b"\n") if line.startswith(b"data: {")]
        return json.loads(events[-1])["usage"]

    @property
    def is_whole(self) -> bool:
        """Whether the client got an answer to its end: then it is billed, and once."""
        if self.status != 200:
            return False
        return not self.is_stream or self.body.endswith(b"data: [DONE]\n\n")

    @property
    def is_stream(self) -> bool:
        """Events; comments may come before the first one."""
        return not self.body.startswith(b"{")


class Cut(Exception):
    """The connection ended before the answer did."""


async def ask(
    port: int,
    key: str,
    body: dict[str, Any],
    *,
    headers: dict[str, str] | None = None,
    hang_up_after: int | None = None,
) -> Answer:
    """Send one request on a connection of its own.

    Raises:
        Cut: the server went away, or `hang_up_after` bytes of the body were enough.
    """
    try:
        async with asyncio.timeout(TIMEOUT_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                return await _exchange(reader, writer, key, body, headers or {}, hang_up_after)
            finally:
                writer.transport.abort()
    except (OSError, asyncio.IncompleteReadError) as error:
        raise Cut(str(error)) from error


async def _exchange(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    key: str,
    body: dict[str, Any],
    headers: dict[str, str],
    hang_up_after: int | None,
) -> Answer:
    payload = json.dumps(body).encode()
    lines = [
        "POST /v1/chat/completions HTTP/1.1",
        "host: test",
        f"authorization: Bearer {key}",
        "content-type: application/json",
        f"content-length: {len(payload)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + payload)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head.split(b" ", 2)[1])
    request_id = _header(head, b"x-request-id").decode()
    if b"transfer-encoding: chunked" not in head:
        return Answer(
            status, request_id, await reader.readexactly(int(_header(head, b"content-length")))
        )
    pieces: list[bytes] = []
    while size := int(await reader.readuntil(b"\r\n"), 16):
        pieces.append((await reader.readexactly(size + 2))[:-2])
        if hang_up_after is not None and sum(map(len, pieces)) >= hang_up_after:
            raise Cut("enough")
    return Answer(status, request_id, b"".join(pieces))


def _header(head: bytes, name: bytes) -> bytes:
    for line in head.split(b"\r\n"):
        found, _, value = line.partition(b":")
        if found == name:
            return value.strip()
    raise Cut(f"no {name!r}")
