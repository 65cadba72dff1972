"""The shapes of `POST /v1/messages`: what a client sends, and what it gets, whole or in events.

Owns field names and types, no behaviour. Fields of blocks and tools that have no type here change no answer
(`cache_control`, `citations`); those of the request are refused by name. Source: the `anthropic` client 2.14
(`anthropic/types`, read 2026-11).
"""

from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct, field

from weft.gateway.wire.types import Count, Probability, Temperature

Effort = Literal["low", "medium", "high", "xhigh", "max"]


class Source(Struct):
    """Where an image is."""

    type: str
    media_type: str = ""
    data: str = ""
    url: str = ""


class ResultBlock(Struct):
    """A part of what a tool gave back."""

    type: str
    text: str | None = None
    source: Source | None = None


class ContentBlock(Struct):
    """A part of a message; `type` says which of the others is there."""

    type: str
    text: str | None = None
    source: Source | None = None
    id: str | None = None
    name: str | None = None
    input: Raw = field(default_factory=Raw)
    tool_use_id: str | None = None
    content: str | list[ResultBlock] | None = None
    is_error: bool | None = None
    thinking: str | None = None


class InputMessage(Struct):
    """One message of a conversation."""

    role: Literal["user", "assistant", "system"]
    content: str | list[ContentBlock]


class SystemBlock(Struct):
    """A part of the system prompt."""

    type: str
    text: str | None = None


class ToolDefinition(Struct):
    """A tool; one whose `type` is not `custom` would run on Anthropic's servers."""

    name: str
    description: str | None = None
    input_schema: Raw = field(default_factory=Raw)
    type: str | None = None


class ToolChoice(Struct):
    """Whether tools may, must, or must not be called."""

    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class ThinkingConfig(Struct):
    """Whether the model shall think. A budget is a hint: `max_tokens` bounds thoughts and answer together."""

    type: Literal["enabled", "disabled", "adaptive"]
    budget_tokens: Count | None = None
    display: str | None = None


class OutputFormat(Struct):
    """What the answer must look like."""

    type: Literal["json_schema"]
    schema: Raw


class OutputConfig(Struct):
    """How the answer is made."""

    effort: Effort | None = None
    format: OutputFormat | None = None


class Metadata(Struct):
    """On whose behalf."""

    user_id: Annotated[str, Meta(max_length=512)] | None = None


class MessagesRequest(Struct, kw_only=True):
    """A request for a message. None means that the client did not say."""

    model: Annotated[str, Meta(min_length=1, max_length=512)]
    messages: list[InputMessage]
    max_tokens: Count | None = None
    system: str | list[SystemBlock] | None = None
    stop_sequences: list[str] | None = None
    stream: bool | None = None
    temperature: Temperature | None = None
    top_p: Probability | None = None
    top_k: Count | None = None
    tools: list[ToolDefinition] | None = None
    tool_choice: ToolChoice | None = None
    thinking: ThinkingConfig | None = None
    output_config: OutputConfig | None = None
    metadata: Metadata | None = None
    service_tier: Literal["auto", "standard_only"] | None = None
    cache_control: Raw = field(default_factory=Raw)

    @property
    def shows_thinking(self) -> bool:
        """Whether thoughts are part of the answer: only of one that asked for them."""
        thinking = self.thinking
        return (
            thinking is not None and thinking.type != "disabled" and thinking.display != "omitted"
        )


# The answer.


class MessageUsage(Struct):
    """Token counts; what came from the cache is no part of `input_tokens`."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0


class TextBlock(Struct, tag_field="type", tag="text"):
    """What the model says."""

    text: str


class ThinkingBlock(Struct, tag_field="type", tag="thinking"):
    """What it thought; nobody signs it here."""

    thinking: str
    signature: str = ""


class ToolUseBlock(Struct, tag_field="type", tag="tool_use"):
    """What it wants called."""

    id: str
    name: str
    input: Raw


AnswerBlock = TextBlock | ThinkingBlock | ToolUseBlock


class AnswerMessage(Struct, kw_only=True):
    """A whole answer."""

    id: str
    type: str = "message"
    role: str = "assistant"
    model: str
    content: list[AnswerBlock]
    stop_reason: str | None = None
    stop_sequence: str | None = None
    usage: MessageUsage = field(default_factory=MessageUsage)


class TokenCount(Struct):
    """The answer of `POST /v1/messages/count_tokens`."""

    input_tokens: int
