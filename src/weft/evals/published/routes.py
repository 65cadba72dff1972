"""`/v2/{entity}/{project}/{ops,datasets,scorers,evaluations,models}`: publish, list, read, delete."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from weft.evals.lists import LIMIT, Limit, Offset, Some, json_lines
from weft.evals.published.nouns import NOUNS, Maker, Noun, source_digest
from weft.evals.shelf import Shelf
from weft.evals.values import object_in
from weft.identity.projects.gate import Visitor
from weft.kit.clock import from_us, to_us
from weft.traces.canonical import parsed
from weft.traces.json_text import decode
from weft.traces.objects.errors import NoSuchObject, ObjectDeleted
from weft.traces.objects.read import (
    ObjectFilter,
    ObjectVersion,
    find_version,
    query_versions,
    read_values,
)
from weft.traces.objects.write import delete_versions
from weft.traces.refs import parse_ref
from weft.traces.routes.desk import Desk, json_answer, trace_router
from weft.traces.types import ProjectKey

Found = list[tuple[ObjectVersion, dict[str, Any]]]


def router(desk: Desk, shelf: Shelf) -> APIRouter:
    """The routes of all five."""
    routes = trace_router(tags="evaluations")
    for noun in NOUNS:
        _add(routes, desk, shelf, noun)
    return routes


def _add(routes: APIRouter, desk: Desk, shelf: Shelf, noun: Noun) -> None:
    base = "/v2/{entity}/{project}/" + noun.path

    @routes.post(base, name=f"create_{noun.path}")
    async def create(entity: str, project: str, request: Request) -> Response:
        """Publish a version; the same again is the same version."""
        visitor = await desk.enter(request, f"{entity}/{project}")
        visitor.may_write()
        wire = decode(await request.body(), noun.shape)
        object_id, value = await noun.make(Maker(shelf, visitor), wire)
        ref = await shelf.publish(visitor, object_id, value, is_op=noun.base is None)
        digest = parse_ref(ref).digest
        version, _value = await _read(desk, visitor, object_id, digest)
        answer = {
            "digest": digest,
            "object_id": object_id,
            "version_index": version.version_index,
        }
        if noun.ref_name:
            answer[noun.ref_name] = ref
        return json_answer(answer)

    @routes.get(base, name=f"list_{noun.path}")
    async def listed(
        entity: str, project: str, request: Request, limit: Limit = None, offset: Offset = None
    ) -> Response:
        """Versions, the oldest first, one a line."""
        visitor = await desk.enter(request, f"{entity}/{project}")
        which = (
            ObjectFilter(is_op=True)
            if noun.base is None
            else ObjectFilter(base_object_classes=[noun.base], is_op=False)
        )
        found = await desk.store.read(
            visitor.project_id,
            lambda c, key: _versions(c, key, which, LIMIT if limit is None else limit, offset or 0),
            empty=Found(),
        )
        return json_lines(await _told(shelf, visitor, noun, found))

    @routes.get(base + "/{object_id}/versions/{digest}", name=f"read_{noun.path}")
    async def read(
        entity: str, project: str, object_id: str, digest: str, request: Request
    ) -> Response:
        """One version, by digest, `latest`, `v<N>` or an alias."""
        visitor = await desk.enter(request, f"{entity}/{project}")
        found = await _read(desk, visitor, object_id, digest)
        [told] = await _told(shelf, visitor, noun, [found])
        return json_answer(told)

    @routes.delete(base + "/{object_id}", name=f"delete_{noun.path}")
    async def remove(
        entity: str, project: str, object_id: str, request: Request, digests: Some = None
    ) -> Response:
        """Delete versions, or all of the object."""
        visitor = await desk.enter(request, f"{entity}/{project}")
        visitor.may_write()
        at_us = to_us(desk.clock.now())

        def run(connection: Connection, key: ProjectKey) -> int:
            return len(delete_versions(connection, key, object_id, digests, at_us))

        count = await desk.store.change(visitor.project_id, run)
        if not count:
            raise NoSuchObject(object_id, ", ".join(digests or ()))
        return json_answer({"num_deleted": count})

    _ = (create, listed, read, remove)


async def _read(
    desk: Desk, visitor: Visitor, object_id: str, digest: str
) -> tuple[ObjectVersion, dict[str, Any]]:
    def find(
        connection: Connection, key: ProjectKey
    ) -> tuple[ObjectVersion, dict[str, Any]] | None:
        version = find_version(connection, key, object_id, digest)
        if version is None:
            return None
        return version, _values(connection, key, [version]).get(version.digest, {})

    found = await desk.store.read(visitor.project_id, find, empty=None)
    if found is None:
        raise desk.store.missing(NoSuchObject(object_id, digest))
    deleted_at_us = found[0].deleted_at_us
    if deleted_at_us is not None:
        raise ObjectDeleted(object_id, found[0].version_index, from_us(deleted_at_us))
    return found


def _versions(
    connection: Connection, key: ProjectKey, which: ObjectFilter, limit: int, offset: int
) -> Found:
    versions = query_versions(connection, key, which, limit=limit, offset=offset)
    values = _values(connection, key, versions)
    return [(version, values.get(version.digest, {})) for version in versions]


def _values(
    connection: Connection, key: ProjectKey, versions: Sequence[ObjectVersion]
) -> dict[str, dict[str, Any]]:
    texts = read_values(connection, key, list({version.digest for version in versions}))
    return {digest: object_in(parsed(text)) for digest, text in texts.items()}


async def _told(shelf: Shelf, visitor: Visitor, noun: Noun, found: Found) -> list[dict[str, Any]]:
    digests = [digest for _version, value in found if (digest := source_digest(value))]
    texts = await shelf.texts(visitor, digests) if digests else {}
    return [
        {
            "object_id": version.object_id,
            "digest": version.digest,
            "version_index": version.version_index,
            "created_at": version.created_at,
            **noun.tell(version.object_id, value, texts),
        }
        for version, value in found
    ]
