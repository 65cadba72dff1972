"""The parts of what is asked of the fake engine, as far as it looks at them."""

from typing import Any

import msgspec


class Part(msgspec.Struct):
    """A part of a message's content."""

    text: str = ""
    type: str = "text"


class Message(msgspec.Struct):
    """One message; whatever it says besides is not looked at."""

    role: str
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """All its text."""
        if isinstance(self.content, list):
            return " ".join(part.text for part in self.content)
        return self.content or ""


class Function(msgspec.Struct):
    """A tool's function."""

    name: str
    parameters: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])


class Tool(msgspec.Struct):
    """A tool on offer."""

    function: Function


class ToolChoice(msgspec.Struct):
    """The one tool that must be called."""

    function: Function


class JsonSchema(msgspec.Struct):
    """A named schema."""

    schema: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])


class ResponseFormat(msgspec.Struct):
    """What the answer must look like."""

    type: str = "text"
    json_schema: JsonSchema | None = None


class StreamOptions(msgspec.Struct):
    """What else a stream carries."""

    include_usage: bool = False
