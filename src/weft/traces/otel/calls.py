"""A span as a call: its id is the span's, its trace the span's trace, so a span that is sent twice is one call.

A program that opens spans within calls of the Weave client tells the call (`weave.parent_call.id`); then its spans hang
under that call, in that call's trace.
"""

from typing import Any

import msgspec

from weft.traces.calls.parts import NAME_CHARS, OP_NAME_CHARS, CallPart
from weft.traces.json_text import dump
from weft.traces.otel.conventions.messages import Message, listed
from weft.traces.otel.conventions.weave import PARENT_CALL, PARENT_TRACE
from weft.traces.otel.reading import Reading
from weft.traces.otel.spans import Span
from weft.traces.otel.values import as_list, as_object, expanded, text_of

_PAYLOADS = (
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.prompt",
    "gen_ai.completion",
    "gen_ai.system_instructions",
    "gen_ai.tool.definitions",
    "gen_ai.tool.call.arguments",
    "gen_ai.tool.call.result",
    "input.value",
    "output.value",
    "llm.input_messages.",
    "llm.output_messages.",
    "llm.prompts.",
    "llm.completions.",
    "llm.tools.",
    "llm.request.functions.",
    "embedding.embeddings.",
    "retrieval.documents.",
    "ai.prompt",
    "ai.response.text",
    "ai.response.object",
    "ai.response.toolCalls",
    "ai.response.reasoning",
    "ai.result.",
    "ai.toolCall.args",
    "ai.toolCall.result",
    "ai.embedding",
    "ai.value",
    "traceloop.entity.input",
    "traceloop.entity.output",
    "pydantic_ai.all_messages",
    "all_messages_events",
    "logfire.json_schema",
)
_PAYLOAD_NAMES = frozenset(
    {"events", "final_result", "tool_arguments", "tool_response", "request_data", "response_data"}
)
"""What is in inputs and output already; the whole span lies in `otel_dump`."""


def call_of(span: Span, reading: Reading, user_id: str) -> CallPart:
    """The call of a span."""
    parent, trace = span.parent_id or None, span.trace_id
    linked = text_of(span.attributes, PARENT_CALL), text_of(span.attributes, PARENT_TRACE)
    if linked[0] and linked[1]:
        parent, trace = parent or _clipped(linked[0]), _clipped(linked[1]) or trace
    return CallPart(
        id=span.span_id,
        trace_id=trace,
        op_name=(_clipped(span.name, OP_NAME_CHARS) or "span"),
        started_at_us=span.started_at_us,
        ended_at_us=span.ended_at_us,
        parent_id=parent,
        display_name=_clipped(reading.display_name, NAME_CHARS),
        thread_id=_clipped(reading.thread_id, NAME_CHARS),
        turn_id=span.span_id if reading.is_turn else None,
        wb_user_id=user_id,
        attributes=dump(_attributes(span, reading)),
        inputs=dump(inputs_of(reading)),
        output=_json(output_of(reading)),
        summary=dump(_summary(span, reading)),
        exception=_exception(span),
        otel_dump=dump(_whole(span)),
    )


def inputs_of(reading: Reading) -> dict[str, Any]:
    """What went in, as an object: a request as it was sent, or messages in OpenAI's form, or what there is."""
    if reading.kind == "tool" and reading.tool_arguments is not None:
        return _object(reading.tool_arguments, "arguments")
    told = reading.inputs
    if reading.input_messages and not _has_messages(told):
        inputs: dict[str, Any] = {"messages": [*_instructions(reading), *reading.input_messages]}
    elif told is not None:
        inputs = dict(_object(told, "input"))
    else:
        inputs = {}
    if reading.request_model or (reading.model and reading.input_messages):
        inputs.setdefault("model", reading.request_model or reading.model)
    for name, value in (reading.parameters or {}).items():
        inputs.setdefault(name, value)
    if reading.tools:
        inputs.setdefault("tools", reading.tools)
    return inputs


