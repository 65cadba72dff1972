"""Chat completions as an engine might cut them, and an exchange that keeps what is written to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from hypothesis import strategies as st

from weft.gateway.dialects.exchange import TranslatedExchange
from weft.gateway.dialects.types import Dialect

USAGE = {
    "prompt_tokens": 9,
    "completion_tokens": 5,
    "total_tokens": 14,
    "prompt_tokens_details": {"cached_tokens": 4},
    "completion_tokens_details": {"reasoning_tokens": 2},
}
ARGUMENTS = ['{"a": 1}', "{}", '{"b": {"c": "}"}}', '{"name": "é🧵", "n": [1, 2]}', '{"cut": "sh']


@dataclass(frozen=True)
class Said:
    """One answer: its parts in order, and how many calls go on at the same time."""

    thoughts: str
    text: str
    calls: tuple[str, ...]
    """The arguments of each."""
    sizes: tuple[int, ...]
    """Of the pieces that it is cut into, over and over."""
    interleaved: bool
    finish_reason: str

    def whole(self) -> bytes:
        """The answer in one piece."""
        message: dict[str, Any] = {"role": "assistant", "content": self.text or None}
        if self.thoughts:
            message["reasoning"] = message["reasoning_content"] = self.thoughts
        if self.calls:
            message["tool_calls"] = [
                {
                    "id": f"call-{i}",
                    "type": "function",
                    "function": {"name": f"f{i}", "arguments": a},
                }
                for i, a in enumerate(self.calls)
            ]
        return msgspec.json.encode(
            {
                **_stamp("chat.completion"),
                "choices": [
                    {
                        "index": 0,
                        "message": message,
                        "logprobs": None,
                        "finish_reason": self.finish_reason,
                    }
                ],
                "usage": USAGE,
            }
        )

    def stream(self) -> bytes:
        """The answer as events, its end included."""
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        deltas += [{"reasoning_content": piece} for piece in self._cut(self.thoughts)]
        deltas += [{"content": piece} for piece in self._cut(self.text)]
        calls = [self._call(index, arguments) for index, arguments in enumerate(self.calls)]
        if self.interleaved:
            longest = max(map(len, calls), default=0)
            turns = [call[at : at + 1] for at in range(longest) for call in calls]
        else:
            turns = calls
        deltas += [{"tool_calls": [piece]} for turn in turns for piece in turn]
        chunks = [_chunk([{"index": 0, "delta": delta, "finish_reason": None}]) for delta in deltas]
        chunks.append(_chunk([{"index": 0, "delta": {}, "finish_reason": self.finish_reason}]))
        chunks.append(_chunk([], usage=USAGE))
        return b"".join(b"data: %b\n\n" % chunk for chunk in [*chunks, b"[DONE]"])

    def _call(self, index: int, arguments: str) -> list[dict[str, Any]]:
        start = {
            "index": index,
            "id": f"call-{index}",
            "type": "function",
            "function": {"name": f"f{index}", "arguments": ""},
        }
        return [
            start,
            *({"index": index, "function": {"arguments": p}} for p in self._cut(arguments)),
        ]

    def _cut(self, text: str) -> list[str]:
        pieces: list[str] = []
        at = 0
        while at < len(text):
            size = self.sizes[len(pieces) % len(self.sizes)]
            pieces.append(text[at : at + size])
            at += size
        return pieces


answers = st.builds(
    Said,
    thoughts=st.text(max_size=20),
    text=st.text(max_size=20),
    calls=st.lists(st.sampled_from(ARGUMENTS), max_size=3).map(tuple),
    sizes=st.lists(st.integers(1, 8), min_size=1, max_size=4).map(tuple),
    interleaved=st.booleans(),
    finish_reason=st.sampled_from(["stop", "length", "tool_calls"]),
)
"""Any answer."""


class Kept:
    """An exchange that keeps what is written to it."""

    request_id = "req_abc"
    peer = "127.0.0.1"
    gone = congested = False

    def __init__(self, payload: bytes, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        self.payload = payload
        self.headers = list(headers)
        self.status = 0
        self.head = b""
        self.body = b""
        self.started = False

    def start(self, status: int, head: bytes) -> None:
        self.status, self.head = status, head

    def write(self, data: bytes) -> None:
        self.started = True
        self.body += data

    async def drained(self) -> None:
        return

    def end(self, data: bytes = b"") -> None:
        self.body += data

    def seal(self, status: int, head: bytes, last: bytes, *, is_stream: bool) -> None:  # noqa: ARG002 - the protocol's signature
        return None

    def answer(self, status: int, head: bytes, body: bytes) -> None:
        self.status, self.head, self.body = status, head, body


def streamed(dialect: Dialect, payload: bytes, stream: bytes, cuts: Sequence[int]) -> bytes:
    """What a client gets of `stream`, which is written in pieces that end at `cuts`."""
    kept = Kept(payload)
    exchange = TranslatedExchange(kept, dialect)
    exchange.start(200, b"")
    places = sorted({cut % (len(stream) + 1) for cut in cuts})
    for start, end in zip([0, *places], [*places, len(stream)], strict=True):
        if end == len(stream):
            exchange.end(stream[start:])
        else:
            exchange.write(stream[start:end])
    return kept.body


def answered(dialect: Dialect, payload: bytes, status: int, body: bytes) -> tuple[int, Any]:
    """What a client gets of an answer in one piece."""
    kept = Kept(payload)
    TranslatedExchange(kept, dialect).answer(status, b"", body)
    return kept.status, msgspec.json.decode(kept.body)


def parsed(stream: bytes) -> list[tuple[str, Any]]:
    """The events of a dialect's stream, each with its name."""
    events: list[tuple[str, Any]] = []
    for event in stream.decode().split("\n\n")[:-1]:
        name, data = event.split("\n")
        told = msgspec.json.decode(data.removeprefix("data: "))
        assert told["type"] == name.removeprefix("event: ")
        events.append((told["type"], told))
    return events


def _stamp(kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-xyz", "object": kind, "created": 1_700_000_000, "model": "a/b"}


def _chunk(choices: list[dict[str, Any]], **more: Any) -> bytes:
    return msgspec.json.encode({**_stamp("chat.completion.chunk"), "choices": choices, **more})
