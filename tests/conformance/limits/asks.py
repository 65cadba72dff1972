"""What a refused client asks for, in every form that the door takes, and under every kind of name for a model."""

from dataclasses import dataclass
from typing import Any

LIMITED, ALIAS = "test/limited", "limited-alias"
STOOD_IN = "meta-llama/Llama-3.1-8B-Instruct"
"""Nothing here runs it: the stand-in answers for it."""
ECHO = "test/echo"
ADAPTER = f"{LIMITED}:pirate"
"""An adapter that everybody may use."""

NAMES = {"id": LIMITED, "alias": ALIAS, "stand-in": STOOD_IN, "adapter": ADAPTER}
MEANT = {LIMITED: LIMITED, ALIAS: LIMITED, STOOD_IN: STOOD_IN, ADAPTER: LIMITED}
"""Whose card a name leads to."""

_WEATHER = {
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"location": {"type": "string"}}},
}
_SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "capital",
        "schema": {"type": "object", "properties": {"answer": {"type": "string"}}},
    },
}
ROUTES: dict[str, dict[str, Any]] = {
    "plain": {},
    "stream": {"stream": True},
    "stream-usage": {"stream": True, "stream_options": {"include_usage": True}},
    "tools": {
        "tools": [{"type": "function", "function": _WEATHER}],
        "tool_choice": "required",
    },
    "tools-stream": {
        "tools": [{"type": "function", "function": _WEATHER}],
        "stream": True,
    },
    "functions": {"functions": [_WEATHER], "function_call": {"name": "get_weather"}},
    "choices": {"n": 3},
    "schema": {"response_format": _SCHEMA},
    "key": {"extra_headers": {"Idempotency-Key": "the same each time"}},
}


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, as the arguments of `chat.completions.create`."""

    model: str = LIMITED
    route: str = "plain"
    text: str = "hello"
    max_tokens: int | None = 60

    @property
    def arguments(self) -> dict[str, Any]:
        limit = {} if self.max_tokens is None else {"max_tokens": self.max_tokens}
        messages = [{"role": "user", "content": self.text}]
        return {"model": self.model, "messages": messages, **limit, **ROUTES[self.route]}
