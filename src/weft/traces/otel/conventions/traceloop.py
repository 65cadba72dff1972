"""OpenLLMetry, Traceloop's instrumentations: workflows and tasks, and prompts spelled out in names.

Source: traceloop.com/docs/openllmetry, semantic conventions (read 2026-11): `gen_ai.prompt.0.content`,
`traceloop.entity.input`; `llm.*` in its older versions.
"""

from collections.abc import Mapping
from typing import Any

from weft.traces.otel.conventions.messages import Message, listed, plain_message
from weft.traces.otel.reading import Reading, Usage
from weft.traces.otel.spans import Span
from weft.traces.otel.values import Attributes, count_of, first, nested, parsed, text_of

_KINDS: Mapping[str, str] = {
    "workflow": "chain",
    "task": "chain",
    "agent": "agent",
    "tool": "tool",
    "chat": "llm",
    "completion": "llm",
    "embedding": "embedding",
    "rerank": "reranker",
}
_MARKS = ("traceloop.", "gen_ai.prompt.", "gen_ai.completion.", "llm.prompts.", "llm.usage.")
_LINKED = "traceloop.association.properties."


def read(span: Span) -> Reading | None:
    """What the span says in this convention; None where it says nothing in it."""
    told = span.attributes
    if "llm.request.type" not in told and not any(name.startswith(_MARKS) for name in told):
        return None
    kind = text_of(told, "traceloop.span.kind", "llm.request.type")
    entity = text_of(told, "traceloop.entity.name")
    is_tool, is_agent = kind == "tool", kind == "agent"
    arguments = parsed(first(told, "traceloop.entity.input"))
    result = parsed(first(told, "traceloop.entity.output"))
    return Reading(
        kind=_KINDS.get(kind or ""),
        inputs=arguments,
        output=result,
        input_messages=_messages(told, "gen_ai.prompt", "llm.prompts"),
        output_messages=_messages(told, "gen_ai.completion", "llm.completions"),
        tools=nested(told, "llm.request.functions"),
        request_model=text_of(told, "llm.request.model"),
        response_model=text_of(told, "llm.response.model"),
        usage=Usage(
            input=count_of(told, "llm.usage.prompt_tokens"),
            output=count_of(told, "llm.usage.completion_tokens"),
            total=count_of(told, "llm.usage.total_tokens"),
            cache_read=count_of(told, "gen_ai.usage.cache_read_input_tokens"),
            cache_write=count_of(told, "gen_ai.usage.cache_creation_input_tokens"),
        ),
        thread_id=text_of(
            told, *(_LINKED + name for name in ("thread_id", "session_id", "conversation_id"))
        ),
        agent_name=entity if is_agent else text_of(told, "gen_ai.agent.name"),
        tool_name=entity if is_tool else None,
        tool_arguments=arguments if is_tool else None,
        tool_result=result if is_tool else None,
    )


def _messages(told: Attributes, *prefixes: str) -> list[Message] | None:
    for prefix in prefixes:
        messages = listed(nested(told, prefix))
        if messages:
            role = "assistant" if "completion" in prefix else "user"
            return [plain_message({"role": role, **_with_content(one)}) for one in messages]
    return None


def _with_content(one: Mapping[str, Any]) -> dict[str, Any]:
    """Contents are JSON where they are no text."""
    return {**one, "content": parsed(one.get("content"))}
