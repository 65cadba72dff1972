"""The routes under `/annotation_queues`.

Shapes: the Weave trace server's API (client 0.54), unknown fields left out.
"""

from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from weft.kit.clock import from_us, to_us
from weft.kit.errors import InvalidRequest
from weft.kit.routes.handing import hand_on
from weft.traces.calls.table import CallTable
from weft.traces.queues import items, store
from weft.traces.queues.types import Item, ItemFilter, NoSuchQueue, Page, Queue, QueueStats, State
from weft.traces.routes.desk import Asked, Desk, json_answer, trace_router

NAME_CHARS = 1024
DESCRIPTION_CHARS = 100_000
TEXT_CHARS = 32_768
"""Of a reference, an id, the name of a field."""
REFS = 1000
CALLS = 10_000
"""That may be added at once."""
PAGE = 1000
SORTS = 10
OFFSET_LIMIT = 1 << 53


class Sort(msgspec.Struct):
    """One field to sort by."""

    field: str
    direction: str = "asc"


class CreateBody(msgspec.Struct):
    """`/annotation_queues`."""

    project_id: str
    name: str
    scorer_refs: list[str] = []
    description: str | None = None


class QueryBody(msgspec.Struct):
    """`/annotation_queues/query`."""

    project_id: str
    name: str | None = None
    sort_by: list[Sort] | None = None
    limit: int | None = None
    offset: int | None = None


class StatsBody(msgspec.Struct):
    """`/annotation_queues/stats`."""

    project_id: str
    queue_ids: list[str]


class UpdateBody(msgspec.Struct):
    """`PUT /annotation_queues/{queue_id}`."""

    project_id: str
    name: str | None = None
    description: str | None = None
    scorer_refs: list[str] | None = None


class AddBody(msgspec.Struct):
    """`/annotation_queues/{queue_id}/items`."""

    project_id: str
    call_ids: list[str]
    display_fields: list[str] = []


class FilterBody(msgspec.Struct):
    """Which items are wanted."""

    id: str | None = None
    added_by: str | None = None
    annotation_states: list[State] | None = None
    call_id: str | None = None
    call_op_name: str | None = None
    call_trace_id: str | None = None


class ItemsBody(msgspec.Struct):
    """`/annotation_queues/{queue_id}/items/query`."""

    project_id: str
    filter: FilterBody | None = None
    include_position: bool = False
    sort_by: list[Sort] | None = None
    limit: int | None = None
    offset: int | None = None


class ProgressBody(msgspec.Struct):
    """`/annotation_queues/{queue_id}/items/{item_id}/progress`."""

    project_id: str
    annotation_state: State


def router(desk: Desk, table: CallTable) -> APIRouter:
    """All routes of queues."""
    routes = trace_router()
    hand_on(_queues(desk), routes)
    hand_on(_changes(desk), routes)
    hand_on(_items(desk, table), routes)
    return routes


def _queues(desk: Desk) -> APIRouter:
    routes = trace_router()

    @routes.post("/annotation_queues/query")
    async def query(request: Request) -> Response:
        """The project's queues, a line of JSON each."""
        asked = await desk.reading(request, QueryBody)
        page = _page(asked.body)
        found = await desk.store.read(
            asked.project_id,
            lambda c, key: store.list_queues(c, key, _plain(asked.body.name), page),
            empty=[],
        )
        lines = [msgspec.json.encode(_shown(queue, asked.visitor.name)) + b"\n" for queue in found]
        return Response(b"".join(lines), media_type="application/jsonl")

    @routes.post("/annotation_queues/stats")
    async def stats(request: Request) -> Response:
        """How far queues are."""
        asked = await desk.reading(request, StatsBody)
        ids = _texts(asked.body.queue_ids, REFS, "queue_ids")
        found = await desk.store.read(
            asked.project_id,
            lambda c, key: items.stats_of(c, key, ids),
            empty=[QueueStats(queue_id, 0, 0) for queue_id in ids],
        )
        return json_answer({"stats": found})

    @routes.get("/annotation_queues/{queue_id}")
    async def read(request: Request, queue_id: str, project_id: str) -> Response:
        """One queue."""
        visitor = await desk.enter(request, project_id)
        found = await desk.store.read(
            visitor.project_id, lambda c, key: store.get_queue(c, key, queue_id), empty=None
        )
        if found is None:
            raise NoSuchQueue(queue_id)
        return json_answer({"queue": _shown(found, visitor.name)})

    _ = (query, stats, read)
    return routes


