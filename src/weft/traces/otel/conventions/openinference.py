"""OpenInference, the convention of Phoenix and of LiteLLM's Weave callback.

Source: arize-ai.github.io/openinference, semantic conventions (read 2026-11): lists are spelled out in names
(`llm.input_messages.0.message.role`), inputs and outputs of any span are `input.value` and `output.value`.
"""

from collections.abc import Mapping
from typing import Any

from weft.traces.otel.conventions.messages import Message, tool_call
from weft.traces.otel.reading import Reading, Usage
from weft.traces.otel.spans import Span
from weft.traces.otel.values import (
    Attributes,
    as_object,
    count_of,
    first,
    nested,
    number_of,
    objects_in,
    parsed,
    text_of,
)

_MARKS = ("openinference.", "llm.input_messages.", "llm.output_messages.", "llm.token_count.")
_VALUES = frozenset({"input.value", "output.value", "llm.model_name"})


def read(span: Span) -> Reading | None:
    """What the span says in this convention; None where it says nothing in it."""
    told = span.attributes
    if not any(name in _VALUES or name.startswith(_MARKS) for name in told):
        return None
    kind = text_of(told, "openinference.span.kind")
    return Reading(
        kind=kind.lower() if kind and kind != "UNKNOWN" else None,
        inputs=_value(told, "input") or _documents(told, "embedding.embeddings"),
        output=_value(told, "output") or _documents(told, "retrieval.documents"),
        input_messages=_messages(told, "llm.input_messages"),
        output_messages=_messages(told, "llm.output_messages"),
        tools=_tools(told),
        parameters=as_object(parsed(first(told, "llm.invocation_parameters"))),
        provider=text_of(told, "llm.provider", "llm.system"),
        request_model=text_of(told, "llm.request.model_name"),
        response_model=text_of(
            told,
            "llm.response.model_name",
            "llm.model_name",
            "embedding.model_name",
            "reranker.model_name",
        ),
        usage=_usage(told),
        cost_usd=number_of(told, "llm.cost.total"),
        thread_id=text_of(told, "session.id"),
        agent_name=text_of(told, "agent.name"),
        tool_name=text_of(told, "tool.name"),
        tool_id=text_of(told, "tool.id", "tool_call.id"),
        tool_description=text_of(told, "tool.description"),
        tool_arguments=parsed(first(told, "tool.parameters", "tool_call.function.arguments")),
    )


def _usage(told: Attributes) -> Usage:
    count = "llm.token_count"
    return Usage(
        input=count_of(told, f"{count}.prompt"),
        output=count_of(told, f"{count}.completion"),
        total=count_of(told, f"{count}.total"),
        cache_read=count_of(told, f"{count}.prompt_details.cache_read"),
        cache_write=count_of(told, f"{count}.prompt_details.cache_write"),
        reasoning=count_of(told, f"{count}.completion_details.reasoning"),
    )


def _value(told: Attributes, side: str) -> Any:
    return parsed(first(told, f"{side}.value"))


def _messages(told: Attributes, prefix: str) -> list[Message] | None:
    messages = [as_object(one.get("message")) for one in objects_in(nested(told, prefix))]
    return [_message(one) for one in messages if one] or None


def _message(told: Mapping[str, Any]) -> Message:
    content = told.get("content")
    if parts := objects_in(told.get("contents")):
        content = [_part(as_object(one.get("message_content")) or one) for one in parts]
    message: Message = {"role": str(told.get("role") or "user"), "content": content}
    for name in ("name", "tool_call_id"):
        if told.get(name) is not None:
            message[name] = told[name]
    if calls := objects_in(told.get("tool_calls")):
        message["tool_calls"] = [tool_call(as_object(one.get("tool_call")) or one) for one in calls]
    return message


def _part(told: dict[str, Any]) -> dict[str, Any]:
    image = as_object(told.get("image"))
    if image is None:
        return told
    inner = as_object(image.get("image")) or image
    return {"type": "image_url", "image_url": {"url": inner.get("url")}}


def _documents(told: Attributes, prefix: str) -> Any:
    """Documents that were found, or texts that were embedded; vectors are left out."""
    found: list[Any] = []
    for one in objects_in(nested(told, prefix)):
        inner = as_object(one.get("document")) or as_object(one.get("embedding")) or {}
        found.append({name: parsed(part) for name, part in inner.items() if name != "vector"})
    return found or None


def _tools(told: Attributes) -> Any:
    tools = objects_in(nested(told, "llm.tools"))
    inner = [as_object(one.get("tool")) or one for one in tools]
    return [parsed(one.get("json_schema", one)) for one in inner] or None
