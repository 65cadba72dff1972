"""A chat completion as a row of blocks: thoughts, texts and calls, one after the other. Pure.

Dialects number what an answer is made of, and say when each part begins and ends; chat completions do neither. Owns
that step, for streams and whole answers alike. Invariants: blocks are opened in order, one at a time, and each closes
before the next opens; the pieces of a block add up to what a whole answer has in it, however the engine cut it.

Engines write calls one after the other, so a call that can be read as JSON is over when something else begins. One
that cannot yet goes on, and what else comes waits for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec
from msgspec import DecodeError, Raw, Struct, json

from weft.gateway.wire.types import NULL, Delta, FunctionDelta, ToolCallDelta, Usage
from weft.kit.errors import EngineFailed


class Kind(StrEnum):
    """What a block is."""

    THINKING = "thinking"
    TEXT = "text"
    CALL = "call"


@dataclass(slots=True)
class Block:
    """One part of an answer as it grows."""

    kind: Kind
    call: int = -1
    """Which call of the answer; -1 for what is none."""
    call_id: str = ""
    name: str = ""
    pieces: list[str] = field(default_factory=list[str])
    logprobs: list[Raw] = field(default_factory=list[Raw])
    is_complete: bool = False
    """Of a call: its arguments can be read."""

    @property
    def text(self) -> str:
        """All that is in it; of a call its arguments."""
        return "".join(self.pieces)

    def may_close(self) -> bool:
        """Whether something else may begin."""
        if self.kind is not Kind.CALL or self.is_complete:
            return True
        # The last piece of an object has its last brace, but for blanks: nothing is read before.
        if self.pieces and ("}" in self.pieces[-1] or not self.pieces[-1].strip()):
            self.is_complete = _is_object(self.text)
        return self.is_complete


@dataclass(frozen=True, slots=True)
class Opened:
    """A block begins."""

    block: Block


@dataclass(frozen=True, slots=True)
class Grown:
    """A block goes on."""

    block: Block
    piece: str
    logprobs: tuple[Raw, ...] = ()


@dataclass(frozen=True, slots=True)
class Closed:
    """A block is whole."""

    block: Block


Step = Opened | Grown | Closed


class _Logprobs(Struct):
    content: list[Raw] | None = None


class _Choice(Struct):
    delta: Delta = msgspec.field(default_factory=Delta)
    message: Delta | None = None
    """Of a whole answer."""
    index: int = 0
    finish_reason: str | None = None
    stop_reason: str | int | None = None
    """vLLM's: the stop sequence that ended the answer."""
    logprobs: Raw = NULL


class _Spoken(Struct):
    """A chunk, or a whole answer."""

    choices: list[_Choice] = []
    id: str = ""
    model: str = ""
    created: int = 0
    usage: Usage | None = None


_SPOKEN = json.Decoder(_Spoken)
_LOGPROBS: json.Decoder[_Logprobs | None] = json.Decoder(_Logprobs | None)
_OBJECT = json.Decoder(dict[str, Raw])


class Blocks:
    """Takes the pieces of one answer and says what they are pieces of."""

    def __init__(self) -> None:
        self.id = ""
        self.model = ""
        self.created = 0
        self.usage: Usage | None = None
        self.finish_reason: str | None = None
        self.stop_sequence: str | None = None
        """Which one ended the answer, where the engine says so."""
        self._current: Block | None = None
        self._waiting: list[Block] = []
        self._calls = 0
        self._closed_calls: set[int] = set()

    def feed(self, data: bytes) -> list[Step]:
        """What one chunk, or a whole answer, adds.

        Raises:
            EngineFailed: it is neither.
        """
        try:
            spoken = _SPOKEN.decode(data)
            self.id, self.model = self.id or spoken.id, self.model or spoken.model
            self.created = self.created or spoken.created
            self.usage = spoken.usage or self.usage
            steps: list[Step] = []
            for choice in spoken.choices:
                if choice.index == 0:
                    steps += self._add(choice)
        except (DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise EngineFailed(
                "the engine sent what is no completion", remedy="retry the request"
            ) from error
        return steps

    def finish(self) -> list[Step]:
        """What is left when the answer is over."""
        steps: list[Step] = []
        while self._current is not None:
            steps += self._close()
        return steps

    def _add(self, choice: _Choice) -> list[Step]:
        said = choice.message or choice.delta
        told = _LOGPROBS.decode(choice.logprobs)
        logprobs = tuple(told.content or ()) if told is not None else ()
        steps: list[Step] = []
        if thought := said.reasoning_content or said.reasoning:
            steps += self._grow(Block(Kind.THINKING), thought)
        if text := said.content or said.refusal:
            steps += self._grow(Block(Kind.TEXT), text, logprobs)
        for call in said.tool_calls or ():
            steps += self._grow_call(call)
        self.finish_reason = choice.finish_reason or self.finish_reason
        if isinstance(choice.stop_reason, str):
            self.stop_sequence = choice.stop_reason
        return steps

    def _grow_call(self, piece: ToolCallDelta) -> list[Step]:
        index = piece.index
        if index is None:  # whole answers, and some engines, do not say which
            index = self._calls if piece.id or not self._calls else self._calls - 1
        self._calls = max(self._calls, index + 1)
        function = piece.function or FunctionDelta()
        if index in self._closed_calls:
            return []  # its arguments were whole: blanks may follow
        block = Block(
            Kind.CALL, index, call_id=piece.id or f"call_{index}", name=function.name or ""
        )
        return self._grow(block, function.arguments or "")

    def _grow(self, block: Block, piece: str, logprobs: tuple[Raw, ...] = ()) -> list[Step]:
        """Add to the block that `block` stands for, which may not be there yet."""
        steps: list[Step] = []
        while (current := self._current) is not None and not _same(current, block):
            if not current.may_close():
                self._wait(block, piece, logprobs)
                return steps
            steps += self._close()
        if self._current is None:
            self._current = block
            steps.append(Opened(block))
        if piece or logprobs:
            self._current.pieces.append(piece)
            self._current.logprobs += logprobs
            steps.append(Grown(self._current, piece, logprobs))
        return steps

    def _wait(self, block: Block, piece: str, logprobs: tuple[Raw, ...]) -> None:
        for waiting in reversed(self._waiting):
            if _same(waiting, block):
                block = waiting
                break
            if block.kind is not Kind.CALL:
                self._waiting.append(block)
                break
        else:
            self._waiting.append(block)
        block.pieces.append(piece)
        block.logprobs += logprobs

    def _close(self) -> list[Step]:
        """Close the current block; the first that waits is the next."""
        closed = self._current
        assert closed is not None
        steps: list[Step] = [Closed(closed)]
        if closed.kind is Kind.CALL:
            self._closed_calls.add(closed.call)
        self._current = self._waiting.pop(0) if self._waiting else None
        if (following := self._current) is not None:
            steps.append(Opened(following))
            if following.text or following.logprobs:
                steps.append(Grown(following, following.text, tuple(following.logprobs)))
        return steps


def blocks_of(steps: Iterator[Step] | list[Step]) -> list[Block]:
    """The blocks that were closed."""
    return [step.block for step in steps if isinstance(step, Closed)]


def _same(one: Block, other: Block) -> bool:
    return one.kind is other.kind and one.call == other.call


def _is_object(text: str) -> bool:
    try:
        _OBJECT.decode(text)
    except (DecodeError, RecursionError):
        return False
    return True
