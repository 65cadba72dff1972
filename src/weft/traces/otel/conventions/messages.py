"""Messages of several conventions in one form, OpenAI's: role, content, tool_calls, tool_call_id.

Sources: OpenTelemetry's GenAI message schema (`gen-ai-input-messages.json`, semantic conventions 1.37) for parts; the
events of conventions up to 1.36; OpenAI's chat messages.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from weft.traces.otel.values import as_list, as_object, parsed

Message = dict[str, Any]
MESSAGES_LIMIT = 10_000


def listed(value: object) -> list[dict[str, Any]] | None:
    """A list of objects that has any; None for anything else."""
    told = as_list(value)
    return told if told and all(isinstance(one, dict) for one in told) else None


def from_parts(value: Any) -> list[Message] | None:
    """Messages of `gen_ai.input.messages`: each has a role and parts. None where it is something else."""
    messages = listed(parsed(value))
    if messages is None:
        return None
    found: list[Message] = []
    for message in messages[:MESSAGES_LIMIT]:
        if isinstance(message.get("parts"), list):
            found += _of_parts(message)
        else:
            found.append(plain_message(message))
    return found


def plain_message(message: Mapping[str, Any]) -> Message:
    """A message in OpenAI's form, or nearly so; texts of tool calls stay texts."""
    found: Message = {"role": str(message.get("role") or "user")}
    found["content"] = message.get("content")
    for name in ("name", "tool_call_id", "reasoning", "refusal", "finish_reason"):
        if message.get(name) is not None:
            found[name] = message[name]
    calls = listed(message.get("tool_calls"))
    if calls:
        found["tool_calls"] = [tool_call(one) for one in calls]
    return found


def tool_call(call: Mapping[str, Any]) -> dict[str, Any]:
    """A tool call in OpenAI's form, whichever of the usual names it came with."""
    inner = as_object(call.get("function")) or call
    arguments = inner.get("arguments", inner.get("args", inner.get("input", "")))
    if not isinstance(arguments, str):
        arguments = as_text(arguments)
    return {
        "id": str(call.get("id") or call.get("toolCallId") or call.get("tool_call_id") or ""),
        "type": "function",
        "function": {
            "name": str(inner.get("name") or call.get("toolName") or call.get("tool_name") or ""),
            "arguments": arguments,
        },
    }


def from_events(events: Iterable[Mapping[str, Any]]) -> tuple[list[Message], list[Message]]:
    """What went in and what came out, of events such as `gen_ai.user.message` and `gen_ai.choice`."""
    inputs: list[Message] = []
    outputs: list[Message] = []
    for event in events:
        name = str(event.get("event.name", ""))
        if name == "gen_ai.choice":
            message = dict(as_object(parsed(event.get("message"))) or event)
            message.setdefault("role", "assistant")
            if event.get("finish_reason") is not None:
                message["finish_reason"] = event["finish_reason"]
            outputs.append(plain_message(_with_parsed(message)))
        elif name.startswith("gen_ai.") and name.endswith(".message"):
            role = event.get("role") or name.removeprefix("gen_ai.").removesuffix(".message")
            message = _with_parsed({**event, "role": role})
            if role == "tool" and event.get("id") is not None:
                message["tool_call_id"] = event["id"]
            inputs.append(plain_message(message))
    return inputs, outputs


def texts_of(value: Any) -> list[str] | None:
    """Instructions: a text, or a list of texts or of parts."""
    value = parsed(value)
    if isinstance(value, str):
        return [value]
    texts = [_text(part) for part in as_list(value) or () if isinstance(part, str | dict)]
    return texts or None


def _text(part: Any) -> str:
    told = as_object(part)
    return str(part) if told is None else str(told.get("content", told.get("text", "")))


def as_text(value: Any) -> str:
    """A text as it is; anything else as JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _with_parsed(message: Mapping[str, Any]) -> Message:
    changed = dict(message)
    changed["tool_calls"] = parsed(message.get("tool_calls"))
    return changed


def _of_parts(message: Mapping[str, Any]) -> list[Message]:
    """One message of parts: its texts together, and one message more for each answer of a tool."""
    texts: list[str] = []
    reasoning: list[str] = []
    others: list[dict[str, Any]] = []
    calls: list[dict[str, Any]] = []
    answers: list[Message] = []
    for part in message["parts"]:
        told = as_object(part)
        if told is None:
            texts.append(str(part))
            continue
        kind = told.get("type")
        if kind == "text":
            texts.append(as_text(told.get("content", told.get("text", ""))))
        elif kind in {"reasoning", "thinking"}:
            reasoning.append(as_text(told.get("content", "")))
        elif kind == "tool_call":
            calls.append(tool_call(told))
        elif kind == "tool_call_response":
            result = told.get("response", told.get("result", ""))
            answers.append(
                {
                    "role": "tool",
                    "tool_call_id": str(told.get("id") or ""),
                    "content": as_text(result),
                }
            )
        else:
            others.append(told)
    if answers and not (texts or reasoning or others or calls):
        return answers
    content: Any = "\n".join(texts)
    if others:
        content = [*({"type": "text", "text": text} for text in texts), *others]
    found: Message = {"role": str(message.get("role") or "user"), "content": content}
    if reasoning:
        found["reasoning"] = "\n".join(reasoning)
    if calls:
        found["tool_calls"] = calls
        found["content"] = content or None
    if message.get("finish_reason") is not None:
        found["finish_reason"] = message["finish_reason"]
    return [found, *answers]
