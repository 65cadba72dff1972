"""Turns as a chat: what the user said, what agents and tools did, what was answered; from the spans of a trace."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func

from weft.kit.clock import from_us
from weft.traces.agents.fields import S, spans
from weft.traces.agents.texts import input_messages, output_messages, said, text_columns
from weft.traces.agents.wire import ConversationBody
from weft.traces.json_text import load
from weft.traces.otel.conventions.messages import Message
from weft.traces.otel.values import as_object
from weft.traces.schema import PAYLOAD
from weft.traces.types import ProjectKey

SPANS = 2000
"""Of one turn; the first ones."""
TURNS = 100
"""In one answer."""
_COLUMNS = (
    *(S.span_id, S.trace_id, S.parent_span_id, S.span_name, S.kind, S.operation_name),
    *(S.started_at_us, S.ended_at_us, S.status_code, S.agent_name, S.agent_version),
    *(S.provider_name, S.request_model, S.response_model, S.tool_name, S.input_tokens),
    *(S.output_tokens, S.reasoning_tokens, S.cache_read_input_tokens, S.wb_user_id),
    *(S.cache_creation_input_tokens, S.total_cost_usd),
)


def turn_of(connection: Connection, project: ProjectKey, trace_id: str) -> dict[str, Any]:
    """One turn; without messages if there is no such trace."""
    return _turns(connection, project, [trace_id])[0]


def conversation_of(
    connection: Connection, project: ProjectKey, body: ConversationBody
) -> dict[str, Any]:
    """A page of a conversation's turns: `offset` leaves out the latest ones; what is left is in order of time.

    Raises:
        InvalidRequest: the page cannot be read.
    """
    limit, offset = body.checked()
    limit = min(limit, TURNS)
    first = func.min(S.started_at_us)
    wanted = (
        spans(project, S.trace_id, first.label("first"))
        .where(S.conversation_id == body.conversation_id)
        .group_by(S.trace_id)
    )
    newest = wanted.order_by(first.desc(), S.trace_id).limit(limit).offset(offset)
    traces = [row.trace_id for row in connection.execute(newest)]
    total = connection.execute(
        spans(project, func.count(S.trace_id.distinct())).where(
            S.conversation_id == body.conversation_id
        )
    ).scalar_one()
    turns = _turns(connection, project, traces[::-1])
    costs = [turn["total_cost_usd"] for turn in turns if turn["total_cost_usd"]]
    return {
        "conversation_id": body.conversation_id,
        "turns": turns,
        "total_turns": total,
        "has_more": total > offset + len(traces),
        "limit": limit,
        "offset": offset,
        "total_cost_usd": sum(costs) if costs else None,
        "feedback": [],
    }


def _turns(
    connection: Connection, project: ProjectKey, traces: Sequence[str]
) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = []
    for trace_id in traces:
        wanted = spans(project, *_COLUMNS, PAYLOAD.c.exception, *text_columns())
        wanted = wanted.where(S.trace_id == trace_id)
        rows = connection.execute(wanted.order_by(S.started_at_us, S.span_id).limit(SPANS)).all()
        turns.append(_turn(trace_id, rows))
    return turns


def _turn(trace_id: str, rows: Sequence[Any]) -> dict[str, Any]:
    steps = [row for row in rows if row.kind != "agent"]
    counted = steps if any(row.input_tokens or row.output_tokens for row in steps) else rows

    def total(name: str) -> int:
        return sum(getattr(row, name) or 0 for row in counted)

    ids = {row.span_id for row in rows}
    root = next((row for row in rows if row.parent_span_id not in ids), None)
    named = next((row for row in rows if row.agent_name), None)
    costs = [row.total_cost_usd for row in counted if row.total_cost_usd]
    ended = max((row.ended_at_us for row in rows), default=0)
    return {
        "trace_id": trace_id,
        "messages": _messages(rows),
        "agent_name": named.agent_name if named else None,
        "agent_version": named.agent_version if named else None,
        "provider": next((row.provider_name for row in rows if row.provider_name), None),
        "root_span_name": root.span_name if root else None,
        "started_at": from_us(rows[0].started_at_us) if rows else None,
        "ended_at": from_us(ended) if rows else None,
        "status_code": root.status_code if root else None,
        "wb_user_id": root.wb_user_id if root else None,
        "total_duration_ms": (ended - rows[0].started_at_us) // 1000 if rows else None,
        "total_input_tokens": total("input_tokens"),
        "total_output_tokens": total("output_tokens"),
        "total_reasoning_tokens": total("reasoning_tokens"),
        "total_cache_read_input_tokens": total("cache_read_input_tokens"),
        "total_cache_creation_input_tokens": total("cache_creation_input_tokens"),
        "total_cost_usd": sum(costs) if costs else None,
        "feedback": [],
    }


def _messages(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """The chat. What the user said stands once, though every call of a model has it again."""
    chat: list[dict[str, Any]] = []
    asked: set[str] = set()
    answered: set[str] = set()
    models = any(row.kind == "llm" for row in rows)
    for row in rows:
        if row.kind == "agent":
            chat.append(_start(row))
        if row.kind in {"agent", "llm"}:
            for message in _of_user(row):
                if (text := said(message)) not in asked:
                    asked.add(text)
                    chat.append(_message(row, "user_message", {"text": text, "content_refs": []}))
        if row.kind == "tool":
            chat.append(_tool(row))
        elif row.kind == "llm" or (row.kind == "agent" and not models):
            chat += [
                one for one in _answers(row) if _is_new(one["assistant_message"]["text"], answered)
            ]
    return chat


def _is_new(text: str, seen: set[str]) -> bool:
    if text in seen:
        return False
    seen.add(text)
    return True


def _of_user(row: Any) -> list[Message]:
    """What the user said last, before anybody answered."""
    messages = input_messages(row)
    last = [n for n, one in enumerate(messages) if one.get("role") == "user"]
    return [messages[last[-1]]] if last else []


def _answers(row: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for message in output_messages(row):
        text = said(message) if message.get("content") is not None else ""
        if not text and not message.get("reasoning"):
            continue  # it only calls tools, which have spans of their own
        found.append(
            _message(
                row,
                "assistant_message",
                {
                    "text": text,
                    "content_refs": [],
                    "reasoning_content": message.get("reasoning"),
                    "model": row.response_model or row.request_model,
                    "input_tokens": row.input_tokens,
                    "output_tokens": row.output_tokens,
                    "reasoning_tokens": row.reasoning_tokens,
                    "total_cost_usd": row.total_cost_usd,
                    "duration_ms": (row.ended_at_us - row.started_at_us) // 1000,
                    "status": row.status_code,
                },
            )
        )
    return found


def _tool(row: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "tool_name": row.tool_name or row.span_name,
        "tool_arguments": row.inputs,
        "tool_result": row.output,
        "duration_ms": (row.ended_at_us - row.started_at_us) // 1000,
        "status": row.status_code,
        "content_refs": [],
    }
    return _message(row, "tool_call", told)


def _start(row: Any) -> dict[str, Any]:
    instructions = [said(one) for one in input_messages(row) if one.get("role") == "system"]
    told = {
        "model": row.request_model,
        "status": row.status_code,
        "system_instructions": "\n".join(instructions) or None,
    }
    return _message(row, "agent_start", told)


def _message(row: Any, kind: str, told: dict[str, Any]) -> dict[str, Any]:
    error = as_object(load(row.exception)) if row.exception else None
    return {
        "type": kind,
        kind: told,
        "span_id": row.span_id,
        "agent_name": row.agent_name,
        "agent_version": row.agent_version,
        "started_at": from_us(row.started_at_us),
        "status_code": row.status_code,
        "error_type": error["type"] if error else None,
        "status_message": error["message"] if error else None,
    }
