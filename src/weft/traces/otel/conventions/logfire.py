"""Logfire and pydantic-ai: what they send besides, or in another place than, OpenTelemetry's own conventions.

Source: pydantic-ai's instrumentation (versions 1 to 3: `events`, `all_messages_events`, `pydantic_ai.all_messages`,
`final_result`, `tool_arguments`, `tool_response`) and Logfire's instrumentation of OpenAI and Anthropic
(`request_data`, `response_data`), read 2026-11.
"""

from typing import Any

from weft.traces.otel.conventions.messages import (
    Message,
    from_events,
    from_parts,
    listed,
    plain_message,
)
from weft.traces.otel.reading import Reading
from weft.traces.otel.spans import Span
from weft.traces.otel.values import Attributes, as_object, first, number_of, parsed, text_of

_MARKS = ("logfire.", "pydantic_ai.")
_NAMES = frozenset(
    {
        "all_messages_events",
        "final_result",
        "model_request_parameters",
        "request_data",
        "tool_arguments",
    }
)


def read(span: Span) -> Reading | None:
    """What the span says in this convention; None where it says nothing in it."""
    told = span.attributes
    if span.scope != "pydantic-ai" and not any(
        name in _NAMES or name.startswith(_MARKS) for name in told
    ):
        return None
    reading = Reading(
        cost_usd=number_of(told, "operation.cost"),
        agent_name=text_of(told, "agent_name"),
        tool_arguments=parsed(first(told, "tool_arguments")),
        tool_result=parsed(first(told, "tool_response")),
        output=parsed(first(told, "final_result")),
    )
    _read_messages(reading, told)
    if reading.tool_arguments is not None:
        reading.kind = "tool"
    elif span.name in {"agent run", "invoke_agent"} or "final_result" in told:
        reading.kind = "agent"
    request = as_object(parsed(first(told, "request_data")))
    if request is not None:
        _read_request(reading, request, as_object(parsed(first(told, "response_data"))))
    return reading


def _read_messages(reading: Reading, told: Attributes) -> None:
    events = listed(parsed(first(told, "events", "all_messages_events")))
    if events:
        inputs, outputs = from_events(events)
        if not outputs and inputs and inputs[-1]["role"] == "assistant":
            outputs = [inputs.pop()]  # a run's whole conversation ends with its answer
        reading.input_messages, reading.output_messages = inputs or None, outputs or None
        return
    everything = from_parts(first(told, "pydantic_ai.all_messages"))
    if everything:
        if everything[-1]["role"] == "assistant":
            reading.output_messages = [everything.pop()]
        reading.input_messages = everything or None


def _read_request(
    reading: Reading, request: dict[str, Any], response: dict[str, Any] | None
) -> None:
    """Logfire's own instrumentation of a model's client."""
    reading.kind = reading.kind or "llm"
    reading.inputs = request
    model = request.get("model")
    reading.request_model = model if isinstance(model, str) else None
    if messages := listed(request.get("messages")):
        reading.input_messages = [plain_message(one) for one in messages]
    if response is not None:
        reading.output = response
        message = as_object(response.get("message"))
        content = response.get("combined_chunk_content")
        answer: Message | None = None
        if message is not None:
            answer = plain_message({"role": "assistant", **message})
        elif isinstance(content, str):
            answer = {"role": "assistant", "content": content}
        reading.output_messages = [answer] if answer else None
