"""Reads a raw text with a parser, cut in any way, and puts the deltas together: by itself, or as the gateway does."""

import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from weft.engines.formats.registry import make_parser
from weft.engines.formats.types import (
    CallArguments,
    CallStart,
    Content,
    Delta,
    Format,
    Reasoning,
    Tools,
)
from weft.gateway.wire.assemble import CompletionAssembler
from weft.gateway.wire.rewrite import Imprint


@dataclass
class Call:
    id: str
    name: str
    arguments: str = ""


@dataclass
class Reading:
    """What came out in total."""

    reasoning: str = ""
    content: str = ""
    calls: list[Call] = field(default_factory=list[Call])


def put_together(deltas: Iterable[Delta]) -> Reading:
    reading = Reading()
    for delta in deltas:
        match delta:
            case Reasoning(text):
                reading.reasoning += text
            case Content(text):
                reading.content += text
            case CallStart(index, call_id, name):
                assert index == len(reading.calls)
                reading.calls.append(Call(call_id, name))
            case CallArguments(index, text):
                assert index == len(reading.calls) - 1
                reading.calls[index].arguments += text
    return reading


def deltas_of(
    name: Format, pieces: Iterable[str], *, tools: Tools, prompt: str = ""
) -> list[Delta]:
    parser = make_parser(name, tools=tools, prompt=prompt)
    return [*itertools.chain.from_iterable(map(parser.feed, pieces)), *parser.finish()]


def read(name: Format, pieces: Iterable[str], *, tools: Tools, prompt: str = "") -> Reading:
    return put_together(deltas_of(name, pieces, tools=tools, prompt=prompt))


def as_chunk(delta: Delta) -> bytes:
    """A delta as an engine would send it, in OpenAI's shape."""
    match delta:
        case Reasoning(text):
            told = {"reasoning_content": text}
        case Content(text):
            told = {"content": text}
        case CallStart(index, call_id, name):
            function = {"name": name, "arguments": ""}
            call = {"index": index, "id": call_id or f"made_{index}", "type": "function"}
            told = {"tool_calls": [{**call, "function": function}]}
        case CallArguments(index, text):
            told = {"tool_calls": [{"index": index, "function": {"arguments": text}}]}
    return json.dumps({"choices": [{"index": 0, "delta": told}]}).encode()


def assembled(chunks: Iterable[bytes]) -> Reading:
    """What the gateway puts together of a stream."""
    assembler = CompletionAssembler(Imprint())
    for chunk in chunks:
        assembler.feed(chunk)
    message = json.loads(assembler.finish())["choices"][0]["message"]
    calls = [
        Call(call["id"], call["function"]["name"], call["function"]["arguments"])
        for call in message.get("tool_calls") or ()
    ]
    return Reading(message.get("reasoning") or "", message["content"] or "", calls)
