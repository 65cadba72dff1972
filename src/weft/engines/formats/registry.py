"""Which format a model writes, and the parser for it.

Owns the table of formats and the signs by which a chat template shows which one it is. A template is only searched
for the markers that it would write itself; it is never run.
"""

from weft.engines.formats import hermes
from weft.engines.formats.output import Output, Script, ScriptParser
from weft.engines.formats.source import Source, Steps, Stops
from weft.engines.formats.think import OPEN, opens_thought, read_thought
from weft.engines.formats.types import Format, Parser, Tools

_SIGNS = (("<tool_call>", Format.HERMES), (OPEN, Format.THINK))
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
    calls = _read_text if not tools or name is Format.THINK else _calls(name)
    is_open = opens_thought(prompt)

    def script(source: Source, output: Output) -> Steps[None]:
        yield from read_thought(source, output, is_open=is_open)
        yield from calls(source, output)

    return ScriptParser(script)


def _calls(name: Format) -> Script:
    """What reads the calls of a format."""
    match name:
        case Format.HERMES:
            return hermes.read_calls
        case _:
            return _read_text


def _read_text(source: Source, output: Output) -> Steps[None]:
    yield from source.until(_NOTHING, output.content)
