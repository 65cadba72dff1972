"""Calls as Qwen3-Coder writes them: tags for the function and each parameter, values as plain text.

`<tool_call><function=NAME><parameter=KEY>`, a line, `</parameter></function></tool_call>`. The line ends next to a
value's tags belong to the tags. What a value means only the tool's schema says: a string goes on as it comes, anything
else when it is whole, as JSON if it is JSON of a type that the schema takes, and otherwise as a string. Nothing in a
value is escaped, so a value ends at the first closing tag; as models forget it, also at the next tag that begins a
line. `<function=` without `<tool_call>` counts if it names a tool that was offered. Where something else than a tag
follows, or nothing, the arguments stay open, so that nobody takes them for whole.
Source: the chat template of Qwen3-Coder-480B-A35B-Instruct.
"""

import re

from weft.engines.formats.output import Output, Script
from weft.engines.formats.quoting import json_escape
from weft.engines.formats.schema import is_text, value_as_json
from weft.engines.formats.source import Sink, Source, Steps, Stops
from weft.engines.formats.types import Tools

_OPEN = "<tool_call>"
_CLOSE = "</tool_call>"
_FUNCTION = "<function="
_FUNCTION_END = "</function>"
_PARAMETER = "<parameter="
_PARAMETER_END = "</parameter>"
_OPENING = Stops(_OPEN, _FUNCTION)
_VALUE_ENDS = Stops("\n" + _PARAMETER_END, _PARAMETER_END, "\n" + _PARAMETER, "\n" + _FUNCTION_END)
_NAME = re.compile(r"[^<>\s]+")


def calls_script(tools: Tools) -> Script:
    """What reads text and calls of `tools`."""

    def script(source: Source, output: Output) -> Steps[None]:
        while (yield from source.until(_OPENING, output.content)):
            source.keep()
            is_tagged = bool((yield from source.accept(_OPEN)))
            yield from source.white()
            yield from _read_function(source, output, tools, is_tagged=is_tagged)
            output.content(source.kept())

    return script


def _read_function(source: Source, output: Output, tools: Tools, *, is_tagged: bool) -> Steps[None]:
    """Read one call; what was kept stays so if it is none."""
    if not (yield from source.accept(_FUNCTION)):
        return
    name = yield from source.word(_NAME)
    if not (yield from source.accept(">")) or not (is_tagged or name in tools):
        return
    yield from source.white()
    if not name or not (yield from source.see(_PARAMETER, _FUNCTION_END)):
        return
    source.kept()
    if not (yield from _read_parameters(source, output, name, tools.get(name, {}))):
        return
    source.keep()
    if (yield from source.accept(_FUNCTION_END)):
        source.keep()
    yield from source.white()
    if (yield from source.accept(_CLOSE)):
        source.kept()


def _read_parameters(source: Source, output: Output, name: str, schema: object) -> Steps[bool]:
    """Read the parameters of a call; whether they came to their end."""
    arguments = output.call(name)
    lead = "{"
    while (yield from source.see(_PARAMETER)):
        source.keep()
        yield from source.accept(_PARAMETER)
        key = yield from source.word(_NAME)
        if not key or not (yield from source.accept(">")):
            arguments(lead.strip(", "))
            output.content(source.kept())
            return False
        source.kept()
        arguments(f'{lead}"{json_escape(key)}": ')
        if not (yield from _read_value(source, arguments, key, schema)):
            return False
        lead = ", "
        yield from source.white()
    is_whole = bool((yield from source.see(_FUNCTION_END, _CLOSE)))
    arguments(lead.strip(", ") + ("}" if is_whole else ""))
    return is_whole


def _read_value(source: Source, arguments: Sink, key: str, schema: object) -> Steps[bool]:
    """Read a value and its closing tag; whether it came to its end."""
    yield from source.accept("\n")
    raw: list[str] = []
    if is_text(schema, key):
        arguments('"')
        end = yield from source.until(_VALUE_ENDS, lambda text: arguments(json_escape(text)))
        arguments('"' if end else "")
    else:
        end = yield from source.until(_VALUE_ENDS, raw.append)
        value = "".join(raw)
        arguments(value_as_json(schema, key, value) if end else value)
    if end.endswith(_PARAMETER_END):
        yield from source.accept(end)
    elif end:
        yield from source.accept("\n")
    return bool(end)
