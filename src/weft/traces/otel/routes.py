"""`POST /otel/v1/traces`, and `/agents/otel/v1/traces` for what Weave's own client sends there: one and the same.

Who sends is said by `Authorization` (Bearer, or Basic with the key as password) or by `wandb-api-key`; which project by
the header `project_id`, or by the resource's `wandb.entity` and `wandb.project`, which count for their own spans.
Spans of projects that the sender may not write to are rejected; if there are only those, the whole request is.
"""

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from weft.identity.projects.gate import Credentials, Visitor
from weft.kit.errors import InvalidRequest, WeftError
from weft.traces.agents.write import AgentSpan, WriteAgentSpans, agent_spans
from weft.traces.calls.parts import CallPart, WriteCalls
from weft.traces.otel.calls import call_of
from weft.traces.otel.receive import (
    JSON,
    PROTOBUF,
    is_json,
    read_request,
    refusal,
    success,
    unpack,
)
from weft.traces.otel.spans import Span, spans_of
from weft.traces.otel.understand import understand
from weft.traces.otel.values import text_of
from weft.traces.routes.desk import Desk, credentials, trace_router

SPANS_LIMIT = 20_000
PROJECTS_LIMIT = 100
AT_ONCE = 1000
"""Calls in one operation."""
SMALL_BYTES = 64 * 1024
"""Larger requests are read by a thread."""
_KEY, _PROJECT = "wandb-api-key", "project_id"


def router(desk: Desk) -> APIRouter:
    """The routes."""
    routes = trace_router()

    @routes.post("/otel/v1/traces")
    @routes.post("/agents/otel/v1/traces")
    async def export(request: Request) -> Response:
        """Take spans in, as an OpenTelemetry exporter sends them."""
        as_json = request.headers.get("content-type", "").startswith(JSON)
        try:
            as_json = is_json(request.headers.get("content-type", ""))
            rejected, message = await _take(desk, request, as_json=as_json)
        except WeftError as error:
            headers = {name.decode(): value.decode() for name, value in error.headers()}
            body = refusal(error, as_json=as_json)
            return Response(body, error.status, headers, _type(as_json=as_json))
        answer = success(rejected, message, as_json=as_json)
        return Response(answer, media_type=_type(as_json=as_json))

    _ = export
    return routes


async def _take(desk: Desk, request: Request, *, as_json: bool) -> tuple[int, str]:
    """Write the spans of a request; how many were rejected, and why."""
    sent = _credentials(request)
    await desk.gate.identify(sent)  # before anything is unpacked
    body, encoding = await request.body(), request.headers.get("content-encoding", "")
    if len(body) <= SMALL_BYTES and not encoding:
        spans = _read(body, encoding, as_json=as_json)
    else:
        spans = await asyncio.to_thread(_read, body, encoding, as_json=as_json)
    named = request.headers.get(_PROJECT, "") or request.headers.get("openai-project", "")
    groups: dict[str, list[Span]] = {}
    rejected, reason = 0, ""
    for span in spans[:SPANS_LIMIT]:
        if span.is_valid:
            groups.setdefault(_project(span, named), []).append(span)
        else:
            rejected, reason = rejected + 1, "a span needs a trace id, a span id and a start"
    if len(spans) > SPANS_LIMIT:
        rejected += len(spans) - SPANS_LIMIT
        reason = f"a request has at most {SPANS_LIMIT} spans"
    refused: WeftError | None = None
    for number, (project, group) in enumerate(groups.items()):
        try:
            await _write(desk, await _enter(desk, sent, project, number), group)
        except WeftError as error:
            if error.status >= 500:
                raise
            refused, rejected, reason = error, rejected + len(group), error.message
    if refused is not None and rejected >= len(spans):
        raise refused
    return rejected, reason


def _read(body: bytes, encoding: str, *, as_json: bool) -> list[Span]:
    return list(spans_of(read_request(unpack(body, encoding), as_json=as_json)))


async def _enter(desk: Desk, sent: Credentials, project: str, number: int) -> Visitor:
    if number >= PROJECTS_LIMIT:
        raise InvalidRequest(f"a request has spans of at most {PROJECTS_LIMIT} projects")
    if not project:
        raise InvalidRequest(
            "the request names no project",
            param=_PROJECT,
            remedy="Send the header project_id: team/project, or the resource attributes"
            " wandb.entity and wandb.project.",
        )
    visitor = await desk.gate.enter(sent, project)
    visitor.may_write()
    return visitor


async def _write(desk: Desk, visitor: Visitor, spans: Sequence[Span]) -> None:
    for start in range(0, len(spans), AT_ONCE):
        some = spans[start : start + AT_ONCE]
        if len(some) == 1:
            parts, facts = _understood(some, visitor.user_id)
        else:
            parts, facts = await asyncio.to_thread(_understood, some, visitor.user_id)
        if facts:
            await desk.store.writer.write(WriteAgentSpans(visitor.project_id, facts))
        await desk.store.writer.write(WriteCalls(visitor.project_id, parts))


def _understood(spans: Sequence[Span], user_id: str) -> tuple[list[CallPart], list[AgentSpan]]:
    read = [(span, understand(span)) for span in spans]
    parts = [call_of(span, reading, user_id) for span, reading in read]
    return parts, agent_spans(read, user_id)


def _credentials(request: Request) -> Credentials:
    sent = credentials(request)
    key = request.headers.get(_KEY, "")
    if key and not sent.authorization:
        return Credentials(b"Bearer " + key.encode("latin-1", "replace"))
    return sent


def _project(span: Span, named: str) -> str:
    """The project that a span belongs to: its resource's own word comes first."""
    told = span.resource.attributes
    team, project = text_of(told, "wandb.entity"), text_of(told, "wandb.project")
    if project and "/" in project:
        return project
    return f"{team}/{project}" if team and project else named


def _type(*, as_json: bool) -> str:
    return JSON if as_json else PROTOBUF
