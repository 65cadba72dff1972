"""Calls from clients, on the fast path: no web framework between the connection and the writer.

These are the requests that a traced program sends all day: `calls/complete` in batches, `call/start` and `call/end` one
by one, and `call/upsert_batch` of older clients. Everything else of the trace server's API is a plain route.
"""

import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Protocol

import msgspec

from weft.identity.headers import credentials_of
from weft.identity.projects.gate import Credentials, ProjectGate, Visitor
from weft.kit.db import DATABASE_AWAY
from weft.kit.errors import InternalError, InvalidRequest, WeftError
from weft.traces.calls.parts import (
    CallPart,
    CompleteWire,
    EndWire,
    StartWire,
    WriteCalls,
    from_complete,
    from_end,
    from_start,
)
from weft.traces.errors import error_body
from weft.traces.json_text import decode_soon
from weft.traces.store import TraceStore
from weft.traces.writing.writer import StoreAway

log = logging.getLogger(__name__)

_JSON = b"content-type: application/json\r\n"
_DONE = b"{}"
BATCH_LIMIT = 20_000


class Post(Protocol):
    """A request whose body has arrived whole, and the way to answer it; see `gateway.Exchange`."""

    request_id: str
    headers: list[tuple[bytes, bytes]]
    payload: bytes

    def answer(self, status: int, head: bytes, body: bytes) -> None:
        """Send the whole answer; `head` is header lines, each with its CRLF."""
        ...


class CompleteBody(msgspec.Struct):
    """`calls/complete`."""

    batch: list[CompleteWire]


class StartBody(msgspec.Struct):
    """`call/start`."""

    start: StartWire


class EndBody(msgspec.Struct):
    """`call/end`."""

    end: EndWire


class _EitherReq(msgspec.Struct):
    start: StartWire | None = None
    end: EndWire | None = None


class _Either(msgspec.Struct):
    req: _EitherReq


class UpsertBody(msgspec.Struct):
    """`call/upsert_batch`."""

    batch: list[_Either]


Answer = Callable[["CallIngest", Post], Awaitable[bytes]]


class CallIngest:
    """Takes calls in."""

    def __init__(self, store: TraceStore, gate: ProjectGate) -> None:
        self._store = store
        self._gate = gate

    def handlers(self) -> dict[bytes, Callable[[Post], Coroutine[None, None, None]]]:
        """What answers a POST to each path; `*/a/b` stands for any `/v2/{entity}/{project}/a/b`."""
        legacy = {b"start": _start, b"end": _end, b"upsert_batch": _upsert}
        plain = {b"/call/" + name: answer for name, answer in legacy.items()}
        v2 = {b"*/call/start": _start, b"*/call/end": _end, b"*/calls/complete": _complete}
        paths = {**plain, **{b"/traces" + path: answer for path, answer in plain.items()}, **v2}
        return {path: self._answering(answer) for path, answer in paths.items()}

    async def write(self, post: Post, wires: Sequence[StartWire | EndWire]) -> list[CallPart]:
        """Have parts of calls written; what was written, in their order.

        Raises:
            WeftError: the caller may not write there, or a call is out of bounds.
        """
        if len(wires) > BATCH_LIMIT:
            raise InvalidRequest(f"a batch has at most {BATCH_LIMIT} calls", param="batch")
        authorization, _project = credentials_of(post.headers)
        credentials = Credentials(authorization)
        visitors: dict[str, Visitor] = {}
        by_project: dict[str, list[CallPart]] = {}
        parts: list[CallPart] = []
        for wire in wires:
            visitor = visitors.get(wire.project_id)
            if visitor is None:
                visitor = await self._gate.enter(credentials, wire.project_id)
                visitor.may_write()
                visitors[wire.project_id] = visitor
            part = _part(wire, visitor.user_id)
            parts.append(part)
            by_project.setdefault(visitor.project_id, []).append(part)
        for project_id, group in by_project.items():
            await self._store.writer.write(WriteCalls(project_id, group))
        return parts

    def _answering(self, answer: Answer) -> Callable[[Post], Coroutine[None, None, None]]:
        async def handle(post: Post) -> None:
            try:
                status, body = 200, await answer(self, post)
            except WeftError as error:
                _refuse(post, error)
                return
            except DATABASE_AWAY:
                _refuse(post, StoreAway())
                return
            except Exception:
                log.exception("trace_request_crashed request_id=%s", post.request_id)
                _refuse(
                    post, InternalError("The server had an error while processing your request")
                )
                return
            post.answer(status, _JSON, body)

        return handle


def _part(wire: StartWire | EndWire, user_id: str) -> CallPart:
    if isinstance(wire, CompleteWire):
        return from_complete(wire, user_id)
    if isinstance(wire, StartWire):
        return from_start(wire, user_id)
    return from_end(wire)


async def _complete(ingest: CallIngest, post: Post) -> bytes:
    body = await decode_soon(post.payload, CompleteBody)
    await ingest.write(post, body.batch)
    return _DONE


async def _start(ingest: CallIngest, post: Post) -> bytes:
    body = await decode_soon(post.payload, StartBody)
    [part] = await ingest.write(post, [body.start])
    return msgspec.json.encode({"id": part.id, "trace_id": part.trace_id})


async def _end(ingest: CallIngest, post: Post) -> bytes:
    body = await decode_soon(post.payload, EndBody)
    await ingest.write(post, [body.end])
    return _DONE


async def _upsert(ingest: CallIngest, post: Post) -> bytes:
    wires: list[StartWire | EndWire] = []
    for item in (await decode_soon(post.payload, UpsertBody)).batch:
        wire = item.req.start or item.req.end
        if wire is None:
            raise InvalidRequest("an item of the batch has neither start nor end", param="batch")
        wires.append(wire)
    parts = await ingest.write(post, wires)
    answers = [{"id": p.id, "trace_id": p.trace_id} if p.has_start else {} for p in parts]
    return msgspec.json.encode({"res": answers})


def _refuse(post: Post, error: WeftError) -> None:
    lines = b"".join(b"%b: %b\r\n" % header for header in error.headers())
    post.answer(error.status, _JSON + lines, error_body(error))
