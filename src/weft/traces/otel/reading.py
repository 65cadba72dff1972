"""What a span says once its convention was understood: one form for all of them."""

from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(slots=True)
class Usage:
    """Tokens; None where nothing was told."""

    input: int | None = None
    output: int | None = None
    total: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None

    @property
    def is_told(self) -> bool:
        """Whether there is any count."""
        return any(getattr(self, one.name) is not None for one in fields(self))


@dataclass(slots=True)
class Reading:
    """Every field may be absent: conventions are put over each other, the first that tells a field counts."""

    kind: str | None = None
    """What was done: `llm`, `embedding`, `tool`, `agent`, `chain`, `retriever` and so on."""
    operation: str | None = None
    inputs: Any = None
    """What went in, where it is no list of messages."""
    output: Any = None
    input_messages: list[dict[str, Any]] | None = None
    """In OpenAI's form: role, content, tool_calls."""
    output_messages: list[dict[str, Any]] | None = None
    system: list[str] | None = None
    """Instructions that are no message."""
    tools: Any = None
    parameters: dict[str, Any] | None = None
    provider: str | None = None
    request_model: str | None = None
    response_model: str | None = None
    response_id: str | None = None
    finish_reasons: list[str] | None = None
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = None
    thread_id: str | None = None
    thread_name: str | None = None
    is_turn: bool | None = None
    display_name: str | None = None
    agent_name: str | None = None
    agent_id: str | None = None
    agent_version: str | None = None
    agent_description: str | None = None
    tool_name: str | None = None
    tool_id: str | None = None
    tool_type: str | None = None
    tool_description: str | None = None
    tool_arguments: Any = None
    tool_result: Any = None

    @property
    def model(self) -> str | None:
        """What answered, or else what was asked for."""
        return self.response_model or self.request_model


def merge(readings: list[Reading]) -> Reading:
    """One reading; of each field, what the first says that says anything."""
    merged = Reading()
    for reading in readings:
        for one in fields(Reading):
            if one.name == "usage":
                continue
            if getattr(merged, one.name) is None:
                setattr(merged, one.name, getattr(reading, one.name))
        for one in fields(Usage):
            if getattr(merged.usage, one.name) is None:
                setattr(merged.usage, one.name, getattr(reading.usage, one.name))
    return merged
