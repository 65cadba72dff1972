"""The shapes of `POST /v1/responses`: what a client sends, and what it gets.

Owns field names and types, no behaviour. What needs a store of responses, or tools that run here, has a type so that
it is refused by name. Source: the `openai` client 3.52 (`openai/types/responses`, read 2026-11).
"""

from typing import Annotated, Any, Literal

from msgspec import Meta, Raw, Struct, field

from weft.gateway.wire.types import Count, Effort, Probability, Temperature, Tier

Note = Annotated[str, Meta(max_length=512)]


class Part(Struct):
    """A part of an item's content; `type` says which of the others is there."""

    type: str
    text: str | None = None
    refusal: str | None = None
    image_url: str | None = None
    detail: Literal["auto", "low", "high", "original"] | None = None


class Item(Struct):
    """Something that was said, thought, called or given back; `type` says which of the others is there."""

    type: str = "message"
    role: Literal["user", "assistant", "system", "developer"] | None = None
    content: str | list[Part] | None = None
    summary: list[Part] | None = None
    call_id: str | None = None
    name: str | None = None
    arguments: str | None = None
    output: str | list[Part] | None = None


class FunctionTool(Struct):
    """A function that the model may call; other kinds of tools would run at OpenAI."""

    type: str
    name: str = ""
    description: str | None = None
    parameters: Raw = field(default_factory=Raw)
    strict: bool | None = None


class ToolName(Struct):
    """A tool by name."""

    type: str
    name: str = ""


class ToolChoice(Struct):
    """The tool that must be called, or the tools that may be."""

    type: str
    name: str | None = None
    mode: Literal["auto", "required"] | None = None
    tools: list[ToolName] | None = None


class TextFormat(Struct):
    """What the answer must look like."""

    type: Literal["text", "json_object", "json_schema"]
    name: str | None = None
    schema: Raw = field(default_factory=Raw)
    description: str | None = None
    strict: bool | None = None


class TextConfig(Struct):
    """How the answer is written."""

    format: TextFormat | None = None
    verbosity: Literal["low", "medium", "high"] | None = None


class ReasoningConfig(Struct):
    """How long the model thinks. No summary is made: all that it thought is told."""

    effort: Effort | None = None
    summary: str | None = None
    generate_summary: str | None = None


class ResponseStreamOptions(Struct):
    """What else a stream carries."""

    include_obfuscation: bool | None = None


class ResponsesRequest(Struct, kw_only=True):
    """A request for a response. None means that the client did not say."""

    model: Annotated[str, Meta(min_length=1, max_length=512)]
    input: str | list[Item]
    instructions: str | None = None
    stream: bool | None = None
    stream_options: ResponseStreamOptions | None = None
    max_output_tokens: Count | None = None
    temperature: Temperature | None = None
    top_p: Probability | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    tools: list[FunctionTool] | None = None
    tool_choice: ToolChoice | Literal["none", "auto", "required"] | None = None
    parallel_tool_calls: bool | None = None
    text: TextConfig | None = None
    reasoning: ReasoningConfig | None = None
    include: list[str] | None = None
    store: bool | None = None
    background: bool | None = None
    truncation: Literal["auto", "disabled"] | None = None
    service_tier: Tier | None = None
    user: Note | None = None
    safety_identifier: Note | None = None
    prompt_cache_key: Note | None = None
    prompt_cache_retention: Note | None = None
    metadata: dict[str, Note] | None = None


# The answer.


class OutputText(Struct, tag_field="type", tag="output_text"):
    """What the model says."""

    text: str = ""
    annotations: list[Raw] = []
    logprobs: list[Raw] = []


class ReasoningText(Struct, tag_field="type", tag="reasoning_text"):
    """What it thought."""

    text: str = ""


class MessageItem(Struct, tag_field="type", tag="message"):
    """A text of the answer."""

    id: str
    status: str
    content: list[OutputText]
    role: str = "assistant"


class ReasoningItem(Struct, tag_field="type", tag="reasoning"):
    """The thoughts before it."""

    id: str
    status: str
    content: list[ReasoningText]
    summary: list[Raw] = []


class CallItem(Struct, tag_field="type", tag="function_call"):
    """A function that the model wants called; `arguments` is JSON in a string, and may be malformed."""

    id: str
    status: str
    call_id: str
    name: str
    arguments: str


OutputItem = MessageItem | ReasoningItem | CallItem


class InputDetails(Struct):
    """Parts of `input_tokens`."""

    cached_tokens: int = 0
    cache_write_tokens: int = 0


class OutputDetails(Struct):
    """Parts of `output_tokens`."""

    reasoning_tokens: int = 0


class ResponseUsage(Struct):
    """Token counts."""

    input_tokens: int
    input_tokens_details: InputDetails
    output_tokens: int
    output_tokens_details: OutputDetails
    total_tokens: int


class Response(Struct, kw_only=True):
    """A whole answer, or the state of one that is being made."""

    id: str
    object: str = "response"
    created_at: int
    status: str
    model: str
    output: list[OutputItem]
    usage: ResponseUsage | None = None
    error: dict[str, str | None] | None = None
    incomplete_details: dict[str, str] | None = None
    # What was asked for.
    instructions: str | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_logprobs: int | None = None
    tools: Raw | list[Any] = field(default_factory=list[Any])
    tool_choice: Raw | str = "auto"
    parallel_tool_calls: bool = True
    text: Raw | dict[str, Any] = field(default_factory=lambda: {"format": {"type": "text"}})
    reasoning: Raw | dict[str, None] = field(
        default_factory=lambda: dict[str, None](effort=None, summary=None)
    )
    metadata: dict[str, str] = field(default_factory=dict[str, str])
    user: str | None = None
    store: bool = False
    background: bool = False
    previous_response_id: str | None = None
    truncation: str = "disabled"
    service_tier: str = "default"
