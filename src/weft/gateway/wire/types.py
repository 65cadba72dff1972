"""The shapes of `POST /v1/chat/completions`: what a client sends, and what an engine answers.

Owns field names and types, no behaviour. Requests are typed as far as the door has to judge them; whatever it only
passes on stays `msgspec.Raw`. A field that is not named here, of the request, of a message or of a part of its content,
lands in `ChatRequest.unknown`, so that it is either understood by the engine or refused by name.

Where a key occurs twice, the last one counts, here as in the engines' parsers.

Sources: OpenAI's API reference as typed in the `openai` client 3.52 (`openai/types/chat`, read 2026-11);
`reasoning_content` as llama.cpp and DeepSeek write it, `reasoning` as vLLM does; `chat_template_kwargs` and
`cache_salt` as in vLLM; `timings` as in llama.cpp's server.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Raw, Struct, UnsetType, field

ABSENT = Raw()
"""Stands for a member that is not there."""
NULL = Raw(b"null")

Role = Literal["system", "developer", "user", "assistant", "tool", "function"]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
Tier = Literal["auto", "default", "flex", "scale", "priority", "fast"]

Temperature = Annotated[float, Meta(ge=0, le=2)]
Probability = Annotated[float, Meta(ge=0, le=1)]
Penalty = Annotated[float, Meta(ge=-2, le=2)]
Bias = Annotated[float, Meta(ge=-100, le=100)]
Count = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Label = Annotated[str, Meta(min_length=1, max_length=512)]
FunctionName = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9_-]{1,64}\Z")]


# The request, from the leaves up.


class ImageUrl(Struct):
    """Where an image is, or the image itself as a `data:` URL."""

    url: str
    detail: Literal["auto", "low", "high", "original"] | None = None


class ContentPart(Struct, forbid_unknown_fields=True):
    """One part of a message's content; `type` says which of the others is there."""

    type: str
    text: str | None = None
    refusal: str | None = None
    image_url: ImageUrl | None = None


class FunctionCall(Struct, omit_defaults=True):
    """What the model called: `arguments` is JSON in a string, and may be malformed."""

    name: str
    arguments: str


class ToolCall(Struct):
    """A call in an assistant's message."""

    id: str
    type: str = "function"
    function: FunctionCall | None = None


class Message(Struct, forbid_unknown_fields=True):
    """One message of a conversation."""

    role: Role
    content: str | list[ContentPart] | None = None
    name: str | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None
    function_call: FunctionCall | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None


class FunctionDefinition(Struct):
    """A function that the model may call; `parameters` is a JSON schema."""

    name: FunctionName
    description: str | None = None
    parameters: Raw = field(default_factory=Raw)
    strict: bool | None = None


class Tool(Struct):
    """A tool that the model may call."""

    type: str
    function: FunctionDefinition | None = None


class FunctionRef(Struct):
    """A function by name."""

    name: str


class ToolRef(Struct):
    """A tool by name."""

    type: str
    function: FunctionRef | None = None


class AllowedTools(Struct):
    """The tools that this request may use, of those that it lists."""

    mode: Literal["auto", "required"]
    tools: list[ToolRef]


class ToolChoice(Struct, omit_defaults=True):
    """The tool that must be called, or the tools that may be."""

    type: Literal["function", "allowed_tools"]
    function: FunctionRef | None = None
    allowed_tools: AllowedTools | None = None


class JsonSchemaFormat(Struct):
    """A named schema for the answer."""

    name: FunctionName
    schema: Raw = field(default_factory=Raw)
    description: str | None = None
    strict: bool | None = None


