"""Answers what is asked of calls, from the trace database: streams, counts, one call.

A stream is one snapshot: its connection is held for as long as the client takes lines, and given back when it stops.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from weft.kit.db import DATABASE_AWAY
from weft.kit.errors import InvalidRequest, Overloaded
from weft.traces.calls.read.columns import select_columns
from weft.traces.calls.read.expand import SCANNED, SCANNED_BYTES, Expansion, Resolver, matching
from weft.traces.calls.read.extras import ExtrasReader, Include
from weft.traces.calls.read.kept import CallStore, SqlCalls, Wanted
from weft.traces.calls.read.lines import ROWS, Layout, lines
from weft.traces.calls.read.wire import CallFilter, QueryStats, ReadCall, Stats, StreamQuery
from weft.traces.json_text import dump
from weft.traces.query.compile import SortBy
from weft.traces.query.parse import parse_query
from weft.traces.resolving.read import read_ref_values
from weft.traces.store import TraceStore
from weft.traces.types import ProjectKey
from weft.traces.writing.writer import StoreAway

PIECE_BYTES = 64 * 1024
STREAMS = 8
"""At a time: each holds a connection."""
WAIT_S = 30.0
TOKEN_CHARS = 64
ALL_TEXTS = ("inputs", "output", "attributes", "summary", "exception", "otel_dump")


@dataclass(frozen=True, slots=True)
class _Plan:
    """A stream's question, read and checked."""

    wanted: Wanted
    layout: Layout
    expansion: Expansion
    returns_expanded: bool


class CallReader:
    """Reads calls. Used from the event loop; the work is done in the database's threads."""

    def __init__(
        self, store: TraceStore, extras: ExtrasReader, calls: CallStore | None = None
    ) -> None:
        """Read from `calls`, or from the trace database itself."""
        self._store = store
        self._extras = extras
        self._calls: CallStore = calls or SqlCalls()
        self._room = asyncio.Semaphore(STREAMS)

    async def stream(
        self, project_id: str, project_name: str, asked: StreamQuery
    ) -> AsyncGenerator[bytes]:
        """Lines of calls, in pieces of some tens of kilobytes. Close it to end it early.

        Raises:
            InvalidRequest: the question cannot be answered.
            Overloaded: too many streams are being read.
            StoreAway: the database does not answer.
        """
        plan = _plan(asked, project_name)

        def work(connection: Connection) -> Iterator[bytes]:
            key = self._store.keys.find(connection, project_id)
            return iter(()) if key is None else self._pieces(connection, key, plan)

        try:
            await asyncio.wait_for(self._room.acquire(), WAIT_S)
        except TimeoutError as error:
            raise Overloaded("Too many calls are being read", retry_after_s=2) from error
        try:
            async with contextlib.aclosing(self._store.database.read_pieces(work)) as pieces:
                async for piece in pieces:
                    yield piece
        except DATABASE_AWAY as error:
            raise StoreAway from error
        finally:
            self._room.release()

    async def count(self, project_id: str, project_name: str, asked: QueryStats) -> Stats:
        """How many calls a query finds.

        Raises:
            InvalidRequest: the question cannot be answered.
            StoreAway: the database does not answer.
        """
        query = parse_query(asked.query)
        expansion = Expansion(asked.expand_columns or ())
        with_size = bool(asked.include_total_storage_size)

        wanted = Wanted(asked.filter, query, limit=asked.limit)

        def work(connection: Connection, key: ProjectKey) -> Stats:
            _done, left = expansion.split(query)
            if left is None:
                return self._calls.count(connection, key, wanted, with_size=with_size)
            resolver = _resolver(connection, key, project_name)
            rows = self._expanded(connection, key, wanted, expansion, resolver)
            found = matching(rows, left, None)
            size = sum(row.size_bytes for row in found) if with_size else None
            shown = len(found) if asked.limit is None else min(len(found), max(asked.limit, 0))
            return Stats(shown, shown < len(found), size)

        return await self._store.read(project_id, work, empty=Stats(0))

    async def read(self, project_id: str, project_name: str, asked: ReadCall) -> bytes | None:
        """One call as JSON; None if there is none of this id."""
        question = StreamQuery(
            asked.project_id,
            filter=CallFilter(call_ids=[asked.id]),
            include_costs=asked.include_costs,
            include_storage_size=asked.include_storage_size,
            include_total_storage_size=asked.include_total_storage_size,
        )
        plan = _plan(question, project_name)

        def work(connection: Connection, key: ProjectKey) -> bytes | None:
            found = b"".join(self._pieces(connection, key, plan))
            return found.rstrip(b"\n") or None

        return await self._store.read(project_id, work, empty=None)

    def _pieces(self, connection: Connection, key: ProjectKey, plan: _Plan) -> Iterator[bytes]:
        resolver = _resolver(connection, key, plan.layout.project_name)
        texts, layout, include = plan.layout.texts(), plan.layout, plan.layout.include
        piece = bytearray()
        for rows in self._find(connection, key, plan, resolver, texts):
            traces = {row.trace_id for row in rows} if include.total_size else set[str]()
            sizes: Mapping[str, int] = {}
            if traces:
                sizes = self._calls.trace_sizes(connection, key, traces)
            extras = self._extras.read(connection, key, layout.project_name, rows, include, sizes)
            shown = rows
            if plan.returns_expanded:
                shown = _with_expanded(rows, texts, plan.expansion, resolver)
            for line in lines(shown, layout, extras):
                piece += line
                piece += b"\n"
                if len(piece) >= PIECE_BYTES:
                    yield bytes(piece)
                    piece.clear()
        if piece:
            yield bytes(piece)

    def _find(
        self,
        connection: Connection,
        key: ProjectKey,
        plan: _Plan,
        resolver: Resolver,
        texts: Sequence[str],
    ) -> Iterator[Sequence[Any]]:
        """The calls that are meant, in their order."""
        wanted = plan.wanted
        _done, left = plan.expansion.split(wanted.query)
        resorted = any(plan.expansion.concerns(sort.field) for sort in wanted.sort_by or ())
        if left is None and not resorted:
            yield from self._calls.rows(connection, key, wanted, texts)
            return
        order = None if resorted else wanted.sort_by
        rows = self._expanded(connection, key, wanted, plan.expansion, resolver, order)
        found = matching(rows, left, wanted.sort_by if resorted else None)
        end = None if wanted.limit is None else wanted.offset + wanted.limit
        shown = found[wanted.offset : end]
        for start in range(0, len(shown), ROWS):
            yield shown[start : start + ROWS]

    def _expanded(
        self,
        connection: Connection,
        key: ProjectKey,
        wanted: Wanted,
        expansion: Expansion,
        resolver: Resolver,
        sort_by: Sequence[SortBy] | None = None,
    ) -> Iterator[tuple[Any, dict[str, Any]]]:
        """Calls that fit as far as the database can tell, each with its texts expanded."""
        done, _left = expansion.split(wanted.query)
        candidates = wanted.only(done, sort_by, SCANNED + 1)
        seen = size_bytes = 0
        for rows in self._calls.rows(connection, key, candidates, ALL_TEXTS):
            seen += len(rows)
            size_bytes += sum(row.size_bytes for row in rows)
            if seen > SCANNED or size_bytes > SCANNED_BYTES:
                raise InvalidRequest(
                    f"more than {SCANNED} calls, or {SCANNED_BYTES} bytes, would have to be read",
                    param="expand_columns",
                    remedy="narrow the filter: fewer ops, a shorter time",
                )
            documents = expansion.documents(rows, ALL_TEXTS, resolver)
            yield from zip(rows, documents, strict=True)


