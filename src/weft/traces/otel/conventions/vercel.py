"""The Vercel AI SDK's telemetry: `ai.*` attributes of its outer spans, its calls of a model, and its tools.

Source: ai-sdk.dev, telemetry (versions 3 to 6, read 2026-11): `ai.usage.promptTokens` became `ai.usage.inputTokens`,
`ai.result.*` became `ai.response.*`, `ai.toolCall.args` is JSON.
"""

from collections.abc import Mapping
from typing import Any

from weft.traces.otel.conventions.messages import (
    Message,
    as_text,
    listed,
    tool_call,
)
from weft.traces.otel.reading import Reading, Usage
from weft.traces.otel.spans import Span
from weft.traces.otel.values import (
    Attributes,
    as_list,
    as_object,
    count_of,
    first,
    objects_in,
    parsed,
    text_of,
)

_META = "ai.telemetry.metadata."


def read(span: Span) -> Reading | None:
    """What the span says in this convention; None where it says nothing in it."""
    told = span.attributes
    operation = text_of(told, "ai.operationId")
    if operation is None and not any(name.startswith("ai.") for name in told):
        return None
    output_messages = _answers(told)
    return Reading(
        kind=_kind(operation or span.name),
        operation=operation,
        inputs=_inputs(told),
        input_messages=_prompt_messages(told),
        output_messages=output_messages,
        output=_output(told) if not output_messages else None,
        tools=_tools(told),
        parameters=_settings(told),
        provider=text_of(told, "ai.model.provider"),
        request_model=text_of(told, "ai.model.id"),
        response_model=text_of(told, "ai.response.model"),
        response_id=text_of(told, "ai.response.id"),
        usage=_usage(told),
        thread_id=text_of(
            told, *(_META + name for name in ("threadId", "sessionId", "session_id", "chatId"))
        ),
        agent_name=text_of(told, "ai.telemetry.functionId") if _is_outer(operation) else None,
        tool_name=text_of(told, "ai.toolCall.name"),
        tool_id=text_of(told, "ai.toolCall.id"),
        tool_arguments=parsed(first(told, "ai.toolCall.args", "ai.toolCall.input")),
        tool_result=parsed(first(told, "ai.toolCall.result", "ai.toolCall.output")),
    )


def _kind(operation: str) -> str:
    if operation.startswith("ai.toolCall"):
        return "tool"
    if operation.startswith("ai.embed"):
        return "embedding"
    return "llm" if ".do" in operation else "chain"


def _is_outer(operation: str | None) -> bool:
    return operation is not None and ".do" not in operation and not operation.endswith("toolCall")


def _usage(told: Attributes) -> Usage:
    return Usage(
        input=count_of(told, "ai.usage.inputTokens", "ai.usage.promptTokens", "ai.usage.tokens"),
        output=count_of(told, "ai.usage.outputTokens", "ai.usage.completionTokens"),
        total=count_of(told, "ai.usage.totalTokens"),
        cache_read=count_of(
            told, "ai.usage.cachedInputTokens", "ai.usage.inputTokenDetails.cacheReadTokens"
        ),
        cache_write=count_of(told, "ai.usage.inputTokenDetails.cacheWriteTokens"),
        reasoning=count_of(
            told, "ai.usage.reasoningTokens", "ai.usage.outputTokenDetails.reasoningTokens"
        ),
    )


def _inputs(told: Attributes) -> dict[str, Any] | None:
    prompt = parsed(first(told, "ai.prompt"))
    if prompt is not None:
        return as_object(prompt) or {"prompt": prompt}
    value = first(told, "ai.value", "ai.values")
    if value is None:
        return None
    values = as_list(value)
    return {"input": parsed(value) if values is None else [parsed(one) for one in values]}


def _prompt_messages(told: Attributes) -> list[Message] | None:
    messages = parsed(first(told, "ai.prompt.messages"))
    found: list[Message] = []
    if messages is None:
        prompt = as_object(parsed(first(told, "ai.prompt"))) or {}
        messages = prompt.get("messages")
        if isinstance(prompt.get("system"), str):
            found.append({"role": "system", "content": prompt["system"]})
        if isinstance(prompt.get("prompt"), str):
            return [*found, {"role": "user", "content": prompt["prompt"]}]
    for message in objects_in(messages):
        found += _message(message)
    return found or None


def _message(told: Mapping[str, Any]) -> list[Message]:
    """A model message of the SDK: content is a text, or parts of its own types."""
    role, parts = str(told.get("role") or "user"), as_list(told.get("content"))
    if parts is None:
        return [{"role": role, "content": told.get("content")}]
    texts: list[str] = []
    calls: list[dict[str, Any]] = []
    others: list[Any] = []
    answers: list[Message] = []
    for one in parts:
        part = as_object(one) or {"type": "text", "text": one}
        kind = part.get("type")
        if kind == "text":
            texts.append(str(part.get("text", "")))
        elif kind == "tool-call":
            calls.append(tool_call(part))
        elif kind == "tool-result":
            answer = {"role": "tool", "tool_call_id": str(part.get("toolCallId", ""))}
            content = as_text(part.get("output", part.get("result", "")))
            answers.append({**answer, "content": content})
        else:
            others.append(part)
    if answers and not (texts or calls or others):
        return answers
    text: Any = "\n".join(texts)
    if others:
        text = [*({"type": "text", "text": one} for one in texts), *others]
    message: Message = {"role": role, "content": text}
    if calls:
        message["tool_calls"], message["content"] = calls, text or None
    return [message, *answers]


def _answers(told: Attributes) -> list[Message] | None:
    text = first(told, "ai.response.text", "ai.result.text")
    calls = listed(parsed(first(told, "ai.response.toolCalls", "ai.result.toolCalls")))
    if text is None and not calls:
        return None
    message: Message = {"role": "assistant", "content": text}
    if calls:
        message["tool_calls"] = [tool_call(one) for one in calls]
    reasoning = text_of(told, "ai.response.reasoning")
    if reasoning:
        message["reasoning"] = reasoning
    reason = first(told, "ai.response.finishReason", "ai.finishReason")
    if reason is not None:
        message["finish_reason"] = reason
    return [message]


def _output(told: Attributes) -> Any:
    return parsed(first(told, "ai.response.object", "ai.result.object"))


def _tools(told: Attributes) -> Any:
    tools = as_list(told.get("ai.prompt.tools"))
    return [parsed(one) for one in tools] if tools else None


def _settings(told: Attributes) -> dict[str, Any] | None:
    start = "ai.settings."
    found = {name[len(start) :]: value for name, value in told.items() if name.startswith(start)}
    return found or None
