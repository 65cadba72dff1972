"""Reads a raw text with a parser, cut in any way, and puts the deltas together."""

import itertools
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