def _changes(desk: Desk) -> APIRouter:
    routes = trace_router()

    @routes.post("/annotation_queues")
    async def create(request: Request) -> Response:
        """Make a queue."""
        asked = await desk.writing(request, CreateBody)
        now_us = to_us(desk.clock.now())
        new = Queue(
            id="",
            name=_name(asked.body.name),
            description=_text(asked.body.description or "", DESCRIPTION_CHARS, "description"),
            scorer_refs=tuple(_texts(asked.body.scorer_refs, REFS, "scorer_refs")),
            created_by=asked.visitor.user_id,
            created_at_us=now_us,
            updated_at_us=now_us,
        )
        queue_id = await desk.store.change(
            asked.project_id, lambda c, key: store.create_queue(c, key, new)
        )
        return json_answer({"id": queue_id})

    @routes.put("/annotation_queues/{queue_id}")
    async def update(request: Request, queue_id: str) -> Response:
        """Change a queue's name, description or what is to be judged."""
        asked = await desk.writing(request, UpdateBody)
        body = asked.body
        name = None if body.name is None else _name(body.name)
        if body.description is not None:
            body.description = _text(body.description, DESCRIPTION_CHARS, "description")
        if body.scorer_refs is not None:
            body.scorer_refs = _texts(body.scorer_refs, REFS, "scorer_refs")
        now_us = to_us(desk.clock.now())
        queue = await desk.store.change(
            asked.project_id,
            lambda c, key: store.update_queue(
                c,
                key,
                queue_id,
                now_us,
                name=name,
                description=body.description,
                scorer_refs=body.scorer_refs,
            ),
        )
        return json_answer({"queue": _shown(queue, asked.visitor.name)})

    @routes.delete("/annotation_queues/{queue_id}")
    async def delete(request: Request, queue_id: str, project_id: str) -> Response:
        """Delete a queue, by a mark."""
        visitor = await desk.enter(request, project_id)
        visitor.may_write()
        now_us = to_us(desk.clock.now())
        queue = await desk.store.change(
            visitor.project_id, lambda c, key: store.delete_queue(c, key, queue_id, now_us)
        )
        return json_answer({"queue": _shown(queue, visitor.name)})

    _ = (create, update, delete)
    return routes


def _items(desk: Desk, table: CallTable) -> APIRouter:
    routes = trace_router()

    @routes.post("/annotation_queues/{queue_id}/items")
    async def add(request: Request, queue_id: str) -> Response:
        """Put calls into a queue."""
        asked = await desk.writing(request, AddBody)
        call_ids = _texts(asked.body.call_ids, CALLS, "call_ids")
        fields = _texts(asked.body.display_fields, REFS, "display_fields")
        now_us = to_us(desk.clock.now())
        added, duplicates = await desk.store.change(
            asked.project_id,
            lambda c, key: items.add_calls(
                c,
                key,
                queue_id,
                call_ids,
                display_fields=fields,
                user_id=asked.visitor.user_id,
                now_us=now_us,
                table=table,
            ),
        )
        return json_answer({"added_count": added, "duplicates": duplicates})

    @routes.post("/annotation_queues/{queue_id}/items/query")
    async def query(request: Request, queue_id: str) -> Response:
        """A page of a queue's items."""
        asked = await desk.reading(request, ItemsBody)
        wanted, page = _filter(asked.body.filter), _page(asked.body)
        found = await desk.store.read(
            asked.project_id,
            lambda c, key: items.list_items(
                c, key, queue_id, wanted, page, with_position=asked.body.include_position
            ),
            empty=None,
        )
        if found is None:
            raise NoSuchQueue(queue_id)
        return json_answer({"items": [_shown_item(item, asked) for item in found]})

    @routes.post("/annotation_queues/{queue_id}/items/{item_id}/progress")
    async def progress(request: Request, queue_id: str, item_id: str) -> Response:
        """Say how far the caller is with an item."""
        asked = await desk.writing(request, ProgressBody)
        now_us = to_us(desk.clock.now())
        item = await desk.store.change(
            asked.project_id,
            lambda c, key: items.set_progress(
                c,
                key,
                queue_id,
                item_id,
                annotator_id=asked.visitor.user_id,
                state=asked.body.annotation_state,
                now_us=now_us,
            ),
        )
        return json_answer({"item": _shown_item(item, asked)})

    _ = (add, query, progress)
    return routes


