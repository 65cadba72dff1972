"""Calls as Kimi K2 writes them: a section of calls, each with an id that holds the function's name.

`<|tool_calls_section_begin|><|tool_call_begin|>functions.NAME:0<|tool_call_argument_begin|>{...}<|tool_call_end|>`,
and so on up to `<|tool_calls_section_end|>`. The id must come back unchanged with the tool's answer, so it is kept.
Source: the tool call guide that Moonshot AI publishes with Kimi-K2-Instruct.
"""

import re

from weft.engines.formats.families.deepseek import read_sections
from weft.engines.formats.json_call import bare_arguments
from weft.engines.formats.output import Output
from weft.engines.formats.source import Source, Steps, Stops

_BEGIN = "<|tool_calls_section_begin|>"
_END = "<|tool_calls_section_end|>"
_CALL = "<|tool_call_begin|>"
_CALL_END = "<|tool_call_end|>"
_ARGUMENTS = "<|tool_call_argument_begin|>"
_STOPS = Stops(_CALL_END, _END, _CALL)
_ID = re.compile(r"[^\s<]+")
_NAME = re.compile(r"(?:functions\.)?(?P<name>.+?)(?::\d+)?")


def read_calls(source: Source, output: Output) -> Steps[None]:
    """Read text and calls."""
    yield from read_sections(source, output, (_BEGIN, _CALL, _END), _read_call)


def _read_call(source: Source, output: Output) -> Steps[bool]:
    """Whether there was a call."""
    yield from source.white()
    call_id = yield from source.word(_ID)
    found = _NAME.fullmatch(call_id)
    yield from source.white()
    if not found or not (yield from source.accept(_ARGUMENTS)):
        return False
    yield from source.white()
    if not (yield from source.peek()):
        return False
    source.kept()
    yield from bare_arguments(source, output.call(found["name"], call_id), _STOPS)
    yield from source.white()
    yield from source.accept(_CALL_END)
    return True
