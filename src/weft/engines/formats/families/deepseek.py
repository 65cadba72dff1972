"""Calls as DeepSeek writes them, and the section of calls that Kimi K2 has too.

V3 and R1: `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>NAME`, a line end, the arguments in a fence
of `json`, `<｜tool▁call▁end｜>`, and so on up to `<｜tool▁calls▁end｜>`. V3.1 writes the name before the separator and
the bare arguments behind it. Which of the two it is shows behind the separator. A section marker that is missing is
not missed. Source: the chat templates of DeepSeek V3-0324, R1-0528 and V3.1.
"""

import re
from collections.abc import Callable

from weft.engines.formats.json_call import bare_arguments
from weft.engines.formats.output import Output
from weft.engines.formats.source import Source, Steps, Stops

_BEGIN = "<｜tool▁calls▁begin｜>"
_END = "<｜tool▁calls▁end｜>"
_CALL = "<｜tool▁call▁begin｜>"
_CALL_END = "<｜tool▁call▁end｜>"
_SEPARATOR = "<｜tool▁sep｜>"
_FENCE = "```"
_STOPS = Stops(_CALL_END, _END, _CALL)
_FENCED = Stops("\n" + _FENCE, _FENCE, *_STOPS.markers)
_NAME = re.compile(r"[^\s<`{]+")

ReadCall = Callable[[Source, Output], Steps[bool]]


def read_calls(source: Source, output: Output) -> Steps[None]:
    """Read text and calls."""
    yield from read_sections(source, output, (_BEGIN, _CALL, _END), _read_call)


def read_sections(
    source: Source, output: Output, markers: tuple[str, str, str], read_call: ReadCall
) -> Steps[None]:
    """Read text, and sections of calls: `markers` open a section, open a call in it, close the section.

    `read_call` reads on behind the marker that opens a call, and says whether it was one.
    """
    begin, call, end = markers
    opening = Stops(begin, call)
    while (yield from source.until(opening, output.content)):
        source.keep()
        yield from source.accept(begin)
        yield from source.white()
        is_call = False
        while (yield from source.accept(call)) and (yield from read_call(source, output)):
            is_call = True
            source.keep()
            yield from source.white()
        if is_call and (yield from source.accept(end)):
            source.kept()
        output.content(source.kept())


def _read_call(source: Source, output: Output) -> Steps[bool]:
    """Whether there was a call."""
    name = yield from source.word(_NAME)
    if not name or not (yield from source.accept(_SEPARATOR)):
        return False
    stops = _STOPS
    yield from source.white()
    if name == "function" and (yield from source.peek()) != "{":
        name = yield from source.word(_NAME)
        yield from source.white()
        if not name or not (yield from source.accept(_FENCE + "json")):
            return False
        stops = _FENCED
        yield from source.white()
    elif not (yield from source.see("{", *stops.markers)):
        return False
    if not (yield from source.peek()):
        return False
    source.kept()
    yield from bare_arguments(source, output.call(name), stops)
    yield from source.white()
    if stops is _FENCED:
        yield from source.accept(_FENCE)
        yield from source.white()
    yield from source.accept(_CALL_END)
    return True