def _page(body: QueryBody | ItemsBody) -> Page:
    sorts = body.sort_by or []
    if len(sorts) > SORTS:
        raise InvalidRequest(f"sort_by has at most {SORTS} entries", param="sort_by")
    limit = PAGE if body.limit is None else body.limit
    offset = body.offset or 0
    if not limit >= 0 or not 0 <= offset < OFFSET_LIMIT:
        raise InvalidRequest("limit and offset are zero or more", param="limit")
    order = tuple((sort.field, sort.direction.lower() == "desc") for sort in sorts)
    return Page(order, min(limit, PAGE), offset)


def _filter(body: FilterBody | None) -> ItemFilter:
    if body is None:
        return ItemFilter()
    return ItemFilter(
        id=_plain(body.id),
        call_id=_plain(body.call_id),
        call_op_name=_plain(body.call_op_name),
        call_trace_id=_plain(body.call_trace_id),
        added_by=_plain(body.added_by),
        states=tuple(body.annotation_states or ()),
    )


def _plain(text: str | None) -> str | None:
    return None if text is None else _text(text, TEXT_CHARS, "filter")


def _name(name: str) -> str:
    if not name.strip():
        raise InvalidRequest("a queue has a name", param="name")
    return _text(name, NAME_CHARS, "name")


def _text(text: str, limit: int, field: str) -> str:
    if len(text) > limit:
        raise InvalidRequest(f"{field} has at most {limit} characters", param=field)
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _texts(values: list[str], most: int, field: str) -> list[str]:
    if len(values) > most:
        raise InvalidRequest(f"{field} has at most {most} entries", param=field)
    return [_text(value, TEXT_CHARS, field) for value in values]


def _shown(queue: Queue, project: str) -> dict[str, Any]:
    return {
        "id": queue.id,
        "project_id": project,
        "name": queue.name,
        "description": queue.description,
        "scorer_refs": queue.scorer_refs,
        "created_at": from_us(queue.created_at_us),
        "created_by": queue.created_by,
        "updated_at": from_us(queue.updated_at_us),
        "deleted_at": None if queue.deleted_at_us is None else from_us(queue.deleted_at_us),
    }


def _shown_item(item: Item, asked: Asked[Any]) -> dict[str, Any]:
    ended = item.call_ended_at_us
    return {
        "id": item.id,
        "project_id": asked.visitor.name,
        "queue_id": item.queue_id,
        "call_id": item.call_id,
        "call_started_at": from_us(item.call_started_at_us),
        "call_ended_at": None if ended is None else from_us(ended),
        "call_op_name": item.call_op_name,
        "call_trace_id": item.call_trace_id,
        "display_fields": item.display_fields,
        "added_by": item.added_by,
        "annotation_state": item.state,
        "annotator_user_id": item.annotator_id,
        "created_at": from_us(item.created_at_us),
        "created_by": item.added_by,
        "updated_at": from_us(item.updated_at_us),
        "deleted_at": None,
        "position_in_queue": item.position,
    }