class ResponseFormat(Struct):
    """What the answer must look like."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchemaFormat | None = None


class StreamOptions(Struct):
    """What else a stream carries."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class ChatRequest(Struct, forbid_unknown_fields=True, kw_only=True):
    """A request for a chat completion. None means that the client did not say."""

    model: Annotated[str, Meta(min_length=1, max_length=512)]
    messages: list[Message]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Count | None = None
    max_completion_tokens: Count | None = None
    temperature: Temperature | None = None
    top_p: Probability | None = None
    n: Count | None = None
    stop: str | list[str] | None = None
    seed: Int64 | None = None
    frequency_penalty: Penalty | None = None
    presence_penalty: Penalty | None = None
    logit_bias: dict[str, Bias] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    response_format: ResponseFormat | None = None
    tools: list[Tool] | None = None
    tool_choice: ToolChoice | Literal["none", "auto", "required"] | None = None
    parallel_tool_calls: bool | None = None
    functions: list[FunctionDefinition] | None = None
    function_call: FunctionRef | Literal["none", "auto"] | None = None
    reasoning_effort: Effort | None = None
    chat_template_kwargs: dict[str, Raw] | None = None
    cache_salt: Label | None = None
    modalities: list[Literal["text", "audio"]] | None = None
    user: Annotated[str, Meta(max_length=512)] | None = None
    safety_identifier: Annotated[str, Meta(max_length=512)] | None = None
    prompt_cache_key: Annotated[str, Meta(max_length=512)] | None = None
    metadata: dict[str, Annotated[str, Meta(max_length=512)]] | None = None
    store: bool | None = None
    service_tier: Tier | None = None
    grammar: str | None = None
    unknown: tuple[str, ...] = field(default=(), name="(unknown)")
    """Fields that are not named here, in the order of the body, those of messages as `messages[0].name`; never on the
    wire."""

    @property
    def choices(self) -> int:
        """How many answers are asked for."""
        return self.n or 1

    @property
    def output_limit_tokens(self) -> int | None:
        """The longest answer asked for, under either of its names."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def is_legacy(self) -> bool:
        """Whether the caller speaks of functions, so that tool calls go back as a function call."""
        return bool(self.functions)

    @property
    def includes_usage(self) -> bool:
        """Whether the client asked for a last chunk with the token counts."""
        return self.stream_options is not None and self.stream_options.include_usage is True


FIELDS = frozenset(name for name in ChatRequest.__struct_encode_fields__ if name != "(unknown)")
"""Every top-level field of a request that has a type here."""


# The answer, from the leaves up. Fields that are absent stay absent when an answer is written again.


class PromptTokensDetails(Struct, omit_defaults=True):
    """Parts of `prompt_tokens`."""

    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    audio_tokens: int | None = None
    image_tokens: int | None = None
    text_tokens: int | None = None


class CompletionTokensDetails(Struct, omit_defaults=True):
    """Parts of `completion_tokens`."""

    reasoning_tokens: int | None = None
    accepted_prediction_tokens: int | None = None
    rejected_prediction_tokens: int | None = None
    audio_tokens: int | None = None
    text_tokens: int | None = None


class Usage(Struct):
    """Token counts of one request, in OpenAI's words."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    prompt_tokens_details: PromptTokensDetails | UnsetType | None = UNSET
    completion_tokens_details: CompletionTokensDetails | UnsetType | None = UNSET


class Timings(Struct):
    """llama.cpp's running counts of one request; `prompt_n` leaves out what came from the cache."""

    prompt_n: int = 0
    cache_n: int = 0
    predicted_n: int = 0


class FunctionDelta(Struct, omit_defaults=True):
    """A piece of a function call."""

    name: str | None = None
    arguments: str | None = None


class ToolCallDelta(Struct, omit_defaults=True):
    """A piece of a tool call; pieces with the same `index` belong together."""

    index: int | None = None
    id: str | None = None
    type: str | None = None
    function: FunctionDelta | None = None


class Delta(Struct, omit_defaults=True):
    """What a chunk adds to one choice."""

    role: str | UnsetType | None = UNSET
    content: str | UnsetType | None = UNSET
    reasoning_content: str | UnsetType | None = UNSET
    reasoning: str | UnsetType | None = UNSET
    refusal: str | UnsetType | None = UNSET
    tool_calls: list[ToolCallDelta] | UnsetType | None = UNSET
    function_call: FunctionDelta | UnsetType | None = UNSET


class ChunkChoice(Struct):
    """One choice of a chunk."""

    delta: Delta
    index: int = 0
    finish_reason: str | None = None
    logprobs: Raw = NULL


class Chunk(Struct, omit_defaults=True, kw_only=True):
    """One event of a stream."""

    id: str = ""
    object: str = ""
    created: int = 0
    model: str = ""
    system_fingerprint: str | UnsetType | None = UNSET
    service_tier: str | UnsetType | None = UNSET
    choices: list[ChunkChoice]
    usage: Usage | UnsetType | None = UNSET
    timings: Timings | UnsetType | None = UNSET


class ChunkFacts(Struct):
    """What metering and the end of a stream need to know of one chunk."""

    usage: Usage | None = None
    timings: Timings | None = None
    content_deltas: int = 0
    """Choices that got text; refusals count as text."""
    reasoning_deltas: int = 0
    tool_deltas: int = 0
    finish_reason: str | None = None
    """Of the last choice in the chunk that finished."""


class LogprobLists(Struct, omit_defaults=True):
    """The log probabilities of one choice, a list entry per token."""

    content: list[Raw] | None = None
    refusal: list[Raw] | None = None


class AssembledToolCall(Struct):
    """A whole tool call of an answer."""

    id: str
    type: str
    function: FunctionCall


class AssembledMessage(Struct, omit_defaults=True):
    """A whole message of an answer; the first four are there even when they are null."""

    role: str
    content: str | None
    refusal: str | None
    reasoning: str | None
    reasoning_content: str | UnsetType = UNSET
    tool_calls: list[AssembledToolCall] | UnsetType = UNSET
    function_call: FunctionCall | UnsetType = UNSET


class AssembledChoice(Struct):
    """One whole answer."""

    index: int
    message: AssembledMessage
    logprobs: LogprobLists | None
    finish_reason: str | None


class Completion(Struct, omit_defaults=True, kw_only=True):
    """The body of an answer that is not streamed."""

    id: str
    object: str
    created: int
    model: str
    system_fingerprint: str | UnsetType | None = UNSET
    service_tier: str | UnsetType | None = UNSET
    choices: list[AssembledChoice]
    usage: Usage | UnsetType = UNSET
