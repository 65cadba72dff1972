"""How the fake engine does one request for text, step by step, and how it misbehaves on the way.

Owns the order of what is sent: delays, stalls and sudden ends. `shapes.py` knows the words, `wire.py` the bytes,
`defects.py` what is wrong with them.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from weft.engines.kinds.fake import defects
from weft.engines.kinds.fake.answers import Answer, Question, Switches, compose
from weft.engines.kinds.fake.broken import parse_broken
from weft.engines.kinds.fake.shapes import call_start, choice_of, error_of, message_of
from weft.engines.kinds.fake.wire import Aborted, Channel
from weft.kit.errors import Json

CREATED = 1_700_000_000
DIED = 70


@dataclass(slots=True)
class Stats:
    """What the engine did so far."""

    connections: int = 0
    requests: int = 0
    """Chat completions that were begun."""
    adapters: int = 0
    """Loaded."""
    tokenized: int = 0
    """Prompts that were counted."""
    not_found: int = 0
    """Requests for a path that is not there."""
    in_flight: int = 0
    finished: int = 0
    aborted: int = 0
    """Cut short by the client."""
    failed: int = 0
    """Refused, or cut short by a switch."""
    tokens: int = 0
    """Produced, whether or not anybody received them."""


@dataclass(frozen=True, slots=True)
class Delta:
    """Some tokens of one choice."""

    index: int
    tokens: int
    reasoning: str
    content: str
    pieces: list[str]
    """Of the content, a token each."""
    logprobs: Json


class _Cut(Exception):
    """A switch ends the answer here."""


class Work:
    """One request for text."""

    kind = "chat.completion"
    chunk_kind = "chat.completion.chunk"

    def __init__(
        self,
        channel: Channel,
        questions: list[Question],
        switches: Switches,
        stats: Stats,
        name: str,
    ) -> None:
        """`questions` differ in what is said only: there is one for each prompt, and as many choices for each."""
        self._channel = channel
        self._broken = broken = parse_broken(switches.broken)
        questions = [defects.understood(question, broken) for question in questions]
        self._question = questions[0]
        self._prompt_tokens = sum(question.prompt_as_read(switches) for question in questions)
        self._switches = switches
        self._stats = stats
        self._name = name
        self._sent = 0
        self._answers: list[Answer] = [
            defects.told(compose(question, index, switches), question, broken)
            for question in questions
            for index in range(question.n or 1)
        ]
        channel.is_deaf = "deaf" in broken

    async def run(self) -> None:
        """Refuse, or answer in one of the two ways."""
        switches = self._switches
        if switches.stall_ms and switches.stall_after < 0:
            await self._channel.pause(switches.stall_ms)
        if switches.fail_status:
            await self._refuse(error_of(switches.fail_status, "the fake engine was told to fail"))
            return
        prompt, context = self._prompt_tokens, switches.context
        if "narrow" in self._broken:
            context //= 2
        if 0 < context < prompt and "truncates" in self._broken:
            prompt = self._prompt_tokens = context
        if 0 < context < prompt and "overrun" in self._broken:
            await self._refuse(error_of(500, "the cache is full"), status=500)
            return
        if 0 < context < prompt:
            refused: dict[str, Json] = {
                "code": 400,
                "message": f"request ({prompt} tokens) exceeds the available context size"
                f" ({context} tokens), try increasing it",
                "type": "exceed_context_size_error",
                "n_prompt_tokens": prompt,
                "n_ctx": context,
            }
            await self._refuse({"error": refused}, status=400)
            return
        try:
            await (self._stream() if self._question.stream else self._reply())
        except _Cut:
            self._stats.failed += 1
            self._channel.cut()
            raise Aborted from None
        self._stats.finished += 1

    async def _refuse(self, error: Json, status: int = 0) -> None:
        self._stats.failed += 1
        wait_s = self._switches.retry_after
        headers = [("Retry-After", str(wait_s))] if wait_s else []
        await self._channel.reply(status or self._switches.fail_status, error, headers=headers)

    # The whole answer at once

    async def _reply(self) -> None:
        for delta in self._deltas():
            await self._before(delta)
        choices: list[Json] = [
            defects.choice(self.whole(index, answer), self._broken)
            for index, answer in enumerate(self._answers)
        ]
        body = self._body(self.kind, choices)
        if self._switches.usage:
            body["usage"] = self._usage()
        await self._channel.reply(200, body)

    # The answer as it comes

    async def _stream(self) -> None:
        channel, switches = self._channel, self._switches
        await channel.begin_stream(odd=switches.odd_chunks)
        for index, answer in enumerate(self._answers):
            for choice in self.opening(index, answer):
                await self._event(choice)
        for delta in self._deltas():
            await self._before(delta)
            await self._event(self.piece(delta))
            if switches.garbage and self._sent == delta.tokens:
                await channel.stream(b"data: {this is no JSON\n\n")
        for index, answer in enumerate(self._answers):
            await self._event(self.ending(index, answer))
        options = self._question.stream_options
        is_told = switches.usage and "usage-stream" not in self._broken
        if options is not None and options.include_usage and is_told:
            await self._event(None)
        if switches.done:
            await self._data(b"[DONE]")
        await channel.end_stream()

    async def _event(self, choice: dict[str, Json] | None) -> None:
        """One chunk; None is the one that tells the usage."""
        choices: list[Json] = [] if choice is None else [defects.choice(choice, self._broken)]
        body = self._body(self.chunk_kind, choices)
        if choice is None:
            body["usage"] = self._usage()
        if self._switches.timings:
            cached = min(self._switches.cached, self._prompt_tokens)
            body["timings"] = {
                "cache_n": cached,
                "prompt_n": self._prompt_tokens - cached,
                "predicted_n": self._sent,
            }
        await self._data(msgspec.json.encode(body))

    async def _data(self, data: bytes) -> None:
        end = b"\r\n" if self._switches.crlf else b"\n"
        comment = b": still here" + end + end if self._switches.comments else b""
        await self._channel.stream(comment + b"data: " + data + end + end)

    # How a choice is written

    def whole(self, index: int, answer: Answer) -> dict[str, Json]:
        """A choice in one piece."""
        logprobs: Json = {"content": [self.logprob(piece) for piece in answer.pieces]}
        return {
            "index": index,
            "message": message_of(answer, self._call_id(index)),
            "logprobs": logprobs if self._question.logprobs else None,
            "finish_reason": answer.finish_reason,
        }

    def opening(self, index: int, answer: Answer) -> list[dict[str, Json]]:
        """What comes before the tokens."""
        role: dict[str, Json] = {"role": "assistant", "content": None if answer.tool else ""}
        choices = [choice_of(index, role)]
        if answer.tool:
            choices.append(choice_of(index, call_start(answer, self._call_id(index))))
        return choices

    def ending(self, index: int, answer: Answer) -> dict[str, Json]:
        """What comes after them."""
        return choice_of(index, {}, finish_reason=answer.finish_reason)

    def piece(self, delta: Delta) -> dict[str, Json]:
        """What some tokens become in a stream."""
        members: dict[str, Json] = {}
        if delta.reasoning:
            members["reasoning_content"] = delta.reasoning
        if delta.content and self._answers[delta.index].tool:
            call: Json = {"index": 0, "function": {"arguments": delta.content}}
            members["tool_calls"] = [call]
        elif delta.content:
            members["content"] = delta.content
        choice = choice_of(delta.index, members)
        if self._question.logprobs:
            choice["logprobs"] = {"content": delta.logprobs}
        return choice

    # Both

    async def _before(self, delta: Delta) -> None:
        """What happens before a delta goes out: delays, stalls and sudden ends."""
        switches, sent = self._switches, self._sent
        if sent == switches.die_after:
            os._exit(DIED)
        if sent == switches.truncate_after:
            raise _Cut
        if sent == switches.error_after or (switches.error_event and sent):
            if self._question.stream:
                await self._data(
                    msgspec.json.encode(error_of(500, "the fake engine was told to fail"))
                )
                await self._channel.end_stream()
            raise _Cut
        if switches.stall_ms and sent == switches.stall_after:
            await self._channel.pause(switches.stall_ms)
        if switches.delay_ms:
            await self._channel.pause(switches.delay_ms)
        self._sent += delta.tokens
        self._stats.tokens += delta.tokens

    def _deltas(self) -> Iterator[Delta]:
        """Some tokens of each choice in turn, until all have said everything."""
        step = sys.maxsize if "one-piece" in self._broken else self._switches.chunk_tokens
        longest = max(answer.tokens for answer in self._answers)
        for at in range(0, longest, step):
            for index, answer in enumerate(self._answers):
                spoken = [
                    *((piece, True) for piece in answer.reasoning),
                    *((piece, False) for piece in answer.pieces),
                ]
                part = spoken[at : at + step]
                if part:
                    yield Delta(
                        index,
                        len(part),
                        "".join(piece for piece, is_thought in part if is_thought),
                        "".join(piece for piece, is_thought in part if not is_thought),
                        [piece for piece, is_thought in part if not is_thought],
                        [self.logprob(piece) for piece, is_thought in part if not is_thought],
                    )

    def _body(self, kind: str, choices: list[Json]) -> dict[str, Json]:
        return {
            "id": self._name,
            "object": kind,
            "created": CREATED,
            "model": self._question.model,
            "system_fingerprint": "fake",
            "choices": choices,
        }

    def _call_id(self, index: int) -> str:
        return "" if "call-id" in self._broken else f"call-{self._name}-{index}"

    def _usage(self) -> Json:
        prompt = self._prompt_tokens
        completion = sum(answer.tokens for answer in self._answers)
        usage: dict[str, Json] = {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": min(self._switches.cached, prompt)},
            "completion_tokens_details": {
                "reasoning_tokens": sum(len(answer.reasoning) for answer in self._answers)
            },
        }
        return defects.counted(usage, self._broken, is_stream=bool(self._question.stream))

    def logprob(self, token: str) -> Json:
        """What is told of a token."""
        spoken: dict[str, Json] = {
            "token": token,
            "logprob": -0.25,
            "bytes": list(token.encode()),
        }
        likeliest: list[Json] = [{**spoken}]
        for rank in range(1, self._question.top_logprobs or 0):
            other = f"{token.strip()}~{rank}"
            likeliest.append(
                {"token": other, "logprob": -1.0 - rank, "bytes": list(other.encode())}
            )
        top: list[Json] = likeliest[: self._question.top_logprobs or 0]
        return defects.logprob({**spoken, "top_logprobs": top}, self._broken)
