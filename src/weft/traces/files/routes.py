"""The routes of files, `/file/*` and `/files/*` (the Weave trace server's API, client 0.54 and older ones)."""

import hashlib
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException

from weft.identity.projects.gate import Visitor
from weft.kit.clock import to_us
from weft.kit.errors import InvalidRequest, NotFound
from weft.traces.digests import sha256_digest
from weft.traces.errors import NotSupported
from weft.traces.files.read import FileHead, files_size, find_file, read_part
from weft.traces.files.write import PART_BYTES, WriteFilePart
from weft.traces.json_text import BadShape
from weft.traces.objects.publish import DigestMismatch
from weft.traces.routes.desk import Desk, json_answer, trace_router

MOST_URIS = 1_000
_HEADERS = {
    "content-disposition": "attachment",
    "x-content-type-options": "nosniff",
    "cache-control": "private, max-age=31536000, immutable",
}
"""Content comes from whoever writes to the project: no browser is to take it for a page of ours."""


class NoSuchFile(NotFound):
    """There is no such file in the project."""

    code = "no_such_file"
    remedy = "upload it with /file/create, or name another digest"

    def __init__(self, digest: str) -> None:
        super().__init__(f"there is no file {digest[:100]} in this project")


class ContentBody(msgspec.Struct):
    """`/file/content`."""

    project_id: str
    digest: str


class StatsBody(msgspec.Struct):
    """`/files/query_stats`."""

    project_id: str


class ResolveBody(msgspec.Struct):
    """`/files/resolve_url`."""

    project_id: str
    uris: list[str]


def router(desk: Desk) -> APIRouter:
    """Every route of files."""
    routes = trace_router()

    @routes.post("/files/create", include_in_schema=False)
    @routes.post("/file/create")
    async def create(request: Request) -> Response:
        """Keep a file; its digest."""
        try:
            async with request.form(max_files=1, max_fields=16) as form:
                return json_answer({"digest": await _create(desk, request, form)})
        except (MultiPartException, HTTPException) as error:
            raise BadShape(f"the body is no form: {getattr(error, 'detail', error)}") from error

    @routes.post("/files/content", include_in_schema=False)
    @routes.post("/file/content")
    async def content(request: Request) -> Response:
        """The content of a file."""
        asked = await desk.reading(request, ContentBody)
        return await _content(desk, asked.visitor, asked.body.digest)

    @routes.get("/file/content")
    async def content_by_url(request: Request, project_id: str, digest: str) -> Response:
        """The content of a file, for whoever only has a URL."""
        return await _content(desk, await desk.enter(request, project_id), digest)

    @routes.post("/files/stats", include_in_schema=False)
    @routes.post("/files/query_stats")
    async def stats(request: Request) -> Response:
        """What the project's files take."""
        asked = await desk.reading(request, StatsBody)
        size_bytes = await desk.store.read(asked.project_id, files_size, empty=0)
        return json_answer({"total_size_bytes": size_bytes})

    @routes.post("/files/resolve_url")
    async def resolve_url(request: Request) -> Response:
        """Where files are downloaded, by their digests, with the same key; they never move, so nothing expires."""
        asked = await desk.reading(request, ResolveBody)
        if len(asked.body.uris) > MOST_URIS:
            raise InvalidRequest(f"at most {MOST_URIS} at a time", param="uris")
        urls: list[str] = []
        for uri in asked.body.uris:
            if "://" in uri:
                raise NotSupported("a file outside of this server, such as in a bucket,")
            await _find(desk, asked.project_id, uri)
            query = urlencode({"project_id": asked.visitor.name, "digest": uri})
            urls.append(f"{request.base_url}traces/file/content?{query}")
        return json_answer({"download_urls": urls, "expires_at": None})

    _ = (create, content, content_by_url, stats, resolve_url)
    return routes


async def _create(desk: Desk, request: Request, form: FormData) -> str:
    file, project, expected = form.get("file"), form.get("project_id"), form.get("expected_digest")
    if not isinstance(file, UploadFile) or not isinstance(project, str):
        raise BadShape("a form with the fields project_id and file is expected")
    visitor = await desk.enter(request, project)
    visitor.may_write()
    hasher, size_bytes = hashlib.sha256(), 0
    while part := await file.read(PART_BYTES):
        hasher.update(part)
        size_bytes += len(part)
    digest = sha256_digest(hasher.digest())
    if isinstance(expected, str) and expected not in {"", "null", digest}:
        raise DigestMismatch(expected, digest)
    await file.seek(0)
    count = max(1, -(-size_bytes // PART_BYTES))
    for number in range(count):
        await desk.store.writer.write(
            WriteFilePart(
                project_id=visitor.project_id,
                digest=digest,
                number=number,
                body=await file.read(PART_BYTES),
                part_count=count,
                size_bytes=size_bytes,
                at_us=to_us(desk.clock.now()),
            )
        )
    return digest


async def _content(desk: Desk, visitor: Visitor, digest: str) -> Response:
    file = await _find(desk, visitor.project_id, digest)

    async def part(number: int) -> bytes:
        return await desk.store.read(
            visitor.project_id, lambda c, key: read_part(c, key, digest, number), empty=b""
        )

    first = await part(0)
    if file.part_count == 1:
        return Response(first, media_type="application/octet-stream", headers=_HEADERS)

    async def parts() -> AsyncIterator[bytes]:
        yield first
        for number in range(1, file.part_count):
            yield await part(number)

    headers = {**_HEADERS, "content-length": str(file.size_bytes)}
    return StreamingResponse(parts(), media_type="application/octet-stream", headers=headers)


async def _find(desk: Desk, project_id: str, digest: str) -> FileHead:
    file = await desk.store.read(project_id, lambda c, key: find_file(c, key, digest), empty=None)
    if file is None:
        raise desk.store.missing(NoSuchFile(digest))
    return file
