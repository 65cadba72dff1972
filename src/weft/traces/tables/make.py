"""Takes tables in: works out what they are called by and what has to be written, before anything is written.

A new table needs nothing from the database, so it is taken while that is away. A changed one needs the chunks of the
one that it is made from, which have to be read.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from sqlalchemy import Connection

from weft.kit.errors import NotFound
from weft.traces.canonical import Scope, digested, text_of
from weft.traces.digests import table_digest
from weft.traces.objects.publish import DigestMismatch
from weft.traces.store import TraceStore
from weft.traces.tables.chunks import BadTable, Draft, check_digests, chunked
from weft.traces.tables.read import digest_of, find_table, load_body, row_sizes
from weft.traces.tables.write import Row, WriteTable, pieces
from weft.traces.types import ProjectKey

MOVES = 10_000
"""Insertions and removals in one request. Rows that are put at the end are bounded by the request's size alone."""
_IN_THREAD = 200
"""More rows than this are read beside the event loop."""

T = TypeVar("T")


class NoSuchTable(NotFound):
    """There is no such table in the project."""

    code = "no_such_table"
    remedy = "make it with /table/create, or name another digest"

    def __init__(self, digest: str) -> None:
        super().__init__(f"there is no table {digest[:100]} in this project")


class Append(msgspec.Struct):
    """A row is put at the end."""

    row: msgspec.Raw


class Pop(msgspec.Struct):
    """A row is taken out."""

    index: int


class Insert(msgspec.Struct):
    """A row is put before another."""

    index: int
    row: msgspec.Raw


class Update(msgspec.Struct):
    """One change of a table: exactly one of these."""

    append: Append | None = None
    pop: Pop | None = None
    insert: Insert | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows in their order: what they are called by, and each once as it is kept."""

    digests: list[str]
    kept: list[Row]

    @property
    def size_bytes(self) -> int:
        """Of all of them, those that are the same counted each time."""
        sizes = {digest: size for digest, size, _val in self.kept}
        return sum(sizes[digest] for digest in self.digests)


async def create_table(
    store: TraceStore, scope: Scope, rows: Sequence[msgspec.Raw], expected: str | None, at_us: int
) -> tuple[str, list[str]]:
    """Make a table of rows; its digest and theirs, durable when this returns.

    Raises:
        DigestMismatch: the caller expected another digest.
        SpoolFull: neither database nor disk has room.
    """
    read = await _aside(len(rows), lambda: rows_of(rows, scope))
    op = await _aside(
        len(rows), lambda: made(scope, read.digests, read.kept, read.size_bytes, at_us)
    )
    if expected and expected != op.digest:
        raise DigestMismatch(expected, op.digest)
    await _write(store, op)
    return op.digest, read.digests


async def create_from_digests(
    store: TraceStore, scope: Scope, digests: Sequence[str], expected: str | None, at_us: int
) -> str:
    """Make a table of rows that came before; its digest, durable when this returns.

    Raises:
        BadTable: these are no digests of rows.
        DigestMismatch: the caller expected another digest.
        SpoolFull: neither database nor disk has room.
    """

    def work() -> WriteTable:
        check_digests(digests)
        return made(scope, digests, [], None if digests else 0, at_us)

    op = await _aside(len(digests), work)
    if expected and expected != op.digest:
        raise DigestMismatch(expected, op.digest)
    await _write(store, op)
    return op.digest


async def update_table(
    store: TraceStore, scope: Scope, base: str, updates: Sequence[Update], at_us: int
) -> tuple[str, list[str]]:
    """Make a table of another one; its digest, and those of the rows that came or went. The other stays as it is.

    Raises:
        NoSuchTable: there is none to begin with.
        BadTable: an update is none, or names a row that is not there.
        StoreAway: the database does not answer.
        SpoolFull: neither database nor disk has room.
    """
    raws = [_row_of(update) for update in updates]
    if sum(update.append is None for update in updates) > MOVES:
        raise BadTable(f"at most {MOVES} rows are inserted or taken out at a time", param="updates")
    given = [raw for raw in raws if raw is not None]
    rows = await _aside(len(given), lambda: rows_of(given, scope))

    def work(connection: Connection, key: ProjectKey) -> tuple[WriteTable, list[str]] | None:
        return _updated(connection, key, _Change(scope, base, updates, rows, at_us))

    found = await store.read(scope.project_id, work, empty=None)
    if found is None:
        raise store.missing(NoSuchTable(base))
    op, touched = found
    await _write(store, op)
    return op.digest, touched


def rows_of(raws: Sequence[msgspec.Raw], scope: Scope) -> Rows:
    """Rows as they came, with their digests."""
    digests: list[str] = []
    kept: dict[str, Row] = {}
    for raw in raws:
        text = text_of(raw)
        digest = digested(text, scope).digest
        digests.append(digest)
        if digest not in kept:
            kept[digest] = (digest, len(bytes(raw)), text)
    return Rows(digests, list(kept.values()))


def made(
    scope: Scope,
    digests: Sequence[str],
    rows: list[Row],
    size_bytes: int | None,
    at_us: int,
) -> WriteTable:
    """The operation that makes a table of these rows."""
    parts, bodies = chunked(digests)
    return WriteTable(
        project_id=scope.project_id,
        digest=table_digest(digests),
        row_count=len(digests),
        size_bytes=size_bytes,
        at_us=at_us,
        parts=parts,
        bodies=bodies,
        rows=rows,
    )


@dataclass(frozen=True, slots=True)
class _Change:
    scope: Scope
    base: str
    updates: Sequence[Update]
    rows: Rows
    at_us: int


def _updated(
    connection: Connection, key: ProjectKey, change: _Change
) -> tuple[WriteTable, list[str]] | None:
    table = find_table(connection, key, change.base)
    if table is None:
        return None
    draft = Draft(table.parts, lambda digest: load_body(connection, key, digest))
    new = iter(change.rows.digests)
    touched: list[str] = []
    gone: list[str] = []
    for update in change.updates:
        if update.pop is not None:
            digest = draft.pop(update.pop.index)
            gone.append(digest)
        else:
            digest = next(new)
            if update.insert is not None:
                draft.insert(update.insert.index, digest)
            else:
                draft.append(digest)
        touched.append(digest)
    parts, bodies = draft.finish()
    size_bytes = None
    if table.size_bytes is not None:
        sizes = {digest: size for digest, size, _val in change.rows.kept}
        sizes |= row_sizes(connection, key, [one for one in set(gone) if one not in sizes])
        less = sum(sizes.get(digest, 0) for digest in gone)
        size_bytes = table.size_bytes + change.rows.size_bytes - less
    op = WriteTable(
        project_id=change.scope.project_id,
        digest=digest_of(connection, key, parts, bodies),
        row_count=draft.row_count,
        size_bytes=size_bytes,
        at_us=change.at_us,
        parts=parts,
        bodies=bodies,
        rows=change.rows.kept,
    )
    return op, touched


def _row_of(update: Update) -> msgspec.Raw | None:
    said = [one for one in (update.append, update.pop, update.insert) if one is not None]
    if len(said) != 1:
        raise BadTable("an update is one of append, pop and insert", param="updates")
    [one] = said
    return None if isinstance(one, Pop) else one.row


async def _write(store: TraceStore, op: WriteTable) -> None:
    for piece in pieces(op):
        await store.writer.write(piece)


async def _aside(items: int, work: Callable[[], T]) -> T:
    return await asyncio.to_thread(work) if items > _IN_THREAD else work()
