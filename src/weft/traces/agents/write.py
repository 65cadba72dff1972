"""Writes the facts of agents' spans, beside the calls that hold their texts."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from weft.kit.db import SQLITE
from weft.traces.agents.schema import AGENT_SPAN
from weft.traces.otel.conventions.weave import PARENT_CALL, PARENT_TRACE
from weft.traces.otel.reading import Reading
from weft.traces.otel.spans import Span
from weft.traces.otel.values import text_of
from weft.traces.projects import ProjectKeys
from weft.traces.writing.ops import Op

NAME_CHARS = 1024
_UPDATED = tuple(c.name for c in AGENT_SPAN.c if not c.primary_key)
_ANCESTORS = 64


class AgentSpan(msgspec.Struct, array_like=True, omit_defaults=True):
    """One row of the table, without its project."""

    span_id: str
    trace_id: str
    span_name: str
    span_kind: str
    kind: str
    started_at_us: int
    ended_at_us: int
    status_code: str
    wb_user_id: str
    parent_span_id: str | None = None
    operation_name: str | None = None
    agent_name: str | None = None
    agent_version: str | None = None
    agent_id: str | None = None
    conversation_id: str | None = None
    conversation_name: str | None = None
    provider_name: str | None = None
    request_model: str | None = None
    response_model: str | None = None
    tool_name: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    reasoning_tokens: int | None = None
    total_cost_usd: float | None = None
    parent_call_id: str | None = None
    parent_call_trace_id: str | None = None


class WriteAgentSpans(Op):
    """Facts of spans of one project."""

    spans: list[AgentSpan]


def agent_spans(read: Sequence[tuple[Span, Reading]], user_id: str) -> list[AgentSpan]:
    """The facts of those spans that tell of a model, a tool, an agent or a conversation.

    Spans that were sent together share what only the outermost says: which agent it is, and which conversation.
    """
    found = [
        _fact(span, reading, user_id)
        for span, reading in read
        if reading.kind or reading.operation or reading.agent_name or reading.thread_id
    ]
    by_id = {(one.trace_id, one.span_id): one for one in found}
    above = {(span.trace_id, span.span_id): span.parent_id for span, _ in read}
    for one in found:
        _inherit(one, by_id, above)
    return found


def write_agent_spans(
    keys: ProjectKeys, connection: Connection, ops: Sequence[WriteAgentSpans]
) -> None:
    """Write what these operations tell, inside the writer's transaction; a span that comes again replaces itself."""
    rows: dict[tuple[int, str], dict[str, Any]] = {}
    for op in ops:
        project = keys.make(connection, op.project_id)
        for one in op.spans:
            rows[project, one.span_id] = {"project": project, **msgspec.structs.asdict(one)}
    if not rows:
        return
    dialect = sqlite if connection.dialect.name == SQLITE else postgresql
    new = dialect.insert(AGENT_SPAN)
    connection.execute(
        new.on_conflict_do_update(
            index_elements=[AGENT_SPAN.c.project, AGENT_SPAN.c.span_id],
            set_={name: new.excluded[name] for name in _UPDATED},
        ),
        list(rows.values()),
    )


def _fact(span: Span, reading: Reading, user_id: str) -> AgentSpan:
    usage = reading.usage
    return AgentSpan(
        span_id=span.span_id,
        trace_id=span.trace_id,
        span_name=_clipped(span.name) or "span",
        span_kind=span.kind,
        kind=_clipped(reading.kind) or "span",
        started_at_us=span.started_at_us,
        ended_at_us=span.ended_at_us,
        status_code=span.status,
        wb_user_id=user_id,
        parent_span_id=span.parent_id or None,
        operation_name=_clipped(reading.operation),
        agent_name=_clipped(reading.agent_name),
        agent_version=_clipped(reading.agent_version),
        agent_id=_clipped(reading.agent_id),
        conversation_id=_clipped(reading.thread_id),
        conversation_name=_clipped(reading.thread_name),
        provider_name=_clipped(reading.provider),
        request_model=_clipped(reading.request_model),
        response_model=_clipped(reading.response_model),
        tool_name=_clipped(reading.tool_name),
        input_tokens=usage.input,
        output_tokens=usage.output,
        cache_read_input_tokens=usage.cache_read,
        cache_creation_input_tokens=usage.cache_write,
        reasoning_tokens=usage.reasoning,
        total_cost_usd=reading.cost_usd,
        parent_call_id=_clipped(text_of(span.attributes, PARENT_CALL)),
        parent_call_trace_id=_clipped(text_of(span.attributes, PARENT_TRACE)),
    )


def _inherit(
    one: AgentSpan,
    by_id: dict[tuple[str, str], AgentSpan],
    above: dict[tuple[str, str], str],
) -> None:
    place = one.span_id
    for _ in range(_ANCESTORS):
        if one.agent_name is not None and one.conversation_id is not None:
            return
        place = above.get((one.trace_id, place), "")
        if not place:
            return
        over = by_id.get((one.trace_id, place))
        if over is None:
            continue
        if one.agent_name is None and over.agent_name is not None:
            one.agent_name, one.agent_version = over.agent_name, over.agent_version
            one.agent_id = over.agent_id
        if one.conversation_id is None and over.conversation_id is not None:
            one.conversation_id = over.conversation_id
            one.conversation_name = over.conversation_name


def _clipped(text: str | None) -> str | None:
    return None if text is None else text[:NAME_CHARS].replace("\0", "\N{REPLACEMENT CHARACTER}")
