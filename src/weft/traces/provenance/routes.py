"""The routes of provenance, `/dataset_sources/*` (the Weave trace server's API, client 0.54)."""

from fastapi import APIRouter, Request, Response

from weft.kit.clock import to_us
from weft.kit.errors import InvalidRequest
from weft.traces.calls.table import CallTable
from weft.traces.provenance.store import delete_links, find_links, find_memberships, link_rows
from weft.traces.provenance.types import (
    DatasetsBody,
    DeleteBody,
    LinkBody,
    LinkWire,
    Membership,
    QueryBody,
)
from weft.traces.routes.desk import Desk, json_answer, trace_router

MOST = 10_000
WORD_CHARS = 512
_OFFSET = 1 << 40


def router(desk: Desk, table: CallTable) -> APIRouter:
    """Every route of provenance."""
    routes = trace_router()

    @routes.post("/dataset_sources/link")
    async def link(request: Request) -> Response:
        """Link rows of a dataset to what they were made of; the same link again is no second one."""
        asked = await desk.writing(request, LinkBody)
        body = asked.body
        _check_links(body)
        at_us, user_id = to_us(desk.clock.now()), asked.visitor.user_id
        made = await desk.store.change(
            asked.project_id,
            lambda c, key: link_rows(c, key, body, user_id=user_id, at_us=at_us, table=table),
        )
        entries = [
            {"link_id": link_id, "created": created if body.include_created_status else None}
            for link_id, created in made
        ]
        return json_answer({"entries": entries})

    @routes.post("/dataset_sources/link_delete")
    async def link_delete(request: Request) -> Response:
        """Delete links."""
        asked = await desk.writing(request, DeleteBody)
        ids, at_us = asked.body.link_ids, to_us(desk.clock.now())
        _check_count(len(ids), "link_ids")
        gone = await desk.store.change(
            asked.project_id, lambda c, key: delete_links(c, key, ids, at_us)
        )
        entries = [{"link_id": link_id, "deleted": deleted} for link_id, deleted in gone]
        return json_answer({"entries": entries})

    @routes.post("/dataset_sources/query")
    async def query(request: Request) -> Response:
        """What the rows of a dataset were made of."""
        asked = await desk.reading(request, QueryBody)
        body = asked.body
        _check_count(len(body.row_digests or ()), "row_digests")
        if not 0 <= (body.limit or 0) <= _OFFSET or not 0 <= (body.offset or 0) <= _OFFSET:
            raise InvalidRequest("limit or offset is out of bounds", param="limit")
        links = await desk.store.read(
            asked.project_id, lambda c, key: find_links(c, key, body), empty=list[LinkWire]()
        )
        return json_answer({"links": links})

    @routes.post("/dataset_sources/source_datasets_query")
    async def datasets(request: Request) -> Response:
        """The datasets that sources are in."""
        asked = await desk.reading(request, DatasetsBody)
        body = asked.body
        _check_count(len(body.sources), "sources")
        found = await desk.store.read(
            asked.project_id,
            lambda c, key: find_memberships(
                c, key, body.sources, include_deleted=body.include_deleted
            ),
            empty=list[Membership](),
        )
        return json_answer({"memberships": found})

    _ = (link, link_delete, query, datasets)
    return routes


def _check_count(count: int, name: str) -> None:
    if count > MOST:
        raise InvalidRequest(f"at most {MOST} of {name} at a time", param=name)


def _check_links(body: LinkBody) -> None:
    _check_count(sum(len(row.sources) for row in body.links), "links")
    words = [body.dataset_object_id, body.dataset_digest]
    for row in body.links:
        words.append(row.row_digest)
        for source in row.sources:
            words += [source.source_id, source.source_trace_id]
    if any(not 0 < len(word) <= WORD_CHARS or "\0" in word for word in words):
        raise InvalidRequest(
            f"a name, digest or id has 1 to {WORD_CHARS} characters", param="links"
        )
