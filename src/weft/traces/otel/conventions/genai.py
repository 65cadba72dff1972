"""OpenTelemetry's own conventions for generative AI, in their current names and those of before.

Source: opentelemetry.io semantic conventions, gen-ai, 1.27 to 1.38 (spans, agent spans, events): messages as attributes
(`gen_ai.input.messages`), as events (`gen_ai.user.message`, `gen_ai.choice`), and older still as
`gen_ai.content.prompt` and `gen_ai.content.completion`.
"""

from collections.abc import Mapping
from typing import Any

from weft.traces.otel.conventions.messages import (
    Message,
    from_events,
    from_parts,
    listed,
    plain_message,
    texts_of,
)
from weft.traces.otel.reading import Reading, Usage
from weft.traces.otel.spans import Span
from weft.traces.otel.values import (
    Attributes,
    as_list,
    as_object,
    count_of,
    first,
    number_of,
    parsed,
    text_of,
)

_KINDS: Mapping[str, str] = {
    "chat": "llm",
    "text_completion": "llm",
    "generate_content": "llm",
    "completion": "llm",
    "responses": "llm",
    "embeddings": "embedding",
    "execute_tool": "tool",
    "invoke_agent": "agent",
    "create_agent": "agent",
    "invoke_workflow": "agent",
}
_PARAMETERS = (
    "temperature",
    "top_p",
    "top_k",
    "max_tokens",
    "frequency_penalty",
    "presence_penalty",
    "seed",
    "stop_sequences",
    "choice.count",
    "encoding_formats",
)
_DETAILS = "gen_ai.client.inference.operation.details"


def read(span: Span) -> Reading | None:
    """What the span says in this convention; None where it says nothing in it."""
    told: Attributes = span.attributes
    for event in span.events:
        if event.name == _DETAILS:
            told = {**event.attributes, **told}
    if not any(name.startswith("gen_ai.") for name in told) and not _events(span):
        return None
    operation = text_of(told, "gen_ai.operation.name")
    inputs, outputs = _messages(span, told)
    reasons = as_list(parsed(first(told, "gen_ai.response.finish_reasons")))
    return Reading(
        kind=_KINDS.get(operation or "", None),
        operation=operation,
        input_messages=inputs,
        output_messages=outputs,
        system=texts_of(told.get("gen_ai.system_instructions")),
        tools=parsed(first(told, "gen_ai.tool.definitions")),
        parameters=_parameters(told),
        provider=text_of(told, "gen_ai.provider.name", "gen_ai.system"),
        request_model=text_of(told, "gen_ai.request.model"),
        response_model=text_of(told, "gen_ai.response.model"),
        response_id=text_of(told, "gen_ai.response.id"),
        finish_reasons=[str(one) for one in reasons] if reasons else None,
        usage=_usage(told),
        cost_usd=number_of(told, "gen_ai.usage.cost", "gen_ai.cost.total_cost"),
        thread_id=text_of(told, "gen_ai.conversation.id"),
        thread_name=text_of(told, "gen_ai.conversation.name"),
        agent_name=text_of(told, "gen_ai.agent.name"),
        agent_id=text_of(told, "gen_ai.agent.id"),
        agent_version=text_of(told, "gen_ai.agent.version"),
        agent_description=text_of(told, "gen_ai.agent.description"),
        tool_name=text_of(told, "gen_ai.tool.name"),
        tool_id=text_of(told, "gen_ai.tool.call.id"),
        tool_type=text_of(told, "gen_ai.tool.type"),
        tool_description=text_of(told, "gen_ai.tool.description"),
        tool_arguments=parsed(first(told, "gen_ai.tool.call.arguments")),
        tool_result=parsed(first(told, "gen_ai.tool.call.result")),
    )


def _usage(told: Attributes) -> Usage:
    return Usage(
        input=count_of(told, "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"),
        output=count_of(told, "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
        total=count_of(told, "gen_ai.usage.total_tokens"),
        cache_read=count_of(
            told,
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.cache_read_input_tokens",
            "gen_ai.usage.details.cache_read_tokens",
            "gen_ai.usage.details.cached_tokens",
        ),
        cache_write=count_of(
            told,
            "gen_ai.usage.cache_creation.input_tokens",
            "gen_ai.usage.cache_write.input_tokens",
            "gen_ai.usage.cache_creation_input_tokens",
            "gen_ai.usage.details.cache_write_tokens",
        ),
        reasoning=count_of(
            told,
            "gen_ai.usage.reasoning.output_tokens",
            "gen_ai.usage.reasoning_tokens",
            "gen_ai.usage.details.reasoning_tokens",
        ),
    )


def _parameters(told: Attributes) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for name in _PARAMETERS:
        value = told.get(f"gen_ai.request.{name}")
        if value is not None:
            found[{"choice.count": "n", "stop_sequences": "stop"}.get(name, name)] = value
    return found or None


def _messages(span: Span, told: Attributes) -> tuple[list[Message] | None, list[Message] | None]:
    inputs = from_parts(told.get("gen_ai.input.messages"))
    outputs = from_parts(told.get("gen_ai.output.messages"))
    if inputs is None and outputs is None:
        found = from_events(_events(span))
        inputs, outputs = found[0] or None, found[1] or None
    inputs = inputs or _older(told.get("gen_ai.prompt"), "user")
    outputs = outputs or _older(told.get("gen_ai.completion"), "assistant")
    for event in span.events:
        if event.name == "gen_ai.content.prompt":
            inputs = inputs or _older(event.attributes.get("gen_ai.prompt"), "user")
        elif event.name == "gen_ai.content.completion":
            outputs = outputs or _older(event.attributes.get("gen_ai.completion"), "assistant")
    return inputs, outputs


def _events(span: Span) -> list[dict[str, Any]]:
    """The span's own events in the form in which others send them as one attribute."""
    return [
        {**event.attributes, "event.name": event.name}
        for event in span.events
        if event.name == "gen_ai.choice"
        or (event.name.startswith("gen_ai.") and event.name.endswith(".message"))
    ]


def _older(value: Any, role: str) -> list[Message] | None:
    """A prompt or an answer in one attribute: messages as JSON, or a text."""
    if value is None or value == "":
        return None
    told = parsed(value)
    within = as_object(told)
    messages = listed(within.get("messages")) if within else listed(told)
    if messages:
        return [plain_message({"role": role, **one}) for one in messages]
    return [{"role": role, "content": told}]
