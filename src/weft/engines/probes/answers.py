"""What a client reads of an answer: whole bodies and event streams, decoded strictly.

Owns the shapes that probes judge. Knows no engine: these are the bytes that leave the door. Invariant: what does not
have the shape that OpenAI's clients rely on is a `BadAnswer`, never a default.
"""

from dataclasses import dataclass, field

import msgspec
from msgspec import Struct, json

from weft.engines.probes.types import BadAnswer

_DONE = b"[DONE]"


class Function(Struct):
    """A called function; the arguments are JSON in a text."""

    name: str
    arguments: str


class Call(Struct):
    """One tool call."""

    id: str
    type: str
    function: Function


class Alternative(Struct):
    """One of the likeliest tokens."""

    token: str
    logprob: float
    bytes: list[int] | None = None


class TokenLogprob(Alternative):
    """One token of the answer."""

    top_logprobs: list[Alternative] = []


class Logprobs(Struct):
    """Log probabilities of an answer's tokens."""

    content: list[TokenLogprob] | None = None


class Message(Struct):
    """What one choice says."""

    content: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None
    tool_calls: list[Call] | None = None

    @property
    def text(self) -> str:
        """The answer proper."""
        return self.content or ""

    @property
    def thought(self) -> str:
        """What stands apart from it."""
        return self.reasoning_content or self.reasoning or ""


class Choice(Struct):
    """One answer."""

    index: int
    message: Message
    finish_reason: str | None = None
    logprobs: Logprobs | None = None


class Usage(Struct):
    """The token counts."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Whole(Struct):
    """A chat completion."""

    choices: list[Choice]
    usage: Usage | None = None

    @property
    def first(self) -> Choice:
        """The first choice.

        Raises:
            BadAnswer: there is none.
        """
        if not self.choices:
            raise BadAnswer("the answer has no choice")
        return self.choices[0]


@dataclass(frozen=True, slots=True)
class Streamed:
    """A stream that was read to its end, put together."""

    whole: Whole
    pieces: int
    """Events that brought text or reasoning of the first choice."""
    is_ended: bool
    """It ended with `[DONE]`."""


class _FunctionPiece(Struct):
    name: str | None = None
    arguments: str | None = None


class _CallPiece(Struct):
    index: int
    id: str | None = None
    type: str | None = None
    function: _FunctionPiece | None = None


class _Delta(Struct):
    content: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None
    tool_calls: list[_CallPiece] | None = None


class _ChunkChoice(Struct):
    index: int
    delta: _Delta
    finish_reason: str | None = None
    logprobs: Logprobs | None = None


class _Chunk(Struct):
    id: str
    object: str
    choices: list[_ChunkChoice]
    usage: Usage | None = None


@dataclass(slots=True)
class _CallSoFar:
    id: str = ""
    type: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(slots=True)
class _Growing:
    """One choice of a stream."""

    content: list[str] = field(default_factory=list[str])
    thought: list[str] = field(default_factory=list[str])
    calls: dict[int, _CallSoFar] = field(default_factory=dict[int, _CallSoFar])
    logprobs: list[TokenLogprob] = field(default_factory=list[TokenLogprob])
    finish_reason: str | None = None
    pieces: int = 0

    def add(self, piece: _ChunkChoice) -> None:
        delta = piece.delta
        thought = delta.reasoning_content or delta.reasoning
        if delta.content:
            self.content.append(delta.content)
        if thought:
            self.thought.append(thought)
        if delta.content or thought:
            self.pieces += 1
        for call in delta.tool_calls or ():
            self._add_call(call)
        if piece.logprobs is not None:
            self.logprobs += piece.logprobs.content or []
        if piece.finish_reason is not None:
            self.finish_reason = piece.finish_reason

    def _add_call(self, piece: _CallPiece) -> None:
        call = self.calls.setdefault(piece.index, _CallSoFar())
        call.id = call.id or piece.id or ""
        call.type = call.type or piece.type or ""
        if piece.function is not None:
            call.name = call.name or piece.function.name or ""
            call.arguments += piece.function.arguments or ""

    def choice(self, index: int) -> Choice:
        calls = [
            Call(call.id, call.type, Function(call.name, call.arguments))
            for _, call in sorted(self.calls.items())
        ]
        message = Message(
            content="".join(self.content),
            reasoning_content="".join(self.thought),
            tool_calls=calls or None,
        )
        told = Logprobs(self.logprobs) if self.logprobs else None
        return Choice(index, message, self.finish_reason, told)


_WHOLE = json.Decoder(Whole)
_CHUNK = json.Decoder(_Chunk)


def read_whole(body: bytes) -> Whole:
    """A body of JSON.

    Raises:
        BadAnswer: it is no chat completion.
    """
    try:
        return _WHOLE.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadAnswer(f"the answer is no chat completion: {error}") from error


def read_stream(body: bytes) -> Streamed:
    """The events of a whole stream.

    Raises:
        BadAnswer: one of them is no chunk of a chat completion.
    """
    choices: dict[int, _Growing] = {}
    usage: Usage | None = None
    is_ended = False
    for event in body.split(b"\n\n"):
        data = event.removeprefix(b"data:").strip()
        if not data or event.startswith(b":"):
            continue
        if data == _DONE:
            is_ended = True
            continue
        try:
            chunk = _CHUNK.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadAnswer(f"an event is no chunk of a chat completion: {error}") from error
        usage = chunk.usage or usage
        for piece in chunk.choices:
            choices.setdefault(piece.index, _Growing()).add(piece)
    whole = Whole([choices[index].choice(index) for index in sorted(choices)], usage)
    return Streamed(whole, choices[min(choices)].pieces if choices else 0, is_ended)
