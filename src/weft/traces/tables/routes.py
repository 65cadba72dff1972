"""The routes of tables, `/table/*` (the Weave trace server's API, client 0.54)."""

from collections.abc import AsyncIterator, Sequence

import msgspec
from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from weft.kit.clock import to_us
from weft.kit.errors import InvalidRequest
from weft.traces.canonical import Scope
from weft.traces.objects.read import Sort
from weft.traces.routes.desk import Asked, Desk, json_answer, trace_router
from weft.traces.routes.lists import GROUP_BYTES, GROUP_ITEMS, json_list
from weft.traces.tables.make import (
    NoSuchTable,
    Update,
    create_from_digests,
    create_table,
    update_table,
)
from weft.traces.tables.read import (
    Place,
    RowRead,
    TableHead,
    find_places,
    find_table,
    find_tables,
    page,
    read_some,
    storage_size,
)
from weft.traces.tables.sorting import check_sort, in_order
from weft.traces.types import ProjectKey

MOST_TABLES = 1_000
MOST_DIGESTS = 10_000
MOST_OFFSET = 1 << 40


class NewTable(msgspec.Struct):
    """A table to be made."""

    project_id: str
    rows: list[msgspec.Raw]
    expected_digest: str | None = None


class CreateBody(msgspec.Struct):
    """`/table/create`."""

    table: NewTable


class FromDigestsBody(msgspec.Struct):
    """`/table/create_from_digests`."""

    project_id: str
    row_digests: list[str]
    expected_digest: str | None = None


class UpdateBody(msgspec.Struct):
    """`/table/update`."""

    project_id: str
    base_digest: str
    updates: list[Update]


class RowFilter(msgspec.Struct):
    """Which rows are meant."""

    row_digests: list[str] | None = None


class QueryBody(msgspec.Struct):
    """`/table/query`."""

    project_id: str
    digest: str
    filter: RowFilter | None = None
    limit: int | None = None
    offset: int | None = None
    sort_by: list[Sort] | None = None


class StatsBody(msgspec.Struct):
    """`/table/query_stats`."""

    project_id: str
    digest: str


class StatsBatchBody(msgspec.Struct):
    """`/table/query_stats_batch`."""

    project_id: str
    digests: list[str] | None = None
    include_storage_size: bool | None = None


class RowWire(msgspec.Struct):
    """A row as clients read it."""

    digest: str
    val: msgspec.Raw
    original_index: int


def router(desk: Desk) -> APIRouter:
    """Every route of tables."""
    routes = trace_router()
    _add_writing(routes, desk)
    _add_reading(routes, desk)
    return routes


