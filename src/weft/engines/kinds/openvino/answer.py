"""One answer on its way out: from tokens to the pieces of OpenAI's shapes, as a stream or in one piece.

Owns the shapes of answers and the counts in them. Knows no library: tokens come in, an `Exchange` takes what goes out.
Invariants: both ways to answer say the same; every token that was produced is counted, the one that ended it included.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import msgspec

from weft.engines.formats.types import CallArguments, CallStart, Content, Delta, Parser, Reasoning
from weft.engines.kinds.openvino.http import Exchange
from weft.engines.kinds.openvino.stepper import End
from weft.engines.kinds.openvino.text import Speller, Vocabulary
from weft.kit.errors import Json


@dataclass(frozen=True, slots=True)
class Style:
    """How an answer is told."""

    model: str
    streams: bool
    wants_usage: bool
    wants_logprobs: bool
    tells_timings: bool
    is_chat: bool
    one_call: bool = False
    """After the first tool call the answer is over."""


@dataclass(slots=True)
class _Call:
    id: str
    name: str
    arguments: list[str] = field(default_factory=list[str])

    def whole(self) -> Json:
        function: dict[str, Json] = {"name": self.name, "arguments": "".join(self.arguments)}
        return {"id": self.id, "type": "function", "function": function}


class Answer:
    """One choice, from its first token to its end."""

    def __init__(
        self,
        exchange: Exchange,
        style: Style,
        *,
        prompt_tokens: int,
        ends: frozenset[int],
        vocabulary: Vocabulary,
        speller: Speller,
        parser: Parser | None,
    ) -> None:
        """`parser` takes chats apart; `ends` are the tokens that are no text where they end the answer."""
        self._exchange = exchange
        self._style = style
        self._prompt_tokens = prompt_tokens
        self._ends = ends
        self._vocabulary = vocabulary
        self._speller = speller
        self._parser = parser
        self._id = f"{'chatcmpl' if style.is_chat else 'cmpl'}-{uuid4().hex}"
        self._created = int(time.time())
        self._tokens = 0
        self._reasoning_tokens = 0
        self._thinks = False
        self._content: list[str] = []
        self._reasoning: list[str] = []
        self._calls: list[_Call] = []
        self._logprobs: list[Json] = []
        self._told = 0
        """Characters of a text that went out, for the offsets of its log probabilities."""
        self.on_enough: Callable[[], None] | None = None
        """Called when more tokens would be for nothing."""
        if style.streams:
            exchange.begin_stream()
            if style.is_chat:
                self._send({"role": "assistant", "content": ""}, (), None)

    # What the stepper tells

    def take(self, tokens: Sequence[int], logprobs: Sequence[float]) -> None:
        """The next tokens."""
        self._tokens += len(tokens)
        spoken = tokens[:-1] if tokens[-1] in self._ends else tokens
        text = self._speller.feed(spoken)
        deltas = self._take_apart(text)
        if self._thinks:
            self._reasoning_tokens += len(tokens)
        told: Sequence[Json] = ()
        if self._style.wants_logprobs:
            told = [
                self._logprob(token, value) for token, value in zip(spoken, logprobs, strict=False)
            ]
        self._pass_on(deltas, told)
        if self._speller.is_stopped or (self._style.one_call and self._is_second(deltas)):
            self._enough()

    def end(self, end: End, why: str) -> None:
        """It is over."""
        match end:
            case End.NO_ROOM:
                self._fail(500, "the cache of this engine cannot hold this request")
            case End.FAILED:
                self._fail(500, "this engine failed")
            case End.REFUSED:
                self._fail(400, why.strip() or "the engine refuses this request")
            case End.STOP | End.LENGTH:
                rest = self._take_apart(self._speller.finish())
                if self._parser is not None:
                    rest = [*rest, *self._parser.finish()]
                self._pass_on(rest, ())
                self._finish("tool_calls" if self._calls and end is End.STOP else end.value)

    def _enough(self) -> None:
        if self.on_enough is not None:
            self.on_enough()
        self.end(End.STOP, "")

    # What goes out

    def _take_apart(self, text: str) -> Sequence[Delta]:
        if not text:
            return ()
        deltas = self._parser.feed(text) if self._parser is not None else (Content(text),)
        if deltas:
            self._thinks = isinstance(deltas[-1], Reasoning)
        return deltas

    def _is_second(self, deltas: Sequence[Delta]) -> bool:
        return any(isinstance(delta, CallStart) and delta.index > 0 for delta in deltas)

    def _pass_on(self, deltas: Sequence[Delta], logprobs: Sequence[Json]) -> None:
        """Keep the pieces or send them on."""
        self._logprobs += logprobs
        for delta in deltas:
            match delta:
                case Content(text):
                    self._content.append(text)
                    self._stream({"content": text}, logprobs)
                case Reasoning(text):
                    self._reasoning.append(text)
                    self._stream({"reasoning_content": text}, logprobs)
                case CallStart():
                    if self._style.one_call and delta.index > 0:
                        return
                    call = _Call(delta.id or f"call_{uuid4().hex[:24]}", delta.name)
                    self._calls.append(call)
                    opened: dict[str, Json] = {"index": delta.index, **_dict(call.whole())}
                    self._stream({"tool_calls": [opened]}, logprobs)
                case CallArguments():
                    if delta.index >= len(self._calls):
                        return
                    self._calls[delta.index].arguments.append(delta.text)
                    piece: dict[str, Json] = {
                        "index": delta.index,
                        "function": {"arguments": delta.text},
                    }
                    self._stream({"tool_calls": [piece]}, logprobs)
            logprobs = ()
        if logprobs:
            self._stream({}, logprobs)

    def _stream(self, delta: dict[str, Json], logprobs: Sequence[Json]) -> None:
        if self._style.streams:
            self._send(delta, logprobs, None)

    def _send(
        self, delta: dict[str, Json], logprobs: Sequence[Json], finish_reason: str | None
    ) -> None:
        choice: dict[str, Json] = {"index": 0}
        if self._style.is_chat:
            choice["delta"] = delta
        else:
            choice["text"] = delta.get("content", "")
        if logprobs:
            choice["logprobs"] = self._shaped(logprobs)
        choice["finish_reason"] = finish_reason
        self._event([choice], usage=None)

    def _event(self, choices: list[Json], usage: Json) -> None:
        body = self._body(choices, ".chunk" if self._style.is_chat else "")
        if usage is not None:
            body["usage"] = usage
        if self._style.tells_timings:
            body["timings"] = {
                "cache_n": 0,
                "prompt_n": self._prompt_tokens,
                "predicted_n": self._tokens,
            }
        self._exchange.event(msgspec.json.encode(body))

    def _finish(self, finish_reason: str) -> None:
        if self._style.streams:
            self._send({}, (), finish_reason)
            if self._style.wants_usage:
                self._event([], self._usage())
            self._exchange.end_stream()
            return
        choice: dict[str, Json] = {"index": 0}
        if self._style.is_chat:
            choice["message"] = self._message()
        else:
            choice["text"] = "".join(self._content)
        choice["logprobs"] = self._shaped(self._logprobs) if self._style.wants_logprobs else None
        choice["finish_reason"] = finish_reason
        body = self._body([choice], "")
        body["usage"] = self._usage()
        self._exchange.reply(200, body)

    def _message(self) -> Json:
        text = "".join(self._content)
        message: dict[str, Json] = {
            "role": "assistant",
            "content": None if self._calls and not text else text,
        }
        if self._reasoning:
            message["reasoning_content"] = "".join(self._reasoning)
        if self._calls:
            message["tool_calls"] = [call.whole() for call in self._calls]
        return message

    def _fail(self, status: int, text: str) -> None:
        error = error_of(status, text)
        if self._style.streams:
            self._exchange.event(msgspec.json.encode(error))
            self._exchange.end_stream()
        else:
            self._exchange.reply(status, error)

    def _body(self, choices: list[Json], suffix: str) -> dict[str, Json]:
        kind = "chat.completion" if self._style.is_chat else "text_completion"
        return {
            "id": self._id,
            "object": kind + suffix,
            "created": self._created,
            "model": self._style.model,
            "choices": choices,
        }

    def _usage(self) -> Json:
        return {
            "prompt_tokens": self._prompt_tokens,
            "completion_tokens": self._tokens,
            "total_tokens": self._prompt_tokens + self._tokens,
            "completion_tokens_details": {"reasoning_tokens": self._reasoning_tokens},
        }

    def _logprob(self, token: int, value: float) -> Json:
        spelled = self._vocabulary.bytes_of(token)
        return {
            "token": spelled.decode(errors="replace"),
            "logprob": value,
            "bytes": list(spelled),
            "top_logprobs": [],
        }

    def _shaped(self, logprobs: Sequence[Json]) -> Json:
        """As a chat has them, or as a text does."""
        told = [_dict(item) for item in logprobs]
        if self._style.is_chat:
            return {"content": list(told)}
        offsets: list[Json] = []
        for item in told:
            offsets.append(self._told)
            self._told += len(str(item["token"]))
        return {
            "tokens": [item["token"] for item in told],
            "token_logprobs": [item["logprob"] for item in told],
            "top_logprobs": None,
            "text_offset": offsets,
        }


def error_of(status: int, text: str, **more: Json) -> Json:
    """The body of a refusal."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    return {"error": {"code": status, "message": text, "type": kind, **more}}


def _dict(value: Json) -> dict[str, Json]:
    assert isinstance(value, dict), "we made it so"
    return value
