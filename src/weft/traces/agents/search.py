"""Messages that hold a text, by conversation; and the spans of conversations."""

from typing import Any

from sqlalchemy import Connection, or_

from weft.kit.clock import from_us
from weft.kit.dialects.texts import fold
from weft.kit.errors import InvalidRequest
from weft.traces.agents.fields import S, Wanted, spans
from weft.traces.agents.texts import (
    PREVIEW_CHARS,
    input_messages,
    output_messages,
    said,
    text_columns,
)
from weft.traces.agents.wire import ConversationsBody, SearchBody
from weft.traces.digests import text_digest
from weft.traces.types import ProjectKey

LOOKED_AT = 2000
"""Spans whose texts are looked into: the newest that the other filters let through."""
CONVERSATIONS = 100
SPANS = 10_000
QUERY_CHARS = 1000


def search(connection: Connection, project: ProjectKey, body: SearchBody) -> dict[str, Any]:
    """Conversations with messages that hold the text, the latest first; a turn outside of any is one of its own.

    Raises:
        InvalidRequest: the text or the page is out of bounds.
    """
    limit, offset = body.checked()
    if len(body.query) > QUERY_CHARS:
        raise InvalidRequest(f"a text to search for has at most {QUERY_CHARS} characters")
    needle, found = fold(body.query), 0
    talks: dict[str, dict[str, Any]] = {}
    seen: set[tuple[str, str, str]] = set()
    for row in connection.execute(_candidates(project, body)):
        for message in (*input_messages(row), *output_messages(row)):
            role, text = str(message.get("role") or ""), said(message)
            if needle not in fold(text) or (body.roles and role not in body.roles):
                continue
            talk = row.conversation_id or row.trace_id
            key = (talk, role, text)
            if key in seen:
                continue
            seen.add(key)
            found += 1
            if not offset < found <= offset + limit:
                continue
            _add(talks, row, role, text, truncate=body.truncate_content)
    return {"results": list(talks.values()), "total_conversations": len({one[0] for one in seen})}


def conversation_spans(
    connection: Connection, project: ProjectKey, body: ConversationsBody
) -> dict[str, Any]:
    """The spans of some conversations, in order of time."""
    wanted = spans(
        project,
        *(S.conversation_id, S.span_id, S.trace_id, S.operation_name, S.span_name),
        *(S.started_at_us, S.ended_at_us, S.status_code),
        wanted=Wanted(after=body.started_after, before=body.started_before),
    ).where(S.conversation_id.is_not(None))
    if body.conversation_ids:
        wanted = wanted.where(S.conversation_id.in_(body.conversation_ids[:CONVERSATIONS]))
    found: dict[str, list[dict[str, Any]]] = {
        name: [] for name in body.conversation_ids[:CONVERSATIONS]
    }
    for row in connection.execute(wanted.order_by(S.started_at_us, S.span_id).limit(SPANS)):
        found.setdefault(row.conversation_id, []).append(
            {
                "span_id": row.span_id,
                "trace_id": row.trace_id,
                "operation_name": row.operation_name or row.span_name,
                "status": row.status_code,
                "duration_ms": (row.ended_at_us - row.started_at_us) // 1000,
            }
        )
    conversations = [
        {"conversation_id": name, "spans": listed, "spans_feedback": []}
        for name, listed in found.items()
    ]
    return {"conversations": conversations}


def _candidates(project: ProjectKey, body: SearchBody) -> Any:
    wanted = spans(
        project,
        *(S.span_id, S.trace_id, S.conversation_id, S.conversation_name, S.agent_name),
        *(S.started_at_us, S.ended_at_us),
        *text_columns(),
        wanted=Wanted(after=body.started_after, before=body.started_before),
    ).where(or_(S.kind == "llm", S.kind == "agent"))
    for column, value in (
        (S.agent_name, body.agent_name),
        (S.conversation_id, body.conversation_id),
        (S.trace_id, body.trace_id),
        (S.provider_name, body.provider_name),
        (S.request_model, body.request_model),
    ):
        if value:
            wanted = wanted.where(column == value)
    return wanted.order_by(S.started_at_us.desc(), S.span_id).limit(LOOKED_AT)


def _add(
    talks: dict[str, dict[str, Any]], row: Any, role: str, text: str, *, truncate: bool
) -> None:
    talk = row.conversation_id or row.trace_id
    entry = talks.setdefault(
        talk,
        {
            "conversation_id": row.conversation_id or "",
            "conversation_name": row.conversation_name or "",
            "agent_name": row.agent_name or "",
            "last_activity": from_us(row.ended_at_us),
            "matched_messages": [],
        },
    )
    entry["matched_messages"].append(
        {
            "role": role,
            "content_preview": text[:PREVIEW_CHARS] if truncate else text,
            "content_digest": text_digest(text),
            "span_id": row.span_id,
            "trace_id": row.trace_id,
            "started_at": from_us(row.started_at_us),
        }
    )
