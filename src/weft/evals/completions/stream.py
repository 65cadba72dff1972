"""A streamed chat completion, taken apart as it passes and put together again for the trace."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from weft.evals.refusals import exception_text, read_error

MAX_EVENT_BYTES = 16 * 1024 * 1024
_DONE = b"[DONE]"


@dataclass(slots=True)
class Events:
    """Cuts the door's event stream into the data of its events."""

    _rest: bytes = b""

    def feed(self, piece: bytes) -> list[bytes]:
        """The data of the events that are whole now, without the last one that only says so."""
        *whole, self._rest = (self._rest + piece).split(b"\n\n")
        found = [event.removeprefix(b"data: ") for event in whole if event.startswith(b"data: ")]
        return [data for data in found if data != _DONE]


@dataclass(slots=True)
class _Choice:
    role: str = "assistant"
    content: list[str] = field(default_factory=list[str])
    reasoning: list[str] = field(default_factory=list[str])
    tools: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])
    finish_reason: str | None = None

    def add(self, delta: dict[str, Any]) -> None:
        if text := delta.get("content"):
            self.content.append(text)
        if text := delta.get("reasoning_content") or delta.get("reasoning"):
            self.reasoning.append(text)
        for part in delta.get("tool_calls") or ():
            empty = {"id": None, "type": "function", "function": {"name": "", "arguments": ""}}
            known = self.tools.setdefault(part.get("index", 0), empty)
            known["id"] = part.get("id") or known["id"]
            told: Any = part.get("function") or {}
            known["function"]["name"] = told.get("name") or known["function"]["name"]
            known["function"]["arguments"] += told.get("arguments") or ""

    def message(self) -> dict[str, Any]:
        told: dict[str, Any] = {"role": self.role, "content": "".join(self.content) or None}
        if self.reasoning:
            told["reasoning_content"] = "".join(self.reasoning)
        if self.tools:
            told["tool_calls"] = [self.tools[index] for index in sorted(self.tools)]
        return told


@dataclass(slots=True)
class Gathered:
    """What a stream has said so far."""

    usage: dict[str, Any] | None = None
    exception: str | None = None
    _head: dict[str, Any] = field(default_factory=dict[str, Any])
    _choices: dict[int, _Choice] = field(default_factory=dict[int, _Choice])

    def take(self, data: bytes) -> bool:
        """Note one event's data; whether it holds more than the usage of tokens."""
        chunk: dict[str, Any] = msgspec.json.decode(data)
        if "error" in chunk:
            told = read_error(data)
            self.exception = exception_text(told.code or told.type or "server_error", told.message)
            return True
        if not self._head:
            self._head = {name: chunk[name] for name in ("id", "created", "model") if name in chunk}
        self.usage = chunk.get("usage") or self.usage
        choices: list[dict[str, Any]] = chunk.get("choices") or []
        for told in choices:
            choice = self._choices.setdefault(told.get("index", 0), _Choice())
            choice.add(told.get("delta") or {})
            choice.finish_reason = told.get("finish_reason") or choice.finish_reason
        return bool(choices)

    def completion(self) -> dict[str, Any] | None:
        """The whole answer, as it would have come without a stream; None if nothing of one came."""
        if not self._choices:
            return None
        choices = [
            {"index": index, "message": one.message(), "finish_reason": one.finish_reason}
            for index, one in sorted(self._choices.items())
        ]
        whole = {**self._head, "object": "chat.completion", "choices": choices}
        return {**whole, "usage": self.usage} if self.usage else whole
