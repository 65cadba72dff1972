"""What was said in a span, read from its call: messages that went in and came out, arguments and results of tools."""

from typing import Any

from sqlalchemy import ColumnElement, func, select

from weft.traces.json_text import dump, load
from weft.traces.otel.conventions.messages import Message, as_text, listed
from weft.traces.otel.values import as_list, as_object
from weft.traces.schema import BLOB, CALL, PAYLOAD

PREVIEW_CHARS = 300


def text_columns() -> list[ColumnElement[Any]]:
    """Inputs and output as texts, wherever they lie."""
    return [
        _whole(PAYLOAD.c.inputs, PAYLOAD.c.inputs_blob).label("inputs"),
        _whole(PAYLOAD.c.output, PAYLOAD.c.output_blob).label("output"),
    ]


def input_messages(row: Any) -> list[Message]:
    """The messages that went in; a text that went in counts as one."""
    inputs = as_object(load(row.inputs)) or {}
    messages = listed(inputs.get("messages"))
    if messages:
        return messages
    for name in ("input", "prompt", "question", "query"):
        if isinstance(inputs.get(name), str):
            return [{"role": "user", "content": inputs[name]}]
    return []


def output_messages(row: Any) -> list[Message]:
    """The messages that came out; a text that came out counts as one."""
    if row.output is None:
        return []
    output = load(row.output)
    choices = listed((as_object(output) or {}).get("choices"))
    if choices:
        return [
            {**(as_object(one.get("message")) or {}), "finish_reason": one.get("finish_reason")}
            for one in choices
        ]
    return [{"role": "assistant", "content": output}] if isinstance(output, str) else []


def said(message: Message) -> str:
    """The text of a message; of parts, their texts; of a call of a tool, that call."""
    content = message.get("content")
    parts = as_list(content)
    if parts is not None:
        texts = [as_object(part) or {"text": part} for part in parts]
        content = "\n".join(str(part.get("text", part.get("content", ""))) for part in texts)
    if content is None:
        calls = message.get("tool_calls")
        return "" if not calls else dump(calls)
    return as_text(content)


def shown(message: Message) -> dict[str, str]:
    """A message as the rows of spans have it."""
    return {
        "role": str(message.get("role") or ""),
        "content": said(message),
        "finish_reason": str(message.get("finish_reason") or ""),
    }


def _whole(inline: Any, digest: Any) -> ColumnElement[Any]:
    body = (
        select(BLOB.c.body)
        .where(BLOB.c.project == CALL.c.project, BLOB.c.digest == digest)
        .correlate(CALL, PAYLOAD)
        .scalar_subquery()
    )
    return func.coalesce(body, inline)