def _plan(asked: StreamQuery, project_name: str) -> _Plan:
    offset = asked.offset or 0
    for name, value in (("limit", asked.limit or 0), ("offset", offset)):
        if value < 0:
            raise InvalidRequest(f"{name} is 0 or more", param=name)
    expand = asked.expand_columns or ()
    include = Include(
        costs=bool(asked.include_costs),
        feedback=bool(asked.include_feedback),
        usernames=bool(asked.include_usernames),
        size=bool(asked.include_storage_size),
        total_size=bool(asked.include_total_storage_size),
    )
    return _Plan(
        Wanted(
            asked.filter,
            parse_query(asked.query),
            asked.sort_by,
            asked.limit,
            offset,
            (asked.order_token or "")[:TOKEN_CHARS],
        ),
        Layout(project_name, select_columns(asked.columns, max(asked.shorten or 0, 0)), include),
        Expansion(expand),
        returns_expanded=bool(expand) and asked.return_expanded_column_values is not False,
    )


def _resolver(connection: Connection, key: ProjectKey, project_name: str) -> Resolver:
    return Resolver(lambda refs: read_ref_values(connection, key, project_name, refs))


class _ExpandedRow:
    """A row whose texts have their columns expanded."""

    def __init__(self, row: Any, texts: dict[str, str]) -> None:
        self._row = row
        self.__dict__.update(texts)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


def _with_expanded(
    rows: Sequence[Any], texts: Sequence[str], expansion: Expansion, resolver: Resolver
) -> Sequence[Any]:
    concerned = expansion.texts(texts)
    documents = expansion.documents(rows, concerned, resolver, mark=True)
    return [
        _ExpandedRow(row, {name: dump(value) for name, value in doc.items() if value is not None})
        for row, doc in zip(rows, documents, strict=True)
    ]