def output_of(reading: Reading) -> Any:
    """What came out: an answer as it came, or one in OpenAI's form, or the value that there is."""
    if reading.kind == "tool" and reading.tool_result is not None:
        return reading.tool_result
    told, messages = reading.output, reading.output_messages
    if not messages or _has_choices(told):
        return told
    if reading.kind in {"agent", "chain"}:
        return messages[-1].get("content") if told is None else told
    choices = [
        {
            "index": index,
            "message": {name: part for name, part in message.items() if name != "finish_reason"},
            "finish_reason": message.get("finish_reason") or _reason(reading, index),
        }
        for index, message in enumerate(messages)
    ]
    answer: dict[str, Any] = {"object": "chat.completion", "choices": choices}
    if reading.model:
        answer["model"] = reading.model
    if reading.response_id:
        answer["id"] = reading.response_id
    return answer


def _instructions(reading: Reading) -> list[Message]:
    return [{"role": "system", "content": text} for text in reading.system or ()]


def _reason(reading: Reading, index: int) -> str | None:
    reasons = reading.finish_reasons or []
    return reasons[index] if index < len(reasons) else None


def _has_messages(value: Any) -> bool:
    messages = listed((as_object(value) or {}).get("messages"))
    return messages is not None and all("role" in one for one in messages)


def _has_choices(value: Any) -> bool:
    return as_list((as_object(value) or {}).get("choices")) is not None


def _object(value: Any, name: str) -> dict[str, Any]:
    told = as_object(value)
    return {name: value} if told is None else told


def _attributes(span: Span, reading: Reading) -> dict[str, Any]:
    kept = {
        name: value
        for name, value in span.attributes.items()
        if name not in _PAYLOAD_NAMES and not name.startswith(_PAYLOADS)
    }
    attributes = expanded(kept)
    attributes["weave"] = {
        **(as_object(attributes.get("weave")) or {}),
        "kind": reading.kind or "span",
        "source": "otel",
    }
    attributes["otel"] = {
        "service": span.resource.attributes.get("service.name"),
        "scope": span.scope,
        "span_kind": span.kind,
    }
    return attributes


def _summary(span: Span, reading: Reading) -> dict[str, Any]:
    failed = span.status == "ERROR"
    summary: dict[str, Any] = {"status_counts": {"success": int(not failed), "error": int(failed)}}
    usage = reading.usage
    if usage.is_told:
        counts: dict[str, Any] = {
            "requests": 1,
            "prompt_tokens": usage.input,
            "completion_tokens": usage.output,
            "total_tokens": usage.total or (usage.input or 0) + (usage.output or 0),
            "cache_read_input_tokens": usage.cache_read,
            "cache_creation_input_tokens": usage.cache_write,
        }
        if usage.reasoning is not None:
            counts["completion_tokens_details"] = {"reasoning_tokens": usage.reasoning}
        told = {name: count for name, count in counts.items() if count is not None}
        summary["usage"] = {reading.model or "unknown": told}
    if reading.cost_usd is not None:
        summary["otel"] = {"cost_usd": reading.cost_usd}
    return summary


def _exception(span: Span) -> str | None:
    """As the Weave clients write exceptions."""
    if span.status != "ERROR":
        return None
    for event in reversed(span.events):
        if event.name == "exception":
            told = event.attributes
            trace = told.get("exception.stacktrace")
            return dump(
                {
                    "type": told.get("exception.type") or "error",
                    "message": told.get("exception.message") or span.status_message,
                    "traceback": [trace] if trace else [],
                }
            )
    kind = text_of(span.attributes, "error.type") or "error"
    return dump({"type": kind, "message": span.status_message, "traceback": []})


def _whole(span: Span) -> dict[str, Any]:
    whole: dict[str, Any] = msgspec.to_builtins(span)
    return whole


def _json(value: Any) -> str | None:
    return None if value is None else dump(value)


def _clipped(text: str | None, limit: int = 128) -> str | None:
    return None if text is None else text[:limit].replace("\0", "\N{REPLACEMENT CHARACTER}")
