"""Which format a model writes, and the parser for it.

Owns the table of formats and the signs by which a chat template shows which one it is. A template is only searched
for the markers that it would write itself; it is never run.
"""

from typing import assert_never

from weft.engines.formats.families import (
    deepseek,
    harmony,
    hermes,
    kimi,
    llama3,
    llama4,
    phi4,
    qwen3_coder,
)
from weft.engines.formats.families.think import OPEN, opens_thought, read_thought
from weft.engines.formats.output import Output, Script, ScriptParser
from weft.engines.formats.source import Source, Steps, Stops
from weft.engines.formats.types import Format, Parser, Tools

_SIGNS = (
    ("<|channel|>", Format.HARMONY),
    ("<｜tool▁calls▁begin｜>", Format.DEEPSEEK),
    ("<|tool_call_begin|>", Format.KIMI_K2),
    ("<function=", Format.QWEN3_CODER),
    ("<tool_call>", Format.HERMES),
    ("<|tool_call|>", Format.PHI4_MINI),
    ("<|tool|>", Format.PHI4_MINI),
    ("functools", Format.PHI4_MINI),
    ("<|header_start|>", Format.LLAMA4_PYTHONIC),
    ("<|python_start|>", Format.LLAMA4_PYTHONIC),
    ("<|python_tag|>", Format.LLAMA3_JSON),
    ("<|start_header_id|>", Format.LLAMA3_JSON),
    (OPEN, Format.THINK),
)
"""In this order: a template may hold the signs of several."""
_NOTHING = Stops()


def detect(template: str) -> Format:
    """The format that a model with this chat template writes."""
    return next((name for sign, name in _SIGNS if sign in template), Format.TEXT)


def make_parser(name: Format, *, tools: Tools, prompt: str = "") -> Parser:
    """A parser for one answer to a request that offers `tools`; with none, what looks like a call is text.

    `prompt` is the rendered prompt, or the end of it: the answer may start inside what it opens.
    """
    if name is Format.TEXT:
        return ScriptParser(_read_text)
    if name is Format.HARMONY:
        return ScriptParser(harmony.messages_script(prompt))
    calls = _calls(name, tools) if tools else _read_text
    is_open = opens_thought(prompt)

    def script(source: Source, output: Output) -> Steps[None]:
        yield from read_thought(source, output, is_open=is_open)
        yield from calls(source, output)

    return ScriptParser(script)


def _calls(name: Format, tools: Tools) -> Script:
    """What reads the calls of a format."""
    match name:
        case Format.TEXT | Format.THINK | Format.HARMONY:
            return _read_text
        case Format.HERMES:
            return hermes.read_calls
        case Format.QWEN3_CODER:
            return qwen3_coder.calls_script(tools)
        case Format.DEEPSEEK:
            return deepseek.read_calls
        case Format.KIMI_K2:
            return kimi.read_calls
        case Format.LLAMA3_JSON:
            return llama3.calls_script(tools)
        case Format.LLAMA4_PYTHONIC:
            return llama4.calls_script(tools)
        case Format.PHI4_MINI:
            return phi4.read_calls
    assert_never(name)


def _read_text(source: Source, output: Output) -> Steps[None]:
    yield from source.until(_NOTHING, output.content)
