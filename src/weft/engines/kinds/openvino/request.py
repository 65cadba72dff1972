"""What is asked of the child, and what of it the library is told.

Owns the shapes of requests and the bounds of their values. Knows no HTTP.
"""

import secrets
import sys
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from weft.engines.kinds.openvino.library import Generation, Library

MAX_SEED = 2**63 - 1
_Penalty = Annotated[float, Meta(ge=-2, le=2)]
_Stop = Annotated[str, Meta(min_length=1, max_length=1000)]


class StreamOptions(Struct):
    """What else a stream carries."""

    include_usage: bool = False


class Sampling(Struct, kw_only=True):
    """What chats and texts have in common."""

    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Annotated[int, Meta(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Meta(ge=1)] | None = None
    min_tokens: Annotated[int, Meta(ge=0)] | None = None
    temperature: Annotated[float, Meta(ge=0, le=100)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    top_k: int | None = None
    min_p: Annotated[float, Meta(ge=0, lt=1)] | None = None
    seed: Annotated[int, Meta(ge=0, le=MAX_SEED)] | None = None
    stop: _Stop | Annotated[list[_Stop], Meta(max_length=16)] | None = None
    frequency_penalty: _Penalty | None = None
    presence_penalty: _Penalty | None = None
    repetition_penalty: Annotated[float, Meta(gt=0, le=100)] | None = None
    ignore_eos: bool | None = None
    n: Annotated[int, Meta(ge=1, le=1)] | None = None
    """Whoever wants several asks several times."""
    timings_per_token: bool = False
    """Tell running counts with each chunk, in llama.cpp's way."""

    @property
    def stops(self) -> list[str]:
        """The texts that end the answer."""
        return [self.stop] if isinstance(self.stop, str) else self.stop or []

    @property
    def wants_usage(self) -> bool:
        """Whether the stream ends with the counts."""
        return self.stream_options is not None and self.stream_options.include_usage


class Function(Struct):
    """A tool's function."""

    name: str
    parameters: Any = msgspec.field(default_factory=dict[str, Any])


class Tool(Struct):
    """A tool on offer."""

    function: Function


class ToolChoice(Struct):
    """The one tool that must be called."""

    function: Function


class JsonSchema(Struct):
    """A named schema."""

    schema: Any = msgspec.field(default_factory=dict[str, Any])


class ResponseFormat(Struct):
    """What the answer must look like."""

    type: str = "text"
    json_schema: JsonSchema | None = None


class ChatQuestion(Sampling, kw_only=True):
    """A chat completion."""

    messages: Annotated[list[dict[str, Any]], Meta(min_length=1)]
    tools: list[dict[str, Any]] | None = None
    tool_choice: str | ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = None
    logprobs: bool | None = None
    chat_template_kwargs: dict[str, Any] | None = None

    @property
    def offered(self) -> dict[str, Any]:
        """The parameters of each tool that may be called.

        Raises:
            msgspec.ValidationError: something there is no tool.
        """
        if self.tool_choice == "none":
            return {}
        tools = msgspec.convert(self.tools or [], list[Tool])
        parameters = {tool.function.name: tool.function.parameters for tool in tools}
        if isinstance(self.tool_choice, ToolChoice):
            name = self.tool_choice.function.name
            return {name: parameters.get(name, {})}
        return parameters


class TextQuestion(Sampling, kw_only=True):
    """A completion of a text."""

    prompt: str | list[str | int]
    logprobs: Annotated[int, Meta(ge=0, le=0)] | None = None
    """0: of the token that was chosen; the library knows no others."""
    echo: bool | None = None


class Tokenize(Struct, kw_only=True):
    """A text or a chat to be counted, in vLLM's words."""

    prompt: str | None = None
    messages: list[dict[str, Any]] | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: str | ToolChoice | None = None
    chat_template_kwargs: dict[str, Any] | None = None
    add_special_tokens: bool = True


def fill(
    question: Sampling,
    *,
    library: Library,
    ends: frozenset[int],
    room: int,
    logprobs: bool,
    grammar: str,
) -> Generation:
    """What the library is told. `ends` are the tokens that end an answer, `room` is the longest answer there can be.

    The library's own way to stop at a text takes away the whole token that the text begins in: `text.Speller` stops.
    """
    config = library.GenerationConfig()
    wanted = question.max_completion_tokens or question.max_tokens or sys.maxsize
    config.max_new_tokens = min(wanted, room)
    config.min_new_tokens = min(question.min_tokens or 0, config.max_new_tokens)
    config.eos_token_id = min(ends)
    config.stop_token_ids = set(ends)
    config.ignore_eos = bool(question.ignore_eos)
    temperature = 1.0 if question.temperature is None else question.temperature
    if temperature > 0:
        config.do_sample = True
        config.temperature = temperature
        config.rng_seed = secrets.randbits(63) if question.seed is None else question.seed
        # A share of nothing is the likeliest token alone, and so is a count of one.
        if question.top_p == 0:
            config.top_k = 1
        elif question.top_p is not None:
            config.top_p = question.top_p
        if question.top_k is not None and question.top_k > 0 and question.top_p != 0:
            config.top_k = question.top_k
        if question.min_p:
            config.min_p = question.min_p
    if question.frequency_penalty:
        config.frequency_penalty = question.frequency_penalty
    if question.presence_penalty:
        config.presence_penalty = question.presence_penalty
    if question.repetition_penalty:
        config.repetition_penalty = question.repetition_penalty
    if logprobs:
        config.logprobs = 1
    if grammar:
        output = library.StructuredOutputConfig()
        output.grammar = grammar
        config.structured_output_config = output
    return config