def _add_writing(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/table/create")
    async def create(request: Request) -> Response:
        """Make a table of rows."""
        asked = await desk.writing(request, CreateBody)
        new, scope = asked.body.table, Scope(asked.visitor.name, asked.project_id)
        digest, rows = await create_table(
            desk.store, scope, new.rows, new.expected_digest, to_us(desk.clock.now())
        )
        return json_answer({"digest": digest, "row_digests": rows})

    @routes.post("/table/create_from_digests")
    async def from_digests(request: Request) -> Response:
        """Make a table of rows that came before, in other tables."""
        asked = await desk.writing(request, FromDigestsBody)
        body, scope = asked.body, Scope(asked.visitor.name, asked.project_id)
        digest = await create_from_digests(
            desk.store, scope, body.row_digests, body.expected_digest, to_us(desk.clock.now())
        )
        return json_answer({"digest": digest})

    @routes.post("/table/update")
    async def update(request: Request) -> Response:
        """Make a table of another one."""
        asked = await desk.writing(request, UpdateBody)
        body, scope = asked.body, Scope(asked.visitor.name, asked.project_id)
        digest, rows = await update_table(
            desk.store, scope, body.base_digest, body.updates, to_us(desk.clock.now())
        )
        return json_answer({"digest": digest, "updated_row_digests": rows})

    _ = (create, from_digests, update)


def _add_reading(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/table/query")
    async def query(request: Request) -> Response:
        """Rows of a table: a page, some by digest, or in another order."""
        asked = await desk.reading(request, QueryBody)
        table = await _table(desk, asked.project_id, asked.body.digest)
        return await json_list("rows", _rows(desk, asked, table))

    @routes.post("/table/query_stats")
    async def stats(request: Request) -> Response:
        """How many rows a table has."""
        asked = await desk.reading(request, StatsBody)
        table = await _table(desk, asked.project_id, asked.body.digest)
        return json_answer({"count": table.row_count})

    @routes.post("/table/query_stats_batch")
    async def stats_batch(request: Request) -> Response:
        """How many rows tables have, and how large they are; those that are not there are left out."""
        asked = await desk.reading(request, StatsBatchBody)
        body = asked.body
        digests = body.digests or []
        if len(digests) > MOST_TABLES:
            raise InvalidRequest(f"at most {MOST_TABLES} tables at a time", param="digests")

        def run(connection: Connection, key: ProjectKey) -> list[dict[str, str | int | None]]:
            return [
                {
                    "digest": table.digest,
                    "count": table.row_count,
                    "storage_size_bytes": storage_size(connection, key, table)
                    if body.include_storage_size
                    else None,
                }
                for table in find_tables(connection, key, digests)
            ]

        return json_answer({"tables": await desk.store.read(asked.project_id, run, empty=[])})

    _ = (query, stats, stats_batch)


async def _table(desk: Desk, project_id: str, digest: str) -> TableHead:
    table = await desk.store.read(project_id, lambda c, key: find_table(c, key, digest), empty=None)
    if table is None:
        raise desk.store.missing(NoSuchTable(digest))
    return table


async def _rows(
    desk: Desk, asked: Asked[QueryBody], table: TableHead
) -> AsyncIterator[Sequence[bytes]]:
    """The rows that were asked for, encoded, some at a time."""
    start, end, chosen = await _chosen(desk, asked, table)
    encode = msgspec.json.Encoder().encode
    while start < end:
        limit = min(GROUP_ITEMS, end - start)

        def run(
            connection: Connection, key: ProjectKey, start: int = start, limit: int = limit
        ) -> tuple[list[RowRead], int]:
            places = (
                page(connection, key, table, start, limit)
                if chosen is None
                else chosen[start : start + limit]
            )
            return read_some(connection, key, places, GROUP_BYTES)

        nothing: tuple[list[RowRead], int] = ([], limit)
        rows, taken = await desk.store.read(asked.project_id, run, empty=nothing)
        yield [
            encode(RowWire(row.digest, msgspec.Raw(row.val.encode()), row.number)) for row in rows
        ]
        start += taken


async def _chosen(
    desk: Desk, asked: Asked[QueryBody], table: TableHead
) -> tuple[int, int, list[Place] | None]:
    """From where to where, of all rows in their order (None) or of these."""
    body = asked.body
    offset, limit = body.offset or 0, table.row_count if body.limit is None else body.limit
    if not 0 <= offset <= MOST_OFFSET or not 0 <= limit <= MOST_OFFSET:
        raise InvalidRequest("limit or offset is out of bounds", param="limit")
    digests = body.filter.row_digests if body.filter else None
    sort_by = body.sort_by or []
    if digests is not None and len(digests) > MOST_DIGESTS:
        raise InvalidRequest(f"at most {MOST_DIGESTS} digests", param="filter")
    if digests is None and not sort_by:
        return offset, min(table.row_count, offset + limit), None

    def run(connection: Connection, key: ProjectKey) -> list[Place]:
        if digests is not None:
            places = find_places(connection, key, table, digests)
            check_sort(sort_by, len(places))
        else:
            check_sort(sort_by, table.row_count)
            places = page(connection, key, table, 0, table.row_count)
        return in_order(connection, key, places, sort_by) if sort_by else places

    places = await desk.store.read(asked.project_id, run, empty=list[Place]())
    return offset, min(len(places), offset + limit), places
