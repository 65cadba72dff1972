"""The routes of objects: `/obj/*`, `/objs/*`, `/tags` and `/aliases` (the Weave trace server's API, client 0.54)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TypeVar

import msgspec
from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from weft.kit.clock import from_us, to_us
from weft.kit.errors import InvalidRequest
from weft.traces.calls.read.extras import Usernames, nobody
from weft.traces.canonical import Scope
from weft.traces.objects import labels, wire
from weft.traces.objects.errors import NoSuchObject, ObjectDeleted
from weft.traces.objects.publish import publish_object
from weft.traces.objects.read import (
    ObjectFilter,
    ObjectVersion,
    find_version,
    labels_of,
    query_versions,
    read_values,
)
from weft.traces.objects.write import delete_versions
from weft.traces.routes.desk import Asked, Desk, json_answer, trace_router
from weft.traces.routes.lists import in_groups, json_list
from weft.traces.types import ProjectKey

FILTER_VALUES = 5_000
DIGESTS = 1_000
OFFSET = 1 << 40

S = TypeVar("S")
T = TypeVar("T")


def router(desk: Desk, usernames: Usernames = nobody) -> APIRouter:
    """Every route of objects, their tags and aliases; `usernames` tells who published them."""
    routes = trace_router()
    _add_objects(routes, desk, usernames)
    _add_labels(routes, desk)
    return routes


def scope_of(asked: "Asked[T]") -> Scope:
    """The project of a request, as digests need it."""
    return Scope(asked.visitor.name, asked.project_id)


def _add_objects(routes: APIRouter, desk: Desk, usernames: Usernames) -> None:
    @routes.post("/obj/create")
    async def create(request: Request) -> Response:
        """Publish a version; the same value again is the same version."""
        asked = await desk.writing(request, wire.CreateBody)
        op = await publish_object(
            desk.store,
            scope_of(asked),
            asked.body.obj,
            user_id=asked.visitor.user_id,
            at_us=to_us(desk.clock.now()),
        )
        return json_answer({"digest": op.digest, "object_id": op.object_id})

    @routes.post("/obj/read")
    async def read(request: Request) -> Response:
        """One version, by digest, `latest`, `v<N>` or an alias."""
        asked = await desk.reading(request, wire.ReadBody)
        body = asked.body
        found = await desk.store.read(
            asked.project_id, lambda c, key: _read(c, key, body), empty=None
        )
        if found is None:
            raise desk.store.missing(NoSuchObject(body.object_id, body.digest))
        version, val, words = found
        names = None
        if body.include_usernames:
            names = await asyncio.to_thread(usernames, {version.wb_user_id or ""})
        told = wire.object_wire(asked.visitor.name, version, val, words, usernames=names)
        return json_answer({"obj": told})

    @routes.post("/objs/query")
    async def query(request: Request) -> Response:
        """Versions by filter."""
        asked = await desk.reading(request, wire.QueryBody)
        body = asked.body
        which = body.filter or ObjectFilter()
        _check_query(body, which)
        versions = await desk.store.read(
            asked.project_id,
            lambda c, key: query_versions(
                c, key, which, body.sort_by or (), limit=body.limit, offset=body.offset or 0
            ),
            empty=list[ObjectVersion](),
        )
        names = None
        if body.include_usernames:
            users = {one.wb_user_id for one in versions if one.wb_user_id}
            names = await asyncio.to_thread(usernames, users)
        return await json_list("objs", _encoded(desk, asked, versions, names))

    @routes.post("/obj/delete")
    async def remove(request: Request) -> Response:
        """Delete versions, or all of an object."""
        asked = await desk.writing(request, wire.DeleteBody)
        body = asked.body
        if body.digests is not None and len(body.digests) > DIGESTS:
            raise InvalidRequest(f"at most {DIGESTS} digests at a time", param="digests")
        at_us = to_us(desk.clock.now())

        def run(connection: Connection, key: ProjectKey) -> list[wire.DeletedWire]:
            found = delete_versions(connection, key, body.object_id, body.digests, at_us)
            if not found:
                raise NoSuchObject(body.object_id, ", ".join(body.digests or ()))
            return [wire.deleted_wire(version) for version in found]

        gone = await _changed(desk, asked, run)
        return json_answer({"num_deleted": len(gone), "deleted_versions": gone})

    _ = (create, read, query, remove)


def _add_labels(routes: APIRouter, desk: Desk) -> None:
    @routes.put("/objs/{object_id}/versions/{digest}/tags")
    async def add_tags(request: Request, object_id: str, digest: str) -> Response:
        """Put tags on a version."""
        asked = await desk.writing(request, wire.TagsBody)
        tags = asked.body.tags
        labels.check_words(tags, "tags")
        return await _label(desk, asked, object_id, digest, _giving(labels.add_tags, tags))

    @routes.post("/objs/{object_id}/versions/{digest}/tags/remove")
    async def remove_tags(request: Request, object_id: str, digest: str) -> Response:
        """Take tags from a version."""
        asked = await desk.writing(request, wire.TagsBody)
        tags = asked.body.tags
        labels.check_words(tags, "tags")
        return await _label(desk, asked, object_id, digest, _giving(labels.remove_tags, tags))

    @routes.put("/objs/{object_id}/aliases")
    async def set_aliases(request: Request, object_id: str) -> Response:
        """Call a version so, and no other of the object."""
        asked = await desk.writing(request, wire.SetAliasesBody)
        body = asked.body
        labels.check_words(body.aliases, "aliases", are_aliases=True)
        give = _giving(labels.set_aliases, body.aliases)
        return await _label(desk, asked, object_id, body.digest, give)

    @routes.post("/objs/{object_id}/aliases/remove")
    async def remove_aliases(request: Request, object_id: str) -> Response:
        """Call no version of the object so."""
        asked = await desk.writing(request, wire.RemoveAliasesBody)
        aliases = asked.body.aliases
        labels.check_words(aliases, "aliases")
        await desk.store.change(
            asked.project_id, lambda c, key: labels.remove_aliases(c, key, object_id, aliases)
        )
        return json_answer({})

    @routes.get("/tags")
    async def list_tags(request: Request, project_id: str) -> Response:
        """The tags that the project uses."""
        visitor = await desk.enter(request, project_id)
        found = await desk.store.read(visitor.project_id, labels.list_tags, empty=list[str]())
        return json_answer({"tags": found})

    @routes.get("/aliases")
    async def list_aliases(request: Request, project_id: str) -> Response:
        """The aliases that the project uses."""
        visitor = await desk.enter(request, project_id)
        found = await desk.store.read(visitor.project_id, labels.list_aliases, empty=list[str]())
        return json_answer({"aliases": found})

    _ = (add_tags, remove_tags, set_aliases, remove_aliases, list_tags, list_aliases)


Give = Callable[[Connection, ProjectKey, str, str], None]


def _giving(
    give: Callable[[Connection, ProjectKey, str, str, Sequence[str]], None], words: Sequence[str]
) -> Give:
    return lambda connection, key, object_id, digest: give(
        connection, key, object_id, digest, words
    )


async def _label(
    desk: Desk, asked: "Asked[T]", object_id: str, version: str, give: Give
) -> Response:
    def run(connection: Connection, key: ProjectKey) -> None:
        found = find_version(connection, key, object_id, version)
        if found is None or found.deleted_at_us is not None:
            raise NoSuchObject(object_id, version)
        give(connection, key, object_id, found.digest)

    await _changed(desk, asked, run)
    return json_answer({})


async def _changed(desk: Desk, asked: "Asked[S]", run: Callable[[Connection, ProjectKey], T]) -> T:
    """What `run` comes to; it may miss what was accepted and is not in the database yet."""
    try:
        return await desk.store.change(asked.project_id, run)
    except NoSuchObject as error:
        raise desk.store.missing(error) from error


def _read(
    connection: Connection, key: ProjectKey, body: wire.ReadBody
) -> tuple[ObjectVersion, str | None, wire.Labels | None] | None:
    version = find_version(connection, key, body.object_id, body.digest)
    if version is None:
        return None
    if version.deleted_at_us is not None:
        deleted_at = from_us(version.deleted_at_us)
        raise ObjectDeleted(body.object_id, version.version_index, deleted_at)
    val = None
    if not body.metadata_only:
        val = read_values(connection, key, [version.digest]).get(version.digest)
    words = labels_of(connection, key, [version]) if body.include_tags_and_aliases else None
    return version, val, words


async def _encoded(
    desk: Desk,
    asked: Asked[wire.QueryBody],
    versions: Sequence[ObjectVersion],
    names: Mapping[str, str] | None,
) -> AsyncIterator[Sequence[bytes]]:
    body = asked.body
    sizes = [200 if body.metadata_only else version.size_bytes for version in versions]
    encode = msgspec.json.Encoder().encode
    for group in in_groups(versions, sizes):

        def run(
            connection: Connection, key: ProjectKey, group: Sequence[ObjectVersion] = group
        ) -> tuple[dict[str, str], wire.Labels | None]:
            digests = [] if body.metadata_only else list({one.digest for one in group})
            words = labels_of(connection, key, group) if body.include_tags_and_aliases else None
            return read_values(connection, key, digests), words

        nothing: tuple[dict[str, str], wire.Labels | None] = ({}, None)
        values, words = await desk.store.read(asked.project_id, run, empty=nothing)
        yield [
            encode(
                wire.object_wire(
                    asked.visitor.name,
                    version,
                    values.get(version.digest),
                    words,
                    has_size=bool(body.include_storage_size),
                    usernames=names,
                )
            )
            for version in group
        ]


def _check_query(body: wire.QueryBody, which: ObjectFilter) -> None:
    for name in ("limit", "offset"):
        value = getattr(body, name)
        if value is not None and not 0 <= value <= OFFSET:
            raise InvalidRequest(f"{name} is out of bounds", param=name)
    for name in which.__struct_fields__:
        values = getattr(which, name)
        if isinstance(values, list) and len(values) > FILTER_VALUES:  # pyright: ignore[reportUnknownArgumentType]
            raise InvalidRequest(f"{name} has at most {FILTER_VALUES} values", param=name)
